from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.errors import Unreadable
from bascule.files.infer import inferred
from bascule.files.read import batches, open_source

NOW = dt.datetime(2013, 1, 31, 5, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("column", "kind", "nullable"),
    [
        (pa.array([True, False]), Kind.BOOL, False),
        (pa.array([1, None], pa.int8()), Kind.INT, True),
        (pa.array([1, 2], pa.uint64()), Kind.INT, False),
        (pa.array([1.5, 2], pa.float32()), Kind.FLOAT, False),
        (pa.array([1.5, float("nan")]), Kind.FLOAT, True),
        (pa.array([Decimal("1.50")]), Kind.FLOAT, False),
        (pa.array(["x", "y"]), Kind.TEXT, False),
        (pa.array(["x", ""], pa.large_string()), Kind.TEXT, True),
        (pa.array(["x", ""], pa.string_view()), Kind.TEXT, True),
        (pa.array(["x", "y", None]).dictionary_encode(), Kind.TEXT, True),
        (pa.array([None, None]), Kind.TEXT, True),
        (pa.array([NOW], pa.timestamp("ns", "Europe/Berlin")), Kind.TIME, False),
        (pa.array([NOW.replace(tzinfo=None)], pa.timestamp("ms")), Kind.TIME, False),
        (pa.array([NOW.date()]), Kind.DATE, False),
    ],
)
def test_a_type_is_a_kind(column: pa.Array, kind: Kind, nullable: bool) -> None:
    source = open_source(pa.table({"a": column}))
    field = inferred(source, ["a"])[0]
    assert (field.kind, field.nullable) == (kind, nullable)
    assert not [fault for part in batches(source) for fault in part.faults]


@pytest.mark.parametrize(
    "column",
    [pa.array([[1]]), pa.array([{"x": 1}]), pa.array([b"x"]), pa.array([dt.time(5)]), pa.array([dt.timedelta(1)])],
)
def test_a_type_that_no_field_holds_is_named(column: pa.Array) -> None:
    with pytest.raises(Unreadable, match=r"column 'a' is of type .*, which no field holds"):
        inferred(open_source(pa.table({"a": column})), ["a"])


def test_nan_and_the_empty_text_say_missing() -> None:
    rules = Schema("Leg", "", (Field(name="x", kind=Kind.FLOAT), Field(name="t", kind=Kind.TEXT, nullable=True)))
    source = open_source(pa.table({"x": [1.0, float("nan")], "t": pa.array(["", "a"]).dictionary_encode()}))
    (part,) = batches(source, rules)
    assert [str(fault) for fault in part.faults] == ["'x' breaks missing in 1 row (row 1: None)"]
    assert part.arrow["t"].to_pylist() == [None, "a"]


@pytest.mark.parametrize(
    "frame", [pd.DataFrame({"a": [1, 2], "b": ["x", None]}), pl.DataFrame({"a": [1, 2], "b": ["x", None]})]
)
def test_a_data_frame_is_a_source(frame: object) -> None:
    (part,) = batches(open_source(frame))
    assert part.arrow.to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_the_index_of_a_data_frame_is_no_column(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2]}, index=["x", "y"]).to_parquet(tmp_path / "file.parquet")
    assert open_source(tmp_path / "file.parquet").names == ("a",)
    assert open_source(pa.table({"__index_level_0__": [1]})).names == ("__index_level_0__",)


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_ipc_is_read_as_file_and_as_stream(tmp_path: Path, stream: bool) -> None:
    table = pa.table({"a": [1, 2, 3]})
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(str(tmp_path / "file.arrow"), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    assert [part.arrow for part in batches(open_source(tmp_path / "file.arrow"))] == [table]


def test_a_name_with_a_dot_selects_its_column_alone(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "a.b": [2]}), tmp_path / "file.parquet")
    rules = Schema("Leg", "", (Field(name="a.b", kind=Kind.INT), Field(name="a", kind=Kind.INT)))
    (part,) = batches(open_source(tmp_path / "file.parquet"), rules)
    assert part.arrow.to_pylist() == [{"a.b": 2, "a": 1}]


@pytest.mark.parametrize("kept", [0.01, 0.5, 0.999])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_file_cut_short_says_so(tmp_path: Path, form: str, kept: float) -> None:
    table = pa.table({"a": list(range(10_000)), "b": ["x"] * 10_000})
    path = tmp_path / f"file.{form}"
    if form == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(Unreadable, match="damaged or cut short"):
        list(batches(open_source(path)))


def test_damage_in_the_middle_says_so(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": list(range(100_000))}), path)
    content = bytearray(path.read_bytes())
    content[1000:2000] = b"\xff" * 1000
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="damaged"):
        list(batches(open_source(path)))


def test_text_that_is_no_utf8_is_named_with_its_column() -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    with pytest.raises(Unreadable, match="column 't' holds bytes that are no UTF-8"):
        list(batches(open_source(pa.table({"t": broken}))))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table([[1], [2]], names=["a", "a"]), "2 columns are called 'a'"),
        (pa.table([[1]], names=[""]), "a column has no name"),
        (pa.table({}), "has no columns"),
    ],
)
def test_columns_without_a_name_of_their_own_are_refused(table: pa.Table, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        open_source(table)


@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
def test_parts_hold_all_rows_in_order(rows: int) -> None:
    table = pa.concat_tables([pa.table({"a": list(range(start, start + 37))}) for start in range(0, 370, 37)])
    parts = list(batches(open_source(table), None, rows))
    assert [value for part in parts for value in part.arrow["a"].to_pylist()] == list(range(370))
    assert {len(part.arrow) for part in parts[:-1]} <= {rows}
