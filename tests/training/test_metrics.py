"""Metrics are scikit-learn's, with a weight a row as with the row repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as theirs

from bascule.contract.fields import Field
from bascule.contract.kinds import Kind
from bascule.training import metrics as ours

Drawn = tuple[Any, Any, Any]


@st.composite
def classes(draw: st.DrawFn, least: int = 2, most: int = 4) -> Drawn:
    """Truth in which every class is met, shares on a coarse grid (so that there are ties), and weights from 1."""
    count, rows = draw(st.integers(least, most)), draw(st.integers(4, 40))
    truth = np.array([*range(count), *draw(st.lists(st.integers(0, count - 1), min_size=rows, max_size=rows))])
    points = draw(arrays.arrays(float, (len(truth), count), elements=st.integers(0, 5).map(float)))
    shares = (points + 0.1) / (points + 0.1).sum(axis=1, keepdims=True)
    return truth, shares, draw(arrays.arrays(int, len(truth), elements=st.integers(1, 4)))


@st.composite
def numbers(draw: st.DrawFn) -> Drawn:
    """Numbers of any size, answers near or far, and weights from 1."""
    rows = draw(st.integers(2, 30))
    value = arrays.arrays(float, rows, elements=st.floats(-1e6, 1e6, width=32))
    return draw(value), draw(value), draw(arrays.arrays(int, rows, elements=st.integers(1, 4)))


OF_SHARES: dict[str, Callable[..., float]] = {
    "log_loss": lambda truth, shares: theirs.log_loss(truth, shares, labels=range(shares.shape[1])),
    "brier": lambda truth, shares: theirs.brier_score_loss(
        truth, shares[:, 1] if shares.shape[1] == 2 else shares, labels=range(shares.shape[1])
    ),
    "roc_auc": lambda truth, shares: (
        theirs.roc_auc_score(truth, shares[:, 1])
        if shares.shape[1] == 2
        else theirs.roc_auc_score(truth, shares, multi_class="ovr")
    ),
}
OF_CLASSES: dict[str, Callable[..., float]] = {
    "accuracy": theirs.accuracy_score,
    "macro_f1": lambda truth, values: theirs.f1_score(truth, values, average="macro"),
}
OF_NUMBERS: dict[str, Callable[..., float]] = {
    "mae": theirs.mean_absolute_error,
    "rmse": theirs.root_mean_squared_error,
    "r2": theirs.r2_score,
}


def _ours(name: str, truth: Any, answers: Any, weights: Any) -> float:
    metric = next(metric for metric in ours.METRICS if metric.name == name)
    return metric.of(truth, answers)(weights.astype(float))


@pytest.mark.parametrize("name", OF_SHARES)
@given(drawn=classes())
def test_metrics_of_probabilities_are_those_of_scikit_learn(name: str, drawn: Drawn) -> None:
    truth, shares, weights = drawn
    expected = OF_SHARES[name](truth.repeat(weights), shares.repeat(weights, axis=0))
    assert _ours(name, truth, shares, weights) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", OF_CLASSES)
@given(drawn=classes(), turn=st.integers(0, 3))
def test_metrics_of_classes_are_those_of_scikit_learn(name: str, drawn: Drawn, turn: int) -> None:
    truth, shares, weights = drawn
    values = np.roll(shares.argmax(axis=1), turn)
    expected = OF_CLASSES[name](truth.repeat(weights), values.repeat(weights))
    assert _ours(name, truth, values, weights) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", OF_NUMBERS)
@given(drawn=numbers())
def test_metrics_of_numbers_are_those_of_scikit_learn(name: str, drawn: Drawn) -> None:
    truth, values, weights = drawn
    expected = OF_NUMBERS[name](truth.repeat(weights), values.repeat(weights))
    assert _ours(name, truth, values, weights) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(drawn=classes(), drop=st.integers(0, 2**40))
def test_a_row_of_weight_0_is_as_good_as_gone(drawn: Drawn, drop: int) -> None:
    truth, shares, weights = drawn
    weights = np.where([drop >> row & 1 for row in range(len(truth))], 0, weights)
    for metric in ours.METRICS:
        if metric.label == "classes":
            answers = shares if metric.reads == "probabilities" else shares.argmax(axis=1)
            left = metric.of(truth[weights > 0], answers[weights > 0])(weights[weights > 0].astype(float))
            np.testing.assert_allclose(metric.of(truth, answers)(weights.astype(float)), left)


def test_one_class_alone_has_no_area() -> None:
    area = ours.roc_auc(np.array([1, 1]), np.array([[0.2, 0.8], [0.3, 0.7]]))
    assert np.isnan(area(np.ones(2)))


@pytest.mark.parametrize(
    ("categories", "first"), [(("a", "b"), "roc_auc"), (("a", "b", "c"), "log_loss"), (None, "rmse")]
)
def test_the_default_metric_follows_the_label(categories: Any, first: str) -> None:
    kind = Kind.FLOAT if categories is None else Kind.TEXT
    assert next(iter(ours.fitting(Field(name="y", kind=kind, categories=categories)))) == first
