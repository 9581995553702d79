"""The verb `demo`: carries a model of real flights from data to a release, to a worse one, and back."""

from __future__ import annotations

import contextlib
import hashlib
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow.parquet as pq
from typing_extensions import Doc

from bascule import project as projects
from bascule.contract.columns import Array
from bascule.data.commit import commit
from bascule.errors import GateClosed, NotNeeded
from bascule.evidence import measurements, releases, versions
from bascule.evidence.nouns import Version
from bascule.progress import tell
from bascule.project import Project
from bascule.release.judge import judge
from bascule.release.promote import promote
from bascule.release.rollback import rollback
from bascule.serving.score import score
from bascule.training.metrics import roc_auc
from bascule.training.train import train
from bascule.workspace.flights.rows import months
from bascule.workspace.init import CONFIGURATION
from bascule.workspace.verify import verify

MODEL = "late-arrival"
FEATURES, TRUTH = "april.parquet", "april-arrivals.parquet"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done, in how many seconds, and the figure that matters; `kept` where it was there already."""

    name: str
    seconds: float
    figure: str
    kept: bool

    def __str__(self) -> str:
        return f"{'=' if self.kept else '✓'} {self.seconds:5.1f} s  {self.name:<24}{self.figure}"


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """The project that the demonstration left behind, and its steps; `kept` counts those that were there already."""

    project: str
    steps: tuple[Step, ...]
    kept: int
    seconds: float

    def text(self) -> str:
        """What it took, and what to try next."""
        again = f", {self.kept} steps (=) were there already" if self.kept else ""
        return (
            f"\n{self.seconds:.0f} s{again}. The project is {self.project}; try:\n"
            f"  cd {self.project} && bascule history {MODEL} && bascule judge {MODEL}@2 && bascule data show flights"
        )


def demo(folder: Annotated[Path, Doc("folder of the demonstration's project")] = Path("demo")) -> Demonstrated:
    """Trains on the flights that left New York in January to March 2013 and answers for April: will it arrive late?

    Commits, trains, judges, promotes, scores April week by week against the truth; then releases a worse version by
    override, sees that it is worse, rolls back and finds the same answers as before. A second run keeps what is there.
    Raises MissingExtra where the flights are not installed.
    """
    begun = time.perf_counter()
    steps: list[Step] = []
    _write_project(Path(folder))
    with contextlib.closing(projects.open(folder)) as project, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotNeeded)  # that the worse plan is not worth it is the point
        for name, act in STEPS:
            started = time.perf_counter()
            figure, kept = act(project)
            steps.append(Step(name, time.perf_counter() - started, figure, kept))
            tell(str(steps[-1]))
    return Demonstrated(str(folder), tuple(steps), sum(step.kept for step in steps), time.perf_counter() - begun)


Outcome = tuple[str, bool]  # the figure that matters, and whether it was there already


def _commit(project: Project) -> Outcome:
    committed = commit(project, "flights", months(1, 3), "FlownFlight")
    figure = (
        f"{committed.version}: {committed.rows:,} flights of January to March, {committed.bytes_total / 1e6:.1f} MB"
    )
    return figure, not committed.new


def _train(project: Project) -> Outcome:
    kept = _version(project, 1)
    version = kept or _trained(project, "plan.yaml")
    return f"{version.ref}: {_comparison(project, version)}", kept is not None


def _judge(project: Project) -> Outcome:
    card = judge(project, f"{MODEL}@1")
    passed = sum(outcome.verdict == "pass" for outcome in card.conditions)
    return (
        f"{passed} of {len(card.conditions)} conditions met, {len(card.measurements)} measurements on the card",
        False,
    )


def _promote(project: Project) -> Outcome:
    with project.ledger.read() as connection:
        kept = bool(releases.history(connection, MODEL, "production"))
    if not kept:
        promote(project, f"{MODEL}@1", to="production")
    return f"{MODEL}@1 serves production", kept


def _score(project: Project) -> Outcome:
    weeks, auc, digest = _april(project, f"{MODEL}@1")
    (project.folder / "april-answers.sha256").write_text(f"{digest}\n", "ascii")
    return f"ROC AUC {auc:.3f}; by week {' '.join(f'{week:.2f}' for week in weeks)}", False


def _worse(project: Project) -> Outcome:
    kept = _version(project, 2)
    version = kept or _trained(project, "worse.yaml")
    return f"{version.ref}: {_comparison(project, version)}", kept is not None


def _refused(project: Project) -> Outcome:
    card = judge(project, f"{MODEL}@2")
    if card.overrides:
        return f"the gate was closed, an override is on the card: {card.overrides[0].override!r}", True
    try:
        promote(project, f"{MODEL}@2", to="production")
    except GateClosed as error:
        closed = [condition["condition"] for condition in error.details["conditions"]]
    else:
        raise GateClosed(f"{MODEL}@2 was let through, which beats no baseline.")
    promote(project, f"{MODEL}@2", to="production", override="to see a worse release")
    return f"the gate was closed ({', '.join(closed)}), an override is on the card", False


def _score_worse(project: Project) -> Outcome:
    _, auc, _ = _april(project, f"{MODEL}@2")
    return f"ROC AUC {auc:.3f}", False


def _roll_back(project: Project) -> Outcome:
    with project.ledger.read() as connection:
        kept = releases.current(connection, MODEL, "production").number == 1
    if not kept:
        rollback(project, MODEL, channel="production")
    before = (project.folder / "april-answers.sha256").read_text("ascii").strip()
    _, _, digest = _april(project, f"{MODEL}@production")
    return f"{MODEL}@1 serves again, {'same' if digest == before else 'OTHER'} answers as before ({digest[:12]})", kept


def _verify(project: Project) -> Outcome:
    found = verify(project)
    return f"{'sound' if found.sound else 'UNSOUND'}: {found.events} events, {found.blobs} blobs", False


STEPS: tuple[tuple[str, Callable[[Project], Outcome]], ...] = (
    ("data commit flights", _commit),
    ("train plan.yaml", _train),
    (f"judge {MODEL}@1", _judge),
    (f"promote {MODEL}@1", _promote),
    ("score April", _score),
    ("train worse.yaml", _worse),
    (f"promote {MODEL}@2", _refused),
    ("score April again", _score_worse),
    ("rollback", _roll_back),
    ("verify", _verify),
)


def _write_project(folder: Path) -> None:
    """The project's files, and April in two: what is known at departure, and how it ended."""
    folder.mkdir(parents=True, exist_ok=True)
    template = files("bascule.workspace.flights")
    for name in (projects.CONTRACT, "plan.yaml", "worse.yaml"):
        (folder / name).write_bytes(template.joinpath(name).read_bytes())
    (folder / projects.FILE).write_text(CONFIGURATION, "utf-8")
    if not (folder / TRUTH).exists():
        april = months(4, 4)
        april.drop(columns=["flight", "arrival"]).to_parquet(folder / FEATURES, index=False)
        april[["scheduled", "carrier", "flight", "arrival"]].to_parquet(folder / TRUTH, index=False)


