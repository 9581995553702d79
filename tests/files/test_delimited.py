from __future__ import annotations

from pathlib import Path

import pytest

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.errors import Unreadable
from bascule.files.infer import inferred
from bascule.files.read import batches, open_source


def rows(path: Path, content: bytes) -> list[dict[str, object]]:
    path.write_bytes(content)
    return [row for part in batches(open_source(path)) for row in part.arrow.to_pylist()]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,x\n2,y\n", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]),
        (b"a;b\n1,5;x\n2;y\n", [{"a": "1,5", "b": "x"}, {"a": "2", "b": "y"}]),
        (b"a\tb\n1\tx,y\n", [{"a": 1, "b": "x,y"}]),
        (b"a|b\n1|x\n", [{"a": 1, "b": "x"}]),
        (b"a\n1\n2\n", [{"a": 1}, {"a": 2}]),
        (b"a,b\r\n1,x\r\n", [{"a": 1, "b": "x"}]),
        (b"a,b\n1,x", [{"a": 1, "b": "x"}]),
        (b"\xef\xbb\xbfa,b\n1,x\n", [{"a": 1, "b": "x"}]),
        (b"\n\na,b\n\n1,x\n\n", [{"a": 1, "b": "x"}]),
        (b'"a\nz",b\n1,"x\ny"\n2,""""\n', [{"a\nz": 1, "b": "x\ny"}, {"a\nz": 2, "b": '"'}]),
        (b'a,b\n1,"x, ""y"""\n', [{"a": 1, "b": 'x, "y"'}]),
        (b'a,b\n1,5" pipe\n2,"x"y\n', [{"a": 1, "b": '5" pipe'}, {"a": 2, "b": "xy"}]),
        ("größe,🙂\n1,é\n".encode(), [{"größe": 1, "🙂": "é"}]),
        (b"a, b\n1, 2\n3, NA\n", [{"a": 1, " b": 2}, {"a": 3, " b": None}]),
    ],
)
def test_every_dialect_is_found_by_looking(tmp_path: Path, content: bytes, expected: object) -> None:
    assert rows(tmp_path / "file.csv", content) == expected


@pytest.mark.parametrize("header", [b"a,b", b"a,b\n", b"a,b\r\n\r\n"])
def test_a_header_alone_has_no_rows(tmp_path: Path, header: bytes) -> None:
    assert rows(tmp_path / "file.csv", header) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n3\n4,5\n", "row 1 has 1 values, the header 2: '3'"),
        (b"\n\na,b\n1,2\n\n1,2\n3,4,5\n", "row 2 has 3 values"),
        (b"a,b\n" + b"1,2\n" * 3_000_000 + b"3\n", "row 3000000 has 1 values"),
        (b"a,b\n1,caf\xe9\n", "byte 9 (line 2) is 0xe9"),
        (b"a,b\n" + b"1,2\n" * 600_000 + b"1,\xff\n", "byte 2400006 (line 600002) is 0xff"),
        (b"a,b\n1,\xc3", "ends inside a character"),
        (b"\xe9,b\n1,2\n", "byte 0 (line 1)"),
        (b'a,b\n1,"x\n2,y\n', "ends inside a quoted value"),
        (b'a,b\n1,x\n2,"ab', "ends inside a quoted value"),
        (b'a,b\r\n1,"x\r\n2,y\r\n', "ends inside a quoted value"),
        (b'a,"b\n1,2\n', "a quote in the header is never closed"),
        (b'a,"b\n' + b"1,2\n" * 500_000, "a quote in the header is never closed"),
        (b'a,b\n1,"' + b"x" * (20 << 20) + b'"\n', "longer than 2 MiB"),
        (b"a,b,a\n1,2,3\n", "columns 1 and 3 are both called 'a'"),
        (b",a\n0,1\n", "column 1 of 2 has no name"),
        (b"a, \n0,1\n", "column 2 of 2 has no name"),
        (b"\n\n \n", "column 1 of 1 has no name"),
        (b"\n\n\n", "blank lines only"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_csv_is_named_with_its_place(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        rows(tmp_path / "file.csv", content)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("texts", "kind", "nullable"),
    [
        (["1", "-2", "+3", "0"], Kind.INT, False),
        (["1", "", "3"], Kind.INT, True),
        (["1", "NA", "3"], Kind.INT, True),
        (["9223372036854775807", "-9223372036854775808"], Kind.INT, False),
        (["9223372036854775808"], Kind.TEXT, False),
        (["007", "012"], Kind.TEXT, False),
        (["0.5", "00.5"], Kind.TEXT, False),
        (["1", "2.5"], Kind.FLOAT, False),
        (["1e5", ".5", "-3.", "inf"], Kind.FLOAT, False),
        (["12345678901234567", "0.5"], Kind.TEXT, False),
        (["0.12345678901234567"], Kind.FLOAT, False),
        (["inf", "-Infinity"], Kind.TEXT, False),
        (["1,5"], Kind.TEXT, False),
        (["0x1F"], Kind.TEXT, False),
        (["true", "False", "TRUE"], Kind.BOOL, False),
        (["true", "1"], Kind.TEXT, False),
        (["2013-01-31", "2013-02-28"], Kind.DATE, False),
        (["2013-02-30"], Kind.TEXT, False),
        (["0000-00-00", "0000-01-01"], Kind.TEXT, False),
        (["2013-1-1"], Kind.TEXT, False),
        (["2013-01-31 05:15:00Z", "2013-01-31T05:15:00.5+02:00"], Kind.TIME, False),
        (["2013-01-31 25:00"], Kind.TEXT, False),
        (["2013-01-31 05:15", "2013-01-31"], Kind.TIME, False),
        (["2013-01-31", "soon"], Kind.TEXT, False),
        (["NA", "x"], Kind.TEXT, False),
        (["", "x"], Kind.TEXT, True),
        (["", ""], Kind.TEXT, True),
        (["NA", "null"], Kind.TEXT, True),
    ],
)
def test_the_narrowest_kind_that_holds_every_text(tmp_path: Path, texts: list[str], kind: Kind, nullable: bool) -> None:
    path = tmp_path / "file.csv"
    path.write_text("\n".join(["a,b", *(f'"{text}",x' for text in texts)]))
    field = inferred(open_source(path), ["a"])[0]
    assert (field.kind, field.nullable) == (kind, nullable)


@pytest.mark.parametrize(
    ("last", "kind"),
    [("x", Kind.TEXT), ("1.5", Kind.FLOAT), ("007", Kind.TEXT), ("", Kind.INT), ("99999999999999999999", Kind.TEXT)],
)
def test_the_last_of_a_million_rows_decides(tmp_path: Path, last: str, kind: Kind) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "1,x\n" * 1_000_000 + f"{last},x\n")
    assert inferred(open_source(path), ["a"])[0].kind is kind


