"""Whatever the file, the same rows are read, with the same faults, and have the same hash."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bascule.contract.arrow import ARROW
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.contract.table import Table
from bascule.data.identity import block_hash
from bascule.files.read import batches, open_source
from bascule.testing.records import Rows, schemas, sound, values_of, worth


@st.composite
def tables(draw: st.DrawFn) -> tuple[Schema, Rows]:
    """A schema that a header can name, and rows of its types: sound, out of range, missing, NaN, empty."""
    schema = draw(schemas().filter(lambda found: all(name.strip() for name in found.names)))
    count = draw(st.integers(1, 3))
    columns = {field.name: draw(st.lists(values(field), min_size=count, max_size=count)) for field in schema}
    return schema, [{name: columns[name][row] for name in schema.names} for row in range(count)]


def values(field: Field) -> st.SearchStrategy[Any]:
    """Sound values, missing ones, and others of the kind; no local times, which a column of instants cannot carry."""
    loose = values_of(Field(name="x", kind=field.kind))
    if field.kind is Kind.FLOAT:
        loose = loose | st.sampled_from([float("nan"), float("inf"), -0.0])
    found = values_of(field) | st.none() | loose
    return found.filter(lambda value: not isinstance(value, dt.datetime) or value.tzinfo is not None).filter(
        lambda value: not isinstance(value, str) or "\0" not in value  # text has none; a file with one is binary
    )


def as_csv(schema: Schema, rows: Rows, path: Path, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(schema.names)
        writer.writerows([["" if value is None else value for value in row.values()] for row in rows])


def in_arrow(schema: Schema, rows: Rows) -> pa.Table:
    return pa.table({field.name: pa.array([row[field.name] for row in rows], ARROW[field.kind]) for field in schema})


def as_parquet(schema: Schema, rows: Rows, path: Path) -> None:
    pq.write_table(in_arrow(schema, rows), path, row_group_size=2)


def as_other_parquet(schema: Schema, rows: Rows, path: Path) -> None:
    """Columns in another order, texts as dictionaries, times in another zone."""
    columns = {}
    for field in reversed(schema.fields):
        column = in_arrow(schema, rows)[field.name]
        if field.kind is Kind.TEXT:
            column = column.dictionary_encode()
        elif field.kind is Kind.TIME:
            column = column.cast(pa.timestamp("us", "Asia/Tokyo"))
        columns[field.name] = column
    pq.write_table(pa.table(columns), path, use_dictionary=False, compression="gzip")


def as_stream(schema: Schema, rows: Rows, path: Path) -> None:
    table = in_arrow(schema, rows)
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


WRITERS: dict[str, Callable[[Schema, Rows, Path], None]] = {
    "comma.csv": as_csv,
    "tab.csv": lambda schema, rows, path: as_csv(schema, rows, path, "\t"),
    "rows.parquet": as_parquet,
    "other.parquet": as_other_parquet,
    "rows.arrows": as_stream,
}


def meant(field: Field, value: Any, *, spelt: bool) -> Any:
    """What a file says: NaN is missing, and so is an empty text where one may be; CSV has no other way to say it."""
    if value == "" and field.nullable:
        return None
    if value is None and spelt and field.kind is Kind.TEXT and not field.nullable:
        return ""
    return None if value != value else value


@pytest.mark.parametrize("name", WRITERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(table=tables())
def test_every_file_gives_the_verdict_and_the_values_of_its_rows(
    tmp_path: Path, name: str, table: tuple[Schema, Rows]
) -> None:
    schema, written = table
    WRITERS[name](schema, written, tmp_path / name)
    spelt = name.endswith("csv")
    rows = [{field.name: meant(field, row[field.name], spelt=spelt) for field in schema} for row in written]
    (part,) = batches(open_source(tmp_path / name), schema)
    faulty = {(f.name, row) for f in schema for row in range(len(rows)) if not sound(f, rows[row][f.name])}
    assert {(fault.column, row) for fault in part.faults for row, _ in fault.examples} == faulty
    if not faulty:
        expected = [{field.name: worth(field, row[field.name]) for field in schema} for row in rows]
        assert part.arrow.to_pylist() == expected
        assert block_hash(schema, part.arrow) == block_hash(schema, Table.of(schema, rows).arrow)
