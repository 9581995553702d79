"""Brings a database to the present schema with Alembic, inside a transaction of ours."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from bascule.errors import NewerStore
from bascule.stores import schema

SCRIPTS = Path(__file__).parent / "migrations"


def configuration(connection: Connection) -> Config:
    """Alembic's settings, all in code; `connection` carries the transaction that the migration runs in."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Applies what is missing; nothing where another process was quicker. Raises NewerStore on an unknown revision."""
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise NewerStore(
            f"The project has schema {schema.revision(connection)}; this bascule knows none after {schema.REVISION}."
        ) from error
