"""The registered versions of the models of a project."""

from __future__ import annotations

import dataclasses

from sqlalchemy.engine import Connection

from bascule.evidence import pages, refs
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Version
from bascule.stores.schema import versions


def register(tx: Transaction, version: Version) -> Version:
    """Records a version under the next number of its model, and returns it with number, time and author.

    A retraining is a new number even where the bytes are the same.
    """
    number = tx.next_number("model", refs.checked_name(version.model, "model"))
    numbered = dataclasses.replace(version, number=number)
    return pages.written(Version, tx.append("model.register", numbered.ref, numbered.body()))


def get(connection: Connection, ref: str) -> Version:
    """The version `late-arrival@2`, or the newest of `late-arrival`; raises NotFound naming what there is."""
    return pages.numbered(connection, Version, "model", versions.c.model, refs.parse(ref))


def list_(
    connection: Connection, model: str | None = None, *, before: int | None = None, limit: int = 100
) -> list[Version]:
    """Versions, newest first, of one model or of all; go on with `before` the last one's `seq`."""
    where = () if model is None else (versions.c.model == model,)
    return pages.page(connection, Version, versions, *where, before=before, limit=limit)
