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
import zlib
from collections.abc import Callable
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings

from bascule.contract.arrow import arrow_of
from bascule.contract.contract import Contract
from bascule.contract.decode import Columns, Decoder
from bascule.contract.faults import Fault, refuse
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.kinds import WHOLE
from bascule.contract.model import Model
from bascule.contract.records import schema as compiled
from bascule.contract.specs import json_schema
from bascule.contract.table import Table
from bascule.errors import SchemaError
from bascule.testing.declared import record_of
from bascule.testing.records import Rows, sound, tables, worth

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
    """JSON Schema orders no times, and knows neither zones, nor the last instant of the year 9999, nor float64."""

    def carried(value: Any) -> bool:
        match value:
            case dt.datetime() if field.kind is Kind.TIME and (field.zone or value.tzinfo):
                return sound(field, value)
            case dt.date() if field.kind is Kind.DATE and not isinstance(value, dt.datetime):
                return sound(field, value)
            case int() if field.kind is Kind.FLOAT:
                return abs(value) <= WHOLE[Kind.FLOAT][1]
        return True

    return [value if carried(value) else None for value in as_json(field, values)]


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
    formats.checks("date-time")(lambda text: not isinstance(text, str) or _rfc3339(text))
    validator = jsonschema.Draft202012Validator(json_schema(schema), format_checker=formats)
    found = {}
    for number, row in enumerate(json.loads(spelt(rows))):
        for error in validator.iter_errors(row):
            rule = str(error.validator)
            at_row = {
                "required": [field.name for field in schema if not field.nullable and field.name not in row],
                "additionalProperties": [name for name in row if name not in schema],
            }
            for name in at_row.get(rule, error.path):
                found[name, number] = Fault(str(name), rule, None, 1, ((number, None),))
    if found:
        refuse(schema, list(found.values()), len(rows))
    return Table.of(schema, rows).columns


def _rfc3339(text: str) -> bool:
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


@dataclasses.dataclass(frozen=True)
class Reader:
    name: str
    carried: Callable[[Field, Values], Values]
    read: Callable[[Schema, Rows], Columns]

    def __str__(self) -> str:
        return self.name


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
each_reader = pytest.mark.parametrize("reader", READERS, ids=str)


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


def summary(read: Callable[[Schema, Rows], Columns], schema: Schema, rows: Rows) -> dict[tuple[str, str], Any]:
    """Every rule that a reader finds broken, with the number of rows and the first of them."""
    try:
        read(schema, rows)
    except SchemaError as error:
        faults = error.details["faults"]
        return {(f["column"], f["rule"]): (f["rows"], [shown["row"] for shown in f["examples"]]) for f in faults}
    return {}


class Fingerprint(Model[Any, Any]):
    """Answers a class that depends on every value of the row."""

    def fit(self, X: Table, y: Any) -> None:
        """Nothing to learn."""

    def predict(self, X: Table) -> list[str]:
        return ["abc"[zlib.crc32(repr(row).encode()) % 3] for row in X.rows()]


def predicted(columns: Columns, schema: Schema) -> list[str]:
    label = Field(name="\1the label", kind=Kind.TEXT, categories=("a", "b", "c"))
    contract = Contract(name="fingerprint", definition="", features=schema, label=label)
    table = Table(schema, pa.table({field.name: arrow_of(field, columns[field.name]) for field in schema}))
    return list(Fingerprint().under(contract).restored().predict(table))


@each_reader
@settings(max_examples=60)
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


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader.read is not read_json_schema], ids=str)
@settings(max_examples=30)
@given(tables(most=8))
def test_every_reader_counts_the_same_faults(reader: Reader, table: tuple[Schema, Rows]) -> None:
    schema, rows = table[0], carried(reader, *table)
    assert summary(reader.read, schema, rows) == summary(through(columns), schema, rows)


@each_reader
@settings(max_examples=30)
@given(tables(strange=False))
def test_every_reader_leads_to_the_same_predictions(reader: Reader, table: tuple[Schema, Rows]) -> None:
    schema, rows = table[0], carried(reader, *table)
    assume(all(sound(field, row.get(field.name)) for row in rows for field in schema))
    assert predicted(reader.read(schema, rows), schema) == predicted(Table.of(schema, rows).columns, schema)


@pytest.mark.parametrize(
    ("name", "rule"), [("mappings", "unknown"), ("JSON rows", "unknown"), ("JSON Schema", "additionalProperties")]
)
def test_readers_of_rows_tell_unknown_names(name: str, rule: str) -> None:
    schema = Schema("Row", "", (Field(name="a", kind=Kind.INT, nullable=True),))
    read = next(reader.read for reader in READERS if reader.name == name)
    with pytest.raises(SchemaError) as caught:
        read(schema, [{"a": 1}, {"b": 2}, {"a": 1, "b": 3}])
    assert {(fault["column"], fault["rule"]) for fault in caught.value.details["faults"]} == {("b", rule)}


@pytest.mark.parametrize("container", [columns, in_numpy, in_arrow, in_parquet, in_polars, in_pandas])
def test_readers_of_columns_tell_unknown_and_absent_names(container: Callable[[Schema, Rows], Any]) -> None:
    asked, given_ = (Schema("Row", "", (Field(name=name, kind=Kind.INT),)) for name in ("a", "b"))
    with pytest.raises(SchemaError) as caught:
        Table.of(asked, container(given_, [{"b": 1}, {"b": 2}]))
    found = {(fault["column"], fault["rule"], fault["rows"]) for fault in caught.value.details["faults"]}
    assert found == {("b", "unknown", 2), ("a", "missing", 2)}
