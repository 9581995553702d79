"""The one schema. The journal is the truth; every other table is an index into it and can be rebuilt from it.

A row of those tables names the journal's row (`seq`) that holds the facts, and repeats only what is searched by.
Times are microseconds since 1970, UTC. Change a table here and in a new file of `migrations/versions`; a test compares.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

REVISION = "0001"
"""The newest file of `migrations/versions`; kept here so that opening a project need not load Alembic."""

Name = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text ordered by code points in every database, whatever the locale of the server."""

Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit place in the journal. SQLite makes only INTEGER PRIMARY KEY the row's own address."""

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _required(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _event(*, primary_key: bool = False) -> sa.Column[Any]:
    unique = None if primary_key else True
    return sa.Column(
        "seq",
        Seq,
        sa.ForeignKey("journal.seq"),
        primary_key=primary_key,
        unique=unique,
        autoincrement=False,
        nullable=False,
    )


journal = sa.Table(
    "journal",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=False),
    _required("time", sa.BigInteger()),
    _required("actor", sa.Text()),
    _required("verb", Name),
    _required("subject", Name),
    _required("body", sa.Text()),
    _required("previous", Name),
    _required("hash", Name),
)

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("name", Name, primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    _required("hash", Name),
    _event(),
    sa.Index(None, "name", "hash"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", Name, primary_key=True),
    _required("status", Name),
    _event(),
    sa.Column("ended", Seq, sa.ForeignKey("journal.seq")),
    sa.Index(None, "status", "seq"),
)

run_metrics = sa.Table(
    "run_metrics",
    metadata,
    sa.Column("run", Name, sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("name", Name, primary_key=True),
    _required("value", sa.Double()),
    sa.Index(None, "name", "value"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("model", Name, primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    _required("hash", Name),
    _required("run", Name),
    _event(),
    sa.Index(None, "hash"),
    sa.Index(None, "run"),
)

measurements = sa.Table(
    "measurements",
    metadata,
    _event(primary_key=True),
    _required("subject", Name),
    _required("probe", Name),
    _required("verdict", Name),
    sa.Index(None, "subject", "probe", "seq"),
)

releases = sa.Table(
    "releases",
    metadata,
    _event(primary_key=True),
    _required("model", Name),
    _required("channel", Name),
    _required("number", sa.Integer()),
    sa.Index(None, "model", "channel", "seq"),
)

notes = sa.Table(
    "notes",
    metadata,
    _event(primary_key=True),
    _required("subject", Name),
    sa.Index(None, "subject", "seq"),
)

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("fingerprint", Name, primary_key=True),
    _event(),
)

projections = [table for table in metadata.sorted_tables if table is not journal]
"""What can be rebuilt from the journal, in an order in which rows can be inserted."""


def revision(connection: Connection) -> str | None:
    """The revision stored in this database, or None where there is no schema yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
