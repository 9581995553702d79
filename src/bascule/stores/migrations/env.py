"""Run by Alembic for every command: migrate over the connection that the caller handed in."""

from __future__ import annotations

from alembic import context

from bascule.stores.schema import metadata

if hasattr(context, "config"):  # only while Alembic runs it; tools that read docstrings import it too
    connection = context.config.attributes["connection"]
    # SQLite's DDL is transactional once BEGIN is ours (see stores/sqlite.py); Alembic assumes that it is not.
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
