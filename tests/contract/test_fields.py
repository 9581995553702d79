"""Fields and schemas: what they refuse, and that their documents and hashes say what they say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bascule.contract.columns import from_values
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema, canonical
from bascule.contract.kinds import beside, number
from bascule.contract.rules import check
from bascule.errors import DefinitionError
from bascule.testing.records import fields, schemas, strange_values, values_of

NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
CONTRADICTIONS: list[tuple[str, dict[str, Any]]] = [
    ("needs a name", {"name": ""}),
    ("ends names at a NUL", {"name": "a\0b"}),
    ("is no text", {"name": "\ud800"}),
    ("is no text", {"unit": 3}),
    ("is no text", {"definition": "\udfff"}),
    ("is no int", {"ge": 0.5}),
    ("is no int", {"ge": True}),
    ("is no int", {"le": 2**63}),
    ("is no float", {"kind": Kind.FLOAT, "ge": float("nan")}),
    ("is no float", {"kind": Kind.FLOAT, "lt": float("inf")}),
    ("is no time", {"kind": Kind.TIME, "ge": dt.datetime(2020, 1, 1)}),  # noqa: DTZ001
    ("is no time", {"kind": Kind.TIME, "ge": dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=1)))}),
    ("is no date", {"kind": Kind.DATE, "ge": NOON}),
    ("no meaning for text", {"kind": Kind.TEXT, "ge": "a"}),
    ("no meaning for bool", {"kind": Kind.BOOL, "le": True}),
    ("same side", {"ge": 0, "gt": 0}),
    ("same side", {"le": 0, "lt": 0}),
    ("is empty", {"ge": 5, "le": 4}),
    ("is empty", {"ge": 5, "lt": 5}),
    ("is empty", {"gt": 0, "lt": 1}),
    ("is empty", {"kind": Kind.FLOAT, "gt": 0.0, "lt": 0.0}),
    ("is empty", {"gt": 2**63 - 1}),
    ("is empty", {"kind": Kind.FLOAT, "gt": 1.7976931348623157e308}),
    ("no meaning for int", {"min_length": 1}),
    ("no meaning for int", {"pattern": "a"}),
    ("whole number from 0", {"kind": Kind.TEXT, "min_length": -1}),
    ("whole number from 0", {"kind": Kind.TEXT, "max_length": 2.5}),
    ("no text is at least 3", {"kind": Kind.TEXT, "min_length": 3, "max_length": 2}),
    ("no text is at least 1", {"kind": Kind.TEXT, "nullable": True, "max_length": 0}),
    ("no regular expression", {"kind": Kind.TEXT, "pattern": "("}),
    ("time zone has no meaning", {"zone": "UTC"}),
    ("no time zone", {"kind": Kind.TIME, "zone": "Mars/Base"}),
    ("no time zone", {"kind": Kind.TIME, "zone": "../../etc/passwd"}),
    ("no time zone", {"kind": Kind.TIME, "zone": "America"}),
    ("each once", {"categories": (1, 1)}),
    ("each once", {"categories": ()}),
    ("is no int", {"categories": (1, "a")}),
    ("is no int", {"categories": (1, True)}),
    ("no meaning for float", {"kind": Kind.FLOAT, "categories": (1.0,)}),
    ("twice", {"categories": (1, 2), "ge": 0}),
    ("twice", {"kind": Kind.TEXT, "categories": ("a",), "max_length": 3}),
    ("empty text", {"kind": Kind.TEXT, "categories": ("", "a"), "nullable": True}),
    ("is no int", {"example": "a"}),
    ("breaks its own rules", {"example": -1, "ge": 0}),
    ("breaks its own rules", {"example": 3, "categories": (1, 2)}),
    ("breaks its own rules", {"kind": Kind.TEXT, "example": "abc", "max_length": 2}),
    ("breaks its own rules", {"kind": Kind.TEXT, "example": "abc", "pattern": "^[0-9]"}),
]


@pytest.mark.parametrize(("reason", "rules"), CONTRADICTIONS)
def test_a_declaration_without_a_single_meaning_is_refused(reason: str, rules: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=reason):
        Field(**{"name": "x", "kind": Kind.INT} | rules)


@pytest.mark.parametrize("slot", ["name", "attribute"])
def test_a_schema_has_every_name_once(slot: str) -> None:
    one, other = ({"name": name, "attribute": name} | {slot: "x"} for name in ("a", "b"))
    with pytest.raises(DefinitionError, match=f"declares the {slot} 'x' twice"):
        Schema("Row", "", (Field(kind=Kind.INT, **one), Field(kind=Kind.INT, **other)))


@given(schemas(), st.data())
def test_documents_of_contracts_are_read_back_as_they_were(features: Schema, data: st.DataObject) -> None:
    label = Field(name="\1the label", kind=Kind.INT, le=2**63 - 1)
    contract = Contract(name="m", definition="é", features=features, label=label, max_rows=3, raises=("too-foggy",))
    again = Contract.from_document(json.loads(canonical(contract.document())))
    assert again == contract
    assert again.hash == contract.hash


@pytest.mark.parametrize("limit", [2**53 - 1, 2**53, 2**63 - 1, -(2**63)])
def test_whole_numbers_of_any_size_keep_their_worth_in_documents(limit: int) -> None:
    field = Field(name="x", kind=Kind.INT, categories=(limit,), example=limit)
    assert Field.from_document(json.loads(canonical(field.document()))) == field


@given(st.data())
def test_prose_changes_the_full_hash_and_not_the_shape(data: st.DataObject) -> None:
    field = data.draw(fields())
    slot = data.draw(st.sampled_from(["definition", "notes", "question", "attribute"]))
    one, other = _contract(field), _contract(dataclasses.replace(field, **{slot: getattr(field, slot) + "!"}))
    assert one.hash != other.hash
    assert one.shape_hash == other.shape_hash


SHAPES: list[dict[str, Any]] = [
    *({"ge": 1}, {"gt": 0}, {"le": 8}, {"lt": 9}, {"nullable": True}, {"unit": "s"}, {"name": "y"}),
    *({"kind": Kind.FLOAT, "ge": 0.0, "le": 9.0}, {"categories": (1, 2), "ge": None, "le": None}),
]


@pytest.mark.parametrize("change", SHAPES)
def test_a_rule_changes_both_hashes(change: dict[str, Any]) -> None:
    bare = {"gt": {"ge": None}, "lt": {"le": None}}.get(next(iter(change)), {})
    field = Field(name="x", kind=Kind.INT, ge=0, le=9)
    one, other = _contract(field), _contract(dataclasses.replace(field, **{"attribute": ""} | bare | change))
    assert one.hash != other.hash
    assert one.shape_hash != other.shape_hash


def test_the_order_of_the_fields_changes_the_full_hash_only() -> None:
    one, other = Field(name="a", kind=Kind.INT), Field(name="b", kind=Kind.INT)
    there, back = _contract(one, other), _contract(other, one)
    assert there.features.names == ["a", "b"]
    assert there.hash != back.hash
    assert there.shape_hash == back.shape_hash


@given(fields(), st.data())
def test_a_field_admits_what_the_column_check_lets_through(field: Field, data: st.DataObject) -> None:
    plain = Field(name="x", kind=field.kind)
    value = data.draw(values_of(plain) | values_of(field) | strange_values())
    column, wrong = from_values(plain, [value])
    if not wrong and column.valid is None:
        assert field.admits(column.value(0, field.kind)) == (check(field, column) == [])


@given(fields(kind=Kind.FLOAT) | fields(kind=Kind.INT) | fields(kind=Kind.TIME) | fields(kind=Kind.DATE))
def test_the_span_is_as_wide_as_the_range(field: Field) -> None:
    low, high = field.span
    for rule, limit in field.bounds:
        stored, end = number(field.kind, limit), low if rule in ("ge", "gt") else high
        outward = -1 if rule in ("ge", "gt") else 1
        assert end == stored if rule in ("ge", "le") else beside(end, outward) == stored


def _contract(*features: Field) -> Contract:
    return Contract(
        name="m", definition="", features=Schema("Row", "", features), label=Field(name="\1the label", kind=Kind.INT)
    )
