"""Columns in Arrow: the type of each kind, and the way between an Arrow array and a Column.

Values pass where they lie in memory, by the layout of Arrow's columnar format 1.4. pyarrow's own ways into NumPy and
Python load pandas at the first call, where it is installed, and are slower for whatever may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.columns import DTYPES, Array, Column
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
_IN_MEMORY = DTYPES | {Kind.DATE: "int32"}


def column_of(field: Field, values: pa.ChunkedArray | pa.Array) -> Column:
    """A conformed Arrow column as arrays that nobody can change."""
    if field.kind is Kind.TEXT:
        return _texts(field, values)
    array = combined(values)
    stored, valid = memory(array, _IN_MEMORY[field.kind]), present(array)
    if valid is not None:
        stored = np.where(valid, stored, stored.dtype.type(0))
    stored = stored.astype(DTYPES[field.kind], copy=False)
    stored.setflags(write=False)  # else a model that works in place would change the Table for the next
    return Column(stored, valid)


def arrow_of(field: Field, column: Column) -> pa.Array:
    """The Arrow array of a checked column."""
    missing = None if column.valid is None else pa.py_buffer(np.packbits(column.valid, bitorder="little"))
    if field.kind is Kind.TEXT:
        codes = pa.Array.from_buffers(pa.int32(), len(column), [missing, pa.py_buffer(column.values)])
        return pa.DictionaryArray.from_arrays(codes, texts_of(column.texts)).cast(pa.string())
    if field.kind is Kind.BOOL:
        stored = np.packbits(column.values, bitorder="little")
    else:
        stored = np.ascontiguousarray(column.values, _IN_MEMORY[field.kind])
    return pa.Array.from_buffers(ARROW[field.kind], len(column), [missing, pa.py_buffer(stored)])


def combined(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The chunks of a column as one array."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def present(array: pa.Array) -> Array | None:
    """Which values are there; None where all are."""
    return _bits(array.buffers()[0], array) if array.null_count else None


def memory(array: pa.Array, dtype: str) -> Array:
    """The values of an array of booleans or numbers as they lie in memory; what lies under a null is anything."""
    buffer = array.buffers()[1]
    if not len(array):
        return np.zeros(0, dtype)
    if dtype == "bool":
        return _bits(buffer, array)
    return np.frombuffer(buffer, dtype, len(array), array.offset * np.dtype(dtype).itemsize)


def texts_of(texts: Iterable[Any]) -> pa.Array:
    """An Arrow array of texts."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype("int32")
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def _bits(buffer: Any, array: pa.Array) -> Array:
    first, last = array.offset // 8, (array.offset + len(array) + 7) // 8
    bits = np.unpackbits(np.frombuffer(buffer, "uint8", last - first, first), bitorder="little")
    return bits[array.offset - 8 * first :][: len(array)].view(bool)


def _texts(field: Field, values: pa.ChunkedArray | pa.Array) -> Column:
    if field.categories is not None:  # a look-up is faster than a dictionary; what is not found comes back as null
        coded = combined(pc.index_in(values, value_set=texts_of(field.categories)))
        if coded.null_count == values.null_count:
            return Column(*_codes(coded), field.categories)  # type: ignore[arg-type]
    # Encoded before they are combined, since the texts of all chunks together may exceed what one array holds.
    coded = combined(values.dictionary_encode())
    try:
        return Column(*_codes(coded.indices), tuple(coded.dictionary.to_pylist()))
    except UnicodeDecodeError as error:
        raise Unreadable(f"The column {field.name!r} holds bytes that are no UTF-8: {error}.") from error


def _codes(coded: pa.Array) -> tuple[Array, Array | None]:
    codes, valid = memory(coded, "int32"), present(coded)
    return (codes if valid is None else np.where(valid, codes, 0)), valid
