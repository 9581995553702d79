"""The datasets of a project."""

from __future__ import annotations

import dataclasses

from sqlalchemy.engine import Connection

from bascule.evidence import pages, refs
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Dataset
from bascule.stores.schema import datasets


def commit(tx: Transaction, dataset: Dataset) -> Dataset:
    """Records a dataset under the next number of its name, and returns it with number, time and author."""
    number = tx.next_number("dataset", refs.checked_name(dataset.name))
    numbered = dataclasses.replace(dataset, number=number)
    return pages.written(Dataset, tx.append("data.commit", numbered.ref, numbered.body()))


def get(connection: Connection, ref: str) -> Dataset:
    """The dataset `flights@2`, or the newest `flights`; raises NotFound naming what there is."""
    return pages.numbered(connection, Dataset, "dataset", datasets.c.name, refs.parse(ref))


def find(connection: Connection, name: str, content: str) -> Dataset | None:
    """The newest dataset of this name whose logical hash is `content`, if there is one."""
    same = (datasets.c.name == name, datasets.c.hash == content)
    return next(iter(pages.page(connection, Dataset, datasets, *same, limit=1)), None)


def list_(
    connection: Connection, name: str | None = None, *, before: int | None = None, limit: int = 100
) -> list[Dataset]:
    """Datasets, newest first, of one name or of all; go on with `before` the last one's `seq`."""
    where = () if name is None else (datasets.c.name == name,)
    return pages.page(connection, Dataset, datasets, *where, before=before, limit=limit)
