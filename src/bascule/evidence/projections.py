"""What each kind of event changes in the tables that answer questions.

A projector is a pure function from an event to writes, and the only place that knows which verb moves which table.
Appending applies them at once; rebuilding and verifying apply the same ones to the whole journal.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import Conflict, UsageError
from bascule.evidence.journal import Event
from bascule.stores import schema
from bascule.stores.statement import Row, Statement

Write = tuple[sa.Table, Statement, Row]
Projector = Callable[[Event], Iterator[Write]]

INSERT = {table: Statement(sa.insert(table)) for table in schema.metadata.sorted_tables}
END_RUN = Statement(
    sa.update(schema.runs)
    .where(schema.runs.c.id == sa.bindparam("run"), schema.runs.c.ended.is_(None))
    .values(status=sa.bindparam("outcome"), ended=sa.bindparam("event"))
)


def indexed(table: sa.Table) -> Projector:
    """One row of the table, its columns taken from the event and its body."""
    names = [column.name for column in table.columns]

    def project(event: Event) -> Iterator[Write]:
        facts = event.body | {"seq": event.seq, "subject": event.subject}
        yield _insert(table, {name: facts[name] for name in names})

    return project


def run_started(event: Event) -> Iterator[Write]:
    """A run appears."""
    yield _insert(schema.runs, {"id": event.body["id"], "status": "running", "seq": event.seq, "ended": None})


def run_ended(event: Event) -> Iterator[Write]:
    """A run ends, once, and its metrics can be searched."""
    body = event.body
    yield schema.runs, END_RUN, {"run": event.subject, "outcome": body["status"], "event": event.seq}
    for name, value in body["metrics"].items():
        yield _insert(schema.run_metrics, {"run": event.subject, "name": name, "value": value})


def nothing(_event: Event) -> Iterator[Write]:
    """The fact is in the journal, and no table asks for it."""
    return iter(())


PROJECTORS: dict[str, Projector] = {
    "project.init": nothing,
    "data.commit": indexed(schema.datasets),
    "run.start": run_started,
    "run.end": run_ended,
    "run.note": indexed(schema.notes),
    "model.register": indexed(schema.versions),
    "measure": indexed(schema.measurements),
    "release.promote": indexed(schema.releases),
    "release.rollback": indexed(schema.releases),
    "key.trust": indexed(schema.keys),
}


def recorded(event: Event) -> Write:
    """The event itself, as a row of the journal."""
    row = {
        "seq": event.seq,
        "time": event.time,
        "actor": event.actor,
        "verb": event.verb,
        "subject": event.subject,
        "body": event.text,
        "previous": event.previous,
        "hash": event.hash,
    }
    return _insert(schema.journal, row)


def writes(event: Event) -> list[Write]:
    """What an event changes; raises UsageError on an unknown verb or a body that lacks something."""
    projector = PROJECTORS.get(event.verb)
    if projector is None:
        raise UsageError(f"The ledger knows no verb {event.verb!r}; it knows {', '.join(PROJECTORS)}.")
    try:
        return list(projector(event))
    except KeyError as error:
        raise UsageError(f"The body of {event.verb} of {event.subject} lacks {error}.", next_step="Add it.") from error
    except (AttributeError, TypeError, msgspec.DecodeError) as error:
        raise UsageError(f"The body of {event.verb} of {event.subject} is malformed: {error}.", next_step="") from error


def apply(connection: Connection, pending: Iterable[Write]) -> None:
    """Writes, table by table so that equal statements travel together; raises Conflict where a row was not there.

    Within a table the order stands. Between tables it does not matter: each row is written whole, and tables come in
    the order that their references ask for.
    """
    by_table: dict[sa.Table, list[Write]] = {table: [] for table in INSERT}
    for write in pending:
        by_table[write[0]].append(write)
    for table, queue in by_table.items():
        for statement, same in itertools.groupby(queue, lambda write: write[1]):
            rows = [row for _, _, row in same]
            if statement.execute(connection, rows).rowcount != len(rows):
                raise Conflict(f"{table.name}: {rows!r:.200} does not fit what is there.")


def _insert(table: sa.Table, row: Row) -> Write:
    return table, INSERT[table], row
