"""A training comes again from its record, or what moved is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bascule.data.commit import commit
from bascule.errors import Corrupt, NotReproducible
from bascule.evidence import measurements, runs
from bascule.evidence.nouns import File, Measurement, Run
from bascule.project import Project
from bascule.runs.compare import Compared, Metric, Moved
from bascule.runs.record import run
from bascule.runs.reproduce import _judged, reproduce
from bascule.stores.folder import FolderBlobs
from bascule.testing import nouns

CONTRACT = '''
from __future__ import annotations

import bascule as bl


class Leg(bl.Record):
    """One leg."""

    carrier: str
    miles: float


class Arrival(bl.Label):
    LATE, ON_TIME = "late", "on time"


class LateArrival(bl.Model[Leg, Arrival]):
    """Will it be late?"""
'''

PLAN = """
question: Which legs are late?
contract: LateArrival
data: legs@2
label: arrival
split: {validate: 0.25}
metric: log_loss
seed: 1
candidates:
  rule: {class: bascule.models.baseline.rule, feature: miles}
  trivial: {class: bascule.models.baseline.trivial}
  linear:
    steps:
      - prepare: {scale: true}
      - class: sklearn.linear_model.LogisticRegression
"""


def rows(shift: int) -> str:
    drawn = [(7 * row + shift) % 101 for row in range(200)]
    lines = [f"{'AU'[miles % 2]}A,{miles}.25,{'late' if miles % 97 > 50 else 'on time'}" for miles in drawn]
    return "\n".join(["carrier,miles,arrival", *lines, ""])


@pytest.fixture
def ready(project: Project, tmp_path: Path) -> Project:
    """A project with a contract, a plan, and two versions of its data."""
    (project.folder / "contract.py").write_text(CONTRACT)
    (project.folder / "plan.yaml").write_text(PLAN)
    for shift in (0, 1):
        (tmp_path / "legs.csv").write_text(rows(shift))
        with pytest.warns(match="Not declared"):
            commit(project, "legs", tmp_path / "legs.csv", "Leg")
    return project


def recorded(project: Project, **facts: Any) -> Run:
    """A training as it might have been recorded, without having taken place."""
    plan, source = project.blobs.put(PLAN.encode()), project.blobs.put(CONTRACT.encode())
    packages = project.blobs.put(b'{"packages":{},"variables":{}}')
    place = dataclasses.replace(nouns.run().environment, packages=packages)
    known = {"plan": plan, "data": ("legs@2",), "environment": place} | facts
    status = known.pop("status", "finished")
    artifacts = known.pop("artifacts", {"contract.py": File(hash=source, size=len(CONTRACT))})
    with project.ledger.write() as tx:
        begun = runs.start(tx, nouns.run(**known))
        return runs.end(tx, begun.id, status, artifacts=artifacts)


def found(project: Project, run: str) -> Measurement:
    with project.ledger.read() as connection:
        return measurements.latest(connection, run)["reproduced"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::bascule.errors.NotNeeded")
def test_a_training_comes_again_byte_for_byte_and_leaves_only_the_finding(
    ready: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bascule.training.train import train

    trained = train(ready, "plan.yaml")
    monkeypatch.setenv("BASCULE_ROWS", ready.settings.rows)  # leads no repetition back to the project
    events, blobs = ready.ledger.head().seq, set(ready.blobs.list())
    result = reproduce(ready, trained.run[:31])
    assert (result.verdict, result.first_difference) == ("identical", None)
    assert result.hash_recorded == result.hash_again
    assert (ready.ledger.head().seq, set(ready.blobs.list())) == (events + 1, blobs)
    assert (found(ready, trained.run).verdict, found(ready, trained.run).numbers["identical"]) == ("pass", 1.0)


@pytest.mark.slow
def test_a_forged_record_does_not_come_again(ready: Project) -> None:
    forged = recorded(ready)
    result = reproduce(ready, forged.id)
    assert (result.verdict, found(ready, forged.id).verdict) == ("differs", "fail")
    assert result.first_difference is not None


def lost(project: Project, digest: str) -> None:
    project.blobs.delete(digest)


def damaged(project: Project, digest: str) -> None:
    blobs: FolderBlobs = project.blobs  # type: ignore[assignment]
    (blobs.root / digest[:2] / digest[2:]).write_bytes(b"other bytes")


def plan_of(_: Project, run: Run) -> str:
    return str(run.plan)


def contract_of(_: Project, run: Run) -> str:
    return run.artifacts["contract.py"].hash


def chunk_of(project: Project, _: Run) -> str:
    from bascule.evidence import datasets

    with project.ledger.read() as connection:
        return datasets.get(connection, "legs@2").manifest[0].hash


@pytest.mark.parametrize(
    ("part", "named"), [(plan_of, "The plan"), (contract_of, "The contract"), (chunk_of, "The legs@2")]
)
def test_what_is_gone_is_named(ready: Project, part: Callable[[Project, Run], str], named: str) -> None:
    trained = recorded(ready)
    lost(ready, part(ready, trained))
    with pytest.raises(NotReproducible, match=f"{named} of the run is gone"):
        reproduce(ready, trained.id)


@pytest.mark.parametrize("part", [plan_of, contract_of, chunk_of])
def test_what_is_damaged_is_not_used(ready: Project, part: Callable[[Project, Run], str]) -> None:
    trained = recorded(ready)
    damaged(ready, part(ready, trained))
    with pytest.raises(Corrupt):
        reproduce(ready, trained.id)


@pytest.mark.parametrize("facts", [{"verb": "run"}, {"status": "failed"}, {"plan": None}, {"artifacts": {}}], ids=str)
def test_what_was_no_whole_training_cannot_come_again(ready: Project, facts: dict[str, Any]) -> None:
    with pytest.raises(NotReproducible):
        reproduce(ready, recorded(ready, **facts).id)


def test_a_repetition_that_fails_says_why(ready: Project) -> None:
    source = ready.blobs.put(b"raise ZeroDivisionError")
    trained = recorded(ready, artifacts={"contract.py": File(hash=source, size=23)})
    with pytest.raises(NotReproducible, match=r"definition: .*ZeroDivisionError"):
        reproduce(ready, trained.id)


def test_a_run_under_way_cannot_come_again(ready: Project) -> None:
    with (
        run(ready, "?", verb="train", plan=PLAN.encode()) as recording,
        pytest.raises(NotReproducible, match="running"),
    ):
        reproduce(ready, recording.id)


AUC = Metric("auc", 0.7, 0.7, 0.0)
NEAR = Metric("auc", 0.7, 0.75, 1e-9)
FAR = Metric("auc", 0.7, 0.8, 0.1)
LOST = Metric("auc", 0.7, None, None)
SEED = Moved("seed", "seed", 1, 2)
COMMIT = Moved("code", "commit", "a", None)


@pytest.mark.parametrize(
    ("metric", "moved", "file", "verdict", "named"),
    [
        (AUC, (), "a", "identical", None),
        (AUC, (COMMIT,), "a", "identical", None),
        (AUC, (SEED,), "a", "identical", None),
        (AUC, (), "b", "equal within tolerance", "file model.onnx"),
        (NEAR, (), "a", "equal within tolerance", "metric auc: 0.7 → 0.75"),
        (NEAR, (COMMIT, SEED), "b", "equal within tolerance", "seed seed: 1 → 2"),
        (FAR, (SEED,), "b", "differs", "seed seed: 1 → 2"),
        (FAR, (), "a", "differs", "metric auc: 0.7 → 0.8"),
        (LOST, (), "a", "differs", "metric auc: 0.7 → None"),
    ],
)
def test_the_verdict_follows_from_what_came_otherwise(
    metric: Metric, moved: tuple[Moved, ...], file: str, verdict: str, named: str | None
) -> None:
    first, second = (
        nouns.version(files={"model.onnx": File(hash=name * 64, size=1), "signature": File(hash=other * 64, size=1)})
        for name, other in (("a", "c"), (file, "d"))
    )
    result = _judged(nouns.run(), Compared("a", "b", moved, (), (metric,)), first, second, 1e-6)
    assert (result.verdict, result.first_difference) == (verdict, named)