def _version(project: Project, number: int) -> Version | None:
    with project.ledger.read() as connection:
        return next((found for found in versions.list_(connection, MODEL) if found.number == number), None)


def _trained(project: Project, plan: str) -> Version:
    trained = train(project, project.folder / plan)
    with project.ledger.read() as connection:
        return versions.get(connection, trained.version)


def _comparison(project: Project, version: Version) -> str:
    """The candidates of a training by what they reached on its validation rows."""
    with project.ledger.read() as connection:
        reached = measurements.latest(connection, version.ref)["comparison"].numbers
    names = [name for name in ("boosted", "linear", "rule", "trivial") if name in reached]
    return "validation ROC AUC " + ", ".join(f"{name} {reached[name]:.3f}" for name in names)


def _april(project: Project, target: str) -> tuple[list[float], float, str]:
    """April's answers by a version: ROC AUC of each week and of the month, and the hash of the probabilities."""
    output = project.folder / f"april-{target.partition('@')[2]}.parquet"
    score(project, target, project.folder / FEATURES, output=output)
    answers, truth = pq.read_table(output), pq.read_table(project.folder / TRUTH)
    late = np.asarray(answers["probability_late"])
    arrived = np.asarray(truth["arrival"].to_numpy(zero_copy_only=False) == "late").astype("int64")
    days = truth["scheduled"].to_numpy().astype("datetime64[D]")
    week = (days - days[0]).astype("int64") // 7
    weeks = [_area(arrived[week == number], late[week == number]) for number in np.unique(week)]
    return weeks, _area(arrived, late), hashlib.sha256(late.tobytes()).hexdigest()


def _area(truth: Array, chance: Array) -> float:
    return roc_auc(truth, np.column_stack([1 - chance, chance]))(np.ones(len(truth)))
