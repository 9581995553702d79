"""The rule table of a Record: one Field a column, from which every reader is compiled."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import rfc8785

from bascule.errors import DefinitionError

INT64 = (-(2**63), 2**63 - 1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DAY = 86_400_000_000  # microseconds


class Kind(enum.StrEnum):
    """The type of a column: what its values are, whatever container carries them."""

    BOOL = "bool"
    INT = "int"  # 64 bits, signed
    FLOAT = "float"  # 64 bits, always finite
    TEXT = "text"
    TIME = "time"  # an instant, UTC, microseconds
    DATE = "date"


Scalar = bool | int | float | str | dt.datetime | dt.date
ORDERED = (Kind.INT, Kind.FLOAT, Kind.TIME, Kind.DATE)
PYTHON: dict[Kind, type] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.TEXT: str,
    Kind.TIME: dt.datetime,
    Kind.DATE: dt.date,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column: its type, the rules its values obey, and what they mean.

    `name` is the name on the wire and in files; `attribute` the name in Python. A nullable text has no empty values,
    since an empty text would be a second way to say "missing". `zone` tells how local times without an offset are read.
    """

    name: str
    kind: Kind
    attribute: str = ""
    nullable: bool = False
    ge: Scalar | None = None
    gt: Scalar | None = None
    le: Scalar | None = None
    lt: Scalar | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    categories: tuple[str | int | bool, ...] | None = None
    unit: str | None = None
    zone: str | None = None
    personal: bool = False
    definition: str = ""
    example: Scalar | None = None
    notes: str = ""
    question: str = ""

    def __post_init__(self) -> None:
        if not self.attribute:
            object.__setattr__(self, "attribute", self.name)
        _refuse_contradictions(self)

    @property
    def shortest(self) -> int | None:
        """The least length of a text, with the rule that a nullable text is never empty."""
        if self.kind is Kind.TEXT and self.nullable:
            return max(1, self.min_length or 0)
        return self.min_length

    @property
    def bounds(self) -> tuple[tuple[str, Scalar], ...]:
        """The limits of the range that are set, as (rule, limit)."""
        found = (("ge", self.ge), ("gt", self.gt), ("le", self.le), ("lt", self.lt))
        return tuple((rule, limit) for rule, limit in found if limit is not None)

    def document(self) -> dict[str, Any]:
        """The field as JSON: what is unset is left out, times are RFC 3339."""
        found: dict[str, Any] = {}
        for slot in fields(self):
            value = getattr(self, slot.name)
            if value != slot.default and not (slot.name == "attribute" and value == self.name):
                found[slot.name] = list(value) if slot.name == "categories" else plain(value)
        return found

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Field:
        """The field that `document` wrote."""
        kind = Kind(document["kind"])
        found = dict(document, kind=kind)
        for slot in ("ge", "gt", "le", "lt", "example"):
            if slot in found:
                found[slot] = typed(kind, found[slot])
        if "categories" in found:
            found["categories"] = tuple(found["categories"])
        return cls(**found)

    def shape(self) -> dict[str, Any]:
        """What data must look like: type, nullability, unit, range, length and categories, no prose."""
        prose = ("attribute", "definition", "example", "notes", "question", "personal")
        return {key: value for key, value in self.document().items() if key not in prose}


