"""Typed rows and labels, declared once as classes: `class Flight(bl.Record): distance: Annotated[float, Ge(0)]`."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import annotated_types as at
import msgspec
from typing_extensions import Doc, dataclass_transform

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import PYTHON, WHOLE, Kind
from bascule.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Name:
    """The column's name in files and on the wire, where it is no Python name: `Annotated[float, Name("dep time")]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that is found somewhere in each text; anchor it with ^ and $ to bind the whole."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Example:
    """A value that a reader of the dictionary may expect to meet."""

    value: Any


@dataclass(frozen=True, slots=True)
class Notes:
    """What else a reader of the dictionary should know."""

    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is not known yet; listed in the dictionary until somebody answers."""

    text: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks data about a person: never shown in messages, never stored in logs unless the contract says so."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A typed row; subclass it and annotate the fields with types, units, ranges and meaning.

    >>> class Departure(Record):
    ...     '''One departure.'''
    ...     distance: Annotated[float, at.Ge(0), at.Unit("mi"), Doc("great circle")]
    >>> schema(Departure)["distance"].unit
    'mi'
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        try:
            # The caller's locals, so that a Record declared inside a function may use types declared there.
            hints = typing.get_type_hints(cls, localns=sys._getframe(1).f_locals, include_extras=True)
        except NameError:
            return  # a type defined further down: `schema` looks again when it is first needed
        cls.__annotations__ = {name: hints[name] for name in inspect.get_annotations(cls)}
        for name, hint in hints.items():
            if hint is not ClassVar and typing.get_origin(hint) is not ClassVar:
                field_of(hint, name)


class Label(enum.Enum):
    """An enumerated outcome, all texts, all integers or all booleans; equal to its bare value.

    >>> class Quality(Label):
    ...     GOOD = "good"
    ...     BAD = "bad"
    >>> Quality.GOOD == "good"
    True
    """

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Label):
            return self is other
        if not isinstance(other, type(self.value)):
            return NotImplemented  # NumPy answers for its own scalars and arrays
        return isinstance(other, bool) == isinstance(self.value, bool) and bool(self.value == other)  # True is not 1

    def __hash__(self) -> int:
        return hash(self.value)


X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True, slots=True)
class TrainingData(Generic[X, Y]):
    """What a model learns from: rows, their labels where there are any, and what is known about their origin."""

    data: X
    label: Y | None = None
    metadata: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.data, self.label))


@functools.cache
def schema(record: type[Record]) -> Schema:
    """The compiled rule table of a Record; raises DefinitionError where the declaration has no single meaning."""
    if not (isinstance(record, type) and issubclass(record, Record)):
        raise DefinitionError(f"{record!r} is no Record.", next_step="Subclass Record and annotate its fields.")
    try:
        hints = typing.get_type_hints(record, include_extras=True)
    except NameError as error:
        raise DefinitionError(f"{record.__name__} names a type that is not defined: {error.name!r}.") from error
    names = record.__struct_fields__
    if not names:
        raise DefinitionError(f"{record.__name__} declares no fields.")
    for slot in msgspec.structs.fields(record):
        if not slot.required:
            raise DefinitionError(
                f"{record.__name__}: the field {slot.name!r} has a default value.",
                next_step="Drop it; where a value may be missing, say `| None`.",
            )
    definition = inspect.cleandoc(record.__doc__ or "") if "__doc__" in record.__dict__ else ""
    return Schema(record.__name__, definition, tuple(field_of(hints[name], name) for name in names))


def label_field(label: Any) -> Field:
    """The field of a label: an enumeration, or a number (`Annotated[float, Unit("min"), Name("delay")]`)."""
    if isinstance(label, type) and issubclass(label, Label):
        meaning = Doc(inspect.cleandoc(label.__dict__.get("__doc__") or ""))
        return field_of(Annotated[label, meaning], snake(label.__name__))
    field = field_of(label, "label")
    if field.kind not in (Kind.FLOAT, Kind.INT) and field.categories is None:
        raise DefinitionError(f"A label is an enumeration or a number, not {field.kind}.")
    if field.nullable:
        raise DefinitionError("A label cannot be missing; leave `| None` to the record of the data set.")
    return field


def field_of(hint: Any, attribute: str) -> Field:
    """The Field of one annotated type; raises DefinitionError for a type or mark that has no meaning here."""
    bare, marks = _unwrap(hint)
    nullable = False
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(bare) if option is not type(None)]
        nullable = len(options) < len(typing.get_args(bare))
        if len(options) != 1:
            raise DefinitionError(f"Field {attribute!r} may be of several types ({bare}); a column has one.")
        bare, inner = _unwrap(options[0])
        marks = [*inner, *marks]
    rules: dict[str, Any] = {"name": attribute, "attribute": attribute, "nullable": nullable}
    rules["kind"], rules["categories"] = _kind(bare, attribute)
    for mark in marks:
        found = _rules(mark)
        if found is None:
            raise DefinitionError(f"Field {attribute!r}: {mark!r} is no rule known here.")
        for slot, said in found.items():
            if slot not in _PROSE and rules.get(slot, said) != said:
                raise DefinitionError(f"Field {attribute!r} says {slot} twice: {rules[slot]!r} and {said!r}.")
        rules |= found
    if rules["kind"] is Kind.FLOAT:
        for slot in ("ge", "gt", "le", "lt", "example"):
            if type(rules.get(slot)) is int and abs(rules[slot]) <= WHOLE[Kind.FLOAT][1]:
                rules[slot] = float(rules[slot])
    return Field(**rules)


_PROSE = ("name", "definition", "example", "notes", "question")  # an outer mark may say these anew


def snake(name: str) -> str:
    """`LateArrival` as `late_arrival`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    if typing.get_origin(hint) is Annotated:
        bare, *marks = typing.get_args(hint)
        return bare, marks
    return hint, []


