"""The truth table of compatibility, and that a verdict means what it says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from bascule.contract.columns import Column
from bascule.contract.compatibility import Change, Verdict, compare, compare_inputs, next_version, verdict
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.kinds import ORDERED
from bascule.errors import DefinitionError
from bascule.testing.records import fields, schemas, sound, values_of, worth

BREAKING, COMPATIBLE, PROSE = Verdict.BREAKING, Verdict.COMPATIBLE, Verdict.PROSE
NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)


def number(**rules: Any) -> Field:
    return Field(**{"name": "x", "kind": Kind.FLOAT} | rules)


def whole(**rules: Any) -> Field:
    return number(kind=Kind.INT, **rules)


def text(**rules: Any) -> Field:
    return number(kind=Kind.TEXT, **rules)


def time(**rules: Any) -> Field:
    return number(kind=Kind.TIME, **rules)


def flag(**rules: Any) -> Field:
    return number(kind=Kind.BOOL, **rules)


def one_of(*values: Any, **rules: Any) -> Field:
    kind = {str: Kind.TEXT, int: Kind.INT, bool: Kind.BOOL}[type(values[0])]
    return number(kind=kind, categories=values, **rules)


# -- inputs: who sent what the old contract allowed must still be served -----------------------------------------------

INPUTS: list[tuple[Field | None, Field | None, Verdict | None, str]] = [
    (None, number(), BREAKING, "new required input"),
    (None, number(nullable=True), COMPATIBLE, "new optional input"),
    (number(), None, BREAKING, "removed; who still sends it is refused"),
    (number(nullable=True), None, BREAKING, "removed"),
    (number(), number(), None, ""),
    (number(), text(), BREAKING, "type changed from float to text"),
    (number(), whole(), BREAKING, "type changed from float to int"),
    (whole(), number(), COMPATIBLE, "type changed from int to float"),
    (whole(), flag(), BREAKING, "type changed from int to bool"),
    (flag(), whole(), BREAKING, "type changed from bool to int"),
    (time(), number(kind=Kind.DATE), BREAKING, "type changed from time to date"),
    (whole(le=9), number(le=9.0), COMPATIBLE, "type changed"),
    (whole(gt=0), number(gt=0.0), COMPATIBLE, "type changed"),
    (whole(gt=0), number(ge=1.5), BREAKING, "lower limit moved from gt 0 to ge 1.5"),
    (number(), number(nullable=True), COMPATIBLE, "may now be missing"),
    (number(nullable=True), number(), BREAKING, "may no longer be missing"),
    (text(), text(nullable=True), BREAKING, "least length moved from none to shortest 1"),
    (text(min_length=1), text(min_length=1, nullable=True), COMPATIBLE, "may now be missing"),
    (number(), number(ge=0.0), BREAKING, "lower limit moved from none to ge 0.0"),
    (number(ge=0.0), number(), COMPATIBLE, "lower limit moved from ge 0.0 to none"),
    (number(ge=0.0), number(ge=1.0), BREAKING, "from ge 0.0 to ge 1.0"),
    (number(ge=1.0), number(ge=0.0), COMPATIBLE, "from ge 1.0 to ge 0.0"),
    (number(ge=0.0), number(gt=0.0), BREAKING, "from ge 0.0 to gt 0.0"),
    (number(gt=0.0), number(ge=0.0), COMPATIBLE, "from gt 0.0 to ge 0.0"),
    (number(), number(le=9.0), BREAKING, "upper limit moved from none to le 9.0"),
    (number(le=9.0), number(), COMPATIBLE, "upper limit moved from le 9.0 to none"),
    (number(le=9.0), number(le=8.0), BREAKING, "from le 9.0 to le 8.0"),
    (number(le=8.0), number(le=9.0), COMPATIBLE, "from le 8.0 to le 9.0"),
    (number(le=9.0), number(lt=9.0), BREAKING, "from le 9.0 to lt 9.0"),
    (number(lt=9.0), number(le=9.0), COMPATIBLE, "from lt 9.0 to le 9.0"),
    (number(ge=0.0, le=9.0), number(ge=-1.0, le=8.0), BREAKING, "upper limit"),
    (whole(gt=0), whole(ge=1), None, ""),
    (whole(lt=9), whole(le=8), None, ""),
    (whole(), whole(ge=-(2**63), le=2**63 - 1), None, ""),
    (time(gt=NOON), time(ge=NOON + TICK), None, ""),
    (time(), time(ge=NOON), BREAKING, "lower limit moved from none to ge 2020-01-01T12:00:00Z"),
    (text(), text(min_length=1), BREAKING, "least length moved from none to shortest 1"),
    (text(min_length=2), text(min_length=1), COMPATIBLE, "least length"),
    (text(min_length=0), text(), None, ""),
    (text(), text(max_length=3), BREAKING, "greatest length moved from none to max_length 3"),
    (text(max_length=3), text(max_length=4), COMPATIBLE, "greatest length"),
    (text(), text(pattern="a"), BREAKING, "pattern changed"),
    (text(pattern="a"), text(), COMPATIBLE, "pattern changed"),
    (text(pattern="a"), text(pattern="b"), BREAKING, "pattern changed"),
    (one_of("a"), one_of("a", "b"), COMPATIBLE, "categories added: 'b'"),
    (one_of("a", "b"), one_of("a"), BREAKING, "categories removed: 'b'"),
    (one_of("a", "b"), one_of("a", "c"), BREAKING, "categories removed: 'b'"),
    (one_of("a", "b"), one_of("b", "a"), None, ""),
    (text(), one_of("a"), BREAKING, "categories set"),
    (one_of("a"), text(), COMPATIBLE, "categories dropped"),
    (one_of("a", "bb"), text(max_length=1), BREAKING, "categories removed: 'bb'"),
    (one_of(1, 2), whole(ge=0), COMPATIBLE, "categories dropped"),
    (one_of(1, 2), number(le=1.0), BREAKING, "categories removed: 2"),
    (flag(), one_of(True, False), None, ""),
    (flag(), one_of(True), BREAKING, "categories removed: False"),
    (one_of(True), flag(), COMPATIBLE, "categories added: False"),
    (number(), number(unit="km"), COMPATIBLE, "unit changed from None to km"),
    (number(unit="km"), number(), COMPATIBLE, "unit changed from km to None"),
    (number(unit="km"), number(unit="mi"), BREAKING, "unit changed from km to mi"),
    (time(), time(zone="UTC"), COMPATIBLE, "time zone changed from None to UTC"),
    (time(zone="UTC"), time(), BREAKING, "time zone changed"),
    (time(zone="UTC"), time(zone="Europe/Berlin"), BREAKING, "time zone changed from UTC to Europe/Berlin"),
    (number(), number(definition="d"), PROSE, "definition changed"),
    (number(), number(notes="n", question="q"), PROSE, "notes and question changed"),
    (number(), number(example=1.0, attribute="y", personal=True), PROSE, "example and attribute and personal changed"),
]


def rows(*found: Field | None) -> Schema:
    return Schema("Row", "", tuple(field for field in found if field is not None))


@pytest.mark.parametrize(
    ("old", "new", "expected", "reason"), INPUTS, ids=[f"{row[3]} {number}" for number, row in enumerate(INPUTS)]
)
def test_an_input_may_widen_and_not_narrow(old: Any, new: Any, expected: Verdict | None, reason: str) -> None:
    found = compare_inputs(rows(old), rows(new))
    assert verdict(found) is expected
    assert bool(reason) is bool(found)
    assert any(reason in change.reason for change in found if change.verdict is expected) or expected is None
    assert all((change.where, change.field) == ("input", "x") for change in found)


# -- outputs: who relied on what the old contract answered must not meet anything new ----------------------------------

OUTPUTS: list[tuple[Field, Field, Verdict | None, str]] = [
    (one_of("a", "b"), one_of("a", "b"), None, ""),
    (one_of("a", "b"), one_of("a", "b", name="y"), BREAKING, "removed; the output is now called 'y'"),
    (one_of("a", "b"), number(), BREAKING, "type changed from text to float"),
    (whole(), number(), BREAKING, "type changed from int to float"),
    (number(), whole(), BREAKING, "type changed from float to int"),
    (one_of("a", "b"), one_of("a", "b", "c"), BREAKING, "categories added: 'c'"),
    (one_of("a", "b", "c"), one_of("a", "b"), COMPATIBLE, "categories removed: 'c'"),
    (one_of("a", "b"), one_of("b", "a"), BREAKING, "the order of the classes changed"),
    (one_of(1, 2), whole(), BREAKING, "categories dropped"),
    (whole(), one_of(1, 2), COMPATIBLE, "categories set"),
    (number(le=9.0), number(), BREAKING, "upper limit moved from le 9.0 to none"),
    (number(), number(le=9.0), COMPATIBLE, "upper limit"),
    (number(ge=0.0), number(ge=-1.0), BREAKING, "lower limit"),
    (number(ge=0.0), number(gt=0.0), COMPATIBLE, "from ge 0.0 to gt 0.0"),
    (number(gt=0.0), number(ge=0.0), BREAKING, "from gt 0.0 to ge 0.0"),
    (number(unit="min"), number(unit="s"), BREAKING, "unit changed from min to s"),
    (number(), number(unit="s"), COMPATIBLE, "unit changed from None to s"),
    (number(), number(definition="d"), PROSE, "definition changed"),
]


def promise(label: Field, **slots: Any) -> Contract:
    features = Schema("Row", "", (Field(name="a", kind=Kind.INT),))
    return Contract(**{"name": "m", "definition": "", "features": features, "label": label} | slots)


@pytest.mark.parametrize(
    ("old", "new", "expected", "reason"), OUTPUTS, ids=[f"{row[3]} {number}" for number, row in enumerate(OUTPUTS)]
)
def test_an_output_may_narrow_and_not_widen(old: Field, new: Field, expected: Verdict | None, reason: str) -> None:
    found = compare(promise(old), promise(new))
    assert verdict(found) is expected
    assert any(reason in change.reason for change in found if change.verdict is expected) or expected is None
    assert all((change.where, change.field) == ("output", "x") for change in found)


@pytest.mark.parametrize(
    ("change", "expected", "reason"),
    [
        ({"name": "n"}, BREAKING, "renamed to 'n'"),
        ({"raises": ("fog", "rain")}, COMPATIBLE, "may now raise 'rain'"),
        ({"raises": ()}, COMPATIBLE, "no longer raises 'fog'"),
        ({"definition": "d"}, PROSE, "definition changed"),
        ({"algorithm": "2"}, PROSE, "algorithm changed"),
        ({"min_rows": 2, "max_rows": 9}, PROSE, "min_rows and max_rows changed"),
        ({"features": Schema("Row", "d", (Field(name="a", kind=Kind.INT),))}, PROSE, "definition of the record"),
    ],
)
def test_the_contract_as_a_whole_has_a_verdict(change: dict[str, Any], expected: Verdict, reason: str) -> None:
    (found,) = compare(promise(number(), raises=("fog",)), promise(number(), **{"raises": ("fog",)} | change))
    assert (found.where, found.field, found.verdict) == ("contract", "m", expected)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("verdicts", "version"),
    [([], "1.4.2"), ([PROSE], "1.4.3"), ([COMPATIBLE, PROSE], "1.5.0"), ([PROSE, BREAKING, COMPATIBLE], "2.0.0")],
)
def test_the_worst_change_sets_the_next_version(verdicts: list[Verdict], version: str) -> None:
    assert next_version("1.4.2", [Change("input", "x", found, "") for found in verdicts]) == version


def test_the_order_of_the_columns_is_no_change() -> None:
    one, other = number(), number(name="y")
    assert compare_inputs(rows(one, other), rows(other, one)) == []


@given(schemas())
def test_a_contract_is_compatible_with_itself(features: Schema) -> None:
    contract = promise(number(name="\1the label"), features=features)
    assert compare(contract, contract) == []


@st.composite
def changed(draw: st.DrawFn) -> tuple[Field, Field]:
    """A field, and one that differs from it in a few slots."""
    old = draw(fields())
    other = draw(fields(kind=old.kind if draw(st.booleans()) else None))
    if old.kind is not other.kind:
        return old, other
    slots = ("nullable", "ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "categories", "zone")
    taken = draw(st.sets(st.sampled_from(slots), min_size=1))
    try:
        return old, dataclasses.replace(old, example=None, **{slot: getattr(other, slot) for slot in taken})
    except DefinitionError:
        return old, other


@settings(max_examples=200)
@given(changed(), st.data())
def test_what_is_not_breaking_serves_every_row_that_was_served_before(
    pair: tuple[Field, Field], data: st.DataObject
) -> None:
    old, new = pair
    if verdict(compare_inputs(rows(old), rows(new))) is not BREAKING:
        value = data.draw(values_of(old) | st.none() if old.nullable else values_of(old))
        assert sound(new, value)
        assert old.kind is not new.kind or worth(new, value) == worth(old, value)


@settings(max_examples=150)
@given(st.sampled_from(ORDERED), st.data())
def test_a_narrowed_range_refuses_a_row_that_was_served_before(kind: Kind, data: st.DataObject) -> None:
    old, new = (ranged(data.draw(fields(kind=kind))) for _ in range(2))
    (low, high), (lower, higher) = old.span, new.span
    refused = [low] * (lower > low) + [high] * (higher < high)
    assert (verdict(compare_inputs(rows(old), rows(new))) is BREAKING) == bool(refused)
    for value in (Column(np.array([end])).value(0, kind) for end in refused):
        assert sound(old, value)
        assert not sound(new, value)


@settings(max_examples=150)
@given(changed())
def test_an_output_breaks_where_the_reverse_would_break_an_input(pair: tuple[Field, Field]) -> None:
    old, new = (dataclasses.replace(field, nullable=False, unit=None, zone=None, example=None) for field in pair)
    assume(old.kind is new.kind)
    there = [change for change in compare(promise(old), promise(new)) if "order" not in change.reason]
    assert (verdict(there) is BREAKING) == (verdict(compare_inputs(rows(new), rows(old))) is BREAKING)


def ranged(field: Field) -> Field:
    """The field with nothing but its range."""
    return Field(name="x", kind=field.kind, **dict(field.bounds))
