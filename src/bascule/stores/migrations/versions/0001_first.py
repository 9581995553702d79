"""The journal and the tables that index it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

Name = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _event(table: str, column: str = "seq") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["journal.seq"], name=f"fk_{table}_{column}")


def _unique(table: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("seq", name=f"uq_{table}_seq")


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "journal",
        sa.Column("seq", Seq, nullable=False, autoincrement=False),
        _column("time", sa.BigInteger()),
        _column("actor", sa.Text()),
        _column("verb", Name),
        _column("subject", Name),
        _column("body", sa.Text()),
        _column("previous", Name),
        _column("hash", Name),
        _primary("journal", "seq"),
    )
    op.create_table(
        "datasets",
        _column("name", Name),
        _column("number", sa.Integer()),
        _column("hash", Name),
        _column("seq", Seq),
        _primary("datasets", "name", "number"),
        _event("datasets"),
        _unique("datasets"),
    )
    op.create_index("ix_datasets_name_hash", "datasets", ["name", "hash"])
    op.create_table(
        "runs",
        _column("id", Name),
        _column("status", Name),
        _column("seq", Seq),
        sa.Column("ended", Seq),
        _primary("runs", "id"),
        _event("runs"),
        _event("runs", "ended"),
        _unique("runs"),
    )
    op.create_index("ix_runs_status_seq", "runs", ["status", "seq"])
    op.create_table(
        "run_metrics",
        _column("run", Name),
        _column("name", Name),
        _column("value", sa.Double()),
        _primary("run_metrics", "run", "name"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_metrics_run"),
    )
    op.create_index("ix_run_metrics_name_value", "run_metrics", ["name", "value"])
    op.create_table(
        "versions",
        _column("model", Name),
        _column("number", sa.Integer()),
        _column("hash", Name),
        _column("run", Name),
        _column("seq", Seq),
        _primary("versions", "model", "number"),
        _event("versions"),
        _unique("versions"),
    )
    op.create_index("ix_versions_hash", "versions", ["hash"])
    op.create_index("ix_versions_run", "versions", ["run"])
    op.create_table(
        "measurements",
        _column("seq", Seq),
        _column("subject", Name),
        _column("probe", Name),
        _column("verdict", Name),
        _primary("measurements", "seq"),
        _event("measurements"),
    )
    op.create_index("ix_measurements_subject_probe_seq", "measurements", ["subject", "probe", "seq"])
    op.create_table(
        "releases",
        _column("seq", Seq),
        _column("model", Name),
        _column("channel", Name),
        _column("number", sa.Integer()),
        _primary("releases", "seq"),
        _event("releases"),
    )
    op.create_index("ix_releases_model_channel_seq", "releases", ["model", "channel", "seq"])
    op.create_table(
        "notes",
        _column("seq", Seq),
        _column("subject", Name),
        _primary("notes", "seq"),
        _event("notes"),
    )
    op.create_index("ix_notes_subject_seq", "notes", ["subject", "seq"])
    op.create_table(
        "keys",
        _column("fingerprint", Name),
        _column("seq", Seq),
        _primary("keys", "fingerprint"),
        _event("keys"),
        _unique("keys"),
    )
