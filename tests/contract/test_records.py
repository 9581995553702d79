"""Records and labels: what a declaration means, and which declarations mean nothing."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import annotated_types as at
import numpy as np
import pytest
from hypothesis import given
from typing_extensions import Doc

from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.records import (
    Example,
    Label,
    Name,
    Notes,
    Pattern,
    Personal,
    Question,
    Record,
    TrainingData,
    field_of,
    label_field,
    schema,
    snake,
)
from bascule.contract.table import Table
from bascule.errors import DefinitionError
from bascule.testing.declared import record_of
from bascule.testing.records import schemas


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Stars(enum.IntEnum):
    ONE = 1
    FIVE = 5


class Flight(Record):
    """One scheduled departure.

    From New York.
    """

    distance: Annotated[float, at.Ge(0), at.Unit("mi"), Doc("great circle")]
    colour: Colour | None
    limit: ClassVar[int] = 3


class Delayed(Flight):
    delay: Annotated[int, Name("arr delay")]


class Later(Record):
    kind: Defined


Defined = Literal["a", "b"]

MEANINGS: list[tuple[Any, dict[str, Any]]] = [
    (bool, {"kind": Kind.BOOL}),
    (int, {"kind": Kind.INT}),
    (float, {"kind": Kind.FLOAT}),
    (str, {"kind": Kind.TEXT}),
    (dt.datetime, {"kind": Kind.TIME}),
    (dt.date, {"kind": Kind.DATE}),
    (int | None, {"kind": Kind.INT, "nullable": True}),
    (Annotated[int | None, at.Ge(0)], {"kind": Kind.INT, "nullable": True, "ge": 0}),
    (Annotated[int, at.Ge(0)] | None, {"kind": Kind.INT, "nullable": True, "ge": 0}),
    (Annotated[float, at.Gt(0), at.Lt(9)], {"kind": Kind.FLOAT, "gt": 0.0, "lt": 9.0}),
    (Annotated[int, at.Interval(ge=0, lt=9)], {"kind": Kind.INT, "ge": 0, "lt": 9}),
    (Annotated[str, at.Len(1, 5)], {"kind": Kind.TEXT, "min_length": 1, "max_length": 5}),
    (Annotated[str, at.MinLen(1), at.MaxLen(5)], {"kind": Kind.TEXT, "min_length": 1, "max_length": 5}),
    (Annotated[str, Pattern("^a")], {"kind": Kind.TEXT, "pattern": "^a"}),
    (Annotated[dt.datetime, at.Timezone("UTC")], {"kind": Kind.TIME, "zone": "UTC"}),
    (Annotated[dt.datetime, at.Timezone(dt.UTC)], {"kind": Kind.TIME, "zone": "UTC"}),
    (Annotated[int, Name("dep time")], {"kind": Kind.INT, "name": "dep time"}),
    (Annotated[int, Doc("  what\n  it is")], {"kind": Kind.INT, "definition": "what\nit is"}),
    (Annotated[float, Example(3)], {"kind": Kind.FLOAT, "example": 3.0}),
    (Annotated[str, Personal()], {"kind": Kind.TEXT, "personal": True}),
    (Annotated[int, Notes("n"), Question("q")], {"kind": Kind.INT, "notes": "n", "question": "q"}),
    (Annotated[Annotated[int, Doc("inner")], Doc("outer")], {"kind": Kind.INT, "definition": "outer"}),
    (Literal["a", "b"], {"kind": Kind.TEXT, "categories": ("a", "b")}),
    (Literal[2, 1], {"kind": Kind.INT, "categories": (1, 2)}),
    (Literal[True, False] | None, {"kind": Kind.BOOL, "nullable": True, "categories": (False, True)}),
    (Literal[True], {"kind": Kind.BOOL, "categories": (True,)}),
    (Colour, {"kind": Kind.TEXT, "categories": ("red", "blue")}),
    (Stars | None, {"kind": Kind.INT, "nullable": True, "categories": (1, 5)}),
]


@pytest.mark.parametrize(("hint", "rules"), MEANINGS, ids=lambda part: str(part)[:60])
def test_a_type_and_its_marks_mean_a_field(hint: Any, rules: dict[str, Any]) -> None:
    assert field_of(hint, "x") == Field(**{"name": "x", "attribute": "x"} | rules)


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("several types", int | str),
        ("several types", int | str | None),
        ("known are", None),
        ("known are", bytes),
        ("known are", list[int]),
        ("known are", np.float64),
        ("known are", Any),
        ("is no rule known", Annotated[int, at.MultipleOf(2)]),
        ("is no rule known", Annotated[int, "a remark"]),
        ("is no rule known", Annotated[dt.datetime, at.Timezone(None)]),
        ("no time zone", Annotated[dt.datetime, at.Timezone(dt.timezone(dt.timedelta(hours=1)))]),
        ("says ge twice", Annotated[int, at.Ge(0), at.Ge(5)]),
        ("says unit twice", Annotated[Annotated[float, at.Unit("m")], at.Unit("ft")]),
        ("same side", Annotated[int, at.Ge(0), at.Gt(5)]),
        ("is no float", Annotated[float, at.Ge(10**400)]),
        ("is no int", Annotated[int, at.Ge(0.5)]),
        ("all texts, all integers or all booleans", Literal["a", 1]),
        ("all texts, all integers or all booleans", Literal[1, True]),
        ("all texts, all integers or all booleans", Literal["a", None]),
        ("all texts, all integers or all booleans", Label),
    ],
    ids=str,
)
def test_a_type_or_mark_without_a_meaning_is_refused(reason: str, hint: Any) -> None:
    with pytest.raises(DefinitionError, match=reason):
        field_of(hint, "x")


def test_a_record_is_compiled_with_its_meaning_in_the_order_of_its_fields() -> None:
    found = schema(Flight)
    assert (found.name, found.definition) == ("Flight", "One scheduled departure.\n\nFrom New York.")
    assert found.names == ["distance", "colour"]


def test_a_record_extends_another() -> None:
    found = schema(Delayed)
    assert found.names == ["distance", "colour", "arr delay"]
    assert found.definition == ""
    assert found["arr delay"].attribute == "delay"


def test_a_record_may_name_a_type_that_is_defined_further_down() -> None:
    assert schema(Later)["kind"].categories == ("a", "b")


def test_records_declared_in_functions_see_the_types_declared_there() -> None:
    def base() -> type[Record]:
        class Size(enum.Enum):
            BIG = "big"

        class Base(Record):
            size: Size

        return Base

    def extended(base: Any) -> type[Record]:
        class Weight(enum.Enum):
            HEAVY = 1

        class Extended(base):
            weight: Weight | None

        return Extended

    assert [field.categories for field in schema(extended(base()))] == [("big",), (1,)]


def test_a_type_that_is_defined_nowhere_is_named() -> None:
    class Lost(Record):
        x: Nowhere  # noqa: F821

    with pytest.raises(DefinitionError, match="Lost names a type that is not defined: 'Nowhere'"):
        schema(Lost)


def test_a_field_with_a_default_is_refused() -> None:
    class Row(Record):
        x: int = 3

    with pytest.raises(DefinitionError, match="'x' has a default value"):
        schema(Row)


def test_a_record_without_fields_is_refused() -> None:
    with pytest.raises(DefinitionError, match="declares no fields"):
        schema(Record)


@pytest.mark.parametrize("other", [Colour, int, "Flight", None])
def test_what_is_no_record_has_no_schema(other: Any) -> None:
    with pytest.raises(DefinitionError, match="is no Record"):
        schema(other)


def test_two_fields_of_one_name_are_refused() -> None:
    class Row(Record):
        a: Annotated[int, Name("x")]
        b: Annotated[int, Name("x")]

    with pytest.raises(DefinitionError, match="declares the name 'x' twice"):
        schema(Row)


def test_a_wrong_mark_is_refused_where_the_class_is_declared() -> None:
    with pytest.raises(DefinitionError, match="a range has no meaning for text"):

        class Row(Record):
            x: Annotated[str, at.Ge("a")]


@given(schemas())
def test_a_schema_declared_as_a_class_is_compiled_to_itself(drawn: Schema) -> None:
    for found, field in zip(schema(record_of(drawn)), drawn, strict=True):
        categories = field.categories and tuple(sorted(field.categories))  # a Literal has no order
        tidy = replace(field, definition=inspect.cleandoc(field.definition), categories=categories)
        assert replace(found, attribute="") == tidy


class Quality(Label):
    """How the part came out."""

    GOOD = "good"
    BAD = "bad"


class Grade(Label):
    LOW, HIGH = 0, 1


class Passed(Label):
    NO, YES = False, True


@pytest.mark.parametrize(
    ("member", "equal", "unequal"),
    [
        (Quality.GOOD, ["good", np.str_("good"), Quality.GOOD], ["bad", Quality.BAD, None, b"good"]),
        (Grade.HIGH, [1, np.int64(1), np.int8(1)], [True, np.bool_(True), "1", Passed.YES, 0]),
        (Passed.YES, [True, np.bool_(True)], [1, np.int64(1), Grade.HIGH, False]),
    ],
)
def test_a_label_is_equal_to_its_bare_value_and_to_nothing_else(member: Label, equal: Any, unequal: Any) -> None:
    assert all(member == other and other == member and hash(other) == hash(member) for other in equal)
    assert not any(member == other or other == member for other in unequal)


def test_a_label_is_found_in_an_array() -> None:
    assert (np.array(["good", "bad"], object) == Quality.GOOD).tolist() == [True, False]
    assert (np.array([0, 1]) == Grade.HIGH).tolist() == [False, True]


LABELS: list[tuple[Any, str, Kind]] = [
    (Quality, "quality", Kind.TEXT),
    (Grade, "grade", Kind.INT),
    (Passed, "passed", Kind.BOOL),
    (Colour, "label", Kind.TEXT),
    (Literal["a", "b"], "label", Kind.TEXT),
    (float, "label", Kind.FLOAT),
    (Annotated[float, at.Unit("min"), Name("delay")], "delay", Kind.FLOAT),
    (Annotated[int, at.Ge(0)], "label", Kind.INT),
]


@pytest.mark.parametrize(("label", "name", "kind"), LABELS, ids=str)
def test_a_label_is_an_enumeration_or_a_number(label: Any, name: str, kind: Kind) -> None:
    assert (label_field(label).name, label_field(label).kind) == (name, kind)


def test_a_label_keeps_what_its_docstring_says() -> None:
    assert label_field(Quality).definition == "How the part came out."


@pytest.mark.parametrize(
    "label", [str, bool, dt.datetime, float | None, Literal["a"] | None, Flight, "Quality"], ids=str
)
def test_what_is_no_outcome_is_no_label(label: Any) -> None:
    with pytest.raises(DefinitionError):
        label_field(label)


def test_members_of_enumerations_are_values_in_rows() -> None:
    table = Table.of(Flight, [Flight(distance=1.0, colour=Colour.RED), {"distance": 2, "colour": None}])
    assert table.rows() == [{"distance": 1.0, "colour": "red"}, {"distance": 2.0, "colour": None}]


def test_training_data_are_taken_apart() -> None:
    X, y = TrainingData([1], [2], {"source": "a"})
    assert (X, y) == ([1], [2])


@pytest.mark.parametrize(
    ("camel", "snaked"), [("LateArrival", "late_arrival"), ("HTTPError", "http_error"), ("A1b", "a1b")]
)
def test_names_of_classes_become_names_of_columns(camel: str, snaked: str) -> None:
    assert snake(camel) == snaked
