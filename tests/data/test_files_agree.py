"""Whatever the container, the same rows are read, with the same faults, and have the same hash."""

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

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.contract.table import Table
from bascule.data.identity import block_hash
from bascule.data.read import batches, open_source

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOL: st.booleans(),
    Kind.INT: st.integers(-(2**63), 2**63 - 1),
    Kind.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    Kind.TEXT: st.text(LETTERS, max_size=8),
    Kind.TIME: st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    Kind.DATE: st.dates(),
}
NAMES = st.text(LETTERS, min_size=1, max_size=6).filter(lambda name: name.strip() and name[0] not in "\ufeff<[{%")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A schema and sound rows; a nullable text is never empty."""
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    fields = [Field(name=name, kind=draw(st.sampled_from(Kind)), nullable=draw(st.booleans())) for name in names]
    rows = draw(st.integers(1, 20))
    columns = {}
    for field in fields:
        values = VALUES[field.kind]
        if field.nullable:
            values = st.none() | values.filter(lambda value: value != "")
        columns[field.name] = draw(st.lists(values, min_size=rows, max_size=rows))
    return Table.of(Schema("Row", "", tuple(fields)), columns)


def as_csv(table: Table, path: Path, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(table.schema.names)
        writer.writerows([list(map(spelt, row.values())) for row in table.rows()])


def spelt(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value


def as_parquet(table: Table, path: Path) -> None:
    pq.write_table(table.arrow, path, row_group_size=3)


def as_narrow_parquet(table: Table, path: Path) -> None:
    """Columns in another order, texts as dictionaries, times in another zone."""
    columns = {}
    for name, column in reversed(list(zip(table.arrow.column_names, table.arrow.columns, strict=True))):
        if pa.types.is_string(column.type):
            column = column.dictionary_encode()
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", "Asia/Tokyo"))
        columns[name] = column
    pq.write_table(pa.table(columns), path, use_dictionary=False, compression="gzip")


def as_stream(table: Table, path: Path) -> None:
    with pa.ipc.new_stream(str(path), table.arrow.schema) as writer:
        writer.write_table(table.arrow, max_chunksize=2)


WRITERS: list[tuple[str, Callable[[Table, Path], None]]] = [
    ("comma.csv", as_csv),
    ("tab.csv", lambda table, path: as_csv(table, path, "\t")),
    ("rows.parquet", as_parquet),
    ("narrow.parquet", as_narrow_parquet),
    ("rows.arrows", as_stream),
]


@pytest.mark.parametrize(("name", "write"), WRITERS, ids=[name for name, _ in WRITERS])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(table=tables())
def test_what_was_written_is_read(
    tmp_path: Path, name: str, write: Callable[[Table, Path], None], table: Table
) -> None:
    write(table, tmp_path / name)
    (part,) = batches(open_source(tmp_path / name), table.schema)
    assert not part.faults
    assert part.arrow.to_pylist() == table.rows()
    assert block_hash(table.schema, part.arrow) == block_hash(table.schema, table.arrow)
