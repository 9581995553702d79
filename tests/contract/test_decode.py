"""The JSON reader: what it takes, what it refuses and how it says so; the fast way and the slow way agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from bascule.contract.decode import Columns, Decoder
from bascule.contract.fields import Field, Kind, Schema
from bascule.errors import BasculeError, SchemaError, Unreadable
from bascule.testing.records import Rows, tables

AGE = Field(name="age", kind=Kind.INT, ge=0, le=150)
WHEN = Field(name="when", kind=Kind.TIME, nullable=True)
MILES = Field(name="miles", kind=Kind.FLOAT, nullable=True)
PERSON = Schema("Person", "", (AGE, WHEN, MILES))


def seen(columns: Columns, schema: Schema = PERSON) -> list[list[Any]]:
    return [[columns[f.name].value(row, f.kind) for row in range(len(columns[f.name]))] for f in schema]


def faults(call: Any, *arguments: Any) -> list[dict[str, Any]]:
    with pytest.raises(SchemaError) as caught:
        call(*arguments)
    found: list[dict[str, Any]] = caught.value.details["faults"]
    return found


def test_rows_and_columns_of_the_same_values_are_the_same() -> None:
    decoder = Decoder(PERSON)
    one = decoder.rows(b'[{"age": 3, "miles": 0.5}, {"age": 4, "when": "1970-01-01T00:00:00Z"}]')
    other = decoder.columns(b'{"when": [null, "1970-01-01T00:00:00Z"], "age": [3, 4], "miles": [0.5, null]}')
    assert seen(one) == seen(other)


@pytest.mark.parametrize("body", [b"[]", b" [ ] "])
def test_no_rows_are_no_values(body: bytes) -> None:
    assert seen(Decoder(PERSON).rows(body)) == [[], [], []]


@pytest.mark.parametrize("body", [b'{"age": []}', b'{"age": [], "miles": []}'])
def test_empty_columns_are_no_values(body: bytes) -> None:
    assert seen(Decoder(PERSON).columns(body)) == [[], [], []]


def test_a_column_that_may_be_missing_may_be_left_out() -> None:
    assert seen(Decoder(PERSON).columns(b'{"age": [3]}')) == [[3], [None], [None]]


def test_absent_and_unknown_columns_are_told() -> None:
    found = faults(Decoder(PERSON).columns, b'{"ages": [1, 2], "miles": [0, "far"]}')
    assert [(fault["column"], fault["rule"], fault["rows"]) for fault in found] == [
        *(("ages", "unknown", 2), ("age", "missing", 2), ("miles", "type", 1)),
    ]


def test_every_fault_of_every_row_is_told() -> None:
    body = b'[{"age": -1}, {"age": true, "x": 1}, {"miles": "far", "when": "noon"}, {"age": 151.0}]'
    found = faults(Decoder(PERSON).rows, body)
    assert [(fault["column"], fault["rule"], [shown["row"] for shown in fault["examples"]]) for fault in found] == [
        *(("x", "unknown", []), ("age", "type", [1]), ("age", "missing", [2]), ("age", "ge", [0]), ("age", "le", [3])),
        *(("when", "type", [2]), ("miles", "type", [2])),
    ]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[", b"nonsense", b'{"age": 1}', b"3", b"null", b'"age"', b"[1]", b"[[1]]", b"[null]"),
        *(b'[{"age": NaN}]', b'[{"age": Infinity}]', b'[{"age": 1,}]', b"[{'age': 1}]", b'\xef\xbb\xbf[{"age": 1}]'),
        *(b"\xff", b'[{"age": "\xff"}]', '[{"age": 1}]'.encode("utf-16"), b'[{"age": 1' + b"0" * 5000 + b"}]"),
        *(b"[" * 100_000, b'[{"age": ' + b"[" * 100_000, b'[{"age": 1}] x', b'[{"a\nge": 1}]'),
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_json_or_holds_no_rows_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        Decoder(PERSON).rows(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"[{}]",
        b"3",
        b'{"age": 3}',
        b'{"age": [1], "miles": [1, 2]}',
        b'{"age": null}',
        b'{"age": [1], "when": null}',
    ],
)
def test_what_is_no_object_of_arrays_of_one_length_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        Decoder(PERSON).columns(body)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400])
def test_a_number_beyond_float64_is_a_fault_of_its_row(number: str) -> None:
    found = faults(Decoder(PERSON).rows, f'[{{"age": 1, "miles": 2}}, {{"age": 1, "miles": {number}}}]'.encode())
    assert [(fault["rule"], fault["examples"][0]["row"]) for fault in found] == [("finite", 1)]


def test_half_of_a_surrogate_pair_is_a_fault_of_its_row() -> None:
    found = faults(
        Decoder(Schema("S", "", (Field(name="a", kind=Kind.TEXT),))).rows, rb'[{"a": "\ud83d\ude00"}, {"a": "\ud83d"}]'
    )
    assert [(fault["rule"], fault["examples"]) for fault in found] == [("type", [{"row": 1, "value": "'\\ud83d'"}])]
    json.dumps(found).encode()


def test_of_a_name_given_twice_the_last_value_counts() -> None:
    assert seen(Decoder(PERSON).rows(b'[{"age": "x", "age": 3}, {"age": 2, "age": 4}]'))[0] == [3, 4]
    assert seen(Decoder(PERSON).columns(b'{"age": [1], "age": [2]}'))[0] == [2]


@pytest.mark.parametrize("number", ["3.0", "3e0", "0.3e1", "3.00"])
def test_a_number_is_an_int_where_it_is_whole(number: str) -> None:
    assert seen(Decoder(PERSON).rows(f'[{{"age": {number}}}]'.encode()))[0] == [3]


def test_minus_zero_keeps_its_sign() -> None:
    assert repr(seen(Decoder(PERSON).rows(b'[{"age": -0, "miles": -0.0}]'))) == "[[0], [None], [-0.0]]"


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "line\nbreak", "tab\t", "größe", "🛫", "class", "f0"])
def test_a_column_may_have_any_name(name: str) -> None:
    schema = Schema("Odd", "", (Field(name=name, kind=Kind.INT, le=9), Field(name="f1", kind=Kind.INT)))
    assert seen(Decoder(schema).rows(json.dumps([{name: 3, "f1": 1}]).encode()), schema) == [[3], [1]]
    assert seen(Decoder(schema).columns(json.dumps({name: [3], "f1": [1]}).encode()), schema) == [[3], [1]]
    assert faults(Decoder(schema).rows, json.dumps([{name: 10, "f1": 1}]).encode())[0]["column"] == name


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-01T00:00:00Z", "2020-01-01t00:00:00z", "2020-01-01 00:00:00+00:00", "2020-01-01T01:00:00+01:00"),
        *("2019-12-31T23:59:59.9999995Z", "2020-01-01T00:00:00.0000004999Z"),
    ],
)
def test_a_time_is_read_in_every_spelling_of_rfc_3339_and_rounded_to_the_microsecond(text: str) -> None:
    columns = Decoder(PERSON).rows(json.dumps([{"age": 1, "when": text}]).encode())
    assert columns["when"].values.tolist() == [1_577_836_800_000_000]


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-01T00:00:00", "2020-01-01", "2020-01-01T00:00Z", "2020-02-30T00:00:00Z", "2020-01-01T24:00:00Z"),
        *(
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-01:00",
            "20200101T000000Z",
            "1",
            "",
        ),
        *("2020-01-01T00:00:60Z", "2020-01-01T00:00:00Z\n", " 2020-01-01T00:00:00Z", "２020-01-01T00:00:00Z"),
    ],
)
def test_a_text_that_spells_no_instant_is_a_fault(text: str) -> None:
    found = faults(Decoder(PERSON).rows, json.dumps([{"age": 1, "when": text}]).encode())
    assert [fault["column"] for fault in found] == ["when"]


@pytest.mark.xfail(strict=True, reason="msgspec takes an offset without its colon, which RFC 3339 does not know")
def test_an_offset_needs_its_colon() -> None:
    faults(Decoder(PERSON).rows, b'[{"age": 1, "when": "2020-01-01T00:00:00+0000"}]')


def test_values_that_are_refused_are_shown_short() -> None:
    found = faults(Decoder(PERSON).rows, json.dumps([{"age": "x" * 10_000}]).encode())
    assert len(found[0]["examples"][0]["value"]) < 100


def test_values_of_unknown_names_are_never_shown() -> None:
    with pytest.raises(SchemaError) as caught:
        Decoder(PERSON).rows(b'[{"age": 1, "e-mail": "ann@example.org"}]')
    assert "ann@" not in str(caught.value.document())


@given(tables())
def test_the_slow_way_agrees_with_the_fast_way(table: tuple[Schema, Rows]) -> None:
    schema, rows = table
    fast, slow = Decoder(schema), Decoder(schema)
    slow._rows = slow._columns = None
    body = json.dumps(rows, default=str).encode()
    assert outcome(fast.rows, schema, body) == outcome(slow.rows, schema, body)


def outcome(call: Any, schema: Schema, body: bytes) -> Any:
    try:
        return seen(call(body), schema)
    except BasculeError as error:
        return error.document()
