"""The seam between bascule and its database: one transaction that writes, one snapshot that reads."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from bascule import plugins

if TYPE_CHECKING:  # a project is opened far more often than its rows are read, and SQLAlchemy takes 0.2 s to import
    from sqlalchemy.engine import Connection


class Rows(Protocol):
    """A database under the one schema of `stores.schema`; safe to share between threads and to carry over a fork.

    Raises, whatever the database: StoreFull, StoreUnavailable, Corrupt, and Conflict where a unique constraint or a
    serialisation failure decided a race.
    """

    url: str
    """Where it is, as given: `open_rows(rows.url)` opens the same rows in another process."""

    def write(self, lock: str = "") -> AbstractContextManager[Connection]:
        """One write transaction: commits on leaving, rolls back when the body raises.

        At most one transaction holds a given `lock` at a time; it is let go with the transaction.
        """
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """One snapshot: every statement sees the same committed state, and none may write."""
        ...

    def migrate(self) -> None:
        """Brings the schema to the present revision; safe when several processes do it at once.

        Raises NewerStore when a later bascule wrote the schema.
        """
        ...

    def close(self) -> None:
        """Closes the connections of this process; a later call opens new ones."""
        ...


def open_rows(url: str) -> Rows:
    """The rows behind a URL: `sqlite:///path.db`, `postgresql://user@host/database`, or a plug-in's scheme.

    Nothing is connected or created before the first transaction.
    """
    rows: Rows = plugins.find("rows", url)(url)
    return rows
