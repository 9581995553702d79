"""Reads nouns back from the journal, newest first and a page at a time, through the tables that index it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import NotFound, UsageError
from bascule.evidence.journal import Event
from bascule.evidence.nouns import N, read
from bascule.evidence.refs import Ref
from bascule.stores.schema import journal

NAMES_SHOWN = 20


def facts(event: Event) -> dict[str, Any]:
    """What an event wrote, and what the journal says of it."""
    return event.body | {"seq": event.seq, "created": event.time, "by": event.actor}


def written(kind: type[N], event: Event) -> N:
    """The noun that an event wrote."""
    return read(kind, facts(event))


def page(
    connection: Connection,
    kind: type[N],
    table: sa.Table,
    *where: sa.ColumnElement[bool],
    before: int | None = None,
    limit: int | None = 100,
) -> list[N]:
    """The newest `limit` nouns whose row in the table fulfils the conditions; `before` the last one's `seq` goes on."""
    query = sa.select(journal).join(table, table.c.seq == journal.c.seq).where(*where)
    if before is not None:
        query = query.where(table.c.seq < before)
    rows = connection.execute(query.order_by(table.c.seq.desc()).limit(limit))
    return [written(kind, Event(*row)) for row in rows]


def numbered(connection: Connection, kind: type[N], word: str, name: sa.Column[Any], ref: Ref) -> N:
    """The version of a thing that a Ref names by its number, or the newest; raises NotFound naming what there is."""
    if ref.channel is not None:
        raise UsageError(f"{ref} names a channel.", next_step=f"Name a {word} as NAME or NAME@NUMBER.")
    table = name.table
    chosen = [] if ref.number is None else [table.c.number == ref.number]
    if found := page(connection, kind, table, name == ref.name, *chosen, limit=1):
        return found[0]
    newest = connection.execute(sa.select(sa.func.max(table.c.number)).where(name == ref.name)).scalar()
    if newest is not None:
        raise NotFound(f"There is no {ref}; {ref.name} counts from 1 to {newest}.")
    names = connection.execute(sa.select(name).distinct().order_by(name).limit(NAMES_SHOWN + 1)).scalars().all()
    raise absent(word, ref.name, list(names))


def absent(word: str, name: str, names: list[str]) -> NotFound:
    """The error for a name that nothing has, with the names that something has."""
    shown = ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
    return NotFound(f"There is no {word} {name}; there are: {shown or 'none yet'}.")
