"""Whatever holds rows, as columns by name, nothing checked and nothing changed yet."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from bascule.contract.faults import Fault
from bascule.contract.fields import Schema
from bascule.contract.rows import turned
from bascule.errors import DataSize, Unreadable

# One column as it came: in Arrow where its type is known, otherwise Python values (None: missing).
Values: TypeAlias = pa.ChunkedArray | pa.Array | list[Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The columns by name (a name may have come twice), the number of rows, and the names that nobody knows."""

    rows: int
    columns: dict[str, list[Values]]
    strangers: list[Fault]


def gathered(schema: Schema, data: Any) -> Gathered:
    """The columns of an object with the Arrow PyCapsule interface, of columns by name, or of rows.

    Raises Unreadable for what holds no rows, DataSize where columns are of different length.
    """
    if _of_pandas(data) or isinstance(data, Mapping):
        columns = [(str(name), listed(values, f"The column {str(name)!r}")) for name, values in data.items()]
        lengths = {name: len(values) for name, values in columns}
        if len(set(lengths.values())) > 1:
            raise DataSize(
                f"Columns are of different length: {lengths}.", next_step="Give every column one value a row."
            )
        return _by_name(schema, next(iter(lengths.values()), 0), columns)
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        table = _table(data)
        return _by_name(schema, table.num_rows, list(zip(table.column_names, table.columns, strict=True)))
    rows = listed(data, "The data")
    found, strangers = turned(schema, rows if isinstance(rows, list) else rows.to_pylist())
    return Gathered(len(rows), {name: [values] for name, values in found.items()}, strangers)


def listed(values: Any, what: str) -> Values:
    """One column's values: in Arrow where they are an array of known type, one by one where they are Python objects.

    A table of one column counts as that column. pandas says NaN where a value is missing; elsewhere NaN is NaN.
    Raises Unreadable, naming `what`, for a single value.
    """
    if _of_pandas(values) and values.shape[1] == 1:
        values = values.iloc[:, 0]
    try:
        if isinstance(values, np.ndarray):
            if values.ndim == 1 and values.dtype.kind in "biufM":  # Arrow would cut texts at a NUL
                return pa.array(values)
        elif hasattr(values, "__arrow_c_stream__") and getattr(values, "dtype", None) != np.dtype(object):
            return _column(pa.chunked_array(values))
        elif hasattr(values, "__arrow_c_array__"):
            return pa.array(values)
    except (pa.ArrowException, ValueError, TypeError):
        pass  # no type of Arrow holds them: their faults are told one by one
    single = isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable)
    if single or _of_pandas(values) or getattr(values, "ndim", 1) == 0:
        raise Unreadable(f"{what} is {type(values).__name__}, which holds no rows.", next_step=_GIVE)
    if hasattr(values, "isna"):
        return [None if gone else value for value, gone in zip(values, values.isna(), strict=True)]
    return list(values)


def _of_pandas(data: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def _column(given: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_struct(given.type) or given.type.num_fields != 1:
        return given
    return pa.chunked_array([chunk.flatten()[0] for chunk in given.chunks], given.type.field(0).type)


def _table(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    try:
        return pa.table(data) if hasattr(data, "__arrow_c_stream__") else pa.table(pa.record_batch(data))
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise Unreadable(f"{type(data).__name__} gives no table: {error}", next_step=_GIVE) from error


def _by_name(schema: Schema, rows: int, named: list[tuple[str, Values]]) -> Gathered:
    columns: dict[str, list[Values]] = {}
    for name, values in named:
        if name in schema or not name.startswith("__index_level_"):  # pandas' own, in files that it wrote
            columns.setdefault(name, []).append(values)
    return Gathered(rows, columns, [Fault(name, "unknown", None, rows) for name in columns if name not in schema])


_GIVE = "Give a Table, a data frame, columns by name, or a list of records, dataclasses or mappings."
