"""The verb `data list`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from typing_extensions import Doc

from bascule.contract.kinds import EPOCH
from bascule.evidence import datasets
from bascule.project import Project


@dataclass(frozen=True, slots=True)
class Listed:
    """One version of a dataset; `seq` is its place in the ledger, from which the list can be continued."""

    version: str
    rows: int
    bytes_total: int
    columns: int
    committed: dt.datetime
    by: str
    source: str
    hash: str
    seq: int


def list(
    project: Project,
    name: Annotated[str | None, Doc("only the versions of this dataset")] = None,
    *,
    before: Annotated[int | None, Doc("go on after the version with this seq")] = None,
    limit: Annotated[int, Doc("how many at most")] = 100,
) -> tuple[Listed, ...]:
    """The versions of the datasets, newest first."""
    with project.ledger.read() as connection:
        found = datasets.list_(connection, name, before=before, limit=limit)
    return tuple(
        Listed(
            version=dataset.ref,
            rows=dataset.rows,
            bytes_total=dataset.bytes,
            columns=len(dataset.record["fields"]),
            committed=EPOCH + dt.timedelta(microseconds=dataset.created),
            by=dataset.by,
            source=dataset.source,
            hash=dataset.hash,
            seq=dataset.seq,
        )
        for dataset in found
    )
