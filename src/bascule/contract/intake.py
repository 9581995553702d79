"""The border: whatever holds rows becomes Arrow columns of a Record, losing nothing, with every fault found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.arrow import ARROW, arrow_of, column_of, combined, memory, present
from bascule.contract.columns import Array, Column, from_values
from bascule.contract.faults import SHOWN, Fault, mistyped
from bascule.contract.fields import Field, Schema
from bascule.contract.gather import Values, gathered
from bascule.contract.kinds import INT64, WHOLE, Kind
from bascule.contract.rules import check
from bascule.contract.scalars import HALF
from bascule.contract.zones import instants

Extra = Literal["refuse", "ignore"]
Wrong = dict[str, Array]  # a rule of intake, "type" or "zone", and which values break it


def conformed(rules: Schema, data: Any, *, start: int = 0, extra: Extra = "refuse") -> tuple[pa.Table, list[Fault]]:
    """The columns of a Record in its order and types, and every rule broken; `start` numbers the first row.

    Raises Unreadable for what holds no rows, DataSize where columns are of different length.
    """
    given = gathered(rules, data)
    faults = given.strangers if extra == "refuse" else []
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    for field in rules:
        found = given.columns.get(field.name, [])
        if len(found) == 1:
            columns[field.name], _, wrong = taken(field, found[0], start)
            faults = [*faults, *wrong]
            continue
        columns[field.name] = pa.nulls(given.rows, ARROW[field.kind])
        if found:
            faults = [*faults, Fault(field.name, "once", None, given.rows)]
        elif not field.nullable:
            faults = [*faults, Fault(field.name, "missing", None, given.rows)]
    return pa.table(columns), faults


def taken(field: Field, given: Values, start: int = 0) -> tuple[pa.ChunkedArray | pa.Array, Column, list[Fault]]:
    """One column in the type of its field; what is no value of the type is made null and reported."""
    if not isinstance(given, list):
        given = _undressed(given)
        if pa.types.is_decimal(given.type) or pa.types.is_date64(given.type):
            given = list(map(_shown, given))  # Arrow rounds decimals and cuts days otherwise than Python
    if isinstance(given, list):
        column, faults = from_values(field, given, start)
        return arrow_of(field, column), column, [*faults, *check(field, column, start)]
    values, wrong = _cast(field, given)
    column, faults = column_of(field, values), []
    for rule, mask in wrong.items():
        rows = np.flatnonzero(mask)
        examples = [(start + int(row), _shown(given[int(row)])) for row in rows[:SHOWN]]
        faults.append(mistyped(field, rule, len(rows), examples))
        column = replace(column, wrong=mask if column.wrong is None else column.wrong | mask)
    return values, column, [*faults, *check(field, column, start)]


def _undressed(given: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray:
    """The values of a column that came as a dictionary or in runs, without empty chunks: pyarrow may stumble."""
    chunks = given.chunks if isinstance(given, pa.ChunkedArray) else [given]
    values = pa.chunked_array([chunk for chunk in chunks if len(chunk)], given.type)
    if pa.types.is_run_end_encoded(values.type):
        values = pc.run_end_decode(values)
    if pa.types.is_dictionary(values.type):
        inner = values.type.value_type
        if inner == pa.string_view():  # which Arrow cannot take from
            inner = pa.string()
        chunks = [chunk.dictionary.cast(inner).take(chunk.indices) for chunk in values.chunks]
        values = pa.chunked_array(chunks, inner)
    return values


def _cast(field: Field, values: pa.ChunkedArray) -> tuple[pa.ChunkedArray | pa.Array, Wrong]:
    """A column in the type of its field, and which of its values are none of that type: null in the column."""
    source, target = values.type, ARROW[field.kind]
    if source == target:
        return values, {}
    if pa.types.is_null(source):
        return values.cast(target), {}
    if not _AGREE[field.kind](source):
        return pa.nulls(len(values), target), _broken(type=memory(combined(values.is_valid()), "bool"))
    if field.kind is Kind.TIME:
        return _instants(field, values)
    if field.kind is Kind.INT and (pa.types.is_floating(source) or source == pa.uint64()):
        return _whole(field, values)
    return values.cast(target, safe=False), {}


def _whole(field: Field, values: pa.ChunkedArray) -> tuple[pa.Array, Wrong]:
    """Numbers that may have a fraction or be too large, as whole numbers where they are."""
    if values.type == pa.uint64():
        numbers, valid = _numbers(values, "uint64")
        sound = numbers <= INT64[1]
    else:
        numbers, valid = _numbers(values.cast(pa.float64()), "float64")
        sound = (np.rint(numbers) == numbers) & (numbers >= INT64[0]) & (numbers < -INT64[0])
    sound &= valid
    column = Column(np.where(sound, numbers, 0).astype("int64"), sound)
    return arrow_of(field, column), _broken(type=valid & ~sound)


def _instants(field: Field, values: pa.ChunkedArray) -> tuple[pa.Array, Wrong]:
    """Times of any unit as UTC microseconds; local ones by the zone of the field."""
    stored, valid = _numbers(values, "int64")
    if values.type.unit == "ns":
        stored = stored // 1_000 + (stored % 1_000 >= HALF)
    unit = {"s": 1_000_000, "ms": 1_000}.get(values.type.unit, 1)
    low, high = (bound // unit for bound in WHOLE[Kind.TIME])
    within = valid & (stored >= low) & (stored <= high)
    stored = np.where(within, stored, 0) * unit
    local = np.zeros(len(stored), bool)
    if values.type.tz is None and field.zone is None:
        local = within
    elif values.type.tz is None and field.zone is not None:
        stored, local = instants(stored, field.zone)
        local &= within
    return arrow_of(field, Column(stored, within & ~local)), _broken(type=valid & ~within, zone=local)


def _numbers(values: pa.ChunkedArray, dtype: str) -> tuple[Array, Array]:
    """The numbers of a column, and which of them are there."""
    array = combined(values)
    valid = present(array)
    return memory(array, dtype), np.ones(len(array), bool) if valid is None else valid


def _broken(**masks: Array) -> Wrong:
    return {rule: mask for rule, mask in masks.items() if mask.any()}


def _shown(value: Any) -> Any:
    """An Arrow scalar as Python's value; a moment beyond Python's calendar as its number."""
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        return getattr(value, "value", "(no UTF-8)")


def _numeric(source: pa.DataType) -> bool:
    return bool(pa.types.is_integer(source) or pa.types.is_floating(source))


def _textual(source: pa.DataType) -> bool:
    return bool(pa.types.is_string(source) or pa.types.is_large_string(source) or source == pa.string_view())


_AGREE: dict[Kind, Callable[[pa.DataType], bool]] = {
    Kind.BOOL: pa.types.is_boolean,
    Kind.INT: _numeric,
    Kind.FLOAT: _numeric,
    Kind.TEXT: _textual,
    Kind.TIME: pa.types.is_timestamp,
    Kind.DATE: pa.types.is_date,
}
