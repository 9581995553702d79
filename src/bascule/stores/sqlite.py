"""Rows in one SQLite file, shared by as many processes as like to."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from bascule.errors import BasculeError, ConfigurationError, Conflict, Corrupt, StoreFull, StoreUnavailable
from bascule.stores.engines import PATIENCE_S, EngineRows, Engines

# A write is acknowledged only when it would survive a power cut: a release that was answered, or a head that was
# exported, may never be missing afterwards. In WAL mode only synchronous=FULL promises that.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")

FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
"""SQLite calls only ENOSPC full; a quota or a limit on file size arrives as a failed write."""

CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR_SHORT_READ}


class SQLiteRows(EngineRows):
    """Rows in the file of a `sqlite:///path` URL, the path as it is, nothing escaped; its folder must exist."""

    def __init__(self, url: str) -> None:
        path = url.partition(":///")[2]
        if path in ("", ":memory:"):
            raise ConfigurationError(
                f"{url!r} names no file, and rows must be shared between processes.",
                next_step="Write sqlite:///path/to/file.db.",
            )
        self.path = Path(path).absolute()  # the working directory may change later
        super().__init__(f"sqlite:///{self.path}", str(self.path))

    def _connect(self) -> Engines:
        return Engines(writer=self._engine("BEGIN IMMEDIATE"), reader=self._engine("BEGIN", "query_only=ON"))

    def _engine(self, begin: str, *pragmas: str) -> Engine:
        # sqlite3 begins a transaction by itself, too late and without the write lock, unless isolation_level is None.
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self.path)),
            connect_args={"timeout": PATIENCE_S, "isolation_level": None},
            # In one process a queue hands the write lock on; only processes have to poll for it.
            pool_size=1 if begin == "BEGIN IMMEDIATE" else 5,
            max_overflow=0 if begin == "BEGIN IMMEDIATE" else -1,
            pool_timeout=PATIENCE_S,
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:
            for pragma in (*PRAGMAS, *pragmas):
                _patiently(connection, f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.connection.execute(begin)

        return engine

    def _take(self, connection: Connection, lock: str) -> None:
        """Nothing: BEGIN IMMEDIATE has locked out every other writer already."""

    def _meaning(self, error: Exception) -> BasculeError | None:
        cause = getattr(error, "orig", error)
        if not isinstance(cause, sqlite3.Error):
            return None
        code = getattr(cause, "sqlite_errorcode", -1)
        primary = code & 0xFF
        said = f"{self.path}: {cause}"
        if isinstance(cause, sqlite3.IntegrityError):
            return Conflict(f"{said}.")
        if code in FULL:
            return StoreFull(f"{said}: the disk, a quota or a limit on file size is reached, or the disk fails.")
        if code in CORRUPT or primary in CORRUPT or "decode" in str(cause):
            return Corrupt(f"{said}.", next_step="Restore the file, with its -wal file, from a copy.")
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreUnavailable(
                f"{self.path}: another process has been writing for {PATIENCE_S} s.",
                next_step="Find the process that hangs, end it, and run the command again.",
            )
        if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
            return StoreUnavailable(f"{said}.", next_step="Check the folder, its rights and its disk.")
        return None


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Executes; waits for a lock also where SQLite does not, which is when a new file is turned to WAL."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return
