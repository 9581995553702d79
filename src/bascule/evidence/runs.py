"""The runs of a project: what ran, on what, and what came of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import Conflict, NotFound
from bascule.evidence import nouns, pages
from bascule.evidence.journal import Event
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import File, Run, Status
from bascule.stores.schema import journal, runs

_ending = journal.alias("ending")


def start(tx: Transaction, run: Run) -> Run:
    """Records that a run has started, and returns it with its time and author."""
    return pages.written(Run, tx.append("run.start", run.id, run.body()))


def end(
    tx: Transaction,
    run: str,
    status: Status,
    *,
    params: dict[str, Any] | None = None,
    metrics: dict[str, float] | None = None,
    artifacts: dict[str, File] | None = None,
) -> Run:
    """Records how a run ended; parameters are added to those it started with. Raises Conflict when it has ended."""
    begun = get(tx.connection, run)
    if begun.ended is not None:
        raise Conflict(f"The run {run} is {begun.status} already.", next_step="Start a new run.")
    files = {path: {"hash": file.hash, "size": file.size} for path, file in (artifacts or {}).items()}
    body = {"status": status, "params": params or {}, "metrics": metrics or {}, "artifacts": files}
    tx.append("run.end", run, body)
    return get(tx.connection, run)


def get(connection: Connection, run: str) -> Run:
    """The run with this id; raises NotFound."""
    found = _read(connection, runs.c.id == run, limit=1)
    if not found:
        latest = ", ".join(other.id for other in list_(connection, limit=3))
        raise NotFound(f"There is no run {run}; the latest are: {latest or 'none yet'}.")
    return found[0]


def list_(
    connection: Connection, status: Status | None = None, *, before: int | None = None, limit: int = 100
) -> list[Run]:
    """Runs, latest start first, of one status or of all; go on with `before` the last one's `seq`."""
    where = [] if status is None else [runs.c.status == status]
    if before is not None:
        where.append(runs.c.seq < before)
    return _read(connection, *where, limit=limit)


def _read(connection: Connection, *where: sa.ColumnElement[bool], limit: int) -> list[Run]:
    query = (
        sa.select(journal, *_ending.c)
        .select_from(runs)
        .join(journal, journal.c.seq == runs.c.seq)
        .outerjoin(_ending, _ending.c.seq == runs.c.ended)
        .where(*where)
        .order_by(runs.c.seq.desc())
        .limit(limit)
    )
    return [_run(*row) for row in connection.execute(query)]


def _run(*row: Any) -> Run:
    width = len(journal.c)
    run = pages.facts(Event(*row[:width]))
    if row[width] is not None:
        ending = Event(*row[width:])
        came = ending.body
        run |= came | {"params": run["params"] | came["params"], "ended": ending.time}
    return nouns.read(Run, run)
