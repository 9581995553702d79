"""What a value is: the kinds of columns, the values that each can store, and how they are written as JSON."""

from __future__ import annotations

import datetime as dt
import enum
import math
import sys
from typing import Any

INT64 = (-(2**63), 2**63 - 1)
EXACT = 2**53 - 1  # RFC 8785 writes numbers as doubles; whole numbers beyond are written as texts
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DAY = 86_400_000_000  # microseconds


class Kind(enum.StrEnum):
    """The type of a column: what its values are, whatever container carries them."""

    BOOL = "bool"
    INT = "int"  # 64 bits, signed
    FLOAT = "float"  # 64 bits, always finite
    TEXT = "text"
    TIME = "time"  # an instant, UTC, microseconds
    DATE = "date"


Scalar = bool | int | float | str | dt.datetime | dt.date
ORDERED = (Kind.INT, Kind.FLOAT, Kind.TIME, Kind.DATE)
PYTHON: dict[Kind, type] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.TEXT: str,
    Kind.TIME: dt.datetime,
    Kind.DATE: dt.date,
}


def plain(value: Any) -> Any:
    """A value as JSON writes it: times as RFC 3339, in UTC unless they are local."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def typed(kind: Kind, value: Any) -> Any:
    """The value of a kind that a document holds."""
    match kind:
        case Kind.TIME:
            return dt.datetime.fromisoformat(value)
        case Kind.DATE:
            return dt.date.fromisoformat(value)
        case Kind.INT:
            return int(value)
        case Kind.FLOAT:
            return float(value)
    return value


def microseconds(value: dt.datetime) -> int:
    """Microseconds since 1970 of an instant with an offset."""
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def days(value: dt.date) -> int:
    """Days since 1970."""
    return value.toordinal() - EPOCH.toordinal()


def number(kind: Kind, value: Any) -> Any:
    """The number by which a value of an ordered kind is stored and compared."""
    if kind is Kind.TIME:
        return microseconds(value)
    return days(value) if kind is Kind.DATE else value


def written(text: str) -> bool:
    """Whether a text can be written as UTF-8: half of a surrogate pair cannot.

    >>> written(chr(0xD800))
    False
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# The least and greatest number that a kind can store.
WHOLE: dict[Kind, tuple[Any, Any]] = {
    Kind.INT: INT64,
    Kind.FLOAT: (-sys.float_info.max, sys.float_info.max),
    Kind.TIME: (microseconds(EPOCH.min.replace(tzinfo=dt.UTC)), microseconds(EPOCH.max.replace(tzinfo=dt.UTC))),
    Kind.DATE: (days(dt.date.min), days(dt.date.max)),
}


def of_kind(kind: Kind, value: Any) -> bool:
    """Whether a value is one that a column of this kind can store."""
    expected: Any = PYTHON[kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        return False
    if kind is Kind.TEXT:
        return written(value)
    if kind is Kind.DATE and isinstance(value, dt.datetime):
        return False
    if kind is Kind.TIME and value.tzinfo is None:
        return False
    return kind is Kind.BOOL or bool(WHOLE[kind][0] <= number(kind, value) <= WHOLE[kind][1])


def beside(stored: Any, step: int) -> Any:
    """The stored number next to this one, above (step 1) or below (step -1)."""
    return math.nextafter(stored, step * math.inf) if isinstance(stored, float) else stored + step


def exact(value: Any) -> Any:
    """A value as canonical JSON can hold it: a whole number beyond 2**53 as a text."""
    return str(value) if isinstance(value, int) and not -EXACT <= value <= EXACT else value
