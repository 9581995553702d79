"""The class that declares a schema, for tests that go from rules to a declaration and back."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal

import annotated_types as at
from typing_extensions import Doc

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import PYTHON
from bascule.contract.records import Example, Name, Notes, Pattern, Personal, Question, Record


def record_of(schema: Schema) -> type[Record]:
    """A Record with these fields, its attributes called `a0`, `a1` …

    >>> from bascule.contract import records
    >>> from bascule.contract.kinds import Kind
    >>> leg = Schema("Leg", "", (Field(name="air miles", kind=Kind.FLOAT, ge=0.0),))
    >>> records.schema(record_of(leg))["air miles"].bounds
    (('ge', 0.0),)
    """
    hints = {f"a{number}": hint_of(field) for number, field in enumerate(schema)}
    body = {"__annotations__": hints, "__doc__": schema.definition}
    return types.new_class(schema.name, (Record,), {}, lambda namespace: namespace.update(body))


def hint_of(field: Field) -> Any:
    """The annotated type that declares a field."""
    bare: Any = PYTHON[field.kind] if field.categories is None else Literal[field.categories]
    marks: list[Any] = [Name(field.name)]
    limits = {"ge": at.Ge, "gt": at.Gt, "le": at.Le, "lt": at.Lt, "min_length": at.MinLen, "max_length": at.MaxLen}
    prose = {"pattern": Pattern, "unit": at.Unit, "zone": at.Timezone, "example": Example}
    texts = {"definition": Doc, "notes": Notes, "question": Question}
    for slot, mark in {**limits, **prose}.items():
        if (said := getattr(field, slot)) is not None:
            marks.append(mark(said))
    marks += [mark(getattr(field, slot)) for slot, mark in texts.items() if getattr(field, slot)]
    marks += [Personal()] if field.personal else []
    return Annotated[(bare | None if field.nullable else bare, *marks)]
