"""Metrics made for the bootstrap: what can be computed once is, and each resample is then one pass over its weights."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.fields import Field

Statistic = Callable[[Array], float]
"""A metric of fixed answers as a function of the rows' weights (float64, one a row); NaN where it has no value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One way to judge answers; `of` takes the truth and, as `reads` says, the values answered or the probabilities.

    Classes are their places in the label's order (int64), probabilities have the shape (rows, classes), numbers are
    float64.
    """

    name: str
    greater: bool  # is better
    label: Literal["classes", "number"]
    reads: Literal["values", "probabilities"]
    of: Callable[[Array, Array], Statistic]


def fitting(label: Field) -> dict[str, Metric]:
    """The metrics that have a meaning for a label, the default one first.

    >>> from bascule.contract.kinds import Kind
    >>> list(fitting(Field(name="delay", kind=Kind.FLOAT)))
    ['rmse', 'mae', 'r2']
    """
    if label.categories is None:
        return {metric.name: metric for metric in METRICS if metric.label == "number"}
    found = {metric.name: metric for metric in METRICS if metric.label == "classes"}
    if len(label.categories) > 2:
        return {"log_loss": found.pop("log_loss"), **found}
    return found


def roc_auc(truth: Array, shares: Array) -> Statistic:
    """The chance that a row of a class has a greater share of it than one of another; of many classes the plain mean.

    Two classes: the area under the curve of Fawcett (2006), ties counting half. More: the mean over the classes that
    are met, each against the rest.
    """
    if shares.shape[1] == 2:
        return _area(shares[:, 1], truth == 1)
    areas = [_area(shares[:, place], truth == place) for place in np.unique(truth)]
    return lambda weights: _mean_of_known([area(weights) for area in areas])


def log_loss(truth: Array, shares: Array) -> Statistic:
    """The mean of -ln of the share that the true class was given, nothing below the resolution of float64."""
    tiny = np.finfo("float64").eps
    given = shares[np.arange(len(truth)), truth].astype("float64")
    return _mean(-np.log(np.clip(given, tiny, 1 - tiny)))


def brier(truth: Array, shares: Array) -> Statistic:
    """The mean squared distance between shares and truth (Brier 1950), halved for two classes."""
    sought = np.eye(shares.shape[1])[truth]
    distance = ((shares - sought) ** 2).sum(axis=1)
    return _mean(distance / 2 if shares.shape[1] == 2 else distance)


def accuracy(truth: Array, values: Array) -> Statistic:
    """The share of rows answered rightly."""
    return _mean((truth == values).astype("float64"))


def macro_f1(truth: Array, values: Array) -> Statistic:
    """The plain mean of every class's F1, over the classes that are true or answered somewhere."""
    classes = int(max(truth.max(initial=0), values.max(initial=0))) + 1
    cells = truth * classes + values

    def statistic(weights: Array) -> float:
        table = np.bincount(cells, weights, classes * classes).reshape(classes, classes)
        met = table.sum(axis=0) + table.sum(axis=1)
        return float(np.mean(2 * table.diagonal()[met > 0] / met[met > 0])) if met.any() else np.nan

    return statistic


def mae(truth: Array, values: Array) -> Statistic:
    """The mean absolute error, in the unit of the label."""
    return _mean(abs(truth - values))


def rmse(truth: Array, values: Array) -> Statistic:
    """The root of the mean squared error, in the unit of the label."""
    squared = _mean((truth - values) ** 2)
    return lambda weights: float(np.sqrt(squared(weights)))


def r2(truth: Array, values: Array) -> Statistic:
    """The share of the truth's variance that is explained; where there is none, 1 for exact answers and else 0."""
    errors = (truth - values) ** 2
    centred = truth - truth.mean()  # far from 0 the squares below would cancel

    def statistic(weights: Array) -> float:
        total = weights.sum()
        if not total:
            return np.nan
        around = _product(weights, (centred - _product(weights, centred) / total) ** 2)
        left = _product(weights, errors)
        return float(1 - left / around) if around else float(not left)

    return statistic


METRICS = (
    Metric("roc_auc", True, "classes", "probabilities", roc_auc),
    Metric("log_loss", False, "classes", "probabilities", log_loss),
    Metric("brier", False, "classes", "probabilities", brier),
    Metric("accuracy", True, "classes", "values", accuracy),
    Metric("macro_f1", True, "classes", "values", macro_f1),
    Metric("rmse", False, "number", "values", rmse),
    Metric("mae", False, "number", "values", mae),
    Metric("r2", True, "number", "values", r2),
)


def _mean(losses: Array) -> Statistic:
    return functools.partial(_weighted_mean, losses)


def _weighted_mean(losses: Array, weights: Array) -> float:
    total = weights.sum()
    return _product(weights, losses) / float(total) if total else np.nan


def _product(weights: Array, values: Array) -> float:
    """Their inner product in one thread: BLAS would split it among several, to no gain and in no fixed order."""
    return float((weights * values).sum())


def _mean_of_known(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _area(scores: Array, positive: Array) -> Statistic:
    """Sorted once; a resample then counts, at every distinct score, the negatives below and half of those beside."""
    order = np.argsort(scores, kind="stable")
    ranked, hits = scores[order], positive[order].astype("float64")
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    tied = len(starts) < len(ranked)

    def statistic(weights: Array) -> float:
        both: Any = weights[order]
        ours = both * hits
        if tied:
            both, ours = np.add.reduceat(both, starts), np.add.reduceat(ours, starts)
        theirs = both - ours
        pairs = ours.sum() * theirs.sum()
        return _product(ours, np.cumsum(theirs) - theirs / 2) / float(pairs) if pairs else np.nan

    return statistic
