"""Arrow at the border: whatever physical type, chunking or offset carries the values, the column is the same."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings, strategies as st

from bascule.contract.columns import from_values
from bascule.contract.faults import merge
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.intake import conformed
from bascule.contract.kinds import DAY, EPOCH, WHOLE
from bascule.contract.table import Table
from bascule.contract.zones import instants
from bascule.errors import SchemaError, Unreadable
from bascule.testing.records import ZONES, fields, sound, values_of, worth

MICROSECOND = dt.timedelta(microseconds=1)
PHYSICAL: dict[Kind, list[pa.DataType]] = {
    Kind.BOOL: [pa.bool_()],
    Kind.INT: [
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64()),
        *(pa.float16(), pa.float32(), pa.float64(), pa.decimal128(38, 3), pa.decimal256(60, 0)),
    ],
    Kind.FLOAT: [
        *(pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.int64(), pa.uint64()),
        *(pa.decimal128(38, 3), pa.decimal256(76, 40)),
    ],
    Kind.TEXT: [pa.string(), pa.large_string(), pa.string_view()],
    Kind.TIME: [
        *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in ("UTC", "Asia/Kolkata")),
    ],
    Kind.DATE: [pa.date32(), pa.date64()],
}


def only(field: Field) -> Schema:
    return Schema("Row", "", (field,))


def faults(field: Field, values: Any, start: int = 0) -> list[tuple[str, int, list[int]]]:
    """The faults of one column of Arrow, as (rule, rows, first rows)."""
    table = values if isinstance(values, pa.Table) else pa.table({field.name: values})
    found = conformed(only(field), table, start=start)[1]
    return [(fault.rule, fault.rows, [row for row, _ in fault.examples]) for fault in found]


def carriers(kind: Kind, values: list[Any]) -> list[pa.Array]:
    """The values in every physical type that holds them exactly."""
    found = []
    for physical in PHYSICAL[kind]:
        try:
            given = [decimal.Decimal(v) if pa.types.is_decimal(physical) and v is not None else v for v in values]
            with np.errstate(over="ignore"):
                array = pa.array(np.array(given, "float16") if physical == pa.float16() else given, physical)
            if array.cast(PHYSICAL[kind][0] if kind is Kind.DATE else array.type).to_pylist() == values:
                found.append(array)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            continue
    return found


@settings(max_examples=300)
@given(st.data())
def test_every_physical_type_reads_alike(data: st.DataObject) -> None:
    field = data.draw(fields())
    values = data.draw(st.lists(values_of(field) | st.none() if field.nullable else values_of(field), max_size=6))
    values = [worth(field, value) for value in values]
    array = data.draw(st.sampled_from(carriers(field.kind, values)))
    array = pa.concat_arrays([array, array])[len(array) :]
    if data.draw(st.booleans()):
        array = array.dictionary_encode() if array.type != pa.float16() else array
    cut = data.draw(st.integers(0, len(array)))
    chunked = pa.chunked_array([array[:cut], array[cut:]])
    read = Table.of(only(field), pa.table({field.name: chunked})).columns[field.name]
    assert [repr(read.value(row, field.kind)) for row in range(len(values))] == list(map(repr, values))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "foreign",
    [
        pa.array([[1], None]),
        pa.array([{"a": 1}, None]),
        pa.array([b"a", None]),
        pa.array([dt.time(1), None]),
        pa.array([dt.timedelta(1), None]),
        pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16, None], pa.binary(16))),
        pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, None], pa.int8())),
        pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}", None])),
        pa.array([[1.0, 2.0], None], pa.list_(pa.float64(), 2)),
    ],
    ids=lambda array: str(array.type),
)
def test_a_type_that_no_kind_knows_is_named_where_it_holds_a_value(kind: Kind, foreign: pa.Array) -> None:
    field = Field(name="x", kind=kind, nullable=True)
    assert faults(field, foreign) == [("type", 1, [0])]
    assert faults(field, foreign[1:]) == []
    assert faults(field, foreign[:0]) == []


@pytest.mark.parametrize("kind", Kind)
def test_a_column_of_nulls_without_a_type_is_missing(kind: Kind) -> None:
    assert faults(Field(name="x", kind=kind, nullable=True), pa.nulls(2)) == []
    assert faults(Field(name="x", kind=kind), pa.nulls(2)) == [("missing", 2, [0, 1])]


@pytest.mark.parametrize("kind", Kind)
def test_no_rows_are_sound_whatever_their_type(kind: Kind) -> None:
    for physical in (pa.null(), pa.float64(), pa.string(), pa.list_(pa.int8()), pa.dictionary(pa.int8(), pa.string())):
        assert faults(Field(name="x", kind=kind), pa.array([], physical)) == []


def test_nulls_inside_a_dictionary_are_missing() -> None:
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 2], pa.int8()), pa.array(["a", None, "b"]))
    assert faults(Field(name="x", kind=Kind.TEXT), coded) == [("missing", 2, [1, 2])]
    assert faults(Field(name="x", kind=Kind.INT), coded) == [("type", 2, [0, 3]), ("missing", 2, [1, 2])]


@pytest.mark.parametrize("inner", [pa.string(), pa.large_string(), pa.string_view()])
def test_a_dictionary_of_any_text_is_text(inner: pa.DataType) -> None:
    coded = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.uint32()), pa.array(["a", "b"], inner))
    assert Table.of(only(Field(name="x", kind=Kind.TEXT)), pa.table({"x": coded}))["x"].tolist() == ["b", "a", "b"]


def test_an_empty_chunk_with_an_offset_that_came_through_the_c_interface_is_no_stumbling_block() -> None:
    array = pa.array([1.0, 2.0])
    stream = pa.RecordBatchReader.from_stream(pa.table({"x": pa.chunked_array([array[1:1], array[1:]])}))
    assert Table.of(only(Field(name="x", kind=Kind.FLOAT)), stream)["x"].tolist() == [2.0]


def test_runs_are_values() -> None:
    runs = pc.run_end_encode(pa.array([3, 3, None, -1]))
    assert faults(Field(name="x", kind=Kind.INT, ge=0), runs) == [("missing", 1, [2]), ("ge", 1, [3])]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_a_time_beyond_the_calendar_is_a_fault_of_its_row(unit: str, zone: str | None) -> None:
    times = pa.array([0, 2**62, -(2**62), None], pa.timestamp(unit, zone))
    field = Field(name="x", kind=Kind.TIME, nullable=True, zone="Europe/Berlin")
    assert faults(field, times, start=10) == [("type", 2, [11, 12])]


def test_a_day_beyond_the_calendar_is_a_fault_of_its_row() -> None:
    assert faults(Field(name="x", kind=Kind.DATE), pa.array([0, 2**30], pa.date32())) == [("type", 1, [1])]


@pytest.mark.parametrize(
    ("nanoseconds", "stored"),
    [(499, 0), (500, 1), (-500, 0), (-501, -1), (1500, 2), (2**63 - 1, 9_223_372_036_854_776)],
)
def test_nanoseconds_are_rounded_to_the_microsecond(nanoseconds: int, stored: int) -> None:
    times = pa.table({"x": pa.array([nanoseconds], pa.timestamp("ns", "UTC"))})
    read = Table.of(only(Field(name="x", kind=Kind.TIME)), times)
    assert read.columns["x"].values.tolist() == [stored]


def test_local_times_without_a_zone_are_faults() -> None:
    times = pa.array([0, None, 1], pa.timestamp("ms"))
    assert faults(Field(name="x", kind=Kind.TIME, nullable=True), times) == [("zone", 2, [0, 2])]


@settings(max_examples=300)
@given(st.sampled_from(ZONES), st.integers(WHOLE[Kind.TIME][0] + DAY, WHOLE[Kind.TIME][1] - DAY))
def test_local_times_name_the_instant_that_zoneinfo_names(zone: str, moment: int) -> None:
    field, local = Field(name="x", kind=Kind.TIME, zone=zone), EPOCH.replace(tzinfo=None) + moment * MICROSECOND
    stored, doubted = instants(np.array([moment]), zone)
    assert bool(doubted[0]) != sound(field, local)
    if not doubted[0]:
        assert EPOCH + int(stored[0]) * MICROSECOND == worth(field, local)


@pytest.mark.parametrize("year", [1918, 1950, 2013, 2037, 2038, 2060])  # Arrow knows no summer time after 2037
def test_a_column_of_local_times_is_read_as_each_alone(year: int) -> None:
    local = np.arange(f"{year}-01-01", f"{year + 1}-01-01", 1799, "datetime64[s]").astype("datetime64[us]")
    stored, doubted = instants(local.astype("int64"), "America/New_York")
    field = Field(name="x", kind=Kind.TIME, zone="America/New_York")
    alone, wrong = from_values(field, local.tolist())
    assert wrong[0].rows == np.count_nonzero(doubted) > 0
    assert np.array_equal(np.where(doubted, 0, stored), alone.values)


@pytest.mark.parametrize(
    ("number", "whole"),
    [(2.0**63, False), (-(2.0**63), True), (2.0**63 - 1024, True), (0.5, False), (float("inf"), False), (-0.0, True)],
)
def test_a_float_is_an_int_where_it_is_whole_and_fits(number: float, whole: bool) -> None:
    assert faults(Field(name="x", kind=Kind.INT), pa.array([number])) == ([] if whole else [("type", 1, [0])])


def test_a_float32_is_worth_what_it_holds_and_not_what_was_meant() -> None:
    assert faults(Field(name="x", kind=Kind.FLOAT, le=0.1), pa.array([0.1], pa.float32())) == [("le", 1, [0])]


def test_an_unsigned_number_beyond_64_bits_with_sign_is_a_fault() -> None:
    numbers = pa.array([1, 2**63, None], pa.uint64())
    assert faults(Field(name="x", kind=Kind.INT, nullable=True), numbers) == [("type", 1, [1])]


def test_bytes_that_are_no_utf8_are_refused_by_the_name_of_their_column() -> None:
    broken = pa.array([b"\xff"]).view(pa.string())
    with pytest.raises(Unreadable, match="'x' holds bytes that are no UTF-8"):
        Table.of(only(Field(name="x", kind=Kind.TEXT)), pa.table({"x": broken}))
    assert faults(Field(name="x", kind=Kind.INT), broken) == [("type", 1, [0])]


def test_a_name_given_twice_is_a_fault() -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    assert faults(Field(name="x", kind=Kind.INT), twice) == [("once", 1, [])]


def test_foreign_columns_are_refused_or_left_out() -> None:
    schema, given = only(Field(name="x", kind=Kind.INT)), pa.table({"y": [1], "x": [2], "__index_level_0__": [0]})
    with pytest.raises(SchemaError, match="'y' breaks unknown"):
        Table.of(schema, given)
    assert Table.of(schema, given, extra="ignore").rows() == [{"x": 2}]


@given(st.lists(st.floats() | st.integers(-9, 9).map(float) | st.none(), max_size=9), st.integers(0, 9))
def test_the_faults_of_consecutive_slices_merge_to_those_of_the_whole(values: list[Any], cut: int) -> None:
    schema, table = only(Field(name="x", kind=Kind.INT, ge=0)), pa.table({"x": pa.array(values, pa.float64())})
    cut = min(cut, len(values))
    parts = [*conformed(schema, table[:cut])[1], *conformed(schema, table[cut:], start=cut)[1]]
    assert set(map(repr, merge(parts))) == set(map(repr, conformed(schema, table)[1]))


def test_faults_of_every_column_and_rule_are_told_at_once() -> None:
    schema = Schema(
        "Row",
        "",
        (Field(name="a", kind=Kind.INT, ge=0, le=5), Field(name="b", kind=Kind.TEXT), Field(name="c", kind=Kind.BOOL)),
    )
    given = pa.table({"a": [-1.0, 0.5, 9.0, None], "b": [1, 2, 3, 4], "d": [1, 2, 3, 4]})
    found = conformed(schema, given)[1]
    assert [(fault.column, fault.rule, fault.rows) for fault in found] == [
        *(("d", "unknown", 4), ("a", "type", 1), ("a", "missing", 1), ("a", "ge", 1), ("a", "le", 1)),
        *(("b", "type", 4), ("c", "missing", 4)),
    ]
