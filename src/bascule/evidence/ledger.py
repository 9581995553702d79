"""The ledger: the only writer of rows. What it writes is an event, and what the tables say follows from the events."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import UsageError
from bascule.evidence import audit, journal, projections
from bascule.evidence.canonical import canonical
from bascule.evidence.journal import Event, Head
from bascule.stores import schema
from bascule.stores.rows import Rows

NUMBERED = {
    "dataset": (schema.datasets.c.name, schema.datasets.c.number),
    "model": (schema.versions.c.model, schema.versions.c.number),
}


def now() -> int:
    """The time of this machine: microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def who() -> str:
    """Who acts: BASCULE_ACTOR, else the user of the operating system."""
    try:
        return os.environ.get("BASCULE_ACTOR") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"uid:{os.getuid()}"


class Transaction:
    """One write to the ledger: all of its events are recorded, or none."""

    def __init__(self, connection: Connection, clock: Callable[[], int], actor: str) -> None:
        self._connection = connection
        self._clock = clock
        self._actor = actor
        self._head, self._time = journal.end(connection)
        self._pending: list[projections.Write] = []
        self._open = True

    @property
    def connection(self) -> Connection:
        """For reading inside the transaction, which sees its own events; nothing moves until it ends."""
        self._flush()
        return self._connection

    def append(self, verb: str, subject: str, body: dict[str, Any]) -> Event:
        """Records that the actor did `verb` to `subject`, and applies what follows from it to the tables.

        The time is the clock's, or one microsecond after the event before where the clock stands or jumps back.
        Raises UsageError on an unknown verb and on a body that canonical JSON cannot hold or that lacks something.
        """
        self._check_open()
        moment = max(self._clock(), self._time + 1)
        event = journal.sealed(self._head, moment, self._actor, verb, subject, canonical(body))
        self._pending += [projections.recorded(event), *projections.writes(event)]
        self._head, self._time = event.head, moment
        return event

    def next_number(self, noun: str, name: str) -> int:
        """The next number of a `dataset` or a `model`; nobody else is given the same."""
        column, number = NUMBERED[noun]
        return 1 + (self.connection.execute(sa.select(sa.func.max(number)).where(column == name)).scalar() or 0)

    def _flush(self) -> None:
        self._check_open()
        pending, self._pending = self._pending, []
        self._open = False  # where a write fails, the caller may catch the error, but not keep what is half written
        projections.apply(self._connection, pending)
        self._open = True

    def _close(self) -> None:
        self._flush()
        self._open = False

    def _check_open(self) -> None:
        if not self._open:
            raise UsageError("This transaction has ended or failed.", next_step="Begin a new one.")


class Ledger:
    """Evidence in the rows of a project; safe to share between threads and processes.

    `clock` gives microseconds since 1970; `actor` is who the events name, by default `who()`.
    """

    def __init__(self, rows: Rows, clock: Callable[[], int] = now, actor: str | None = None) -> None:
        self.rows = rows
        self._clock = clock
        self._actor = who() if actor is None else actor

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction, alone at the end of the chain; nothing is kept when the body raises."""
        with self.rows.write(lock="journal") as connection:
            transaction = Transaction(connection, self._clock, self._actor)
            yield transaction
            transaction._close()

    def read(self) -> AbstractContextManager[Connection]:
        """One snapshot, for the reading functions of each noun."""
        return self.rows.read()

    def head(self) -> Head:
        """The end of the chain; export it, and `verify(since=…)` proves later that nothing up to it was changed."""
        with self.rows.read() as connection:
            return journal.end(connection)[0]

    def verify(self, since: Head | None = None) -> list[audit.Problem]:
        """Walks the whole chain and compares the tables with a replay of it; an empty list means that all is sound."""
        with self.rows.read() as connection:
            return audit.verify(connection, since)

    def rebuild(self) -> None:
        """Empties every table but the journal, and fills them again from it, in one transaction."""
        with self.rows.write(lock="journal") as connection:
            for table in reversed(schema.projections):
                connection.execute(sa.delete(table))
            audit.replay(journal.events(connection), connection)