@dataclass(frozen=True, slots=True)
class Schema:
    """The compiled form of a Record: a name, what one row is, and its fields in order.

    >>> flight = Schema("Flight", "One departure.", (Field(name="distance", kind=Kind.FLOAT, ge=0.0, unit="mi"),))
    >>> Schema.from_document(flight.document()) == flight
    True
    """

    name: str
    definition: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        for what in ("name", "attribute"):
            seen = [getattr(field, what) for field in self.fields]
            twice = sorted({name for name in seen if seen.count(name) > 1})
            if twice:
                raise DefinitionError(f"{self.name} declares the {what} {twice[0]!r} twice.")

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self.fields)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [field.name for field in self.fields]

    def document(self) -> dict[str, Any]:
        """The schema as JSON."""
        return {
            "name": self.name,
            "definition": self.definition,
            "fields": [field.document() for field in self.fields],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Schema:
        """The schema that `document` wrote."""
        fields = tuple(Field.from_document(field) for field in document["fields"])
        return cls(document["name"], document.get("definition", ""), fields)

    def shape(self) -> list[dict[str, Any]]:
        """What data must look like, without prose and whatever the order of the columns."""
        return sorted((field.shape() for field in self.fields), key=lambda shape: str(shape["name"]))


def canonical(document: Any) -> bytes:
    """The one byte string of a JSON document (RFC 8785), over which hashes and signatures are made."""
    return rfc8785.dumps(document)


def plain(value: Any) -> Any:
    """A value as JSON writes it: times as RFC 3339 in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def typed(kind: Kind, value: Any) -> Any:
    """The value that `plain` wrote."""
    if kind is Kind.TIME and isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    if kind is Kind.DATE and isinstance(value, str):
        return dt.date.fromisoformat(value)
    return float(value) if kind is Kind.FLOAT else value


def microseconds(value: dt.datetime) -> int:
    """Microseconds since 1970 of an instant with an offset."""
    return (value - EPOCH) // dt.timedelta(microseconds=1)


def days(value: dt.date) -> int:
    """Days since 1970."""
    return value.toordinal() - EPOCH.toordinal()


def number(kind: Kind, value: Any) -> Any:
    """The number by which a value of an ordered kind is stored and compared."""
    if kind is Kind.TIME:
        return microseconds(value)
    return days(value) if kind is Kind.DATE else value


def _refuse_contradictions(field: Field) -> None:
    """Raises DefinitionError where a field's rules contradict each other or its kind."""

    def refuse(reason: str) -> None:
        raise DefinitionError(f"Field {field.name!r}: {reason}")

    if not field.name:
        refuse("a column needs a name.")
    if field.bounds and field.kind not in ORDERED:
        refuse(f"a range has no meaning for {field.kind}.")
    for rule, limit in field.bounds:
        _refuse_foreign(field, f"the limit of {rule}", limit)
    if {"ge", "gt"} <= dict(field.bounds).keys() or {"le", "lt"} <= dict(field.bounds).keys():
        refuse("two limits on the same side; keep the narrower one.")
    low, high = (next((limit for rule, limit in field.bounds if rule in side), None) for side in ("gegt", "lelt"))
    if low is not None and high is not None and number(field.kind, low) > number(field.kind, high):
        refuse(f"the range from {low} to {high} is empty.")
    lengths = (field.min_length, field.max_length, field.pattern)
    if field.kind is not Kind.TEXT and any(rule is not None for rule in lengths):
        refuse(f"a length or pattern has no meaning for {field.kind}.")
    if field.max_length is not None and (field.shortest or 0) > field.max_length:
        refuse(f"no text is at least {field.shortest} and at most {field.max_length} characters long.")
    if field.pattern is not None:
        try:
            re.compile(field.pattern)
        except re.error as error:
            refuse(f"the pattern {field.pattern!r} is no regular expression: {error}.")
    if field.zone is not None and field.kind is not Kind.TIME:
        refuse(f"a time zone has no meaning for {field.kind}.")
    if field.categories is not None:
        if len(set(field.categories)) != len(field.categories) or not field.categories:
            refuse("categories must be there, and each once.")
        if field.bounds or any(rule is not None for rule in lengths):
            refuse("categories and a range or length say the same thing twice.")
        for value in field.categories:
            _refuse_foreign(field, "the category", value)
            if field.nullable and value == "":
                refuse("an empty text cannot be a category where the value may be missing.")


def _refuse_foreign(field: Field, what: str, value: Any) -> None:
    expected = PYTHON[field.kind]
    right = isinstance(value, expected) and (expected is bool or not isinstance(value, bool))
    if field.kind is Kind.DATE and isinstance(value, dt.datetime):
        right = False
    if field.kind is Kind.FLOAT and right and value - value != 0:
        right = False
    if field.kind is Kind.INT and right and not INT64[0] <= value <= INT64[1]:
        right = False
    if field.kind is Kind.TIME and right and value.tzinfo is None:
        right = False
    if not right:
        raise DefinitionError(f"Field {field.name!r}: {what}, {value!r}, is no {field.kind}.")
