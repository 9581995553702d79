"""A column of values in arrays, and the strict intake of Python values into one."""

from __future__ import annotations

import datetime as dt
import enum
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bascule.contract.faults import SHOWN, Fault, mistyped
from bascule.contract.fields import EPOCH, INT64, Field, Kind, days, microseconds

Array = np.ndarray[Any, np.dtype[Any]]
DTYPES: dict[Kind, str] = {
    Kind.BOOL: "bool",
    Kind.INT: "int64",
    Kind.FLOAT: "float64",
    Kind.TEXT: "int32",
    Kind.TIME: "int64",
    Kind.DATE: "int64",
}
# The first and last stored value that Python's calendar can show.
CALENDAR: dict[Kind, tuple[int, int]] = {
    Kind.TIME: (microseconds(EPOCH.min.replace(tzinfo=dt.UTC)), microseconds(EPOCH.max.replace(tzinfo=dt.UTC))),
    Kind.DATE: (days(dt.date.min), days(dt.date.max)),
}


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field: an array, a mask of what is there (None: all is), and for a text its distinct values.

    By kind: bool as bool; int as int64; float as float64; time as int64 microseconds and date as int64 days since
    1970; text as int32 codes into `texts`. Where `valid` is False the value means nothing: it is missing, or, where
    `wrong` is True, it was there but of another type, which was reported when it was taken in.
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
        stored = self.values[row].item()
        if kind is Kind.TEXT:
            return self.texts[stored]
        if kind in CALENDAR:
            return _moment(stored, kind)
        return stored


def from_values(field: Field, values: Sequence[Any], start: int = 0) -> tuple[Column, list[Fault]]:
    """A column of Python values (None: missing), and what is no value of the field's type.

    A number is taken for what it is worth: 3.0 is an int, 3 a float, but neither is True; enumerations count by value.
    """
    intake = _INTAKE[field.kind]
    stored: list[Any] = []
    valid = np.ones(len(values), bool)
    wrong: dict[str, list[int]] = {}
    codes: dict[str, int] = {}
    for row, value in enumerate(map(_bare, values)):
        taken: Any = 0
        if value is None:
            valid[row] = False
        else:
            try:
                taken = intake(value, field)
            except _Wrong as rule:
                valid[row] = False
                wrong.setdefault(str(rule), []).append(row)
            else:
                if field.kind is Kind.TEXT:
                    taken = codes.setdefault(taken, len(codes))
        stored.append(taken)
    column = Column(
        np.array(stored, DTYPES[field.kind]), None if valid.all() else valid, tuple(codes), _mask(wrong, len(values))
    )
    faults = [
        mistyped(field, rule, len(rows), [(start + row, _bare(values[row])) for row in rows[:SHOWN]])
        for rule, rows in wrong.items()
    ]
    return column, faults


def _bare(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    return value.item() if isinstance(value, np.generic) else value


def _mask(wrong: dict[str, list[int]], rows: int) -> Array | None:
    if not wrong:
        return None
    mask = np.zeros(rows, bool)
    for found in wrong.values():
        mask[found] = True
    return mask


class _Wrong(Exception):
    """Names the rule; never leaves this file."""


def _bool(value: Any, _: Field) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong("type")


def _int(value: Any, _: Field) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and INT64[0] <= value <= INT64[1]:
        return value
    raise _Wrong("type")


def _float(value: Any, _: Field) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf")
    raise _Wrong("type")


def _text(value: Any, _: Field) -> str:
    if isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value):
        return str(value)
    raise _Wrong("type")


def _time(value: Any, field: Field) -> int:
    if not isinstance(value, dt.datetime):
        raise _Wrong("type")
    if value.tzinfo is None:
        value = localised(value, field.zone)
    stored = microseconds(value)
    low, high = CALENDAR[Kind.TIME]
    if low <= stored <= high:
        return stored
    raise _Wrong("type")


def _date(value: Any, _: Field) -> int:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return days(value)
    raise _Wrong("type")


_INTAKE: dict[Kind, Callable[[Any, Field], Any]] = {
    Kind.BOOL: _bool,
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.TEXT: _text,
    Kind.TIME: _time,
    Kind.DATE: _date,
}


def localised(value: dt.datetime, zone: str | None) -> dt.datetime:
    """A local time with its offset; refused where no zone is declared or the clock showed it twice or never."""
    if zone is None:
        raise _Wrong("zone")
    local = value.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        raise _Wrong("zone")
    return local


def _moment(stored: int, kind: Kind) -> dt.datetime | dt.date | int:
    low, high = CALENDAR[kind]
    if not low <= stored <= high:
        return stored
    return EPOCH + dt.timedelta(microseconds=stored) if kind is Kind.TIME else EPOCH.date() + dt.timedelta(days=stored)
