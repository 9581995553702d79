"""Rows in a PostgreSQL database, by psycopg 3."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import BasculeError, Conflict, Corrupt, MissingExtra, StoreFull, StoreUnavailable
from bascule.stores.engines import PATIENCE_S, EngineRows, Engines

MEANINGS: tuple[tuple[str, type[BasculeError]], ...] = (
    ("53100", StoreFull),  # disk full
    ("53", StoreUnavailable),  # too many connections, out of memory
    ("08", StoreUnavailable),  # connection failures
    ("57P", StoreUnavailable),  # shut down, crashed, starting
    ("55P03", StoreUnavailable),  # waited longer than lock_timeout
    ("28", StoreUnavailable),  # refused this user or password
    ("3D000", StoreUnavailable),  # no such database
    ("58", StoreUnavailable),  # the server's own disk fails
    ("XX001", Corrupt),
    ("XX002", Corrupt),
    ("23", Conflict),  # a constraint decided a race
    ("40", Conflict),  # deadlock, serialisation failure
)
"""What SQLSTATEs mean, the longer prefix first (PostgreSQL documentation, appendix A)."""


class PostgreSQLRows(EngineRows):
    """Rows in the database of a `postgresql://user:password@host/database` URL; psycopg's options may follow `?`."""

    def __init__(self, url: str) -> None:
        self._address = sa.make_url(url).set(drivername="postgresql+psycopg")
        super().__init__(url, self._address.render_as_string(hide_password=True))

    def _connect(self) -> Engines:
        try:
            engine = sa.create_engine(
                self._address,
                isolation_level="READ COMMITTED",
                # One round trip a transaction, so that a server that was restarted answers the first call after it.
                pool_pre_ping=True,
                max_overflow=20,
                pool_timeout=PATIENCE_S,
                connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={PATIENCE_S}s"},
            )
        except ModuleNotFoundError as error:
            raise MissingExtra.naming("psycopg", "server") from error
        reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return Engines(writer=engine, reader=reader)

    def _take(self, connection: Connection, lock: str) -> None:
        key = int.from_bytes(hashlib.sha256(lock.encode()).digest()[:8], signed=True)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (key,))

    def _meaning(self, error: Exception) -> BasculeError | None:
        import psycopg

        cause = getattr(error, "orig", error)
        if not isinstance(cause, psycopg.Error):
            return None
        state = cause.sqlstate or ("08000" if isinstance(cause, psycopg.OperationalError) else "")
        for prefix, meaning in MEANINGS:
            if state.startswith(prefix):
                return meaning(f"{self.shown}: {str(cause).strip()}")
        return None
