"""What was written is found again, a page at a time."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bascule.errors import Conflict, NotFound, UsageError
from bascule.evidence import datasets, keys, measurements, notes, runs, versions
from bascule.evidence.ledger import Ledger
from bascule.evidence.nouns import Code, File, Note
from bascule.testing import nouns

NUMBERED = [
    (datasets, datasets.commit, nouns.dataset, "flights"),
    (versions, versions.register, nouns.version, "late-arrival"),
]
each_numbered = pytest.mark.parametrize(("room", "write", "example", "name"), NUMBERED, ids=["datasets", "versions"])


@each_numbered
def test_each_of_a_name_gets_the_next_number(ledger: Ledger, room: Any, write: Any, example: Any, name: str) -> None:
    with ledger.write() as tx:
        written = [write(tx, example()), write(tx, example("other")), write(tx, example())]
    assert [noun.ref for noun in written] == [f"{name}@1", "other@1", f"{name}@2"]
    assert {noun.by for noun in written} == {"tester"}
    with ledger.read() as connection:
        assert [room.get(connection, noun.ref) for noun in written] == written
        assert room.get(connection, name) == written[2]


@each_numbered
def test_pages_follow_one_another(ledger: Ledger, room: Any, write: Any, example: Any, name: str) -> None:
    with ledger.write() as tx:
        written = [write(tx, example(each)) for each in [name, "other"] * 5]
    with ledger.read() as connection:
        first = room.list_(connection, limit=7)
        assert first + room.list_(connection, before=first[-1].seq) == written[::-1]
        assert room.list_(connection, name) == written[-2::-2]


@each_numbered
def test_what_is_not_there_is_answered_with_what_is(
    ledger: Ledger, room: Any, write: Any, example: Any, name: str
) -> None:
    with ledger.write() as tx:
        write(tx, example())
        write(tx, example("other"))
    with ledger.read() as connection:
        with pytest.raises(NotFound, match=f"there are: {name}, other"):
            room.get(connection, "nothing")
        with pytest.raises(NotFound, match=f"There is no {name}@2; {name} counts from 1 to 1"):
            room.get(connection, f"{name}@2")
        with pytest.raises(UsageError, match="names a channel"):
            room.get(connection, f"{name}@production")


def test_an_empty_project_has_none_yet(ledger: Ledger) -> None:
    with ledger.read() as connection, pytest.raises(NotFound, match="none yet"):
        datasets.get(connection, "flights")


def test_a_bad_name_is_never_registered(ledger: Ledger) -> None:
    with pytest.raises(UsageError), ledger.write() as tx:
        datasets.commit(tx, nouns.dataset("../flights"))


def test_a_dataset_is_found_by_its_content(ledger: Ledger) -> None:
    with ledger.write() as tx:
        dataset = datasets.commit(tx, nouns.dataset(hash="a" * 64))
        datasets.commit(tx, nouns.dataset("other", hash="b" * 64))
    with ledger.read() as connection:
        assert datasets.find(connection, "flights", "a" * 64) == dataset
        assert datasets.find(connection, "flights", "b" * 64) is None


def test_a_run_is_what_it_started_as_and_what_it_came_to(ledger: Ledger) -> None:
    with ledger.write() as tx:
        begun = runs.start(tx, nouns.run(params={"lr": 0.1}, seed=7, code=Code(sha="c", dirty=True, diff="d")))
    with ledger.write() as tx:
        made = {"model.onnx": File(hash="e", size=3)}
        ended = runs.end(tx, begun.id, "finished", params={"depth": 3}, metrics={"auc": 0.7}, artifacts=made)
    expected = {"params": {"lr": 0.1, "depth": 3}, "metrics": {"auc": 0.7}, "artifacts": made, "status": "finished"}
    assert ended == dataclasses.replace(begun, ended=ended.ended, **expected)
    assert ended.ended is not None
    assert ended.ended > begun.created


def test_a_run_ends_once(ledger: Ledger) -> None:
    with ledger.write() as tx:
        run = runs.end(tx, runs.start(tx, nouns.run()).id, "failed")
    with pytest.raises(Conflict, match="failed already"), ledger.write() as tx:
        runs.end(tx, run.id, "finished")


def test_the_latest_runs_come_first_and_by_status(ledger: Ledger) -> None:
    with ledger.write() as tx:
        started = [runs.start(tx, nouns.run()) for _ in range(5)]
        runs.end(tx, started[3].id, "interrupted")
    ids = [run.id for run in started]
    with ledger.read() as connection:
        assert [run.id for run in runs.list_(connection, limit=2)] == ids[:2:-1]
        assert [run.id for run in runs.list_(connection, before=started[3].seq)] == ids[2::-1]
        assert [run.id for run in runs.list_(connection, "running")] == [ids[4], *ids[2::-1]]


def test_an_unknown_run_is_not_found(ledger: Ledger) -> None:
    with ledger.read() as connection, pytest.raises(NotFound, match="no run abc; the latest are: none yet"):
        runs.get(connection, "abc")
    with pytest.raises(NotFound), ledger.write() as tx:
        notes.write(tx, Note(subject="abc", text="?"))


def test_notes_about_a_run_are_kept_also_after_its_end(ledger: Ledger) -> None:
    with ledger.write() as tx:
        run = runs.end(tx, runs.start(tx, nouns.run()).id, "finished")
        written = [notes.write(tx, Note(subject=run.id, text=text)) for text in ("first", "'second'\n🛫")]
    with ledger.read() as connection:
        assert notes.list_(connection, run.id) == written[::-1]


def test_the_latest_measurement_of_each_probe_counts(ledger: Ledger) -> None:
    with ledger.write() as tx:
        old, new = (measurements.measure(tx, nouns.measurement(numbers={"auc": auc})) for auc in (0.6, 0.7))
        drift = measurements.measure(tx, nouns.measurement(probe="drift", verdict="fail"))
        other = measurements.measure(tx, nouns.measurement("late-arrival@2"))
    with ledger.read() as connection:
        assert measurements.latest(connection, "late-arrival@1") == {"auc": new, "drift": drift}
        assert measurements.list_(connection, "late-arrival@1", "auc") == [new, old]
        assert measurements.list_(connection) == [other, drift, new, old]


def test_a_key_is_trusted_once(ledger: Ledger) -> None:
    with ledger.write() as tx:
        key = keys.trust(tx, "ab" * 32, "release key")
        assert keys.trust(tx, "ab" * 32) == key
    with ledger.read() as connection:
        assert keys.list_(connection) == [key]
        assert keys.find(connection, key.fingerprint) == key
