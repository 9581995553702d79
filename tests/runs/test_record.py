"""A run records what it was given and what came of it, and how it ended, whatever way that was."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bascule.errors import Conflict, NotFound, SchemaError, UsageError
from bascule.evidence import datasets, notes, runs
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Run
from bascule.project import Project
from bascule.runs.record import Recording, run
from bascule.testing.nouns import dataset

NAUGHTY = ["../secret", "a/../../b", "/etc/passwd", "a//b", "a/", ".", "", "a\\b", "C:x", "a\nb", "x" * 251, "\ud800"]


def read(project: Project, run: str) -> Run:
    with project.ledger.read() as connection:
        return runs.get(connection, run)


def latest(project: Project) -> Run:
    with project.ledger.read() as connection:
        return runs.list_(connection)[0]


def record(project: Project, work: Callable[[Recording], object]) -> None:
    with run(project, "?") as recording:
        work(recording)


def remarks(project: Project, run: str) -> list[str]:
    with project.ledger.read() as connection:
        return [note.text for note in notes.list_(connection, run)]


def test_the_last_value_of_a_metric_counts(project: Project) -> None:
    with run(project, "does it learn?") as recording:
        recording.log(auc=0.5, loss=2)
        recording.log(auc=np.float32(0.75))
    assert read(project, recording.id).metrics == {"auc": 0.75, "loss": 2.0}


def test_what_went_in_is_kept_before_the_body_runs(project: Project) -> None:
    with run(project, "why?", verb="train", plan=b"seed: 7", seed=7, command=("bascule", "train")) as recording:
        begun = read(project, recording.id)
    assert (begun.question, begun.verb, begun.seed, begun.command) == ("why?", "train", 7, ("bascule", "train"))
    assert begun.status == "running"
    assert begun.plan is not None
    assert project.blobs.get(begun.plan) == b"seed: 7"


def test_data_are_named_by_the_version_that_was_read(project: Project) -> None:
    with project.ledger.write() as tx:
        datasets.commit(tx, dataset("flights"))
        datasets.commit(tx, dataset("flights", rows=3))
    with run(project, "?", data=("flights", "flights@1")) as recording:
        pass
    assert read(project, recording.id).data == ("flights@2", "flights@1")


def test_unknown_data_are_refused_and_no_run_begins(project: Project) -> None:
    with pytest.raises(NotFound, match="flights"), run(project, "?", data=("flights",)):
        pass
    with project.ledger.read() as connection:
        assert runs.list_(connection) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("-inf"), 10**400, "0.5", True, None, [1.0]])
def test_a_metric_that_is_no_finite_number_is_refused_with_the_next_step(project: Project, value: Any) -> None:
    with run(project, "?") as recording:
        recording.log(auc=0.5)
        with pytest.raises(UsageError, match=r"auc .* finite .*last finite value"):
            recording.log(auc=value)
    assert read(project, recording.id).metrics == {"auc": 0.5}


@pytest.mark.parametrize("value", ["text", "größe 🛬", 3, 0.1, True, None, np.int64(4), np.float64(0.5)])
def test_a_parameter_is_a_scalar(project: Project, value: Any) -> None:
    with run(project, "?") as recording:
        recording.param(**{"learning rate/β 👩‍✈️": value})
    assert read(project, recording.id).params == {"learning rate/β 👩‍✈️": value}


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"bytes", object(), 2**60, float("nan"), np.arange(2), "\ud800"])
def test_a_parameter_that_is_none_is_refused(project: Project, value: Any) -> None:
    with run(project, "?") as recording, pytest.raises(UsageError):
        recording.param(lr=value)
    assert read(project, recording.id).params == {}


@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 251, "\ud800"])
def test_a_name_that_a_store_cannot_hold_is_refused_at_once(project: Project, name: str) -> None:
    with run(project, "?") as recording, pytest.raises(UsageError, match="cannot be the name of a metric"):
        recording.log(**{name: 1.0})
    assert read(project, recording.id).status == "finished"


def test_a_parameter_is_set_once(project: Project) -> None:
    with run(project, "?") as recording:
        recording.param(lr=0.1)
        recording.param(lr=0.1)
        with pytest.raises(Conflict, match=r"lr is 0\.1 already, and now 0\.2"):
            recording.param(lr=0.2)
    assert read(project, recording.id).params == {"lr": 0.1}


def test_an_artifact_comes_back_as_it_was(project: Project, tmp_path: Path) -> None:
    (tmp_path / "roc.png").write_bytes(b"picture")
    with run(project, "?") as recording:
        recording.artifact("figures/roc.png", tmp_path / "roc.png")
        recording.artifact("größe 🛬.txt", b"")
    found = read(project, recording.id).artifacts
    assert {name: (project.blobs.get(file.hash), file.size) for name, file in found.items()} == {
        "figures/roc.png": (b"picture", 7),
        "größe 🛬.txt": (b"", 0),
    }


@pytest.mark.parametrize("name", NAUGHTY)
def test_an_artifact_cannot_leave_its_folder(project: Project, name: str) -> None:
    with run(project, "?") as recording, pytest.raises(UsageError, match="cannot be the name of an artifact"):
        recording.artifact(name, b"content")
    assert read(project, recording.id).artifacts == {}


def test_an_artifact_is_not_replaced(project: Project) -> None:
    with run(project, "?") as recording:
        recording.artifact("model.bin", b"one")
        with pytest.raises(Conflict, match=r"model\.bin"):
            recording.artifact("model.bin", b"two")
    assert project.blobs.get(read(project, recording.id).artifacts["model.bin"].hash) == b"one"


@pytest.mark.parametrize("text", ["läuft 🛫\n\tzwei Zeilen", "\0", "x" * (1 << 20)])
def test_a_note_is_kept_as_it_was_written(project: Project, text: str) -> None:
    with run(project, "?") as recording:
        recording.note(text)
    assert remarks(project, recording.id) == [text]


@pytest.mark.parametrize("text", ["x" * ((1 << 20) + 1), "\ud800"])
def test_a_note_that_the_journal_cannot_hold_is_refused(project: Project, text: str) -> None:
    with run(project, "?") as recording, pytest.raises(UsageError):
        recording.note(text)
    assert remarks(project, recording.id) == []


def test_conclusions_are_written_in_the_order_given_when_the_run_ends(project: Project) -> None:
    with run(project, "?") as recording:
        first = recording.conclude(lambda tx: tx.append("run.note", recording.id, {"subject": "a", "text": "1"}).seq)
        second = recording.conclude(lambda tx: tx.append("run.note", recording.id, {"subject": "a", "text": "2"}).seq)
        with pytest.raises(UsageError, match="has not concluded"):
            _ = first.value
    assert second.value == first.value + 1


def test_a_failing_run_is_recorded_with_its_reason_and_concludes_nothing(project: Project) -> None:
    def work(recording: Recording) -> None:
        recording.log(rows=3)
        recording.conclude(lambda tx: tx.append("run.note", recording.id, {"subject": recording.id, "text": "never"}))
        raise SchemaError("Two rows are wrong.")

    with pytest.raises(SchemaError):
        record(project, work)
    found = latest(project)
    assert (found.status, found.metrics) == ("failed", {"rows": 3.0})
    assert remarks(project, found.id) == ["schema: Two rows are wrong."]


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "interrupted"), (ZeroDivisionError, "failed")])
def test_how_a_run_ended_follows_from_what_ended_it(project: Project, error: type[BaseException], status: str) -> None:
    def work(_: Recording) -> None:
        raise error("half \ud800 of a pair")

    with pytest.raises(error):
        record(project, work)
    found = latest(project)
    assert found.status == status
    assert remarks(project, found.id) == [f"{error.__name__}: half ? of a pair"]


def test_a_conclusion_that_fails_fails_the_run_and_leaves_nothing(project: Project) -> None:
    def broken(tx: Transaction) -> None:
        tx.append("run.note", latest(project).id, {"subject": latest(project).id, "text": "never"})
        raise NotFound("There is no parent.")

    with pytest.raises(NotFound):
        record(project, lambda recording: recording.conclude(broken))
    assert latest(project).status == "failed"
    assert remarks(project, latest(project).id) == ["not-found: There is no parent."]


def test_nothing_can_be_added_to_a_run_that_has_ended(project: Project) -> None:
    with run(project, "?") as recording:
        pass
    for late in (lambda: recording.log(a=1), lambda: recording.note("?"), lambda: recording.conclude(print)):
        with pytest.raises(Conflict, match="has ended"):
            late()


def ended_elsewhere(project: Project, run: str) -> None:
    with project.ledger.write() as tx:
        runs.end(tx, run, "interrupted")


def test_a_run_that_somebody_else_ended_says_so(project: Project) -> None:
    with pytest.raises(Conflict, match="interrupted already"):
        record(project, lambda recording: ended_elsewhere(project, recording.id))
    assert latest(project).status == "interrupted"


def test_an_error_is_not_hidden_by_a_ledger_that_cannot_write_it(project: Project) -> None:
    def work(recording: Recording) -> None:
        ended_elsewhere(project, recording.id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        record(project, work)
    assert "interrupted already" in caught.value.__notes__[0]


def test_runs_in_one_another_are_two_runs(project: Project) -> None:
    with run(project, "outer") as outer:
        with run(project, "inner") as inner:
            inner.log(a=1)
        outer.log(a=2)
    assert (read(project, inner.id).metrics, read(project, outer.id).metrics) == ({"a": 1.0}, {"a": 2.0})
    assert read(project, outer.id).status == "finished"


def test_threads_of_one_run_lose_nothing(project: Project) -> None:
    def work(number: int) -> None:
        recording.log(**{f"metric {number}": number})
        recording.param(**{f"param {number}": number})
        recording.artifact(f"file {number}", str(number).encode())
        recording.note(str(number))

    with run(project, "?") as recording, ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(32)))
    found = read(project, recording.id)
    assert (len(found.metrics), len(found.params), len(found.artifacts)) == (32, 32, 32)
    assert sorted(remarks(project, recording.id), key=int) == [str(number) for number in range(32)]
