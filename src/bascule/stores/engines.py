"""What the SQL drivers share: transactions on SQLAlchemy Core, errors named, engines that survive a fork."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bascule.errors import BasculeError, StoreUnavailable, UsageError
from bascule.stores import schema

PATIENCE_S = 60
"""How long a writer waits for its turn. A write takes milliseconds, so who waits a minute waits for a hung process."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The two engines of one process."""

    writer: Engine
    reader: Engine
    pid: int = field(default_factory=os.getpid)
    thread: threading.local = field(default_factory=threading.local)

    def close(self) -> None:
        """Closes every connection that is not in use."""
        self.writer.dispose()
        self.reader.dispose()


_inherited: list[Engines] = []
"""Engines that a fork carried over. SQLite forbids even closing such a connection, so they are kept and left alone."""


class EngineRows(ABC):
    """Rows on SQLAlchemy Core; a driver says how to connect, how to lock and what its errors mean."""

    def __init__(self, url: str, shown: str) -> None:
        self.url = url
        self.shown = shown
        self._engines: Engines | None = None

    @abstractmethod
    def _connect(self) -> Engines:
        """New engines for this process."""

    @abstractmethod
    def _meaning(self, error: Exception) -> BasculeError | None:
        """What an error of the driver means, or None where it has no name."""

    @abstractmethod
    def _take(self, connection: Connection, lock: str) -> None:
        """Waits for a named lock, which ends with the transaction."""

    @contextmanager
    def write(self, lock: str = "") -> Iterator[Connection]:
        """One write transaction, see `Rows.write`."""
        engines = self._here()
        if getattr(engines.thread, "writes", False):
            raise UsageError(
                "This thread is already inside a write transaction, and the second would wait for the first.",
                next_step="Do both writes in one transaction.",
            )
        engines.thread.writes = True
        try:
            with self._named(), engines.writer.begin() as connection:
                if lock:
                    self._take(connection, lock)
                yield connection
        finally:
            engines.thread.writes = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot, see `Rows.read`."""
        with self._named(), self._here().reader.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Brings the schema to the present revision, see `Rows.migrate`."""
        with self.read() as connection:
            present = schema.revision(connection)
        if present == schema.REVISION:
            return
        from bascule.stores.migration import upgrade  # alembic takes as long to import as everything else together

        with self.write(lock="schema") as connection:
            upgrade(connection)

    def close(self) -> None:
        """Closes the connections of this process, see `Rows.close`."""
        if self._engines is not None and self._engines.pid == os.getpid():
            self._engines.close()
            self._engines = None

    def _here(self) -> Engines:
        engines = self._engines
        if engines is None or engines.pid != os.getpid():
            if engines is not None:
                _inherited.append(engines)
            self._engines = engines = self._connect()
        return engines

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.TimeoutError as error:
            raise StoreUnavailable(
                f"No connection to {self.shown} became free within {PATIENCE_S} s.",
                next_step="Look for a transaction that never ends.",
            ) from error
        except Exception as error:
            meaning = self._meaning(error)
            if meaning is None:
                raise
            raise meaning from error
