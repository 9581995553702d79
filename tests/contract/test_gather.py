"""Whatever holds rows: frames, columns by name, records, dataclasses, mappings, and what holds none."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from collections.abc import Iterator
from types import MappingProxyType
from typing import Annotated, Any

import annotated_types as at
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.records import Name, Record, schema
from bascule.contract.table import Table
from bascule.errors import DataSize, SchemaError, Unreadable


class Leg(Record):
    miles: Annotated[float, at.Ge(0)]
    carrier: Annotated[str | None, Name("the carrier")]


@dataclasses.dataclass
class Flown:
    miles: float
    carrier: str | None


class Colour(enum.Enum):
    RED = "red"


ROWS = [{"miles": 1.0, "the carrier": "AA"}, {"miles": 2.0, "the carrier": None}]
COLUMNS = {"miles": [1.0, 2.0], "the carrier": ["AA", None]}


class Streamed:
    """Anything with the PyCapsule interface, and nothing else."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


CONTAINERS: dict[str, Any] = {
    "table": Table.of(Leg, ROWS),
    "mappings": ROWS,
    "read-only mappings": [MappingProxyType(row) for row in ROWS],
    "records": [Leg(miles=1.0, carrier="AA"), Leg(miles=2.0, carrier=None)],
    "dataclasses": (Flown(1.0, "AA"), Flown(2.0, None)),
    "a mixture": [ROWS[0], Flown(2.0, None)],
    "lists": COLUMNS,
    "arrays": {"miles": np.array([1.0, 2.0]), "the carrier": np.array(["AA", None], object)},
    "arrow arrays": {"miles": pa.array([1, 2]), "the carrier": pa.chunked_array([["AA"], [None]])},
    "series": {"miles": pd.Series([1, 2]), "the carrier": pl.Series(["AA", None])},
    "arrow": pa.table(COLUMNS),
    "batch": pa.record_batch(COLUMNS),
    "reader": pa.table(COLUMNS).to_reader,
    "stream": Streamed(),
    "pandas": pd.DataFrame(COLUMNS),
    "pandas, indexed": pd.DataFrame(COLUMNS, index=["x", "y"]),
    "pandas, categorical": pd.DataFrame(COLUMNS).astype({"the carrier": "category"}),
    "pandas, nullable": pd.DataFrame(COLUMNS).convert_dtypes(),
    "pandas, arrow": pd.DataFrame(COLUMNS).convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.DataFrame(COLUMNS),
    "polars, categorical": pl.DataFrame(COLUMNS, schema_overrides={"the carrier": pl.Categorical}),
    "polars, enumerated": pl.DataFrame(COLUMNS, schema_overrides={"the carrier": pl.Enum(["AA", "UA"])}),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_same_rows_are_the_same_table_whatever_holds_them(name: str) -> None:
    data = CONTAINERS[name]() if name == "reader" else CONTAINERS[name]
    assert Table.of(Leg, data).rows() == ROWS


def test_a_generator_of_rows_is_read_once() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from ROWS

    assert Table.of(Leg, rows()).rows() == ROWS


@pytest.mark.parametrize("nothing", [[], (), {"miles": [], "the carrier": []}, {"miles": np.array([])}])
def test_no_rows_are_a_table_without_rows(nothing: Any) -> None:
    assert len(Table.of(Leg, nothing)) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("miles", "The data is str"),
        (b"miles", "The data is bytes"),
        (3, "The data is int"),
        (None, "The data is NoneType"),
        (Leg(miles=1.0, carrier=None), "The data is Leg"),
        (Flown(1.0, None), "The data is Flown"),
        (np.array(3), "The data is ndarray"),
        ([1], "Row 0 is int"),
        ([ROWS[0], "x"], "Row 1 is str"),
        ([Flown], "Row 0 is type"),
        (np.zeros((2, 2)), "Row 0 is ndarray"),
        (np.zeros(2), "Row 0 is float"),
        ({"miles": 1.0, "the carrier": "AA"}, "The column 'miles' is float"),
        ({"miles": [1.0], "the carrier": "AA"}, "The column 'the carrier' is str"),
        ({"miles": {"a": 1}}, "The column 'miles' is dict"),
        ({"miles": np.array(3.0)}, "The column 'miles' is ndarray"),
        (pd.Series([1.0], name="miles"), "Series gives no table"),
        (pl.Series("miles", [1.0]), "Series gives no table"),
        (pa.array([1.0]), "DoubleArray gives no table"),
    ],
)
def test_what_holds_no_rows_is_unreadable(data: Any, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        Table.of(Leg, data)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(DataSize, match=r"\{'miles': 2, 'the carrier': 1\}"):
        Table.of(Leg, {"miles": [1, 2], "the carrier": ["AA"]})


def faults(data: Any, of: Any = Leg) -> list[tuple[str, str, int]]:
    with pytest.raises(SchemaError) as caught:
        Table.of(of, data)
    return [(fault["column"], fault["rule"], fault["rows"]) for fault in caught.value.details["faults"]]


@pytest.mark.parametrize(
    "data",
    [
        [{"miles": 1, "zip": 3}, {"miles": 2}],
        [dataclasses.make_dataclass("Zipped", ["miles", "zip"])(1, 3)],
    ],
    ids=["mapping", "dataclass"],
)
def test_a_name_that_the_record_does_not_know_is_refused_in_every_kind_of_row(data: Any) -> None:
    assert faults(data) == [("zip", "unknown", 1)]
    assert Table.of(Leg, data, extra="ignore").schema == schema(Leg)


def test_a_record_that_says_more_is_refused_unless_more_is_ignored() -> None:
    class Landed(Leg):
        delay: int

    assert faults([Landed(miles=1.0, carrier=None, delay=3)]) == [("delay", "unknown", 1)]
    assert Table.of(Leg, Table.of(Landed, [Landed(miles=1.0, carrier=None, delay=3)]), extra="ignore").rows()


def test_keys_that_are_no_texts_are_unknown_names() -> None:
    assert faults([{1: 2, "miles": 3}]) == [("1", "unknown", 1)]
    assert faults({1: [2], "miles": [3]}) == [("1", "unknown", 1)]


def test_every_fault_of_every_row_is_told_at_once() -> None:
    data = [{"miles": -1, "the carrier": 3}, {"the carrier": ""}, {"miles": "far", "x": 1}]
    assert faults(data) == [
        *(("x", "unknown", 1), ("miles", "type", 1), ("miles", "missing", 1), ("miles", "ge", 1)),
        *(("the carrier", "type", 1), ("the carrier", "min_length", 1)),
    ]


def test_a_pandas_column_of_mixed_types_has_the_faults_of_its_values() -> None:
    frame = pd.DataFrame({"miles": [1.0, "far", True, None], "the carrier": ["AA", np.nan, pd.NA, 3]}, dtype=object)
    assert faults(frame) == [("miles", "type", 2), ("miles", "missing", 1), ("the carrier", "type", 1)]


def test_nan_is_missing_in_pandas_and_a_fault_elsewhere() -> None:
    assert faults(pd.DataFrame({"miles": [float("nan")]})) == [("miles", "missing", 1)]
    assert faults(pd.DataFrame({"miles": [float("nan")]}, dtype=object)) == [("miles", "missing", 1)]
    for data in ([{"miles": float("nan")}], {"miles": np.array([np.nan])}, pl.DataFrame({"miles": [float("nan")]})):
        assert faults(data) == [("miles", "finite", 1)]


@pytest.mark.parametrize(
    "series",
    [pd.period_range("2020", periods=1, freq="D").to_series(), pd.Series([1j]), pd.Series([pd.Interval(0, 1)])],
    ids=["period", "complex", "interval"],
)
def test_pandas_types_that_no_kind_knows_are_faults_of_their_rows(series: Any) -> None:
    assert faults(pd.DataFrame({"miles": list(series)}).set_axis(["miles"], axis=1)) == [("miles", "type", 1)]


def test_a_column_given_twice_is_refused() -> None:
    twice = pd.DataFrame([[1.0, 2.0]], columns=["miles", "miles"])
    assert faults(twice) == [("miles", "once", 1)]


@pytest.mark.parametrize(
    ("value", "kind", "worth"),
    [
        (np.float32(0.5), Kind.FLOAT, 0.5),
        (np.int8(3), Kind.FLOAT, 3.0),
        (np.uint64(3), Kind.INT, 3),
        (np.bool_(True), Kind.BOOL, True),
        (np.str_("a"), Kind.TEXT, "a"),
        (Colour.RED, Kind.TEXT, "red"),
        (decimal.Decimal("0.1"), Kind.FLOAT, 0.1),
        (decimal.Decimal("3.00"), Kind.INT, 3),
        (np.datetime64("2020-01-01"), Kind.DATE, dt.date(2020, 1, 1)),
        (pd.Timestamp("2020-01-01T00:00:00.0000015Z"), Kind.TIME, dt.datetime(2020, 1, 1, 0, 0, 0, 2, dt.UTC)),
        (np.datetime64("2020-01-01T00:00:00.0000015"), Kind.TIME, dt.datetime(2020, 1, 1, 0, 0, 0, 2, dt.UTC)),
        (np.datetime64("2020-01-01T00"), Kind.TIME, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
    ],
    ids=str,
)
def test_scalars_of_other_libraries_are_taken_for_what_they_are_worth(value: Any, kind: Kind, worth: Any) -> None:
    field = Field(name="x", kind=kind, zone="UTC" if kind is Kind.TIME else None)
    assert Table.of(Schema("Row", "", (field,)), [{"x": value}]).rows() == [{"x": worth}]


class Nowhere(dt.tzinfo):
    def utcoffset(self, _: Any) -> None:
        return None


def test_a_time_whose_zone_knows_no_offset_is_local() -> None:
    local = Schema("Row", "", (Field(name="x", kind=Kind.TIME),))
    assert faults([{"x": dt.datetime(2020, 1, 1, tzinfo=Nowhere())}], local) == [("x", "zone", 1)]


@pytest.mark.parametrize("missing", [None, pd.NaT, np.datetime64("NaT")], ids=str)
def test_not_a_time_is_missing(missing: Any) -> None:
    schema = Schema("Row", "", (Field(name="x", kind=Kind.TIME, nullable=True),))
    assert Table.of(schema, [{"x": missing}]).rows() == [{"x": None}]


@pytest.mark.parametrize(
    "value",
    [
        *(np.timedelta64(3, "ns"), np.datetime64(2**62, "s"), np.datetime64(3, "ps"), np.bytes_(b"a"), 1 + 0j, b"1"),
        *(
            dt.timedelta(1),
            dt.time(1),
            decimal.Decimal("NaN"),
            decimal.Decimal("0.5"),
            pd.NA,
            object(),
            [1],
            float("nan"),
        ),
        *(
            decimal.Decimal("1e999999"),
            decimal.Decimal("-561289248304987.97"),
            np.longdouble(3),
            "3",
            True,
            np.bool_(0),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_whole_number_is_no_int(value: Any) -> None:
    schema = Schema("Row", "", (Field(name="x", kind=Kind.INT, nullable=True),))
    assert faults([{"x": value}], schema) == [("x", "type", 1)]


@pytest.mark.parametrize("order", ["<i8", ">i8", "<f8", ">f8", "<i2", "f2"])
def test_numbers_are_read_in_every_byte_order(order: str) -> None:
    assert Table.of(Leg, {"miles": np.array([1, 2], order)})["miles"].tolist() == [1.0, 2.0]


def test_a_text_with_a_nul_is_kept_whole() -> None:
    text = "nul\0in"
    for data in ([{"x": text}], {"x": np.array([text])}, {"x": np.array([text], object)}, pl.DataFrame({"x": [text]})):
        assert Table.of(Schema("Row", "", (Field(name="x", kind=Kind.TEXT),)), data)["x"].tolist() == [text]


def test_masked_values_are_missing() -> None:
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    assert faults({"miles": masked}) == [("miles", "missing", 1)]
