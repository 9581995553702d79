"""What a time or date says to a model: its hour, weekday, month, and where it stands in the year."""

from __future__ import annotations

from typing import Any, Literal, Protocol, Self, TypeVar

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.fields import DAY
from bascule.contract.signature import MISSING_MOMENT
from bascule.errors import MissingExtra

try:
    from sklearn.base import BaseEstimator, TransformerMixin
except ImportError as error:
    raise MissingExtra.naming("scikit-learn", "lab") from error

Unit = Literal["us", "D"]
PARTS: dict[Unit, tuple[str, ...]] = {
    "us": ("hour", "minute of day", "weekday", "day", "month", "day of year"),
    "D": ("weekday", "day", "month", "day of year"),
}
FIRST = 719_468  # days from 1 March of year 0 to 1970: counted from there, no date of Python's calendar is negative
MINUTE = 60_000_000  # microseconds


class Calendar(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Times (`unit="us"`: int64 microseconds) or dates (`unit="D"`: int64 days since 1970) as numbers, NaN if missing.

    A time gives hour (0–23) and minute of day (0–1439); both give weekday (Monday is 0), day and month (from 1), and
    day of year (from 1): first this part of every column, then the next part. All is UTC, since a graph knows no zones;
    where local hours matter, give the record a field for them. The calendar is the proleptic Gregorian one (ISO 8601),
    years 1 to 9999.

    >>> Calendar("D").fit_transform(np.array([[0]])).tolist()
    [[3.0, 1.0, 1.0, 1.0]]
    """

    def __init__(self, unit: Unit = "us") -> None:
        self.unit = unit

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns nothing but how many columns there are."""
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> Array:
        """Float64 of shape (rows, parts × columns)."""
        moments = np.asarray(X, "int64")
        missing = moments == MISSING_MOMENT
        return np.concatenate([np.where(missing, np.nan, part) for part in split(moments, self.unit)], axis=1)

    def get_feature_names_out(self, names: Any = None) -> Array:
        """The names in order: `departure hour`, `departure minute of day` …"""
        columns = [f"x{number}" for number in range(self.n_features_in_)] if names is None else names
        return np.array([f"{column} {part}" for part in PARTS[self.unit] for column in columns], object)


class Whole(Protocol):
    """Whole numbers with Python's arithmetic: a NumPy array, or values on their way through a graph."""

    def __add__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __floordiv__(self, other: Any, /) -> Any: ...


W = TypeVar("W", bound=Whole)


def split(moments: W, unit: Unit) -> list[W]:
    """The parts of moments, in the order of PARTS, by whole-number arithmetic alone; what is missing means nothing.

    The year begins in March here, so that the leap day is its last and months follow one rule (H. Hinnant,
    "chrono-Compatible Low-Level Date Algorithms", 2014).
    """
    clock = []
    if unit == "us":
        since = moments + FIRST * DAY
        days = since // DAY
        minute = (since - days * DAY) // MINUTE
        clock = [minute // 60, minute]
    else:
        days = moments + FIRST
    weekday = days + 2 - (days + 2) // 7 * 7
    era = days // 146_097  # 400 years
    day = days - era * 146_097
    year = era * 400 + (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    since_march = days - _march(year)
    month = (since_march * 5 + 2) // 153
    turned = (month + 2) // 12  # 1 in January and February, which belong to the next year
    since_january = days - _march(year + turned - 1) - 305
    return [*clock, weekday, since_march + 1 - (month * 153 + 2) // 5, month + 3 - turned * 12, since_january]


def _march(year: Any) -> Any:
    """Days from 1 March of year 0 to that of a year."""
    return year * 365 + year // 4 - year // 100 + year // 400
