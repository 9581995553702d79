"""Tables: what is checked once stays as it is, and is shown as NumPy, as rows and in parts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import annotated_types as at
import numpy as np
import pyarrow as pa
import pytest

from bascule.contract.columns import Column
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.records import Record
from bascule.contract.signature import MISSING_MOMENT, feed, onnx_type, tensor
from bascule.contract.table import Table
from bascule.errors import SchemaError

NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2020, 1, 1)


class Row(Record):
    flag: bool | None
    count: int | None
    miles: float | None
    word: str | None
    when: dt.datetime | None
    day: dt.date | None


class Counted(Record):
    count: int | None


class Positive(Record):
    count: Annotated[int, at.Ge(1)]


class Wider(Record):
    count: int | None
    other: float | None


VALUES: list[dict[str, Any]] = [
    {"flag": True, "count": 3, "miles": 0.5, "word": "a", "when": NOON, "day": DAY},
    dict.fromkeys(("flag", "count", "miles", "word", "when", "day")),
]
TABLE = Table.of(Row, VALUES)


def test_rows_are_python_values() -> None:
    assert TABLE.rows() == VALUES


@pytest.mark.parametrize(
    ("name", "full", "missing"),
    [
        ("flag", np.array([True]), np.array([1.0, np.nan])),
        ("count", np.array([3]), np.array([3.0, np.nan])),
        ("miles", np.array([0.5]), np.array([0.5, np.nan])),
        ("word", np.array(["a"], object), np.array(["a", None], object)),
        ("when", np.array(["2020-01-01T12"], "datetime64[us]"), np.array(["2020-01-01T12", "NaT"], "datetime64[us]")),
        ("day", np.array(["2020-01-01"], "datetime64[D]"), np.array(["2020-01-01", "NaT"], "datetime64[D]")),
    ],
)
def test_columns_are_shown_as_numpy_shows_them(name: str, full: Any, missing: Any) -> None:
    for table, expected in ((TABLE.take(np.array([0])), full), (TABLE, missing)):
        np.testing.assert_array_equal(table[name], expected)
        assert table[name].dtype == expected.dtype


@pytest.mark.parametrize("name", ["flag", "count", "miles", "when", "day"])
def test_nobody_can_change_a_column_in_place(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        Table.of(Row, VALUES[:1]).columns[name].values[0] = 0


def test_a_sound_table_is_not_checked_again() -> None:
    assert Table.of(Row, TABLE) is TABLE


def test_parts_are_consecutive() -> None:
    table = Table.of(Counted, {"count": list(range(7))})
    assert [part["count"].tolist() for part in table.parts(3)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_rows_are_taken_by_position_or_by_mask() -> None:
    table = Table.of(Counted, {"count": [5, 6, 7]})
    assert table.take(np.array([2, 0]))["count"].tolist() == [7, 5]
    assert table.take(np.array([False, True, True]))["count"].tolist() == [6, 7]
    assert len(table.take(np.array([], "int64"))) == 0


def test_a_table_can_be_seen_under_a_record_that_asks_for_less() -> None:
    assert TABLE.of_record(Counted).rows() == [{"count": 3}, {"count": None}]


def test_a_table_is_checked_where_the_other_record_asks_for_more() -> None:
    with pytest.raises(SchemaError, match="'count' breaks missing in 1 row"):
        TABLE.of_record(Positive)
    assert Table.of(Counted, {"count": [1]}).of_record(Positive)["count"].tolist() == [1]


def test_a_column_that_may_be_missing_is_missing_where_the_table_lacks_it() -> None:
    assert Table.of(Counted, {"count": [1]}).of_record(Wider).rows() == [{"count": 1, "other": None}]


def test_a_table_is_arrow_to_every_library() -> None:
    assert pa.table(TABLE).to_pylist() == VALUES
    assert TABLE.to_pandas().columns.tolist() == TABLE.schema.names


def test_a_slice_in_the_middle_of_a_byte_of_booleans_is_read_right() -> None:
    flags = [bool(number % 3) for number in range(40)]
    table = Table.of(Schema("F", "", (Field(name="f", kind=Kind.BOOL),)), {"f": flags})
    assert [flag for part in table.parts(7) for flag in part["f"].tolist()] == flags


def test_the_representation_says_how_much_there_is() -> None:
    assert repr(TABLE) == "<Table of Row: 2 rows × 6 columns>"


# -- the ONNX signature ------------------------------------------------------------------------------------------------


def test_a_feed_has_one_input_of_one_column_for_each_field() -> None:
    found = feed(TABLE.schema, TABLE.columns)
    assert {name: (array.shape, onnx_type(TABLE.schema[name])) for name, array in found.items()} == {
        name: ((2, 1), kind)
        for name, kind in zip(TABLE.schema.names, ("float", "float", "float", "string", "int64", "int64"), strict=True)
    }


def test_what_is_missing_has_its_own_mark_for_each_type() -> None:
    found = feed(TABLE.schema, TABLE.columns)
    assert all(np.isnan(found[name][1, 0]) for name in ("flag", "count", "miles"))
    assert found["word"][1, 0] == ""
    assert found["when"][1, 0] == found["day"][1, 0] == MISSING_MOMENT


def test_what_lies_under_a_missing_value_is_not_looked_at() -> None:
    column = Column(np.array([1.0, 1e300]), np.array([True, False]))
    np.testing.assert_array_equal(tensor(Field(name="x", kind=Kind.FLOAT), column), [[1.0], [np.nan]])


def test_a_number_too_large_for_float32_is_refused_by_its_row() -> None:
    column = Column(np.array([1.0, 1e39, np.finfo("float32").max]))
    with pytest.raises(SchemaError, match=r"'x' breaks float32 3.40.*e\+38 in 1 row \(row 1: 1e\+39\)"):
        tensor(Field(name="x", kind=Kind.FLOAT), column)
