"""Every reader gives the same verdict, the same values and the same prediction, whatever container the rows came in.

A new reader (ONNX, HTTP, CSV …) is one more line of `READERS`; what its container cannot carry is said in `carried`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import io
import json
import math
from collections.abc import Callable
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from bascule.contract.decode import Columns, Decoder
from bascule.contract.faults import Fault, refuse
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.records import schema as compiled
from bascule.contract.specs import json_schema
from bascule.contract.table import Table
from bascule.errors import SchemaError
from bascule.testing.declared import record_of
from bascule.testing.records import Rows, sound, tables, worth

MAX = int(__import__("os").environ.get("MAXE", "60"))
Values = list[Any]


# -- what containers cannot carry: such a value becomes "missing" before the rows are judged ---------------------------


def everything(field: Field, values: Values) -> Values:
    """Python's own objects."""
    return values


def as_json(field: Field, values: Values) -> Values:
    """JSON has null, booleans, finite numbers and texts; a moment is a text, so it is told from one by its field."""
    moments = field.kind in (Kind.TIME, Kind.DATE)

    def carried(value: Any) -> bool:
        match value:
            case None | bool() | int():
                return True
            case float():
                return math.isfinite(value) and type(value) is float
            case str():
                return type(value) is str and not (moments and value[:1].isdigit())
            case dt.date():
                return moments
        return False

    return [value if carried(value) else None for value in values]


def as_json_schema(field: Field, values: Values) -> Values:
    """JSON Schema orders no times, and knows neither zones nor that instants end with the year 9999 in UTC."""
    kept = as_json(field, values)
    if field.kind is Kind.DATE:
        return [value if not isinstance(value, dt.date) or field.admits(value) else None for value in kept]
    formed = [
        field.zone is not None or value.tzinfo is not None if isinstance(value, dt.datetime) else False
        for value in kept
    ]
    return [None if well and not sound(field, value) else value for well, value in zip(formed, kept, strict=True)]


def as_pandas(field: Field, values: Values) -> Values:
    """pandas says NaN, NaT and NA where a value is missing; a signalling NaN it cannot even look at."""
    signals = [isinstance(value, decimal.Decimal) and value.is_snan() for value in values]
    return [None if s or (np.ndim(v) == 0 and pd.isna(v)) else v for s, v in zip(signals, values, strict=True)]


def as_typed(field: Field, values: Values) -> Values:
    """A column of one type holds values of one type: here that of the first, and texts that UTF-8 can spell."""
    first = next((_type(value) for value in values if _type(value)), None)
    return [value if first is not None and _type(value) == first else None for value in values]


def as_typed_pandas(field: Field, values: Values) -> Values:
    return as_pandas(field, as_typed(field, values))


def as_numpy(field: Field, values: Values) -> Values:
    """An array of texts drops NULs from their ends."""
    return [None if isinstance(value, str) and value.endswith("\0") else value for value in as_typed(field, values)]


ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "float": pa.float64(),
    "str": pa.string(),
    "bytes": pa.binary(),
    "date": pa.date32(),
    "local": pa.timestamp("us"),
    "datetime": pa.timestamp("us", "UTC"),
}


def _type(value: Any) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo is None and not pd.isna(value):
        return "local"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return ""
    if isinstance(value, str) and value.encode(errors="replace").decode() != value:
        return ""
    return type(value).__name__ if type(value).__name__ in ARROW else ""


# -- containers --------------------------------------------------------------------------------------------------------


def columns(schema: Schema, rows: Rows) -> dict[str, Values]:
    return {name: [row.get(name) for row in rows] for name in schema.names}


def spelt(document: Any) -> bytes:
    return json.dumps(document, default=lambda moment: moment.isoformat()).encode()


def in_arrow(schema: Schema, rows: Rows) -> pa.Table:
    found = columns(schema, rows)
    return pa.table({name: pa.array(values, ARROW.get(_first(values), pa.null())) for name, values in found.items()})


def in_numpy(schema: Schema, rows: Rows) -> dict[str, Any]:
    def array(values: Values) -> Any:
        if None in values or _first(values) in ("", "datetime", "bytes"):
            return np.array([*values, None], object)[:-1]
        return np.array(values, "datetime64[us]" if _first(values) == "local" else None)

    return {name: array(values) for name, values in columns(schema, rows).items()}


def in_pandas(schema: Schema, rows: Rows) -> pd.DataFrame:
    dtypes = {"bool": "boolean", "int": "Int64", "float": "float64", "str": "str", "local": "datetime64[us]"}
    found = columns(schema, rows)
    return pd.DataFrame({name: pd.Series(v, dtype=dtypes.get(_first(v), "object")) for name, v in found.items()})


