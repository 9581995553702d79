"""The column check: every broken rule is found, counted and shown, and parts add up to the whole."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.contract.columns import Column, from_values
from bascule.contract.faults import Fault, merge, refuse
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.rules import check
from bascule.errors import SchemaError
from bascule.testing.records import fields, strange_values, values_of

DAY = dt.date(2020, 1, 1)
NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TWICE, NEVER = (dt.datetime.fromisoformat(text) for text in ("2020-10-25T02:30:00", "2020-03-29T02:30:00"))
INF, NAN = float("inf"), float("nan")

# The rules of a field, a column, and for each rule broken its limit and the rows that break it.
BROKEN: list[tuple[dict[str, Any], list[Any], dict[str, tuple[Any, list[int]]]]] = [
    ({"kind": Kind.INT}, [1, None], {"missing": (None, [1])}),
    ({"kind": Kind.INT, "nullable": True, "ge": 1}, [1, None, 0], {"ge": (1, [2])}),
    ({"kind": Kind.INT}, ["1", True, 0.5, 2**63, 1], {"type": ("int", [0, 1, 2])}),
    ({"kind": Kind.INT, "gt": 0, "lt": 9}, [0, 1, 9, 8], {"gt": (0, [0]), "lt": (9, [2])}),
    ({"kind": Kind.FLOAT}, [NAN, INF, -INF, 0], {"finite": (None, [0, 1, 2])}),
    (
        {"kind": Kind.FLOAT, "ge": 0.0, "le": 1.0},
        [NAN, 2, -1, INF],
        {"finite": (None, [0, 3]), "ge": (0.0, [2]), "le": (1.0, [1, 3])},
    ),
    ({"kind": Kind.FLOAT}, [10**400, -(10**400)], {"finite": (None, [0, 1])}),
    (
        {"kind": Kind.TEXT, "min_length": 2, "max_length": 3},
        ["a", "🛫🛬", "abcd"],
        {"min_length": (2, [0]), "max_length": (3, [2])},
    ),
    ({"kind": Kind.TEXT, "nullable": True}, ["", None, "a"], {"min_length": (1, [0])}),
    ({"kind": Kind.TEXT, "pattern": "^a"}, ["ab", "ba"], {"pattern": ("^a", [1])}),
    ({"kind": Kind.TEXT, "pattern": "b"}, ["ab", "a"], {"pattern": ("b", [1])}),
    ({"kind": Kind.TEXT, "categories": ("a", "b")}, ["a", "c", "a\0"], {"categories": (("a", "b"), [1, 2])}),
    ({"kind": Kind.TEXT}, ["\ud800", b"a", 1], {"type": ("text", [0, 1, 2])}),
    ({"kind": Kind.INT, "categories": (1, 2)}, [1, 2.0, 3, True], {"categories": ((1, 2), [2]), "type": ("int", [3])}),
    ({"kind": Kind.BOOL, "categories": (True,)}, [True, False], {"categories": ((True,), [1])}),
    ({"kind": Kind.BOOL}, [True, 1, "true", 0.0], {"type": ("bool", [1, 2, 3])}),
    ({"kind": Kind.TIME, "ge": NOON}, [NOON, NOON - HOUR], {"ge": (NOON, [1])}),
    ({"kind": Kind.TIME}, [NOON.replace(tzinfo=None), DAY, "noon"], {"zone": (None, [0]), "type": ("time", [1, 2])}),
    ({"kind": Kind.TIME, "zone": "Europe/Berlin"}, [NOON, TWICE, NEVER], {"zone": ("Europe/Berlin", [1, 2])}),
    ({"kind": Kind.TIME}, [dt.datetime.min.replace(tzinfo=dt.timezone(HOUR))], {"type": ("time", [0])}),
    ({"kind": Kind.DATE, "lt": DAY}, [DAY, NOON, dt.date(2019, 1, 1)], {"type": ("date", [1]), "lt": (DAY, [0])}),
]


def broken(field: Field, values: list[Any], start: int = 0) -> list[Fault]:
    column, wrong = from_values(field, values, start)
    return [*wrong, *check(field, column, start)]


@pytest.mark.parametrize(("rules", "values", "expected"), BROKEN, ids=lambda part: str(part)[:50])
def test_every_broken_rule_is_told_with_its_limit_and_rows(rules: Any, values: Any, expected: Any) -> None:
    found = broken(Field(name="x", **rules), values)
    assert {fault.rule: (fault.limit, [row for row, _ in fault.examples]) for fault in found} == expected


def test_all_rows_are_counted_and_the_first_are_shown() -> None:
    (fault,) = broken(Field(name="x", kind=Kind.INT, ge=0), [-1, 2, *range(-9, 0)], start=100)
    assert (fault.rows, fault.examples) == (10, ((100, -1), (102, -9), (103, -8)))


def test_a_fault_reads_as_a_sentence() -> None:
    (fault,) = broken(Field(name="x y", kind=Kind.INT, ge=0), [-1, 0])
    assert str(fault) == "'x y' breaks ge 0 in 1 row (row 0: -1)"


@pytest.mark.parametrize(
    ("kind", "rules", "value"), [(Kind.TEXT, {"max_length": 3}, "ann@example.org"), (Kind.INT, {}, "secret")]
)
def test_values_of_a_person_are_never_shown(kind: Kind, rules: Any, value: Any) -> None:
    field = Field(name="x", kind=kind, personal=True, **rules)
    with pytest.raises(SchemaError) as caught:
        refuse(Schema("Row", "", (field,)), broken(field, [value]), 1)
    assert value not in str(caught.value.document())
    assert "(personal)" in str(caught.value)


class Sly:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [
        *(10**5000, "x" * 10**6, "\ud800", NAN, [1] * 10**5, {"a": {"b": object}}, b"x" * 10**5, Sly(), object()),
        *(np.arange(10**5), dt.datetime.min.replace(tzinfo=dt.timezone(HOUR)), dt.timedelta(1), 1j, 2**70),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_can_be_shown_and_is_shown_short(value: Any) -> None:
    (fault,) = [Fault("x", "type", "int", 1, ((0, value),))]
    assert len(str(fault)) < 160
    assert len(json.dumps(fault.document(), allow_nan=False).encode()) < 260


def test_a_local_time_is_shown_as_it_was_given() -> None:
    (fault,) = broken(Field(name="x", kind=Kind.TIME), [TWICE])
    assert str(fault) == "'x' breaks zone in 1 row (row 0: '2020-10-25T02:30:00')"


def test_the_message_shows_the_first_rules_and_the_details_all() -> None:
    faults = [Fault(name, "missing", None, 1) for name in "abcde"]
    with pytest.raises(SchemaError, match=r"5 rules of Row broken in 1 row: .* and 2 more\.") as caught:
        refuse(Schema("Row", "", ()), faults, 1)
    assert [fault["column"] for fault in caught.value.details["faults"]] == list("abcde")


@given(fields(), st.data())
def test_the_faults_of_parts_merge_to_the_faults_of_the_whole(field: Field, data: st.DataObject) -> None:
    values = data.draw(st.lists(values_of(field) | strange_values(), max_size=8))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=3)))
    parts = zip([0, *cuts], [*cuts, len(values)], strict=True)
    merged = merge(fault for low, high in parts for fault in broken(field, values[low:high], start=low))
    assert {(fault.rule, repr(fault)) for fault in merged} == {
        (fault.rule, repr(fault)) for fault in broken(field, values)
    }


def test_what_was_of_another_type_is_not_also_missing() -> None:
    assert [fault.rule for fault in broken(Field(name="x", kind=Kind.INT), ["a"])] == ["type"]


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_column_breaks_no_rule(kind: Kind) -> None:
    assert broken(Field(name="x", kind=kind), []) == []


def test_the_check_counts_in_a_column_whose_missing_values_hold_anything() -> None:
    column = Column(np.array([5, 99]), np.array([True, False]))
    assert check(Field(name="x", kind=Kind.INT, nullable=True, le=9), column) == []
