"""Results as documents for programs and as text for people."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def document(result: Any) -> Any:
    """A result as JSON: dataclasses as objects, times as RFC 3339 in UTC, NaN and infinities as texts.

    >>> document({"at": dt.datetime(2013, 4, 1, tzinfo=dt.UTC), "who": Path("a")})
    {'at': '2013-04-01T00:00:00Z', 'who': 'a'}
    """
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {field.name: document(getattr(result, field.name)) for field in dataclasses.fields(result)}
    if isinstance(result, Mapping):
        return {str(key): document(value) for key, value in result.items()}
    if isinstance(result, str | bool | int | None):
        return str(result) if isinstance(result, enum.Enum) else result
    if isinstance(result, float):
        return result if result - result == 0 else repr(result)
    if isinstance(result, dt.datetime):
        return result.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(result, Iterable):
        return [document(value) for value in result]
    return str(result)


def text(result: Any) -> str:
    """A result for people: its own text where it has one, else aligned names and values, and tables for lists."""
    if (own := getattr(result, "text", None)) is not None and callable(own):
        return str(own())
    found = document(result)
    if isinstance(found, list):
        return table(found)
    if not isinstance(found, dict):
        return str(found)
    plain = {key: value for key, value in found.items() if not _tabular(value)}
    width = max(map(len, plain), default=0)
    lines = [f"{key:<{width}}  {_cell(value)}" for key, value in plain.items()]
    for key, value in found.items():
        if key not in plain:
            lines += ["", f"{key}:", table(value)]
    return "\n".join(lines)


def table(rows: Sequence[Any]) -> str:
    """Rows as an aligned table: columns of all-numeric cells to the right.

    >>> print(table([{"name": "a", "rows": 5}, {"name": "bcd", "rows": 12}]))
    name  rows
    a        5
    bcd     12
    """
    if not rows:
        return "(none)"
    if not isinstance(rows[0], dict):
        return "\n".join(map(_cell, rows))
    names = list(rows[0])
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[place]) for line in cells)) for place, name in enumerate(names)]
    numeric = [all(_is_number(row.get(name)) for row in rows) for name in names]

    def line(values: Sequence[str]) -> str:
        aligned = (
            value.rjust(width) if right else value.ljust(width)
            for value, width, right in zip(values, widths, numeric, strict=True)
        )
        return "  ".join(aligned).rstrip()

    return "\n".join([line(names), *map(line, cells)])


def _tabular(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "  ".join(f"{key}={_cell(inner)}" for key, inner in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(_cell, value)) or "-"
    return str(value)
