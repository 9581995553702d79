"""What a column holds: counts, range, mean, distinct and most frequent values, gathered part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import ORDERED, Kind

COUNTED = 50_000  # distinct values of a column that are told apart; of more it is only said that they are more
SHOWN = 5
FIRST = 100


@dataclass(frozen=True, slots=True)
class Statistics:
    """The values of one column in figures; `distinct` is None where there are more than are counted.

    Of a column that holds personal data only the counts are told.
    """

    count: int
    missing: int
    distinct: int | None
    least: Any = None
    greatest: Any = None
    mean: float | None = None
    top: tuple[tuple[Any, int], ...] = ()

    def hidden(self) -> Statistics:
        """The counts alone."""
        return Statistics(self.count, self.missing, self.distinct)


class Profile:
    """Takes in the parts of one checked column, in order."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.count = 0
        self.missing = 0
        self.counter: Counter[Any] | None = Counter()
        self.first: list[Any] = []  # the first values, as examples
        self.counted = 0  # values told apart until there were too many distinct ones
        self.rising = True  # every value is greater than the one before
        self.words = 0  # of the counted texts together
        self._distinct = 0
        self._least: Any = None
        self._greatest: Any = None
        self._last: Any = None
        self._sum = 0.0

    def add(self, values: pa.ChunkedArray) -> None:
        """Takes in the next part."""
        self.missing += values.null_count
        present = values.drop_null()
        if not len(present):
            return
        self.count += len(present)
        self.first += present[: FIRST - len(self.first)].to_pylist() if len(self.first) < FIRST else []
        self._count(present)
        if self.field.kind in ORDERED:
            self._range(present)
        if self.field.kind in (Kind.INT, Kind.FLOAT, Kind.BOOL):
            self._sum += pc.sum(pc.cast(present, pa.float64(), safe=False)).as_py()

    def statistics(self) -> Statistics:
        """The figures of what was taken in."""
        distinct = None if self.counter is None else len(self.counter)
        mean = self._sum / self.count if self.count and self.field.kind in (Kind.INT, Kind.FLOAT, Kind.BOOL) else None
        found = Statistics(
            self.count, self.missing, distinct, self._least, self._greatest, mean, tuple(self.top(SHOWN))
        )
        return found.hidden() if self.field.personal else found

    @property
    def novelty(self) -> float:
        """The share of distinct values among those that were counted: 1 where no value comes twice."""
        return self._distinct / self.counted if self.counted else 0.0

    def top(self, most: int) -> Iterable[tuple[Any, int]]:
        """The most frequent values with their counts, where any value comes twice and the values could be counted."""
        if not self.counter or len(self.counter) == self.count:
            return []
        return sorted(self.counter.items(), key=lambda item: (-item[1], str(item[0])))[:most]

    def _count(self, present: pa.ChunkedArray) -> None:
        if self.counter is None:
            return
        self.counted += len(present)
        for entry in pc.value_counts(present).to_pylist():
            self.counter[entry["values"]] += entry["counts"]
        if self.field.kind is Kind.TEXT:
            self.words += len(present) + pc.sum(pc.count_substring(present, " ")).as_py()
        self._distinct = len(self.counter)
        if len(self.counter) > COUNTED:
            self.counter = None

    def _range(self, present: pa.ChunkedArray) -> None:
        found = pc.min_max(present)
        low, high = found["min"].as_py(), found["max"].as_py()
        if self.rising:
            array = present.combine_chunks()
            inner = pc.all(pc.greater(array[1:], array[:-1]), min_count=0).as_py()
            self.rising = inner and (self._last is None or array[0].as_py() > self._last)
            self._last = array[-1].as_py()
        self._least = low if self._least is None else min(low, self._least)
        self._greatest = high if self._greatest is None else max(high, self._greatest)


def profiled(schema: Schema, parts: Iterable[pa.Table]) -> dict[str, Profile]:
    """The profile of every column over all parts."""
    found = {field.name: Profile(field) for field in schema}
    for part in parts:
        for name, profile in found.items():
            profile.add(part[name])
    return found