def _kind(bare: Any, attribute: str) -> tuple[Kind, tuple[Any, ...] | None]:
    values: Iterable[Any] | None = None
    if typing.get_origin(bare) is Literal:
        values = typing.get_args(bare)
    elif isinstance(bare, type) and issubclass(bare, enum.Enum):
        values = [member.value for member in bare]
    if values is not None:
        categories = tuple(values)
        kinds = {next((kind for kind, python in PYTHON.items() if type(value) is python), None) for value in categories}
        if len(kinds) != 1 or not kinds <= {Kind.TEXT, Kind.INT, Kind.BOOL}:
            raise DefinitionError(f"Field {attribute!r}: categories must be all texts, all integers or all booleans.")
        if typing.get_origin(bare) is Literal:
            categories = tuple(sorted(categories))  # Python holds Literal[1, 2] and Literal[2, 1] for one and the same
        return typing.cast("Kind", kinds.pop()), categories
    for kind, python in PYTHON.items():
        if bare is python:
            return kind, None
    known = ", ".join(python.__name__ for python in PYTHON.values())
    raise DefinitionError(f"Field {attribute!r} is of type {bare!r}; known are {known}, Literal and enumerations.")


def _rules(mark: Any) -> dict[str, Any] | None:
    """What one mark says, as slots of Field; None where it says nothing known."""
    match mark:
        case at.Interval(gt=gt, ge=ge, lt=lt, le=le):
            found = {"gt": gt, "ge": ge, "lt": lt, "le": le}
            return {rule: limit for rule, limit in found.items() if limit is not None}
        case at.Len(min_length=low, max_length=high):
            return {"min_length": low, "max_length": high}
        case at.Timezone(tz=zone) if isinstance(zone, str | dt.tzinfo):
            return {"zone": str(zone)}
        case Doc(documentation=text):
            return {"definition": inspect.cleandoc(text)}
        case Personal():
            return {"personal": True}
    for kind, slot, attribute in _SLOTS:
        if isinstance(mark, kind):
            return {slot: getattr(mark, attribute)}
    return None


_SLOTS: tuple[tuple[type, str, str], ...] = (
    (at.Ge, "ge", "ge"),
    (at.Gt, "gt", "gt"),
    (at.Le, "le", "le"),
    (at.Lt, "lt", "lt"),
    (at.MinLen, "min_length", "min_length"),
    (at.MaxLen, "max_length", "max_length"),
    (at.Unit, "unit", "unit"),
    (Name, "name", "name"),
    (Pattern, "pattern", "pattern"),
    (Example, "example", "value"),
    (Notes, "notes", "text"),
    (Question, "question", "text"),
)
