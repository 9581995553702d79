"""Which run a person means."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import NotFound, UsageError
from bascule.evidence import runs
from bascule.evidence.nouns import Run
from bascule.stores import schema

SHOWN = 5


def find(connection: Connection, text: str) -> Run:
    """The run with this id, or the only one whose id begins so (6 digits at least), or the `latest`.

    Raises NotFound, and UsageError for what is no beginning of an id or fits several runs.
    """
    if text == "latest":
        if newest := runs.list_(connection, limit=1):
            return newest[0]
        raise NotFound("There is no run yet.", next_step="Run: bascule train plan.yaml")
    if re.fullmatch("[0-9a-f]{6,32}", text) is None:
        raise UsageError(
            f"{text!r:.60} names no run.",
            next_step="Give the first 6 to 32 hexadecimal digits of its id, or `latest`; see `bascule runs list`.",
        )
    # A range instead of LIKE: every database answers it from the index. `g` follows the last digit, f.
    fits = sa.select(schema.runs.c.id).where(schema.runs.c.id >= text, schema.runs.c.id < text + "g")
    found = connection.execute(fits.order_by(schema.runs.c.id.desc()).limit(SHOWN + 1)).scalars().all()
    if len(found) > 1:
        shown = ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
        raise UsageError(f"{text} begins the id of several runs: {shown}.", next_step="Give more digits.")
    return runs.get(connection, found[0] if found else text)
