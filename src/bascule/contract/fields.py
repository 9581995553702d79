"""The rule table of a Record: one Field a column, from which every reader is compiled."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import rfc8785

from bascule.contract.kinds import (
    DAY,
    INT64,
    ORDERED,
    WHOLE,
    Kind,
    Scalar,
    beside,
    exact,
    number,
    of_kind,
    plain,
    typed,
    written,
)
from bascule.errors import DefinitionError

__all__ = ["DAY", "INT64", "Field", "Kind", "Schema", "canonical"]

LONGEST = 2**31 - 1  # characters that a limit of length may ask for


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
        for reason in _contradictions(self):
            raise DefinitionError(f"Field {self.name!r}: {reason}")

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

    @property
    def span(self) -> tuple[Any, Any]:
        """The least and the greatest number of an ordered kind, as stored, that obey the range; both are allowed.

        >>> Field(name="legs", kind=Kind.INT, gt=0, lt=5).span
        (1, 4)
        """
        low, high = WHOLE[self.kind]
        for rule, limit in self.bounds:
            stored = number(self.kind, limit)
            match rule:
                case "ge":
                    low = stored
                case "gt":
                    low = beside(stored, 1)
                case "le":
                    high = stored
                case "lt":
                    high = beside(stored, -1)
        return low, high

    def admits(self, value: Scalar) -> bool:
        """Whether a value of the kind's Python type obeys every rule.

        >>> Field(name="legs", kind=Kind.INT, gt=0).admits(0)
        False
        """
        if self.categories is not None:
            return value in self.categories
        if self.kind in ORDERED:
            low, high = self.span
            return bool(low <= number(self.kind, value) <= high)
        if not isinstance(value, str):
            return True
        fits = (self.shortest or 0) <= len(value) <= (LONGEST if self.max_length is None else self.max_length)
        return fits and (self.pattern is None or re.search(self.pattern, value) is not None)

    def document(self) -> dict[str, Any]:
        """The field as JSON: what is unset is left out, times are RFC 3339, whole numbers beyond 2**53 are texts."""
        found: dict[str, Any] = {}
        for slot in fields(self):
            value = getattr(self, slot.name)
            if value != slot.default and not (slot.name == "attribute" and value == self.name):
                found[slot.name] = list(map(exact, value)) if slot.name == "categories" else exact(plain(value))
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
            found["categories"] = tuple(typed(kind, value) for value in found["categories"])
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


def _contradictions(field: Field) -> Iterator[str]:
    """Where a field's rules contradict each other or its kind."""
    if not field.name or "\0" in field.name:
        yield "a column needs a name, and Arrow ends names at a NUL."
    for slot in ("name", "attribute", "pattern", "unit", "zone", "definition", "notes", "question"):
        text = getattr(field, slot)
        if text is not None and not (isinstance(text, str) and written(text)):
            yield f"its {slot}, {text!r}, is no text."
    values: list[tuple[str, Any]] = [(f"the limit of {rule}", limit) for rule, limit in field.bounds]
    values += [("the category", value) for value in field.categories or ()]
    values += [("the example", field.example)] * (field.example is not None)
    for what, value in values:
        if not of_kind(field.kind, value):
            yield f"{what}, {value!r}, is no {field.kind}."
    yield from _empty(field)
    if field.zone is not None:
        if field.kind is not Kind.TIME:
            yield f"a time zone has no meaning for {field.kind}."
        try:
            zoneinfo.ZoneInfo(field.zone)
        except (KeyError, ValueError, OSError):
            yield f"{field.zone!r} is no time zone."
    if field.example is not None and not field.admits(field.example):
        yield f"the example, {field.example!r}, breaks its own rules."


def _empty(field: Field) -> Iterator[str]:
    """Where the rules have no meaning for the kind, say a thing twice, or leave no value over."""
    if field.bounds and field.kind not in ORDERED:
        yield f"a range has no meaning for {field.kind}."
    if {"ge", "gt"} <= dict(field.bounds).keys() or {"le", "lt"} <= dict(field.bounds).keys():
        yield "two limits on the same side; keep the narrower one."
    if field.bounds and field.span[0] > field.span[1]:
        yield f"the range {' and '.join(f'{rule} {limit}' for rule, limit in field.bounds)} is empty."
    lengths = [length for length in (field.min_length, field.max_length) if length is not None]
    texts = [*lengths, *([field.pattern] if field.pattern is not None else [])]
    if texts and field.kind is not Kind.TEXT:
        yield f"a length or pattern has no meaning for {field.kind}."
    if not all(type(length) is int and 0 <= length <= LONGEST for length in lengths):
        yield f"a length is a whole number from 0 to {LONGEST}."
    if field.max_length is not None and (field.shortest or 0) > field.max_length:
        yield f"no text is at least {field.shortest} and at most {field.max_length} characters long."
    if field.pattern is not None:
        try:
            re.compile(field.pattern)
        except re.error as error:
            yield f"the pattern {field.pattern!r} is no regular expression: {error}."
    if field.categories is not None:
        if len(set(field.categories)) != len(field.categories) or not field.categories:
            yield "categories must be there, and each once."
        if field.kind in (Kind.FLOAT, Kind.TIME, Kind.DATE):
            yield f"categories have no meaning for {field.kind}."
        if field.bounds or texts:
            yield "categories and a range or length say the same thing twice."
        if field.nullable and "" in field.categories:
            yield "an empty text cannot be a category where the value may be missing."
