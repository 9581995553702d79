"""A column of values in arrays, and the strict intake of Python values into one."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np

from bascule.contract.faults import SHOWN, Fault, mistyped
from bascule.contract.fields import Field
from bascule.contract.kinds import EPOCH, WHOLE, Kind, days, microseconds
from bascule.contract.scalars import Wrong, bare, stored

Array = np.ndarray[Any, np.dtype[Any]]
DTYPES: dict[Kind, str] = {
    Kind.BOOL: "bool",
    Kind.INT: "int64",
    Kind.FLOAT: "float64",
    Kind.TEXT: "int32",
    Kind.TIME: "int64",
    Kind.DATE: "int64",
}


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field: an array, a mask of what is there (None: all is), and the texts that codes stand for.

    By kind: bool as bool; int as int64; float as float64; time as int64 microseconds and date as int64 days since
    1970; text as int32 codes into `texts`. Where `valid` is False the value is zero and means nothing: it is missing,
    or, where `wrong` is True, it was there but of another type, which was reported when it was taken in.
    """

    values: Array
    valid: Array | None = None
    texts: tuple[str, ...] = ()
    wrong: Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    def value(self, row: int, kind: Kind) -> Any:
        """The Python value at a row, None where it is missing."""
        if self.valid is not None and not self.valid[row]:
            return None
        value = self.values[row].item()
        if kind is Kind.TEXT:
            return self.texts[value]
        return _moment(value, kind) if kind in (Kind.TIME, Kind.DATE) else value


def from_values(field: Field, values: Sequence[Any], start: int = 0) -> tuple[Column, list[Fault]]:
    """A column of Python values (None: missing), and what is no value of the field's type.

    A number is taken for what it is worth: 3.0 is an int, 3 a float, but neither is True. Enumerations count by value.
    """
    kinds = set(map(type, values))
    if kinds <= _NATIVE[field.kind]:
        try:
            return native(field.kind, values, NoneType in kinds), []
        except (OverflowError, struct.error, TypeError, UnicodeEncodeError):
            pass  # a number too large, a local time, a lone surrogate: told one by one
    return _one_by_one(field, values, start)


def native(kind: Kind, values: Sequence[Any], missing: bool) -> Column:
    """A column of values known to be of the kind's Python type, or None if some may be `missing`.

    Raises OverflowError, struct.error, TypeError or UnicodeEncodeError for what the kind cannot store.
    """
    valid = None
    if kind is Kind.TEXT:
        known: dict[Any, int] = dict.fromkeys(values, 0)
        missing = known.pop(None, None) is not None
        "".join(known).encode()
        codes: dict[Any, int] = {text: code for code, text in enumerate(known)} | {None: 0}
        coded = _packed("i", kind, list(map(codes.__getitem__, values)))
        return Column(coded, _present(values) if missing else None, tuple(known))
    if missing and None in values:
        valid = _present(values)
        values = [_NOTHING[kind] if value is None else value for value in values]
    match kind:
        case Kind.BOOL:
            return Column(np.frombuffer(bytes(values), bool), valid)
        case Kind.FLOAT:
            return Column(_packed("d", kind, values), valid)
        case Kind.TIME:
            values = list(map(microseconds, values))
        case Kind.DATE:
            values = list(map(days, values))
    return Column(_packed("q", kind, values), valid)


def _packed(code: str, kind: Kind, values: Sequence[Any]) -> Array:
    return np.frombuffer(struct.pack(f"{len(values)}{code}", *values), DTYPES[kind])  # half the time of np.array


def _present(values: Sequence[Any]) -> Array:
    return np.frombuffer(bytes([value is not None for value in values]), bool)


_NATIVE: dict[Kind, set[type]] = {
    Kind.BOOL: {bool, NoneType},
    Kind.INT: {int, NoneType},
    Kind.FLOAT: {float, int, NoneType},
    Kind.TEXT: {str, NoneType},
    Kind.TIME: {dt.datetime, NoneType},
    Kind.DATE: {dt.date, NoneType},
}
_NOTHING: dict[Kind, Any] = {
    Kind.BOOL: False,
    Kind.INT: 0,
    Kind.FLOAT: 0.0,
    Kind.TIME: EPOCH,
    Kind.DATE: EPOCH.date(),
}


def _one_by_one(field: Field, values: Sequence[Any], start: int) -> tuple[Column, list[Fault]]:
    taken: list[Any] = []
    wrong: dict[str, list[int]] = {}
    for row, value in enumerate(map(bare, values)):
        try:
            taken.append(None if value is None else stored(field, value))
        except Wrong as rule:
            wrong.setdefault(str(rule), []).append(row)
            taken.append(None)
    column = native(field.kind, taken, missing=True)
    faults = [
        mistyped(field, rule, len(rows), [(start + row, bare(values[row])) for row in rows[:SHOWN]])
        for rule, rows in wrong.items()
    ]
    return Column(column.values, column.valid, column.texts, _mask(wrong, len(values))), faults


def _mask(wrong: dict[str, list[int]], rows: int) -> Array | None:
    if not wrong:
        return None
    mask = np.zeros(rows, bool)
    for found in wrong.values():
        mask[found] = True
    return mask


def _moment(stored: int, kind: Kind) -> dt.datetime | dt.date | int:
    low, high = WHOLE[kind]
    if not low <= stored <= high:
        return stored
    return EPOCH + dt.timedelta(microseconds=stored) if kind is Kind.TIME else EPOCH.date() + dt.timedelta(days=stored)
