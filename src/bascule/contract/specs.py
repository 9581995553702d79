"""Specifications derived from a contract, never written twice: JSON Schema and the data dictionary."""

from __future__ import annotations

from typing import Any

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import INT64, Kind, plain

_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MOMENT = rf"^{_DAY}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_OFFSET = r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer", "minimum": INT64[0], "maximum": INT64[1]},
    Kind.FLOAT: {"type": "number"},
    Kind.TEXT: {"type": "string"},
    Kind.TIME: {"type": "string", "format": "date-time", "pattern": f"{_MOMENT}{_OFFSET}$"},
    Kind.DATE: {"type": "string", "format": "date", "pattern": f"^{_DAY}$"},
}
_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
# JSON Schema orders numbers only; limits on times are told in the keywords that validators such as ajv know.
_MOMENT_KEYWORDS = {
    "ge": "formatMinimum",
    "gt": "formatExclusiveMinimum",
    "le": "formatMaximum",
    "lt": "formatExclusiveMaximum",
}


def json_schema(schema: Schema) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one row: closed, with every rule, unit and meaning of the Record.

    >>> json_schema(Schema("Leg", "", (Field(name="miles", kind=Kind.FLOAT, ge=0.0),)))["required"]
    ['miles']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema.name,
        **({"description": schema.definition} if schema.definition else {}),
        "type": "object",
        "properties": {field.name: field_schema(field) for field in schema},
        "required": [field.name for field in schema if not field.nullable],
        "additionalProperties": False,
    }


def field_schema(field: Field) -> dict[str, Any]:
    """The JSON Schema of one field."""
    found = dict(_TYPES[field.kind])
    if field.zone is not None:
        del found["format"]  # which asks for an offset
        found |= {"pattern": f"{_MOMENT}{_OFFSET}?$", "x-zone": field.zone}
    keywords = _MOMENT_KEYWORDS if field.kind in (Kind.TIME, Kind.DATE) else _KEYWORDS
    found |= {keywords[rule]: plain(limit) for rule, limit in field.bounds}
    rules = {"minLength": field.shortest, "maxLength": field.max_length, "pattern": field.pattern}
    found |= {keyword: rule for keyword, rule in rules.items() if rule is not None}
    if field.nullable:
        found["type"] = [found["type"], "null"]
    if field.categories is not None:
        found["enum"] = [*field.categories, *([None] if field.nullable else [])]
    prose = {
        "description": field.definition,
        "x-unit": field.unit,
        "x-notes": field.notes,
        "x-question": field.question,
    }
    found |= {keyword: text for keyword, text in prose.items() if text}
    if field.example is not None:
        found["examples"] = [plain(field.example)]
    return found


def dictionary(schema: Schema) -> list[dict[str, Any]]:
    """The data dictionary: an entry for each field; one without a definition carries a question to its owner."""
    return [
        {
            "table": schema.name,
            "field": field.name,
            "definition": field.definition,
            "type": str(field.kind),
            "unit": field.unit,
            "allowed": allowed(field),
            "may_be_missing": field.nullable,
            "example": plain(field.example),
            "personal": field.personal,
            "notes": field.notes,
            "question": field.question or ("" if field.definition else "What does this field mean?"),
        }
        for field in schema
    ]


def allowed(field: Field) -> str:
    """The values a field may take, in a short phrase.

    >>> allowed(Field(name="miles", kind=Kind.FLOAT, ge=0.0, lt=9000.0))
    'from 0.0, below 9000.0'
    """
    if field.categories is not None:
        return "one of " + ", ".join(map(repr, field.categories))
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    found = [f"{words[rule]} {plain(limit)}" for rule, limit in field.bounds]
    if field.shortest is not None:
        found.append(f"at least {field.shortest} characters")
    if field.max_length is not None:
        found.append(f"at most {field.max_length} characters")
    if field.pattern is not None:
        found.append(f"matching {field.pattern}")
    return ", ".join(found) or "any"
