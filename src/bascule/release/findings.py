"""What is recorded of a version and still holds: the newest finding of every probe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bascule.evidence import measurements, versions
from bascule.evidence.ledger import now
from bascule.evidence.nouns import Measurement, Release, Version
from bascule.release.rubric import Outcome, decide

AGAINST = "against"
"""The input of a measurement that looked at what serves a channel: the hash of that version's contract."""
NOTHING = "nothing"
"""What stands there where nothing served."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A measurement; it does not hold where it expired, or was made against what does not serve the channel now."""

    measured: Measurement
    holds: bool


def findings(connection: Connection, version: Version, present: Release | None) -> dict[str, Finding]:
    """The newest measurement of each probe that fits the channel which `present` serves, or else the newest."""
    against, moment = contract_of(connection, present), now()

    def fits(one: Measurement) -> bool:
        if AGAINST not in one.inputs:
            return True
        if present is not None and present.number == version.number:  # what counted when it was released counts still
            return one.seq in present.card or not present.card
        return one.inputs[AGAINST] == against

    found = {}
    for probe, newest in sorted(measurements.latest(connection, version.ref).items()):
        measured = next(filter(fits, _all(connection, newest)), None)
        holds = measured is not None and (measured.expires is None or measured.expires > moment)
        found[probe] = Finding(measured or newest, holds)
    return found


def decided(found: dict[str, Finding]) -> tuple[Outcome, ...]:
    """What the gate says, from the findings that hold."""
    return decide({probe: finding.measured for probe, finding in found.items() if finding.holds})


def contract_of(connection: Connection, present: Release | None) -> str:
    """The hash of the contract that serves, as measurements name it in their inputs."""
    return NOTHING if present is None else versions.get(connection, present.ref).contract


def _all(connection: Connection, newest: Measurement) -> Iterator[Measurement]:
    """The measurement and all that its probe found before it, newest first; mostly the first is all that is read."""
    yield newest
    before = newest.seq
    while page := measurements.list_(connection, newest.subject, newest.probe, before=before):
        yield from page
        before = page[-1].seq
