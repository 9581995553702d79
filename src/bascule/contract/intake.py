"""The border: whatever holds rows becomes Arrow columns of a Record, losing nothing, with every fault found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.arrow import ARROW, arrow_of, column_of
from bascule.contract.columns import CALENDAR, Array, from_values
from bascule.contract.faults import SHOWN, Fault, mistyped, refuse
from bascule.contract.fields import INT64, Field, Kind, Schema
from bascule.contract.rules import check
from bascule.errors import DataSize, Unreadable

Extra = Literal["refuse", "ignore"]


def gathered(rules: Schema, data: Any) -> pa.Table:
    """Whatever holds rows as an Arrow table, unchecked but for what Arrow cannot hold, which raises SchemaError."""
    if hasattr(data, "__arrow_c_stream__"):
        return pa.table(data)
    if hasattr(data, "__arrow_c_array__"):
        return pa.table(pa.record_batch(data))
    if isinstance(data, Mapping):
        return _from_columns(rules, {name: list(values) for name, values in data.items()})
    if isinstance(data, str | bytes) or not isinstance(data, Iterable):
        raise Unreadable(
            f"{type(data).__name__} holds no rows.",
            next_step="Give a Table, a data frame, columns by name, or records, dataclasses or mappings.",
        )
    return _from_columns(rules, _columns_of_rows(rules, list(data)))


def conformed(
    rules: Schema, arrow: pa.Table, *, start: int = 0, extra: Extra = "refuse"
) -> tuple[pa.Table, list[Fault]]:
    """The columns of a Record in its order and types, and every rule broken; `start` numbers the first row."""
    rows = arrow.num_rows
    named = [name for name in arrow.column_names if not name.startswith("__index_level_")]
    faults = [Fault(name, "once", None, rows) for name in sorted(set(named)) if named.count(name) > 1]
    if extra == "refuse":
        faults += [Fault(name, "unknown", None, rows) for name in named if name not in rules]
    taken: dict[str, pa.ChunkedArray] = {}
    for field in rules:
        if named.count(field.name) == 1:
            taken[field.name], found = _conformed(field, arrow[field.name], start)
            faults += found
        else:
            taken[field.name] = pa.nulls(rows, ARROW[field.kind])
            if not field.nullable and field.name not in named:
                faults.append(Fault(field.name, "missing", None, rows))
    return pa.table(taken), faults


def _conformed(field: Field, given: pa.ChunkedArray, start: int) -> tuple[pa.ChunkedArray, list[Fault]]:
    """One column in the type of its field; what is no value of the type is made null and reported."""
    values, wrong, rule = _cast(field, given)
    rows = np.flatnonzero(wrong) if wrong is not None else ()
    if not len(rows):
        column = column_of(field, values.cast(ARROW[field.kind]))
        return values.cast(ARROW[field.kind]), check(field, column, start)
    examples = [(start + int(row), given[int(row)].as_py()) for row in rows[:SHOWN]]
    target = ARROW[field.kind]
    if len(rows) == len(given) - given.null_count:
        sound = pa.chunked_array([pa.nulls(len(given), target)])
    else:
        sound = pc.if_else(pa.array(wrong), pa.scalar(None, values.type), values).cast(target)
    column = dataclasses.replace(column_of(field, sound), wrong=wrong)
    return sound, [mistyped(field, rule, len(rows), examples), *check(field, column, start)]


def _cast(field: Field, values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Array | None, str]:
    """A column on its way to the type of its field, which values are none of that type, and the rule they break."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    source = values.type
    if source == ARROW[field.kind]:
        return values, None, ""
    if pa.types.is_null(source):
        return values, None, ""
    if not _AGREE[field.kind](source):
        return values, np.asarray(values.is_valid()), "type"
    if field.kind is Kind.TIME:
        return _instants(field, values)
    if field.kind is Kind.INT and pa.types.is_floating(source):
        exact = pc.and_(pc.equal(pc.round(values), values), pc.less(pc.abs(values), 2.0**63))
        return values, np.asarray(pc.invert(pc.fill_null(exact, True))), "type"
    if field.kind is Kind.INT and source == pa.uint64():
        return values, np.asarray(pc.fill_null(pc.greater(values, INT64[1]), False)), "type"
    if field.kind is Kind.FLOAT:
        return values.cast(pa.float64(), safe=False), None, ""
    return values, None, ""


def _instants(field: Field, values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Array | None, str]:
    if values.type.unit in ("s", "ms"):
        low, high = (bound // (1_000_000 if values.type.unit == "s" else 1_000) for bound in CALENDAR[Kind.TIME])
        stored = values.cast(pa.int64())
        outside = np.asarray(pc.fill_null(pc.or_(pc.less(stored, low), pc.greater(stored, high)), False))
        if outside.any():
            return values, outside, "type"
    if values.type.tz is not None:
        return values.cast(ARROW[Kind.TIME], safe=False), None, ""
    if field.zone is None:
        return values, np.asarray(values.is_valid()), "zone"
    local = values.cast(pa.timestamp("us"), safe=False)
    first, last = (
        pc.assume_timezone(local, field.zone, ambiguous=end, nonexistent=end) for end in ("earliest", "latest")
    )
    return first, np.asarray(pc.fill_null(pc.not_equal(first, last), False)), "zone"


def _numeric(source: pa.DataType) -> bool:
    return bool(pa.types.is_integer(source) or pa.types.is_floating(source) or pa.types.is_decimal(source))


def _textual(source: pa.DataType) -> bool:
    return bool(pa.types.is_string(source) or pa.types.is_large_string(source) or source == pa.string_view())


_AGREE: dict[Kind, Callable[[pa.DataType], bool]] = {
    Kind.BOOL: pa.types.is_boolean,
    Kind.INT: lambda source: pa.types.is_integer(source) or pa.types.is_floating(source),
    Kind.FLOAT: _numeric,
    Kind.TEXT: _textual,
    Kind.TIME: pa.types.is_timestamp,
    Kind.DATE: pa.types.is_date,
}


def _columns_of_rows(rules: Schema, rows: list[Any]) -> dict[str, list[Any]]:
    names = rules.names
    strangers: dict[str, None] = {}
    taken: list[Mapping[str, Any]] = []
    for number, row in enumerate(rows):
        if isinstance(row, Mapping):
            taken.append(row)
            strangers.update(dict.fromkeys(key for key in row if key not in rules))
        elif isinstance(row, msgspec.Struct) or dataclasses.is_dataclass(row):
            taken.append({field.name: getattr(row, field.attribute, None) for field in rules})
        else:
            raise Unreadable(
                f"Row {number} is {type(row).__name__}, not a record, a dataclass or a mapping.",
            )
    return {name: [row.get(name) for row in taken] for name in (*names, *strangers)}


def _from_columns(rules: Schema, columns: dict[str, list[Any]]) -> pa.Table:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataSize(f"Columns are of different length: {lengths}.", next_step="Give every column one value a row.")
    rows = next(iter(lengths.values()), 0)
    arrays: dict[str, pa.Array] = {}
    faults: list[Fault] = []
    for name, values in columns.items():
        if name not in rules:
            arrays[name] = pa.nulls(rows)
            continue
        field = rules[name]
        column, wrong = from_values(field, values)
        faults += [*wrong, *(check(field, column) if wrong else ())]
        arrays[name] = arrow_of(field, column)
    if faults:
        refuse(rules, faults, rows)
    return pa.table(arrays)
