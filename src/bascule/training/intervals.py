"""How far a metric would move on other rows: percentile intervals of the bootstrap (Efron 1979)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bascule.contract.columns import Array
from bascule.training.metrics import Statistic

RESAMPLES = 400
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A value, and between which limits 95 % of its resamples lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Draws:
    """The value of each statistic on the rows, and on every resample of them, the same resamples for all."""

    values: dict[str, float]
    resampled: dict[str, Array]

    def interval(self, name: str) -> Interval:
        """Of one statistic."""
        return Interval(self.values[name], *_limits(self.resampled[name]))

    def gain(self, name: str, over: str, *, greater: bool) -> Interval:
        """By how much one is better than another on the same rows; `greater` says which way is better."""
        sign = 1.0 if greater else -1.0
        difference = sign * (self.resampled[name] - self.resampled[over])
        return Interval(sign * (self.values[name] - self.values[over]), *_limits(difference))


def bootstrap(
    statistics: Mapping[str, Statistic], rows: int, generator: np.random.Generator, resamples: int = RESAMPLES
) -> Draws:
    """Draws as many rows as there are, with replacement, again and again, and asks every statistic each time.

    A resample without a value (all rows drawn are of one class, say) is left out.

    >>> draws = bootstrap({"mean": lambda w: float(w @ [1.0, 3.0] / 2)}, 2, np.random.default_rng(1))
    >>> draws.interval("mean")
    Interval(value=2.0, low=1.0, high=3.0)
    """
    whole = np.ones(rows)
    found = np.empty((resamples, len(statistics)))
    for resample in found:
        weights = np.bincount(generator.integers(0, rows, rows), minlength=rows).astype("float64")
        resample[:] = [statistic(weights) for statistic in statistics.values()]
    found = found[~np.isnan(found).any(axis=1)]
    return Draws(
        {name: statistic(whole) for name, statistic in statistics.items()},
        dict(zip(statistics, found.T, strict=True)),
    )


def _limits(values: Array) -> tuple[float, float]:
    if not len(values):
        return np.nan, np.nan
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
