"""A column of values in arrays, and the strict intake of Python values into one."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import struct
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np

from bascule.contract.faults import SHOWN, Fault, mistyped
from bascule.contract.fields import Field
from bascule.contract.kinds import EPOCH, INT64, WHOLE, Kind, days, microseconds, written

Array = np.ndarray[Any, np.dtype[Any]]
DTYPES: dict[Kind, str] = {
    Kind.BOOL: "bool",
    Kind.INT: "int64",
    Kind.FLOAT: "float64",
    Kind.TEXT: "int32",
    Kind.TIME: "int64",
    Kind.DATE: "int64",
}
HALF = 500  # nanoseconds: finer times are rounded to the microsecond, half of one up, as the JSON decoder does


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
        if kind in (Kind.TIME, Kind.DATE):
            return _moment(stored, kind)
        return stored


def from_values(field: Field, values: Sequence[Any], start: int = 0) -> tuple[Column, list[Fault]]:
    """A column of Python values (None: missing), and what is no value of the field's type.

    A number is taken for what it is worth: 3.0 is an int, 3 a float, but neither is True; enumerations count by value.
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
        stored = _packed("i", kind, list(map(codes.__getitem__, values)))
        return Column(stored, _present(values) if missing else None, tuple(known))
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
    intake = _INTAKE[field.kind]
    taken: list[Any] = []
    wrong: dict[str, list[int]] = {}
    for row, value in enumerate(map(_bare, values)):
        try:
            taken.append(None if value is None else intake(value, field))
        except _Wrong as rule:
            wrong.setdefault(str(rule), []).append(row)
            taken.append(None)
    column = native(field.kind, taken, missing=True)
    faults = [
        mistyped(field, rule, len(rows), [(start + row, _bare(values[row])) for row in rows[:SHOWN]])
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


def _bare(value: Any) -> Any:
    """A value without its wrapping: of an enumeration's member its value, of a NumPy scalar Python's own."""
    match value:
        case enum.Enum():
            return value.value
        case np.datetime64() | np.timedelta64():
            return _bare_moment(value)
        case np.generic():
            return value.item()
        case dt.datetime() if value != value:  # pandas says so of what is missing
            return None
    return value


def _bare_moment(value: Any) -> Any:
    """NumPy's moment as Python's, nanoseconds rounded; an interval, or what Python's calendar lacks, as it is."""
    if np.isnat(value):
        return None
    if isinstance(value, np.datetime64) and np.datetime_data(value)[0] == "ns":
        value = np.datetime64((int(value.astype("int64")) + HALF) // 1000, "us")
    shown = value.item()
    return value if isinstance(shown, int) else shown


class _Wrong(Exception):
    """Names the rule; never leaves this file."""


def _bool(value: Any, _: Field) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong("type")


def _int(value: Any, _: Field) -> int:
    if isinstance(value, float | decimal.Decimal) and _whole(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and INT64[0] <= value <= INT64[1]:
        return int(value)
    raise _Wrong("type")


def _whole(value: float | decimal.Decimal) -> bool:
    finite = value.is_finite() if isinstance(value, decimal.Decimal) else math.isfinite(value)
    return finite and -(2**63) <= value <= 2**63 and value == int(value)


def _float(value: Any, _: Field) -> float:
    if isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
        except ValueError:  # a signalling NaN
            return math.nan
    raise _Wrong("type")


def _text(value: Any, _: Field) -> str:
    if isinstance(value, str) and written(value):
        return str(value)
    raise _Wrong("type")


def _time(value: Any, field: Field) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise _Wrong("type")
    if value.tzinfo is None:
        value = localised(value, field.zone)
    low, high = WHOLE[Kind.TIME]
    stored = microseconds(value) + int(getattr(value, "nanosecond", 0) >= HALF)
    if low <= stored <= high:
        return EPOCH + dt.timedelta(microseconds=stored)
    raise _Wrong("type")


def _date(value: Any, _: Field) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
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
    if local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset():
        raise _Wrong("zone")
    return local


def instants(local: Array, zone: str) -> tuple[Array, Array]:
    """Local microseconds as UTC microseconds, and which of them the clock showed twice or never.

    A zone's rules are asked by the hour; only where an hour holds a change are they asked by the second. They are
    zoneinfo's, as for single values: Arrow's know no summer time after 2037.
    """
    place = zoneinfo.ZoneInfo(zone)
    seconds = local // 1_000_000
    hours, of = np.unique(seconds // 3600, return_inverse=True)
    offsets = np.hstack([_offsets(hours * 3600, place), _offsets(hours * 3600 + 3599, place)])
    found, doubted = offsets[of, 0], np.ptp(offsets, axis=1).astype(bool)[of]
    exact = _offsets(seconds[doubted], place)
    found[doubted] = exact[:, 0]
    doubted[doubted] = exact[:, 0] != exact[:, 1]
    return local - found * 1_000_000, doubted


def _offsets(seconds: Array, place: zoneinfo.ZoneInfo) -> Array:
    """The offsets in seconds of local times, as before and as after a change, shape (times, 2)."""
    shown = [EPOCH + dt.timedelta(seconds=second) for second in seconds.tolist()]
    folds = [[time.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)] for time in shown]
    return np.array(folds, "timedelta64[s]").astype("int64").reshape(-1, 2)


def _moment(stored: int, kind: Kind) -> dt.datetime | dt.date | int:
    low, high = WHOLE[kind]
    if not low <= stored <= high:
        return stored
    return EPOCH + dt.timedelta(microseconds=stored) if kind is Kind.TIME else EPOCH.date() + dt.timedelta(days=stored)
