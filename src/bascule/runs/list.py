"""The verb `runs list`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from typing_extensions import Doc

from bascule.contract.kinds import EPOCH
from bascule.evidence import runs
from bascule.evidence.nouns import Status
from bascule.project import Project
from bascule.runs.interrupted import status


@dataclass(frozen=True, slots=True)
class Listed:
    """One run; `seq` is its place in the ledger, from which the list can be continued."""

    run: str
    status: Status
    verb: str
    question: str
    data: tuple[str, ...]
    started: dt.datetime
    seconds: float | None
    by: str
    seq: int
    metrics: dict[str, float]


def list(
    project: Project,
    *,
    before: Annotated[int | None, Doc("go on after the run with this seq")] = None,
    limit: Annotated[int, Doc("how many at most")] = 20,
) -> tuple[Listed, ...]:
    """The runs, latest first; one whose process is gone is shown as interrupted."""
    with project.ledger.read() as connection:
        found = runs.list_(connection, before=before, limit=limit)
    return tuple(
        Listed(
            run=run.id,
            status=status(run),
            verb=run.verb,
            question=run.question,
            data=run.data,
            started=EPOCH + dt.timedelta(microseconds=run.created),
            seconds=None if run.ended is None else (run.ended - run.created) / 1e6,
            by=run.by,
            seq=run.seq,
            metrics=run.metrics,
        )
        for run in found
    )
