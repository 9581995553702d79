"""Rows into columns: records, dataclasses or mappings, turned by the names of a schema."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from bascule.contract.faults import Fault
from bascule.contract.fields import Schema
from bascule.errors import Unreadable


def turned(schema: Schema, rows: Iterable[Any]) -> tuple[dict[str, list[Any]], list[Fault]]:
    """The values of each field, None where a row lacks it, and a fault for each name that the schema does not know.

    Raises Unreadable for a row that is neither a record nor a dataclass nor a mapping.

    >>> from bascule.contract.fields import Field, Kind
    >>> turned(Schema("Leg", "", (Field(name="miles", kind=Kind.INT),)), [{"miles": 3}, {"mile": 4}])
    ({'miles': [3, None]}, [Fault(column='mile', rule='unknown', limit=None, rows=1, examples=())])
    """
    names = {field.attribute: field.name for field in schema}
    taken = [_mapping(row, number, names) for number, row in enumerate(rows)]
    columns = {name: [row.get(name) for row in taken] for name in schema.names}
    strangers = Counter(str(key) for row in taken for key in row if key not in columns)
    return columns, [Fault(name, "unknown", None, count) for name, count in strangers.items()]


def _mapping(row: Any, number: int, names: Mapping[str, str]) -> Mapping[Any, Any]:
    """A row by the names of columns; `names` has them by the names of attributes."""
    if isinstance(row, Mapping):
        return row
    if isinstance(row, msgspec.Struct):
        return {names.get(slot, slot): getattr(row, slot) for slot in row.__struct_fields__}
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return {names.get(slot.name, slot.name): getattr(row, slot.name) for slot in dataclasses.fields(row)}
    raise Unreadable(
        f"Row {number} is {type(row).__name__}, not a record, a dataclass or a mapping.",
        next_step="Give rows with names, or columns by name.",
    )
