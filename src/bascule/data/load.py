"""Reads a committed dataset back, every byte checked against the hash it was stored under."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from bascule.contract.faults import refuse
from bascule.contract.fields import Schema
from bascule.contract.intake import conformed
from bascule.contract.records import Record, schema
from bascule.contract.table import Table
from bascule.data.pieces import decoded
from bascule.evidence import datasets
from bascule.evidence.nouns import Dataset
from bascule.project import Project


def table(project: Project, ref: str, record: type[Record] | Schema | None = None) -> Table:
    """The rows of `flights@2`, or of the latest `flights`, under its own Record or another that asks for its columns.

    Raises NotFound, Corrupt, and SchemaError where the rows break a rule of that other Record.
    """
    dataset = dataset_of(project, ref)
    own = Schema.from_document(dataset.record)
    whole = Table(own, pa.concat_tables([arrow for _, arrow in _pieces(project, dataset, own)]))
    return whole if record is None else whole.of_record(record)


def parts(project: Project, ref: str, record: type[Record] | Schema | None = None) -> Iterator[Table]:
    """The same rows as `table`, as a stream of parts of bounded size."""
    dataset = dataset_of(project, ref)
    own = Schema.from_document(dataset.record)
    rules = own if record is None else record if isinstance(record, Schema) else schema(record)
    for start, arrow in _pieces(project, dataset, own):
        if rules is own:
            yield Table(own, arrow)
            continue
        known = [name for name in rules.names if name in own]
        found, faults = conformed(rules, arrow.select(known), start=start)
        if faults:
            refuse(rules, faults, len(found))
        yield Table(rules, found)


def dataset_of(project: Project, ref: str) -> Dataset:
    """The dataset that `flights@2` or `flights` names; raises NotFound naming what there is."""
    with project.ledger.read() as connection:
        return datasets.get(connection, ref)


def _pieces(project: Project, dataset: Dataset, own: Schema) -> Iterator[tuple[int, pa.Table]]:
    start = 0
    for chunk in dataset.manifest:
        yield start, decoded(own, project.blobs.get(chunk.hash), chunk.hash)
        start += chunk.rows
