"""The JSON reader of a Record: rules compiled into msgspec decoders, faults explained only where they refuse."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import Meta

from bascule.contract.columns import Column, from_values, native
from bascule.contract.faults import Fault, refuse
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import INT64, Kind
from bascule.contract.rows import turned
from bascule.contract.rules import check
from bascule.errors import Unreadable

Columns = dict[str, Column]


class Decoder:
    """Reads JSON rows (`[{…}, …]`) or columns (`{"name": […], …}`) of a Record, strictly.

    Where one object has a name twice, the last value counts. The typed decoders let through nothing that breaks a
    rule; what they refuse is read once more without types, to name every fault or to accept a 3.0 for an int.

    >>> from bascule.contract.fields import Field, Kind, Schema
    >>> decoder = Decoder(Schema("Leg", "", (Field(name="miles", kind=Kind.FLOAT, ge=0.0),)))
    >>> decoder.rows(b'[{"miles": 12}]')["miles"].values
    array([12.])
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        types = [_type(field) for field in schema]
        self._rows = _decoder(schema, types, of_rows=True)
        self._columns = _decoder(schema, [_list(kind) for kind in types], of_rows=False)

    def rows(self, body: bytes) -> Columns:
        """The columns of a JSON array of objects; raises SchemaError with every fault, Unreadable if it is no JSON."""
        rows = _decoded(self._rows, body)
        if rows is None:
            document = _document(body, list, "a JSON array of rows")
            given, strangers = turned(self.schema, document)
            return self._explained(given, len(document), strangers)
        # One flat list, where a list of tuples would set off Python's garbage collector.
        flat = list(chain.from_iterable(map(msgspec.structs.astuple, rows)))
        return self._held(flat[start :: len(self.schema)] for start in range(len(self.schema)))

    def columns(self, body: bytes) -> Columns:
        """The columns of a JSON object of arrays; raises SchemaError with every fault, Unreadable if it is no JSON."""
        found = _decoded(self._columns, body)
        given = () if found is None else msgspec.structs.astuple(found)
        lengths = {len(values) for values in given if values is not None}
        if len(lengths) != 1:
            return self._explained_columns(_document(body, dict, "a JSON object of columns"))
        nothing = [None] * lengths.pop()
        return self._held(nothing if values is None else values for values in given)

    def _held(self, given: Iterable[Sequence[Any]]) -> Columns:
        """Values that the decoder let through: what it can hold itself is not checked again."""
        columns: Columns = {}
        faults: list[Fault] = []
        for field, values in zip(self.schema, given, strict=True):
            if field.kind in (Kind.INT, Kind.FLOAT, Kind.TEXT):
                columns[field.name] = native(field.kind, values, field.nullable)
            else:
                columns[field.name], found = _checked(field, values)
                faults += found
        if faults:
            refuse(self.schema, faults, len(columns[faults[0].column]))
        return columns

    def _explained_columns(self, document: Mapping[str, Any]) -> Columns:
        lengths = {name: len(values) for name, values in document.items() if isinstance(values, list)}
        if len(lengths) != len(document) or len(set(lengths.values())) > 1:
            raise Unreadable(
                f"The columns are no arrays of one length: {lengths or 'single values'}.",
                next_step="Send an array for each column, all of the same length.",
            )
        rows = next(iter(lengths.values()), 0)
        faults = [Fault(name, "unknown", None, rows) for name in document if name not in self.schema]
        missing = [field.name for field in self.schema if field.name not in document and not field.nullable]
        faults += [Fault(name, "missing", None, rows) for name in missing]
        return self._explained(document, rows, faults)

    def _explained(self, given: Mapping[str, list[Any]], rows: int, faults: list[Fault]) -> Columns:
        """The slow path: all faults of what the decoder refused, or the columns where it was too strict."""
        columns: Columns = {}
        for field in self.schema:
            if field.name not in given:
                columns[field.name] = native(field.kind, [None] * rows, missing=True)
                continue
            columns[field.name], found = _checked(field, [_moment(value, field.kind) for value in given[field.name]])
            faults = [*faults, *found]
        if faults:
            refuse(self.schema, faults, rows)
        return columns


def _checked(field: Field, values: Sequence[Any]) -> tuple[Column, list[Fault]]:
    column, wrong = from_values(field, values)
    return column, [*wrong, *check(field, column)]


def _document(body: bytes, kind: type, expected: str) -> Any:
    """The body without types; Python's own reader takes what only a rule refuses: 1e400, half of a surrogate pair."""
    try:
        document = json.loads(bytes(body).decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The body is no JSON: {error}.", next_step=f"Send {expected}.") from error
    if not isinstance(document, kind):
        raise Unreadable(f"The body is {type(document).__name__}.", next_step=f"Send {expected}.")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


_MOMENTS: dict[Kind, type] = {Kind.TIME: dt.datetime, Kind.DATE: dt.date}


def _moment(value: Any, kind: Kind) -> Any:
    """A time or date out of its JSON text; what is none is left for the check to name."""
    if kind not in _MOMENTS or not isinstance(value, str):
        return value
    try:
        return msgspec.convert(value, _MOMENTS[kind])
    except (msgspec.ValidationError, UnicodeEncodeError):
        return value


def _decoder(schema: Schema, types: list[Any], *, of_rows: bool) -> msgspec.json.Decoder[Any] | None:
    """A decoder into a struct of these types by the names of the schema; None where msgspec cannot spell a name."""
    if any(re.search(r'["\\\x00-\x1f]', name) for name in schema.names):
        return None
    slots = [f"f{index}" for index in range(len(schema))]
    fields = [
        (slot, kind, msgspec.field(default=None) if field.nullable else msgspec.field())
        for slot, kind, field in zip(slots, types, schema, strict=True)
    ]
    struct = msgspec.defstruct(
        "Row",
        fields,
        rename=dict(zip(slots, schema.names, strict=True)),
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )
    return msgspec.json.Decoder(_list(struct) if of_rows else struct)


def _list(kind: Any) -> Any:
    return list[kind]


def _decoded(decoder: msgspec.json.Decoder[Any] | None, body: bytes) -> Any:
    """What a typed decoder reads, None where it refuses."""
    try:
        return decoder.decode(body) if decoder is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


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
