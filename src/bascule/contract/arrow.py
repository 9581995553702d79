"""Columns in Arrow: the type of each kind, and the way between an Arrow array and a Column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bascule.contract.columns import DTYPES, Column
from bascule.contract.fields import Field, Kind

ARROW: dict[Kind, pa.DataType] = {
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.timestamp("us", "UTC"),
    Kind.DATE: pa.date32(),
}


def column_of(field: Field, values: pa.ChunkedArray | pa.Array) -> Column:
    """A conformed Arrow column as arrays; nothing is copied where nothing is missing."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    valid = np.asarray(array.is_valid()) if array.null_count else None
    if field.kind is Kind.TEXT:
        coded = array.dictionary_encode()
        codes = np.asarray(coded.indices.fill_null(0) if valid is not None else coded.indices)
        return Column(codes, valid, tuple(coded.dictionary.to_pylist()))
    if field.kind in (Kind.TIME, Kind.DATE):
        array = array.view(pa.int64() if field.kind is Kind.TIME else pa.int32())
    stored = array if valid is None else array.fill_null(False if field.kind is Kind.BOOL else 0)
    return Column(np.asarray(stored).astype(DTYPES[field.kind], copy=False), valid)


def arrow_of(field: Field, column: Column) -> pa.Array:
    """The Arrow array of a checked column."""
    mask = None if column.valid is None else ~column.valid
    if field.kind is Kind.TEXT:
        return pa.DictionaryArray.from_arrays(
            pa.array(column.values, mask=mask), pa.array(column.texts, pa.string())
        ).cast(pa.string())
    stored = pa.array(column.values.astype("int32") if field.kind is Kind.DATE else column.values, mask=mask)
    return stored.view(ARROW[field.kind]) if field.kind in (Kind.TIME, Kind.DATE) else stored
