"""Runs are found, listed and shown."""

from __future__ import annotations

import pytest

from bascule.errors import NotFound, UsageError
from bascule.evidence import measurements, runs, versions
from bascule.evidence.ledger import Ledger
from bascule.evidence.nouns import Run
from bascule.project import Project
from bascule.runs.find import find
from bascule.runs.list import list as list_runs
from bascule.runs.record import run
from bascule.runs.show import show
from bascule.stores.rows import Rows
from bascule.testing import nouns

A, B = "0190aa" + "0" * 26, "0190aa" + "1" * 26


@pytest.fixture
def ledger(rows: Rows) -> Ledger:
    """A ledger, once on every database."""
    return Ledger(rows)


def started(ledger: Ledger, *ids: str) -> None:
    with ledger.write() as tx:
        for name in ids:
            runs.start(tx, nouns.run(id=name))


def found(ledger: Ledger, text: str) -> Run:
    with ledger.read() as connection:
        return find(connection, text)


@pytest.mark.parametrize(("text", "expected"), [(A, A), (A[:7], A), (B[:7], B), ("latest", B)])
def test_a_run_is_found_by_what_names_it_alone(ledger: Ledger, text: str, expected: str) -> None:
    started(ledger, A, B)
    assert found(ledger, text).id == expected


def test_a_beginning_of_several_is_refused_with_their_names(ledger: Ledger) -> None:
    started(ledger, A, B)
    with pytest.raises(UsageError, match=f"{B}, {A}.*more digits"):
        found(ledger, A[:6])


@pytest.mark.parametrize("text", ["0190a", "", "%%%%%%", "0190AA", "g" * 6, "0" * 33, "0190aa'--"])
def test_what_is_no_beginning_of_an_id_is_refused(ledger: Ledger, text: str) -> None:
    with pytest.raises(UsageError, match="names no run"):
        found(ledger, text)


@pytest.mark.parametrize("text", ["ffffff", "f" * 32, "latest"])
def test_a_run_that_is_not_there_is_not_found(ledger: Ledger, text: str) -> None:
    started(ledger, *([] if text == "latest" else [A]))
    with pytest.raises(NotFound):
        found(ledger, text)


def test_the_list_begins_with_the_latest_and_goes_on(project: Project) -> None:
    names = [f"{number:032x}" for number in range(5)]
    started(project.ledger, *names)
    first = list_runs(project, limit=2)
    rest = list_runs(project, before=first[-1].seq)
    assert [each.run for each in (*first, *rest)] == names[::-1]


def test_an_entry_of_the_list_says_what_came_out(project: Project) -> None:
    with run(project, "does weather help?") as recording:
        recording.log(auc=0.71)
    (entry,) = list_runs(project)
    assert (entry.run, entry.status, entry.metrics) == (recording.id, "finished", {"auc": 0.71})
    assert entry.seconds is not None


def test_show_has_what_went_in_and_what_came_out(project: Project) -> None:
    with run(project, "why?", plan="größe: 3\n".encode(), seed=7) as recording:
        recording.param(lr=0.1)
        recording.log(auc=0.71)
        recording.note("läuft")
        recording.artifact("figures/roc.png", b"picture")
        recording.conclude(lambda tx: versions.register(tx, nouns.version(run=recording.id)))
        recording.conclude(lambda tx: measurements.measure(tx, nouns.measurement(subject=recording.id)))
    shown = show(project, recording.id[:31])
    assert (shown.plan, shown.seed, shown.params, shown.metrics) == ("größe: 3\n", 7, {"lr": 0.1}, {"auc": 0.71})
    assert ([note.text for note in shown.notes], list(shown.artifacts)) == (["läuft"], ["figures/roc.png"])
    assert (shown.versions, [finding.probe for finding in shown.findings]) == (("late-arrival@1",), ["auc"])


def test_show_reads_as_text(project: Project) -> None:
    with run(project, "why?", plan=b"seed: 7\n") as recording:
        recording.log(auc=0.71)
    lines = show(project, "latest").text().splitlines()
    assert lines[:2] == [f"run {recording.id}: finished", "why?"]
    assert {"Metrics:", "  auc  0.71", "Plan:", "  seed: 7", "code      outside Git"} <= set(lines)
