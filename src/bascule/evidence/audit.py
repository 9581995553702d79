"""The checks of the ledger: is the chain whole, and do the tables say what follows from it?"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from bascule.errors import BasculeError
from bascule.evidence import journal, projections
from bascule.evidence.journal import GENESIS, PAGE, Event, Head
from bascule.stores import schema

FIRST = -(2**63)
"""Before everything that a row can claim to be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: where, why, and at which place of the journal where it has one."""

    where: str
    why: str
    seq: int | None = None


def verify(connection: Connection, since: Head | None = None) -> list[Problem]:
    """The first break of the chain, or else every table that differs from a replay; reads in pages.

    `since` is a head that was exported earlier; the chain must still pass through it.
    """
    with contextlib.closing(sqlite3.connect("")) as file:  # SQLite's own, unnamed, on disk only when it grows
        engine = sa.create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool)
        with engine.begin() as scratch:
            schema.metadata.create_all(scratch)
            broken: list[Problem] = []
            for page in _pages(_sound(journal.events(connection, after=FIRST), since, broken)):
                broken += _refused(page, scratch)
            return broken or [
                problem for table in schema.projections for problem in _compare(table, connection, scratch)
            ]


def replay(events: Iterable[Event], connection: Connection) -> None:
    """Applies to the tables what follows from the events."""
    for page in _pages(events):
        projections.apply(connection, [write for event in page for write in projections.writes(event)])


def _pages(events: Iterable[Event]) -> Iterator[list[Event]]:
    walk = iter(events)
    while page := list(itertools.islice(walk, PAGE)):
        yield page


def _refused(page: list[Event], scratch: Connection) -> Iterator[Problem]:
    """The events that the tables refuse; one by one only where they refuse the page."""
    try:
        with scratch.begin_nested():
            replay(page, scratch)
    except (BasculeError, sa.exc.SQLAlchemyError) as error:
        if len(page) == 1:
            yield Problem("journal", f"cannot be replayed: {error}", page[0].seq)
        for event in page if len(page) > 1 else ():
            yield from _refused([event], scratch)


def _sound(events: Iterable[Event], since: Head | None, broken: list[Problem]) -> Iterator[Event]:
    """The events up to the first that breaks the chain, which is reported."""
    head, time = GENESIS, 0
    for event in events:
        if why := _fault(event, head, time, since):
            broken.append(Problem("journal", why, head.seq + 1))
            return
        head, time = event.head, event.time
        yield event
    if since is not None and head.seq < since.seq:
        broken.append(Problem("journal", f"is missing: the exported head is {since.seq}", head.seq + 1))


def _fault(event: Event, head: Head, time: int, since: Head | None) -> str | None:
    if event.seq != head.seq + 1:
        return f"is not the next: {event.seq} stands after {head.seq}"
    if event.previous != head.hash:
        return "does not follow from the event before it: one of the two was exchanged or written anew"
    if event != journal.sealed(head, event.time, event.actor, event.verb, event.subject, event.text):
        return "was edited: its hash does not cover what it says"
    if event.time <= time:
        return f"goes back in time: {event.time} after {time}"
    if since is not None and event.seq == since.seq and event.hash != since.hash:
        return "is not the exported head: the chain was written anew"
    return None


def _compare(table: sa.Table, connection: Connection, scratch: Connection) -> Iterator[Problem]:
    """The first row of a table that differs from its replay."""
    rows = sa.select(table).order_by(*table.primary_key.columns)
    streamed = {"yield_per": PAGE}
    with (
        connection.execute(rows, execution_options=streamed) as stored,
        scratch.execute(rows, execution_options=streamed) as replayed,
    ):
        for found, expected in itertools.zip_longest(stored, replayed):
            if found != expected:
                said, right = ({} if row is None else dict(row._mapping) for row in (found, expected))
                why = f"holds {said or 'nothing'} where the journal says {right or 'nothing'}"
                yield Problem(f"table {table.name}", why, (right or said).get("seq"))
                return
