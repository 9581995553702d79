"""What is wrong with data: one Fault for each rule broken in each column, and the error that names them all."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import INT64, plain, written
from bascule.errors import SchemaError

SHOWN = 3  # examples kept for each rule
LONG = 80  # characters shown of a value


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule broken in one column: the limit, the number of rows, and the first examples as (row, value)."""

    column: str
    rule: str
    limit: Any
    rows: int
    examples: tuple[tuple[int, Any], ...] = ()

    def __str__(self) -> str:
        limit = "" if self.limit is None else f" {_short(self.limit)}"
        shown = "; ".join(f"row {row}: {_short(value)}" for row, value in self.examples)
        return f"{_short(self.column)} breaks {self.rule}{limit} in {_rows(self.rows)}" + (
            f" ({shown})" if shown else ""
        )

    def document(self) -> dict[str, Any]:
        """The fault as JSON."""
        examples = [{"row": row, "value": _json(value)} for row, value in self.examples]
        return {
            "column": self.column if written(self.column) else _short(self.column),
            "rule": self.rule,
            "limit": _json(self.limit),
            "rows": self.rows,
            "examples": examples,
        }


def fault(field: Field, rule: str, limit: Any, rows: int, examples: Iterable[tuple[int, Any]]) -> Fault:
    """The fault of one column, with values of a person kept out of sight."""
    shown = [(row, "(personal)" if field.personal and value is not None else value) for row, value in examples]
    return Fault(field.name, rule, limit, rows, tuple(shown))


def mistyped(field: Field, rule: str, rows: int, examples: Iterable[tuple[int, Any]]) -> Fault:
    """The fault of values that are none of the field's type ("type"), or local times that name no instant ("zone")."""
    return fault(field, rule, field.zone if rule == "zone" else str(field.kind), rows, examples)


def merge(faults: Iterable[Fault]) -> list[Fault]:
    """The faults of consecutive parts as those of the whole: rows added up, the first examples kept."""
    whole: dict[tuple[str, str], Fault] = {}
    for part in faults:
        known = whole.get((part.column, part.rule))
        whole[part.column, part.rule] = part if known is None else _together(known, part)
    return list(whole.values())


def refuse(schema: Schema, faults: Sequence[Fault], rows: int) -> NoReturn:
    """Raises the SchemaError that names every broken rule; its details hold all of them."""
    first = "; ".join(map(str, faults[:SHOWN]))
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    count = f"{len(faults)} rule{'s' if len(faults) != 1 else ''}"
    raise SchemaError(
        f"{count} of {schema.name} broken in {_rows(rows)}: {first}{more}.",
        faults=[part.document() for part in faults],
    )


def _together(first: Fault, then: Fault) -> Fault:
    return replace(first, rows=first.rows + then.rows, examples=(first.examples + then.examples)[:SHOWN])


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}"


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        text = ", ".join(map(_short, value))
        return text if len(text) <= LONG else f"{text[: LONG - 3]}..."
    try:
        return _REPR.repr(_plain(value))
    except ValueError:
        return f"({type(value).__name__})"  # a whole number of thousands of digits


def _json(value: Any) -> Any:
    """A value that any JSON writer takes, no longer than it is shown."""
    value = _plain(value)
    match value:
        case tuple():
            return [_json(part) for part in value]
        case None | bool():
            return value
        case int() if INT64[0] <= value <= INT64[1]:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= LONG and written(value):
            return value
    return _short(value)


def _plain(value: Any) -> Any:
    try:
        return plain(value)
    except OverflowError:
        return value.isoformat()  # an instant whose UTC form lies outside of Python's calendar


_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = LONG