def in_polars(schema: Schema, rows: Rows) -> pl.DataFrame:
    table = in_arrow(schema, rows)
    return pl.DataFrame([pl.Series(name, table[name]) for name in schema.names])


def in_parquet(schema: Schema, rows: Rows) -> pa.Table:
    file = io.BytesIO()
    pq.write_table(in_arrow(schema, rows), file)
    return pq.read_table(file)


def _first(values: Values) -> str:
    return next((_type(value) for value in values if value is not None), "")


# -- readers -----------------------------------------------------------------------------------------------------------


def through(container: Callable[[Schema, Rows], Any]) -> Callable[[Schema, Rows], Columns]:
    return lambda schema, rows: Table.of(schema, container(schema, rows)).columns


def read_records(schema: Schema, rows: Rows) -> Columns:
    record = record_of(schema)
    made = [record(**{slot.attribute: row.get(slot.name) for slot in compiled(record)}) for row in rows]
    return Table.of(record, made).columns


def read_dataclasses(schema: Schema, rows: Rows) -> Columns:
    rules = compiled(record_of(schema))
    declared = dataclasses.make_dataclass("Declared", [field.attribute for field in rules])
    return Table.of(rules, [declared(*[row.get(field.name) for field in rules]) for row in rows]).columns


def read_json_schema(schema: Schema, rows: Rows) -> Columns:
    formats = jsonschema.FormatChecker(["date"])
    formats.checks("date-time", ValueError)(lambda text: not isinstance(text, str) or dt.datetime.fromisoformat(text))
    validator = jsonschema.Draft202012Validator(json_schema(schema), format_checker=formats)
    found = {}
    for number, row in enumerate(json.loads(spelt(rows))):
        for error in validator.iter_errors(row):
            missing = (
                [name for name in error.validator_value if name not in row] if error.validator == "required" else []
            )
            for name in missing or error.path:
                found[name, number] = Fault(name, error.validator, None, 1, ((number, None),))
    if found:
        refuse(schema, list(found.values()), len(rows))
    return Table.of(schema, rows).columns


@dataclasses.dataclass(frozen=True)
class Reader:
    name: str
    carried: Callable[[Field, Values], Values]
    read: Callable[[Schema, Rows], Columns]


READERS = [
    Reader("JSON rows", as_json, lambda schema, rows: Decoder(schema).rows(spelt(rows))),
    Reader("JSON columns", as_json, lambda schema, rows: Decoder(schema).columns(spelt(columns(schema, rows)))),
    Reader("JSON Schema", as_json_schema, read_json_schema),
    Reader("mappings", everything, through(lambda _, rows: rows)),
    Reader("lists by name", everything, through(columns)),
    Reader("records", everything, read_records),
    Reader("dataclasses", everything, read_dataclasses),
    Reader("NumPy", as_numpy, through(in_numpy)),
    Reader("Arrow", as_typed, through(in_arrow)),
    Reader("Parquet", as_typed, through(in_parquet)),
    Reader("polars", as_typed, through(in_polars)),
    Reader("pandas objects", as_pandas, through(lambda s, rows: pd.DataFrame(columns(s, rows), dtype=object))),
    Reader("pandas", as_typed_pandas, through(in_pandas)),
]
each_reader = pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])


def carried(reader: Reader, schema: Schema, rows: Rows) -> Rows:
    """The rows as the reader's container carries them."""
    found = {field.name: reader.carried(field, [row.get(field.name) for row in rows]) for field in schema}
    return [{name: found[name][number] for name in row} for number, row in enumerate(rows)]


def told(reader: Reader, schema: Schema, rows: Rows) -> tuple[set[tuple[str, int]], dict[str, Values] | None]:
    """The faulty (column, row) that a reader tells, or the values that it read."""
    try:
        found = reader.read(schema, rows)
    except SchemaError as error:
        faults = error.details["faults"]
        return {(part["column"], shown["row"]) for part in faults for shown in part["examples"]}, None
    values = {
        field.name: [repr(found[field.name].value(row, field.kind)) for row in range(len(rows))] for field in schema
    }
    return set(), values


@each_reader
@settings(max_examples=MAX, deadline=None)
@given(tables())
def test_every_reader_gives_the_same_verdict_and_the_same_values(reader: Reader, table: tuple[Schema, Rows]) -> None:
    schema, rows = table[0], carried(reader, *table)
    faulty = {
        (field.name, number)
        for number, row in enumerate(rows)
        for field in schema
        if not sound(field, row.get(field.name))
    }
    values = {field.name: [repr(worth(field, row.get(field.name))) for row in rows] for field in schema if not faulty}
    assert told(reader, schema, rows) == (faulty, None if faulty else values)
