"""Sources whose columns have types: Parquet, Arrow IPC, and Arrow data in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bascule.errors import Unreadable
from bascule.files.source import BLOCK, INDEX


@dataclass(frozen=True, slots=True)
class Columnar:
    """Typed columns; `read` gives some of them as record batches."""

    origin: str
    names: tuple[str, ...]
    read: Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
    spelt: bool = False

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns in the types they have, see `Source.tables`."""
        start = 0
        with _named(self.origin):
            for batch in self.read(columns):
                table = pa.table({name: _plain(batch.column(name)) for name in columns})
                _refuse_no_text(self.origin, table, start)
                start += table.num_rows
                yield table


def parquet(path: Path) -> Columnar:
    """A Parquet file. Raises Unreadable where it is cut short or damaged."""
    with _named(str(path)), pq.ParquetFile(path) as file:
        names = _names(str(path), file.schema_arrow)

    def read(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        # Pages are read as they are needed: a file may be one row group of any size.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            yield from file.iter_batches(BLOCK, columns=list(columns), use_threads=True)

    return Columnar(str(path), names, read)


def ipc(path: Path, *, stream: bool) -> Columnar:
    """An Arrow IPC file or stream. Raises Unreadable where it is cut short or damaged."""

    @contextmanager
    def batches() -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        with pa.OSFile(str(path)) as file:
            if stream:
                with pa.ipc.open_stream(file) as reader:
                    yield reader.schema, iter(reader)
            else:
                with pa.ipc.open_file(file) as reader:
                    yield reader.schema, (reader.get_batch(place) for place in range(reader.num_record_batches))

    with _named(str(path)), batches() as (schema, _):
        names = _names(str(path), schema)

    def read(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with batches() as (_, found):
            yield from (batch.select(list(columns)) for batch in found)

    return Columnar(str(path), names, read)


def held(table: pa.Table) -> Columnar:
    """Arrow data in memory."""

    def read(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield from table.select(list(columns)).to_batches(BLOCK)

    return Columnar("a table in memory", _names("The table", table.schema), read)


def _names(origin: str, schema: pa.Schema) -> tuple[str, ...]:
    framed = b"pandas" in (schema.metadata or {})
    names = [name for name in schema.names if not (framed and name.startswith(INDEX))]
    for name, count in Counter(names).items():
        if count > 1 or not name:
            said = f"{count} columns are called {name!r}" if count > 1 else "a column has no name"
            raise Unreadable(f"{origin}: {said}.", next_step="Give every column a name of its own.")
    if not names:
        raise Unreadable(f"{origin} has no columns.")
    return tuple(names)


def _plain(column: pa.Array) -> pa.Array:
    """Texts as Arrow computes on them: many of its functions take no views."""
    return column.cast(pa.string()) if column.type == pa.string_view() else column


def _refuse_no_text(origin: str, table: pa.Table, start: int) -> None:
    """Writers may store any bytes as text; who reads them later would break."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if kind in (pa.string(), pa.large_string()):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid as error:
                raise Unreadable(
                    f"{origin}: column {name!r} holds bytes that are no UTF-8, from row {start} on: {error}.",
                    next_step="Write the column in UTF-8.",
                ) from error


@contextmanager
def _named(origin: str) -> Iterator[Any]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(
            f"{origin} is damaged or cut short: {str(error).rstrip('.')}.",
            next_step="Check that the file was written to its end.",
        ) from error
