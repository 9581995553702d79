"""Versions are listed and shown with their contract, their releases and what was found of them."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.errors import NotFound
from bascule.evidence import measurements, releases
from bascule.evidence.nouns import Release
from bascule.registry.list import list as list_versions
from bascule.registry.semantic import contract_versions
from bascule.registry.show import show
from bascule.testing import nouns


def promoted(flights: Any, number: int, channel: str) -> None:
    with flights.project.ledger.write() as tx:
        releases.promote(tx, Release(model="late-arrival", channel=channel, number=number), seen=0)


def test_the_list_begins_with_the_newest_and_goes_on(flights: Any) -> None:
    packed = flights.pack()
    for _ in range(5):
        flights.enter(packed)
    first = list_versions(flights.project, limit=2)
    rest = list_versions(flights.project, "late-arrival", before=first[-1].seq)
    assert [each.version for each in (*first, *rest)] == [f"late-arrival@{number}" for number in range(5, 0, -1)]


def test_a_model_that_is_not_there_is_not_found(flights: Any) -> None:
    assert list_versions(flights.project) == ()
    with pytest.raises(NotFound, match="There is no model late"):
        list_versions(flights.project, "late")


def test_an_entry_says_where_the_version_serves(flights: Any) -> None:
    flights.enter()
    flights.enter()
    promoted(flights, 1, "production")
    promoted(flights, 1, "staging")
    second, first = list_versions(flights.project)
    assert (sorted(first.channels), second.channels) == (["production", "staging"], ())


def test_an_entry_has_the_newest_verdict_of_each_probe(flights: Any) -> None:
    version = flights.enter()
    with flights.project.ledger.write() as tx:
        measurements.measure(tx, nouns.measurement(version.ref, "auc", verdict="fail"))
        measurements.measure(tx, nouns.measurement(version.ref, "auc", verdict="pass"))
        measurements.measure(tx, nouns.measurement(version.ref, "parity", verdict="info"))
    (entry,) = list_versions(flights.project)
    assert entry.findings == {"auc": "pass", "parity": "info"}


CHANGES = [
    ("Will it be late?", "Will it arrive late?", "1.0.1"),
    ("    wind: float | None\n", "    wind: float | None\n    gust: float | None\n", "1.1.0"),
    ("bl.Ge(0)", "bl.Ge(0.0), bl.Le(1e6)", "2.0.0"),
    ("cut = float(", "cut = 1.0 + float(", "1.0.0"),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_the_contract_is_numbered_by_what_changed(flights: Any, old: str, new: str, expected: str) -> None:
    flights.enter()
    flights.enter(flights.pack(flights.changed(old, new)))
    assert contract_versions(flights.project, "late-arrival") == {1: "1.0.0", 2: expected}


def test_the_contract_is_numbered_from_version_to_version(flights: Any) -> None:
    flights.enter()
    for old, new, _ in CHANGES[:2]:
        flights.enter(flights.pack(flights.changed(old, new)))
    flights.enter(flights.pack(flights.changed("Will it arrive late?", "Will it be late?")))
    assert list(contract_versions(flights.project, "late-arrival").values()) == ["1.0.0", "1.0.1", "1.1.0", "1.1.1"]


def test_show_has_contract_files_and_lineage(flights: Any, linear: Any) -> None:
    parent = flights.enter()
    version = flights.enter(flights.pack(*linear, parents=(parent.ref,)))
    promoted(flights, 2, "production")
    shown = show(flights.project, "late-arrival@production")
    assert (shown.version, shown.contract, shown.channels) == ("late-arrival@2", "1.0.0", ("production",))
    assert (shown.parents, shown.run, shown.data) == (("late-arrival@1",), version.run, ("flights@1",))
    assert ([feature.name for feature in shown.features], shown.label.name) == (
        flights.contract.features.names,
        "arrival",
    )
    assert (shown.kind, shown.files) == ("bascule.models.sklearn:Estimator", version.files)


def test_show_reads_as_text(flights: Any) -> None:
    flights.enter()
    lines = show(flights.project, "late-arrival").text().splitlines()
    assert lines[0] == "late-arrival@1: Will it be late?"
    assert {"serves    nowhere", "runtime   python", "class     contract.py:LateArrival"} <= set(lines)
    assert "          from distance: float in mi, from 0.0" in lines
