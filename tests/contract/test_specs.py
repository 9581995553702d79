"""Specifications that come from a contract: JSON Schema and the data dictionary."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.specs import allowed, dictionary, field_schema, json_schema
from bascule.testing.records import schemas

NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}
KEYWORDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"kind": Kind.BOOL}, {"type": "boolean"}),
    ({"kind": Kind.BOOL, "categories": (True,)}, {"type": "boolean", "enum": [True]}),
    ({"kind": Kind.INT}, {"type": "integer"} | INT64),
    ({"kind": Kind.INT, "ge": 0, "lt": 9}, {"type": "integer"} | INT64 | {"minimum": 0, "exclusiveMaximum": 9}),
    (
        {"kind": Kind.INT, "nullable": True, "categories": (1,)},
        {"type": ["integer", "null"], "enum": [1, None]} | INT64,
    ),
    ({"kind": Kind.FLOAT, "gt": 0.0, "le": 9.0}, {"type": "number", "exclusiveMinimum": 0.0, "maximum": 9.0}),
    ({"kind": Kind.TEXT, "max_length": 3, "pattern": "a"}, {"type": "string", "maxLength": 3, "pattern": "a"}),
    ({"kind": Kind.TEXT, "nullable": True}, {"type": ["string", "null"], "minLength": 1}),
    ({"kind": Kind.FLOAT, "unit": "km", "definition": "d"}, {"type": "number", "x-unit": "km", "description": "d"}),
    ({"kind": Kind.FLOAT, "notes": "n", "question": "q"}, {"type": "number", "x-notes": "n", "x-question": "q"}),
    ({"kind": Kind.DATE, "example": NOON.date()}, {"type": "string", "format": "date", "examples": ["2020-01-01"]}),
]


@pytest.mark.parametrize(("rules", "expected"), KEYWORDS)
def test_every_rule_has_its_keyword(rules: dict[str, Any], expected: dict[str, Any]) -> None:
    found = field_schema(Field(name="x", **rules))
    assert {keyword: found.get(keyword) for keyword in expected} == expected
    assert found.keys() - expected.keys() <= {"pattern", "minimum", "maximum"}


def test_times_have_a_format_and_limits_that_validators_know() -> None:
    found = field_schema(Field(name="x", kind=Kind.TIME, ge=NOON))
    assert (found["format"], found["formatMinimum"]) == ("date-time", "2020-01-01T12:00:00Z")


def test_local_times_have_no_format_since_it_asks_for_an_offset() -> None:
    found = field_schema(Field(name="x", kind=Kind.TIME, zone="Europe/Berlin"))
    assert "format" not in found
    assert found["x-zone"] == "Europe/Berlin"


@given(schemas())
def test_every_schema_is_a_valid_json_schema_of_closed_objects(schema: Schema) -> None:
    found = json_schema(schema)
    jsonschema.Draft202012Validator.check_schema(found)
    assert list(found["properties"]) == schema.names
    assert found["required"] == [field.name for field in schema if not field.nullable]
    assert found["additionalProperties"] is False


def test_the_dictionary_has_an_entry_for_each_field() -> None:
    age = Field(name="age", kind=Kind.INT, ge=0, unit="a", definition="completed years", example=3, notes="n")
    assert dictionary(Schema("Person", "", (dataclasses.replace(age, personal=True),))) == [
        {
            "table": "Person",
            "field": "age",
            "definition": "completed years",
            "type": "int",
            "unit": "a",
            "allowed": "from 0",
            "may_be_missing": False,
            "example": 3,
            "personal": True,
            "notes": "n",
            "question": "",
        }
    ]


@pytest.mark.parametrize(
    ("definition", "question", "asked"), [("", "", "What does this field mean?"), ("", "q", "q"), ("d", "", "")]
)
def test_a_field_without_a_meaning_carries_a_question(definition: str, question: str, asked: str) -> None:
    field = Field(name="x", kind=Kind.INT, definition=definition, question=question)
    assert dictionary(Schema("Row", "", (field,)))[0]["question"] == asked


@pytest.mark.parametrize(
    ("rules", "phrase"),
    [
        ({"kind": Kind.INT}, "any"),
        ({"kind": Kind.INT, "gt": 0, "le": 9}, "above 0, to 9"),
        ({"kind": Kind.TEXT, "categories": ("a", "b")}, "one of 'a', 'b'"),
        ({"kind": Kind.TEXT, "min_length": 2, "max_length": 3}, "at least 2 characters, at most 3 characters"),
        ({"kind": Kind.TEXT, "pattern": "^a"}, "matching ^a"),
        ({"kind": Kind.TIME, "lt": NOON}, "below 2020-01-01T12:00:00Z"),
    ],
)
def test_what_is_allowed_is_said_in_a_phrase(rules: dict[str, Any], phrase: str) -> None:
    assert allowed(Field(name="x", **rules)) == phrase
