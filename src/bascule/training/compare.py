"""Every candidate learns the same rows and is judged on the same others, with intervals."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import BasculeError, BasculeWarning, DoubtfulFit, PlanError
from bascule.progress import bar
from bascule.training.build import Candidate
from bascule.training.intervals import Interval, bootstrap
from bascule.training.metrics import Metric, Statistic, fitting
from bascule.training.plan import Plan, close
from bascule.training.rows import Rows
from bascule.training.seeds import generator
from bascule.training.split import Parted


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate: the metric on the rows that taught and, with its interval, on those that judge.

    `gains` tells by how much it is better than each other baseline, on the same resamples; above 0 is better whatever
    the metric. `metrics` are all that fit the label, on the rows that judge; `seconds` is the time to learn.
    """

    name: str
    baseline: bool
    train: float
    validate: Interval
    gains: dict[str, Interval]
    metrics: dict[str, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All candidates in the plan's order, and the one that is best on the metric; of equals the first."""

    metric: Metric
    scored: tuple[Scored, ...]
    winner: Scored

    @property
    def lower(self) -> float:
        """The lower bound of what the winner gains on the better baseline; 0 where it is a baseline itself."""
        return 0.0 if self.winner.baseline else min(gain.low for gain in self.winner.gains.values())

    @property
    def needed(self) -> bool:
        """Whether learning is worth while: the winner beats every baseline, beyond what other rows might change."""
        return self.lower > 0


def chosen(plan: Plan, rows: Rows, candidates: Sequence[Candidate]) -> Metric:
    """The metric of the plan, or the label's own; raises PlanError where it does not fit the label or a candidate."""
    known = fitting(rows.label)
    name = plan.metric or next(iter(known))
    if name not in known:
        what = "a number" if rows.label.categories is None else f"{len(rows.label.categories)} classes"
        raise PlanError(
            f"metric is {name!r}, which says nothing of a label of {what}.", next_step=close(name, list(known))
        )
    mute = [each.name for each in candidates if not each.model.offers("predict_proba")]
    if known[name].reads == "probabilities" and mute:
        raise PlanError(
            f"metric is {name!r}, which is computed from probabilities, and candidates.{mute[0]} gives none.",
            next_step="Choose accuracy or macro_f1, or have it give them (SVC: `probability: true`; stacking: a "
            "`final_estimator` that does).",
        )
    return known[name]


def compare(candidates: Sequence[Candidate], rows: Rows, parted: Parted, metric: Metric, seed: int) -> Comparison:
    """Fits every candidate and judges all; an error names the candidate that it comes from."""
    taught, judging = rows.X.take(parted.train), rows.X.take(parted.validate)
    learnt = {each.name: _learnt(each, rows, parted, taught, judging, metric) for each in candidates}
    draws = bootstrap(
        {name: each.statistics[metric.name] for name, each in learnt.items()},
        len(judging),
        generator(seed, "intervals"),
    )
    baselines = [each.name for each in candidates if each.baseline]
    scored = []
    for each in candidates:
        others = [name for name in baselines if name != each.name]
        scored.append(
            Scored(
                name=each.name,
                baseline=each.baseline,
                train=learnt[each.name].train,
                validate=draws.interval(each.name),
                gains={name: draws.gain(each.name, name, greater=metric.greater) for name in others},
                metrics=_whole(learnt[each.name].statistics, len(judging)),
                seconds=learnt[each.name].seconds,
            )
        )
    sign = 1 if metric.greater else -1
    return Comparison(metric, tuple(scored), max(scored, key=lambda each: sign * each.validate.value))


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What is left of a candidate's answers."""

    train: float
    statistics: dict[str, Statistic]
    seconds: float


def _learnt(each: Candidate, rows: Rows, parted: Parted, taught: Table, judging: Table, metric: Metric) -> _Learnt:
    with bar(f"training {each.name}", 3) as advance, _named(each.name):
        begun = time.perf_counter()
        each.model.fit(taught, rows.y[parted.train])
        seconds = time.perf_counter() - begun
        advance(1)
        train = _whole(_statistics(each.model, rows, taught, parted.train, [metric]), len(taught))
        advance(1)
        statistics = _statistics(each.model, rows, judging, parted.validate, list(fitting(rows.label).values()))
        advance(1)
        return _Learnt(train[metric.name], statistics, seconds)


def _whole(statistics: dict[str, Statistic], rows: int) -> dict[str, float]:
    return {name: statistic(np.ones(rows)) for name, statistic in statistics.items()}


def _statistics(
    model: Model[Any, Any], rows: Rows, X: Table, places: Array, metrics: list[Metric]
) -> dict[str, Statistic]:
    """Those of the metrics that the model's answers to X allow."""
    truth = rows.truth[places]
    answers: dict[str, Array] = {}
    if any(metric.reads == "values" for metric in metrics):
        answers["values"] = _places(rows, model.predict(X))
    if rows.classes and model.offers("predict_proba"):
        answers["probabilities"] = model.predict_proba(X)
    return {metric.name: metric.of(truth, answers[metric.reads]) for metric in metrics if metric.reads in answers}


def _places(rows: Rows, values: Array) -> Array:
    """Answers as the truth is held: places of classes, or float64."""
    if rows.label.categories is None:
        return values.astype("float64")
    place = {value: number for number, value in enumerate(rows.label.categories)}
    return np.fromiter(map(place.__getitem__, values.tolist()), "int64", len(values))


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Puts the candidate's name before what is raised or warned of inside."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            yield
        except BasculeError as error:
            error.message = f"Candidate {name!r}: {error.message}"
            raise
    for said in {str(each.message): each.message for each in caught}.values():
        own = said if isinstance(said, BasculeWarning) else DoubtfulFit(f"Candidate {name!r}: {said}")
        warnings.warn(own, stacklevel=4)
