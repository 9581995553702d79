"""Columns in Arrow: the type of each kind, and the way between an Arrow array and a Column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bascule.contract.columns import DTYPES, Column
from bascule.contract.fields import Field
from bascule.contract.kinds import Kind
from bascule.errors import Unreadable

ARROW: dict[Kind, pa.DataType] = {
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.timestamp("us", "UTC"),
    Kind.DATE: pa.date32(),
}


def column_of(field: Field, values: pa.ChunkedArray | pa.Array) -> Column:
    """A conformed Arrow column as arrays that nobody can change; nothing is copied where nothing is missing."""
    if field.kind is Kind.TEXT:
        return _texts(field, values)
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    valid = np.asarray(array.is_valid()) if array.null_count else None
    if field.kind in (Kind.TIME, Kind.DATE):
        array = array.view(pa.int64() if field.kind is Kind.TIME else pa.int32())
    stored = array if valid is None else array.fill_null(False if field.kind is Kind.BOOL else 0)
    numbers = np.asarray(stored).astype(DTYPES[field.kind], copy=False)
    numbers.setflags(write=False)  # else a model that works in place would change the Table for the next
    return Column(numbers, valid)


def _texts(field: Field, values: pa.ChunkedArray | pa.Array) -> Column:
    # Encoded before they are combined, since the texts of all chunks together may exceed what one array holds.
    coded = values.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    valid = np.asarray(coded.is_valid()) if coded.null_count else None
    codes = np.asarray(coded.indices if valid is None else coded.indices.fill_null(0))
    codes.setflags(write=False)
    try:
        return Column(codes, valid, tuple(coded.dictionary.to_pylist()))
    except UnicodeDecodeError as error:
        raise Unreadable(f"The column {field.name!r} holds bytes that are no UTF-8: {error}.") from error


def arrow_of(field: Field, column: Column) -> pa.Array:
    """The Arrow array of a checked column."""
    mask = None if column.valid is None else ~column.valid
    if field.kind is Kind.TEXT:
        return pa.DictionaryArray.from_arrays(
            pa.array(column.values, mask=mask), pa.array(column.texts, pa.string())
        ).cast(pa.string())
    stored = pa.array(column.values.astype("int32") if field.kind is Kind.DATE else column.values, mask=mask)
    return stored.view(ARROW[field.kind]) if field.kind in (Kind.TIME, Kind.DATE) else stored
