"""The verb `runs show`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from typing_extensions import Doc

from bascule.contract.kinds import EPOCH
from bascule.evidence import measurements, notes, pages
from bascule.evidence.nouns import Code, Environment, File, Note, Status, Verdict, Version
from bascule.project import Project
from bascule.runs.find import find
from bascule.runs.interrupted import status
from bascule.stores import schema


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote down about the run, and when."""

    at: dt.datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found about the run."""

    probe: str
    verdict: Verdict
    numbers: dict[str, float]
    notes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A run: what went in, where it ran, what came out. `plan` is its text; blobs are named by their hash."""

    run: str
    question: str
    status: Status
    verb: str
    by: str
    started: dt.datetime
    seconds: float | None
    data: tuple[str, ...]
    seed: int | None
    code: Code
    environment: Environment
    host: str
    pid: int
    command: tuple[str, ...]
    params: dict[str, Any]
    metrics: dict[str, float]
    versions: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Remark, ...]
    artifacts: dict[str, File]
    plan: str | None

    def text(self) -> str:
        """The run for people: one paragraph for each kind of fact, the plan last."""
        took = "" if self.seconds is None else f", {self.seconds:.1f} s"
        lines = [
            f"run {self.run}: {self.status}",
            self.question,
            f"{self.verb} by {self.by} at {self.started:%Y-%m-%d %H:%M:%S} UTC{took}",
            "",
            f"data      {', '.join(self.data) or 'none'}",
            f"seed      {'none' if self.seed is None else self.seed}",
            f"code      {_code(self.code)}",
            f"python    {self.environment.python} on {self.environment.platform}",
            f"host      {self.host}, process {self.pid}",
            f"command   {' '.join(self.command)}",
            f"versions  {', '.join(self.versions) or 'none'}",
        ]
        lines += _section("Metrics", [f"{name}  {value:.6g}" for name, value in self.metrics.items()])
        lines += _section("Parameters", [f"{name}  {value}" for name, value in self.params.items()])
        lines += _section("Artifacts", [f"{name}  {file.size:,} bytes" for name, file in self.artifacts.items()])
        lines += _section("Findings", [f"{found.probe}  {found.verdict}  {found.notes}" for found in self.findings])
        lines += _section("Notes", [f"{note.at:%Y-%m-%d %H:%M} {note.by}: {note.text}" for note in self.notes])
        return "\n".join(lines + _section("Plan", (self.plan or "").splitlines()))


def show(project: Project, run: Annotated[str, Doc("id of the run, its first digits, or `latest`")]) -> Shown:
    """A run: what went in and what came out, with its last 100 notes. Raises NotFound, Corrupt."""
    with project.ledger.read() as connection:
        found = find(connection, run)
        made = pages.page(connection, Version, schema.versions, schema.versions.c.run == found.id, limit=None)
        probed = measurements.latest(connection, found.id)
        written = notes.list_(connection, found.id)
    return Shown(
        run=found.id,
        question=found.question,
        status=status(found),
        verb=found.verb,
        by=found.by,
        started=_moment(found.created),
        seconds=None if found.ended is None else (found.ended - found.created) / 1e6,
        data=found.data,
        seed=found.seed,
        code=found.code,
        environment=found.environment,
        host=found.host,
        pid=found.pid,
        command=found.command,
        params=found.params,
        metrics=found.metrics,
        versions=tuple(version.ref for version in reversed(made)),
        findings=tuple(Finding(each.probe, each.verdict, each.numbers, each.notes) for each in probed.values()),
        notes=tuple(_remark(note) for note in reversed(written)),
        artifacts=found.artifacts,
        plan=None if found.plan is None else project.blobs.get(found.plan).decode(errors="replace"),
    )


def _remark(note: Note) -> Remark:
    return Remark(_moment(note.created), note.by, note.text)


def _moment(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)


def _code(code: Code) -> str:
    if code.sha is None and not code.dirty:
        return "outside Git"
    return (code.sha or "not committed yet") + (" with changes" if code.dirty else "")


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)] if lines else []
