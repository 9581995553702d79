"""One Python value as its kind stores it, whatever type of another library it came in."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bascule.contract.fields import Field
from bascule.contract.kinds import EPOCH, INT64, WHOLE, Kind, microseconds, written
from bascule.contract.zones import localised

HALF = 500  # nanoseconds: finer times are rounded to the microsecond, half of one up, as the JSON decoder does


class Wrong(Exception):
    """A value that is none of its field's type; its text is the rule that it breaks, "type" or "zone"."""


def stored(field: Field, value: Any) -> Any:
    """A bare value in the Python type of the field's kind; raises Wrong for one that is none of it.

    A number is taken for what it is worth: 3.0 is an int, 3 a float, but neither is True.

    >>> stored(Field(name="x", kind=Kind.INT), 3.0)
    3
    """
    return _INTAKE[field.kind](value, field)


def bare(value: Any) -> Any:
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


def _bool(value: Any, _: Field) -> bool:
    if isinstance(value, bool):
        return value
    raise Wrong("type")


def _int(value: Any, _: Field) -> int:
    if isinstance(value, float | decimal.Decimal) and _whole(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and INT64[0] <= value <= INT64[1]:
        return int(value)
    raise Wrong("type")


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
    raise Wrong("type")


def _text(value: Any, _: Field) -> str:
    if isinstance(value, str) and written(value):
        return str(value)
    raise Wrong("type")


def _time(value: Any, field: Field) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise Wrong("type")
    if value.utcoffset() is None:
        value = localised(value, field.zone) if field.zone is not None else None
    if value is None:
        raise Wrong("zone")
    low, high = WHOLE[Kind.TIME]
    rounded = microseconds(value) + int(getattr(value, "nanosecond", 0) >= HALF)
    if low <= rounded <= high:
        return EPOCH + dt.timedelta(microseconds=rounded)
    raise Wrong("type")


def _date(value: Any, _: Field) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise Wrong("type")


_INTAKE: dict[Kind, Callable[[Any, Field], Any]] = {
    Kind.BOOL: _bool,
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.TEXT: _text,
    Kind.TIME: _time,
    Kind.DATE: _date,
}
