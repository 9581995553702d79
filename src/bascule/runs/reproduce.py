"""The verb `reproduce`: a recorded run, repeated in a clean process, and held against its record."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from sqlalchemy.engine import Connection
from typing_extensions import Doc

from bascule.evidence import measurements, pages
from bascule.evidence.nouns import Measurement, Run, Version
from bascule.project import Project
from bascule.runs.again import repeated
from bascule.runs.compare import Compared, compared
from bascule.runs.find import find
from bascule.stores import schema

TOLERANCE = 1e-6
SIGNED = ("manifest.json", "signature")  # these say who made a version and with what; the other files are what it is

Verdict = Literal["identical", "equal within tolerance", "differs"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A metric as it was recorded and as it came again; None where one of the two has none."""

    name: str
    recorded: float | None
    again: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Whether a run comes again: `identical` is every byte of the version's files and every metric.

    `first_difference` names the first input that moved, or else the first result that came otherwise.
    """

    run: str
    verdict: Verdict
    tolerance: float
    metrics: tuple[Repeated, ...]
    hash_recorded: str | None
    hash_again: str | None
    first_difference: str | None

    def text(self) -> str:
        """The verdict, what came otherwise, and every metric."""
        lines = [f"run {self.run}: {self.verdict}"]
        if self.first_difference is not None:
            lines.append(f"first difference: {self.first_difference}")
        lines.append(f"version {self.hash_recorded or 'none'}, again {self.hash_again or 'none'}")
        lines += [f"  {metric.name}  {metric.recorded}  again {metric.again}" for metric in self.metrics]
        return "\n".join(lines)


def reproduce(
    project: Project,
    run: Annotated[str, Doc("id of a training, its first digits, or `latest`")],
    tolerance: Annotated[float, Doc("part of a metric, of at least 1, by which it may come otherwise")] = TOLERANCE,
) -> Reproduced:
    """Repeats a training from its record, in a project and a process of its own, and records whether it came again.

    Contract, plan and data are the recorded ones, the packages those that are installed here. Nothing is written to the
    project but the finding. Raises NotFound, Corrupt, and NotReproducible where something it was made of is gone.
    """
    with project.ledger.read() as connection:
        recorded = find(connection, run)
        first = _made(connection, recorded)
    with tempfile.TemporaryDirectory() as scratch, repeated(project, recorded, Path(scratch)) as (place, again):
        found = compared(recorded, again, project.blobs, place.blobs)
        with place.ledger.read() as connection:
            second = _made(connection, again)
    result = _judged(recorded, found, first, second, tolerance)
    with project.ledger.write() as tx:
        measurements.measure(tx, _measurement(recorded, result))
    return result


def _made(connection: Connection, run: Run) -> Version | None:
    """The version that a run registered."""
    made = pages.page(connection, Version, schema.versions, schema.versions.c.run == run.id, limit=1)
    return made[0] if made else None


def _judged(run: Run, found: Compared, first: Version | None, second: Version | None, tolerance: float) -> Reproduced:
    files = [name for name in _names(first, second) if _hash(first, name) != _hash(second, name)]
    metrics = tuple(Repeated(each.name, each.a, each.b, each.difference) for each in found.metrics)
    otherwise = [metric for metric in metrics if metric.difference != 0]
    close = all(_near(metric, tolerance) for metric in metrics)
    same = not files and not otherwise
    moved = [f"{each.kind} {each.name}: {each.a} → {each.b}" for each in found.moved if each.kind != "code"]
    results = [f"metric {each.name}: {each.recorded} → {each.again}" for each in otherwise]
    results += [f"file {name}" for name in files]
    return Reproduced(
        run=run.id,
        verdict="identical" if same else "equal within tolerance" if close else "differs",
        tolerance=tolerance,
        metrics=metrics,
        hash_recorded=None if first is None else first.hash,
        hash_again=None if second is None else second.hash,
        first_difference=None if same else next(iter(moved + results)),
    )


def _near(metric: Repeated, tolerance: float) -> bool:
    if metric.recorded is None or metric.difference is None:
        return False
    return abs(metric.difference) <= tolerance * max(1.0, abs(metric.recorded))


def _names(*versions: Version | None) -> list[str]:
    names = {name for version in versions if version is not None for name in version.files}
    return sorted(names.difference(SIGNED))


def _hash(version: Version | None, name: str) -> str | None:
    return version.files[name].hash if version is not None and name in version.files else None


def _measurement(run: Run, result: Reproduced) -> Measurement:
    largest = max((abs(metric.difference) for metric in result.metrics if metric.difference is not None), default=0.0)
    return Measurement(
        subject=run.id,
        probe="reproduced",
        numbers={"identical": float(result.verdict == "identical"), "largest_difference": largest},
        limits={"tolerance": result.tolerance},
        verdict="fail" if result.verdict == "differs" else "pass",
        inputs={} if result.hash_recorded is None else {"version": result.hash_recorded},
        run=run.id,
        notes=result.verdict if result.first_difference is None else f"{result.verdict}: {result.first_difference}",
    )
