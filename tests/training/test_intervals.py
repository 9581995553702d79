"""Intervals cover as often as they say, and differences are taken on the same resamples."""

from __future__ import annotations

import numpy as np
import pytest

from bascule.training.intervals import bootstrap
from bascule.training.metrics import accuracy, roc_auc


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    draw = np.random.default_rng(0)
    rights = (draw.random(2000) < 0.8).astype(int)
    interval = bootstrap({"it": accuracy(np.ones(2000, int), rights)}, 2000, draw, 2000).interval("it")
    half = 1.96 * np.sqrt(interval.value * (1 - interval.value) / 2000)
    assert interval.value - interval.low == pytest.approx(half, rel=0.15)
    assert interval.high - interval.value == pytest.approx(half, rel=0.15)


def test_a_small_steady_gain_is_seen_where_the_intervals_overlap() -> None:
    draw = np.random.default_rng(0)
    truth = np.ones(1000, int)
    rights = (draw.random(1000) < 0.7).astype(int)
    better = rights.copy()
    better[np.flatnonzero(rights == 0)[:10]] = 1
    draws = bootstrap({"a": accuracy(truth, rights), "b": accuracy(truth, better)}, 1000, draw)
    assert draws.interval("a").high > draws.interval("b").low
    assert draws.gain("b", "a", greater=True).low > 0
    assert draws.gain("b", "a", greater=False).high < 0


def test_the_same_seed_gives_the_same_intervals() -> None:
    statistics = {"it": accuracy(np.array([0, 1, 1]), np.array([0, 1, 0]))}
    one, other = (bootstrap(statistics, 3, np.random.default_rng(7)).interval("it") for _ in range(2))
    assert one == other


def test_resamples_of_one_class_are_left_out() -> None:
    statistics = {"it": roc_auc(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))}
    draws = bootstrap(statistics, 2, np.random.default_rng(1))
    assert 0 < len(draws.resampled["it"]) < 400
    assert draws.interval("it").low == 1.0
