"""The ONNX signature of a Record: one input of shape (rows, 1) a field, and the arrays that fill it.

Numbers travel as float32 (whole numbers are exact up to 2**24), texts as strings, times as int64 microseconds and dates
as int64 days since 1970. What is missing is NaN, an empty text (which a nullable text never is), or the least int64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.faults import SHOWN, fault, refuse
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import INT64, Kind

MISSING_MOMENT = INT64[0]


def onnx_type(field: Field) -> str:
    """The element type of the input, as ONNX spells it: float, string or int64."""
    if field.kind is Kind.TEXT:
        return "string"
    return "int64" if field.kind in (Kind.TIME, Kind.DATE) else "float"


def feed(schema: Schema, columns: Mapping[str, Column]) -> dict[str, Array]:
    """The inputs of a session for these columns, each of shape (rows, 1)."""
    return {field.name: tensor(field, columns[field.name]) for field in schema}


def tensor(field: Field, column: Column) -> Array:
    """One column as its input; raises SchemaError for numbers too large for float32.

    >>> tensor(Field(name="age", kind=Kind.INT), Column(np.array([3, 4]))).tolist()
    [[3.0], [4.0]]
    """
    if field.kind is Kind.TEXT:
        texts: Any = np.array([*column.texts, ""], object)
        codes = column.values if column.valid is None else np.where(column.valid, column.values, -1)
        return np.asarray(texts[codes])[:, None]
    if field.kind in (Kind.TIME, Kind.DATE):
        moments = column.values if column.valid is None else np.where(column.valid, column.values, MISSING_MOMENT)
        return moments[:, None]
    values = column.values if column.valid is None else np.where(column.valid, column.values, 0)
    try:
        with np.errstate(over="raise"):
            numbers = values.astype("float32")
    except FloatingPointError:
        _refuse_beyond(field, Column(values))
    if column.valid is not None:
        numbers[~column.valid] = np.nan
    return numbers[:, None]


def _refuse_beyond(field: Field, column: Column) -> NoReturn:
    limit = float(np.finfo("float32").max)
    rows = np.flatnonzero(abs(column.values) > limit)
    examples = [(row, column.value(row, field.kind)) for row in rows[:SHOWN].tolist()]
    refuse(Schema(field.name, "", (field,)), [fault(field, "float32", limit, len(rows), examples)], len(column))
