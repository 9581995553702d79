"""What a benchmark tells: ours and the named limit, measured in the same run, in interleaved laps."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians over the laps, and the median of the laps' ratios of ours to the limit; the goal bounds the ratio.

    Times are better the less they are, and the goal is the greatest ratio; rates the other way round.
    """

    name: str
    limit_is: str
    unit: str
    ours: float
    limit: float
    ratio: float
    goal: float | None

    @classmethod
    def of(
        cls, name: str, limit_is: str, unit: str, laps: Sequence[tuple[float, float]], goal: float | None = None
    ) -> Figure:
        """The figure of laps, each as (ours, limit)."""
        ours, limit = (statistics.median(column) for column in zip(*laps, strict=True))
        return cls(name, limit_is, unit, ours, limit, statistics.median(one / other for one, other in laps), goal)

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.unit.endswith("/s") else self.ratio <= self.goal

    def row(self) -> str:
        """A row of a Markdown table."""
        sign = "≥" if self.unit.endswith("/s") else "≤"
        goal = "" if self.goal is None else f"{sign} {self.goal:g}{'' if self.met else ' ✗'}"
        told = (f"{value:,.3g}" if value < 1000 else f"{value:,.0f}" for value in (self.ours, self.limit))
        return f"| {self.name} | {self.limit_is} | {' | '.join(told)} | {self.unit} | {self.ratio:.2f} | {goal} |"


HEADER = "| what | limit | ours | limit's | unit | ratio | goal |\n| --- | --- | ---: | ---: | --- | ---: | --- |"


def told(figures: Callable[[], Iterable[Figure]]) -> None:
    """Prints each figure as a line of JSON as soon as it is known."""
    for figure in figures():
        print(json.dumps({**asdict(figure), "met": figure.met}, ensure_ascii=False), flush=True)
