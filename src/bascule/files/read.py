"""Reads a source under a schema: parts of bounded size, each with every rule that its rows break.

Whatever the container, in a column that may be missing an empty text says so, and NaN is no number but a missing one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.arrow import ARROW
from bascule.contract.faults import Fault
from bascule.contract.fields import Field, Schema
from bascule.contract.intake import taken
from bascule.contract.kinds import Kind
from bascule.errors import Unreadable
from bascule.files.columnar import held, ipc, parquet
from bascule.files.delimited import delimited
from bascule.files.infer import absent, inferred
from bascule.files.source import BLOCK, SAMPLE, Source, look, regrouped
from bascule.files.texts import values

KNOWN = "Known are Parquet, CSV (separated by comma, semicolon, tab or bar) and Arrow IPC."
_CLAIMS = {"parquet": "Parquet", "pq": "Parquet", "arrow": "Arrow", "feather": "Arrow", "ipc": "Arrow"}


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive rows under a schema: its columns, what is wrong with them, and the number of the first row."""

    start: int
    arrow: pa.Table
    faults: list[Fault]


def open_source(given: Any) -> Source:
    """The rows in a file, or in an object with the Arrow PyCapsule interface (a Table, pandas, polars, pyarrow …).

    A file is told by its content. Raises Unreadable, saying what it looks like, where it is nothing that is read here.
    """
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        sample = _beginning(path)
        looks = look(sample)
        claim = _CLAIMS.get(path.suffix.lower().removeprefix("."))
        if looks == "Parquet":
            return parquet(path)
        if looks in ("Arrow file", "Arrow stream"):
            return ipc(path, stream=looks == "Arrow stream")
        if looks == "text" and claim is None:
            return delimited(path, sample)
        raise Unreadable(f"{path} looks like {looks}{f', not like {claim}' if claim else ''}.", next_step=KNOWN)
    if hasattr(given, "__arrow_c_stream__"):
        return held(pa.table(given))
    raise Unreadable(
        f"{type(given).__name__} is no file and holds no Arrow data.", next_step="Give a path, a Table or a data frame."
    )


def batches(source: Source, schema: Schema | None = None, rows: int = BLOCK) -> Iterator[Part]:
    """The source in parts of `rows` rows (the last may be shorter) under a schema, or under the one it suggests.

    Columns that the schema does not name are left out; one that the source lacks is missing in every row. A source
    without rows gives no parts. Broken rules are told by the parts, not raised. Raises Unreadable.
    """
    rules = Schema("Rows", "", inferred(source, source.names)) if schema is None else schema
    known = [name for name in source.names if name in rules]
    start = 0
    for table in regrouped(source.tables(known or source.names[:1]), rows):
        yield _part(rules, table, start, spelt=source.spelt)
        start += table.num_rows


def _part(rules: Schema, table: pa.Table, start: int, *, spelt: bool) -> Part:
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    faults: list[Fault] = []
    for field in rules:
        if field.name in table.column_names:
            column = table[field.name]
            given = values(field.kind, column) if spelt else column
            columns[field.name], _, found = taken(
                field, given if isinstance(given, list) else _told(field, given), start
            )
            faults += found
            continue
        columns[field.name] = pa.nulls(table.num_rows, ARROW[field.kind])
        if not field.nullable:
            faults.append(Fault(field.name, "missing", None, table.num_rows))
    return Part(start, pa.table(columns), faults)


def _told(field: Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with what says "missing" made null."""
    if field.kind is Kind.TEXT and not field.nullable:
        return column
    mask = absent(column)
    return column if mask is None else pc.if_else(mask, pa.scalar(None, column.type), column)


def _beginning(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise Unreadable(f"{path} is {'a folder' if path.is_dir() else 'no regular file'}.", next_step=KNOWN)
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
    except FileNotFoundError:
        raise Unreadable(f"There is no file {path}.", next_step="Check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise Unreadable(f"{path} cannot be opened: {error}.") from error
    if not sample:
        raise Unreadable(f"{path} is empty: it has no bytes.", next_step="Check that the file was written to its end.")
    return sample
