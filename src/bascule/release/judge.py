"""The verb `judge`: the card of a version, with what was measured and what the gate says of it."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy.engine import Connection
from typing_extensions import Doc

from bascule.contract.kinds import EPOCH
from bascule.evidence import releases
from bascule.evidence.nouns import Release, Version
from bascule.evidence.refs import checked_channel
from bascule.project import Project
from bascule.release.current import CHANNEL, Channel, Serving
from bascule.release.findings import Finding, decided, findings
from bascule.release.rubric import Gate, Outcome, gate

MARKS = {"pass": "✓", "fail": "✗", "missing": "?"}
WIDTH = 100
HARD = "\N{NO-BREAK SPACE}"  # keeps a number's name, which may have spaces, on one line


@dataclass(frozen=True, slots=True)
class Entry:
    """A measurement on the card, the newest of its probe; `holds` as in `Finding`."""

    probe: str
    verdict: str
    numbers: Mapping[str, float]
    limits: Mapping[str, Any]
    holds: bool
    measured: dt.datetime
    by: str
    run: str | None
    notes: str
    seq: int

    @classmethod
    def of(cls, finding: Finding) -> Entry:
        """What a finding says."""
        found = finding.measured
        return cls(
            probe=found.probe,
            verdict=found.verdict,
            numbers=found.numbers,
            limits=found.limits,
            holds=finding.holds,
            measured=EPOCH + dt.timedelta(microseconds=found.created),
            by=found.by,
            run=found.run,
            notes=found.notes,
            seq=found.seq,
        )


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a version, and whether it may serve a channel, which `present` serves now."""

    version: str
    channel: str
    present: str | None
    gate: Gate
    conditions: tuple[Outcome, ...]
    measurements: tuple[Entry, ...]
    overrides: tuple[Serving, ...]
    registered: dt.datetime
    by: str
    run: str
    runtime: str

    def text(self) -> str:
        """The card for people."""
        serving = f"{self.present} serves it now" if self.present else "nothing serves it yet"
        lines = [
            f"{self.version} for {self.channel} ({serving})",
            f"registered {self.registered:%Y-%m-%d %H:%M} UTC by {self.by}, run {self.run}, runtime {self.runtime}",
            "",
            f"The gate is {self.gate}:",
            *_aligned(map(_condition, self.conditions)),
            "",
            "Measured:" if self.measurements else "Nothing was measured.",
            *(line for entry in self.measurements for line in _measured(entry)),
        ]
        if self.overrides:
            lines += ["", "Overridden:", *(f"  {serving.text()}" for serving in self.overrides)]
        return "\n".join(lines)


def judge(
    project: Project,
    version: Annotated[str, Doc("a version, late-arrival@2, or the latest, late-arrival")],
    channel: Channel = CHANNEL,
) -> Card:
    """The card of a version: measurements, newest per probe, the gate of a channel, every override ever used.

    It reads what is recorded and measures nothing. Raises NotFound.
    """
    checked_channel(channel)
    with project.ledger.read() as connection:
        judged = releases.resolve(connection, version)
        present = releases.find(connection, judged.model, channel)
        found = findings(connection, judged, present)
        outcomes = decided(found)
        return Card(
            version=judged.ref,
            channel=channel,
            present=None if present is None else present.ref,
            gate=gate(outcomes),
            conditions=outcomes,
            measurements=tuple(map(Entry.of, found.values())),
            overrides=tuple(map(Serving.of, _overridden(connection, judged))),
            registered=EPOCH + dt.timedelta(microseconds=judged.created),
            by=judged.by,
            run=judged.run,
            runtime=judged.runtime,
        )


def _overridden(connection: Connection, version: Version) -> Iterator[Release]:
    before = None
    while page := releases.history(connection, version.model, before=before):
        yield from (release for release in page if release.number == version.number and release.override)
        before = page[-1].seq


def _condition(outcome: Outcome) -> tuple[str, ...]:
    value = "-" if outcome.value is None else f"{outcome.value:.4g}"
    return MARKS[outcome.verdict], outcome.condition, value, f"{outcome.relation} {outcome.limit:g}", outcome.words


def _measured(entry: Entry) -> Iterator[str]:
    """A line for the probe, and its numbers below."""
    said = entry.verdict if entry.holds else f"{entry.verdict}, no longer valid"
    yield f"  {entry.probe}: {said}, {entry.measured:%Y-%m-%d %H:%M} UTC" + (f", {entry.notes}" if entry.notes else "")
    numbers = "  ".join(f"{name.replace(' ', HARD)}={value:.4g}" for name, value in sorted(entry.numbers.items()))
    for line in textwrap.wrap(numbers, WIDTH, break_on_hyphens=False, break_long_words=False):
        yield f"    {line.replace(HARD, ' ')}"


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """The rows as indented columns."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
