"""The JSON reader of a Record: rules compiled into a msgspec decoder, faults explained only where it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bascule.contract.columns import Column, from_values
from bascule.contract.faults import SHOWN, Fault, refuse
from bascule.contract.fields import INT64, Field, Kind, Schema
from bascule.contract.rules import check
from bascule.errors import Unreadable

Columns = dict[str, Column]


class Decoder:
    """Reads JSON rows (`[{…}, …]`) or columns (`{"name": […], …}`) of a Record, strictly.

    >>> from bascule.contract.fields import Field, Kind, Schema
    >>> decoder = Decoder(Schema("Leg", "", (Field(name="miles", kind=Kind.FLOAT, ge=0.0),)))
    >>> decoder.rows(b'[{"miles": 12}]')["miles"].values
    array([12.])
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        types = [_type(field) for field in schema]
        optional = [{"default": None} if field.nullable else {} for field in schema]
        slots = [f"f{index}" for index in range(len(schema))]
        row = msgspec.defstruct(
            schema.name,
            [
                (slot, kind, msgspec.field(**default))
                for slot, kind, default in zip(slots, types, optional, strict=True)
            ],
            rename=dict(zip(slots, schema.names, strict=True)),
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        self._rows = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]
        self._loose = msgspec.json.Decoder()

    def rows(self, body: bytes) -> Columns:
        """The columns of a JSON array of objects; raises SchemaError with every fault, Unreadable if it is no JSON."""
        try:
            rows = self._rows.decode(body)
        except msgspec.ValidationError:
            return self._explained(self._document(body, list, "an array of rows"))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(f"The body is no JSON: {error}.") from error
        values = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else ([] for _ in self.schema)
        return self._checked(dict(zip(self.schema.names, map(list, values), strict=True)), len(rows), [])

    def columns(self, body: bytes) -> Columns:
        """The columns of a JSON object of arrays; raises SchemaError with every fault, Unreadable if it is no JSON."""
        document = self._document(body, dict, "an object of columns")
        lengths = {name: len(column) for name, column in document.items() if isinstance(column, list)}
        if len(lengths) != len(document) or len(set(lengths.values())) > 1:
            raise Unreadable(f"Columns must be arrays of one length, not {lengths or 'single values'}.")
        rows = next(iter(lengths.values()), 0)
        strangers = [Fault(name, "unknown", None, rows) for name in document if name not in self.schema]
        given = {field.name: document.get(field.name, [None] * rows) for field in self.schema}
        return self._checked(given, rows, strangers)

    def _document(self, body: bytes, kind: type, expected: str) -> Any:
        try:
            document = self._loose.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(f"The body is no JSON: {error}.") from error
        if not isinstance(document, kind):
            raise Unreadable(f"The body is {type(document).__name__}, not {expected}.")
        return document

    def _explained(self, rows: Sequence[Any]) -> Columns:
        """The slow path: all faults of rows that the decoder refused, or the columns where it was too strict (3.0)."""
        objects = [row if isinstance(row, Mapping) else {} for row in rows]
        strangers: dict[tuple[str, str], list[tuple[int, Any]]] = {}
        for number, row in enumerate(rows):
            if not isinstance(row, Mapping):
                strangers.setdefault(("", "object"), []).append((number, row))
            for name in () if not isinstance(row, Mapping) else row.keys() - set(self.schema.names):
                strangers.setdefault((name, "unknown"), []).append((number, row[name]))
        faults = [
            Fault(name, rule, None, len(found), tuple(found[:SHOWN])) for (name, rule), found in strangers.items()
        ]
        given = {field.name: [row.get(field.name) for row in objects] for field in self.schema}
        return self._checked(given, len(rows), faults)

    def _checked(self, given: Mapping[str, list[Any]], rows: int, faults: list[Fault]) -> Columns:
        columns: Columns = {}
        for field in self.schema:
            values = (
                [_moment(value, field) for value in given[field.name]] if field.kind in _MOMENTS else given[field.name]
            )
            column, wrong = from_values(field, values)
            faults = [*faults, *wrong, *check(field, column)]
            columns[field.name] = column
        if faults:
            refuse(self.schema, faults, rows)
        return columns


_MOMENTS: dict[Kind, type] = {Kind.TIME: dt.datetime, Kind.DATE: dt.date}


def _moment(value: Any, field: Field) -> Any:
    """A time or date out of its JSON text; what is none is left for the check to name."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.convert(value, _MOMENTS[field.kind])
    except msgspec.ValidationError:
        return value


def _type(field: Field) -> Any:
    """The msgspec type of a field, with every rule that a decoder can hold; `check` sees to the rest."""
    bare = _bare_type(field)
    return bare | None if field.nullable else bare


def _bare_type(field: Field) -> Any:
    if field.categories is not None and field.kind is not Kind.BOOL:
        return Literal[field.categories]
    bounds: dict[str, Any] = dict(field.bounds)
    match field.kind:
        case Kind.INT:
            if "gt" not in bounds:
                bounds.setdefault("ge", INT64[0])
            if "lt" not in bounds:
                bounds.setdefault("le", INT64[1])
            return Annotated[int, Meta(**bounds)]
        case Kind.FLOAT:
            return Annotated[float, Meta(**bounds)]
        case Kind.TEXT:
            rules = Meta(min_length=field.shortest, max_length=field.max_length, pattern=field.pattern)
            return Annotated[str, rules]
        case Kind.TIME:
            return Annotated[dt.datetime, Meta(tz=None if field.zone else True)]
        case Kind.DATE:
            return dt.date
    return bool