def test_whole_numbers_that_no_float_holds_stay_whole_or_become_texts(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "12345678901234567,x\n" * 200_000 + "1,x\n" * 900_000 + "0.5,x\n")
    assert inferred(open_source(path), ["a"])[0].kind is Kind.TEXT


def test_local_times_are_taken_for_utc(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n2013-01-31 05:15,2013-01-31 05:15Z\n")
    assert [field.zone for field in inferred(open_source(path), ["a", "b"])] == ["UTC", None]


def test_a_schema_types_the_texts_and_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("n,x,t,c\n3,1.5,,\nabc,NA,q,z\n3.0,inf,q,\n,1e5,q,\n99999999999999999999,0x1F,q,\n")
    rules = Schema(
        "Leg",
        "",
        (
            Field(name="n", kind=Kind.INT),
            Field(name="x", kind=Kind.FLOAT, nullable=True),
            Field(name="t", kind=Kind.TEXT),
            Field(name="c", kind=Kind.TEXT, nullable=True),
        ),
    )
    (part,) = batches(open_source(path), rules)
    assert [str(fault) for fault in part.faults] == [
        "'n' breaks type 'int' in 2 rows (row 1: 'abc'; row 4: 99999999999999999999)",
        "'n' breaks missing in 1 row (row 3: None)",
        "'x' breaks type 'float' in 1 row (row 4: '0x1F')",
        "'x' breaks finite in 1 row (row 2: inf)",
    ]
    assert part.arrow["t"].to_pylist() == ["", "q", "q", "q", "q"]
    assert part.arrow["c"].to_pylist() == [None, "z", None, None, None]


def test_rows_are_numbered_through_all_parts(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "1,x\n" * 250 + "far,x\n")
    rules = Schema("Leg", "", (Field(name="a", kind=Kind.INT),))
    parts = list(batches(open_source(path), rules, 100))
    assert [(part.start, len(part.arrow)) for part in parts] == [(0, 100), (100, 100), (200, 51)]
    assert parts[-1].faults[0].examples == ((250, "far"),)


def test_a_column_that_the_file_lacks_is_missing_in_every_row(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a\n1\n2\n")
    rules = Schema("Leg", "", (Field(name="b", kind=Kind.INT), Field(name="c", kind=Kind.DATE, nullable=True)))
    (part,) = batches(open_source(path), rules)
    assert [(fault.column, fault.rule, fault.rows) for fault in part.faults] == [("b", "missing", 2)]
    assert part.arrow["c"].null_count == 2
