"""Rows are parted by time without a leak, or at random by seed and class."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.contract.fields import Field
from bascule.contract.kinds import Kind
from bascule.errors import DataSize, PlanError
from bascule.training.split import at_random, by_moment, by_share, moment

DAY = Field(name="day", kind=Kind.DATE)
LOCAL = dt.datetime(1970, 1, 3)  # noqa: DTZ001, without an offset
INSTANT = Field(name="at", kind=Kind.TIME)


@given(
    times=st.lists(st.integers(0, 9), min_size=2).filter(lambda times: len(set(times)) > 1), share=st.floats(0.01, 0.99)
)
def test_no_row_that_teaches_is_as_late_as_one_that_judges(times: list[int], share: float) -> None:
    moments = np.array(times)
    parted = by_share(moments, share)
    assert moments[parted.train].max() < moments[parted.validate].min() == parted.cut
    assert sorted([*parted.train, *parted.validate]) == list(range(len(times)))


@given(
    times=st.lists(st.integers(0, 9), min_size=2).filter(lambda times: len(set(times)) > 1), share=st.floats(0.01, 0.99)
)
def test_no_other_cut_comes_nearer_to_the_share(times: list[int], share: float) -> None:
    moments = np.array(times)
    missed = abs(len(by_share(moments, share).validate) - share * len(times))
    others = [(moments >= cut).sum() for cut in set(times) - {min(times)}]
    assert missed == min(abs(other - share * len(times)) for other in others)


@given(groups=st.lists(st.integers(0, 3), min_size=1), share=st.floats(0.05, 0.95), seed=st.integers(0, 9))
def test_every_class_is_drawn_in_its_share(groups: list[int], share: float, seed: int) -> None:
    classes = np.array(groups)
    parted = at_random(classes, share, np.random.default_rng(seed))
    assert sorted([*parted.train, *parted.validate]) == list(range(len(groups)))
    for group in set(groups):
        drawn, there = (classes[parted.validate] == group).sum(), groups.count(group)
        assert there == 1 or 0 < drawn < there
        assert abs(drawn - share * there) <= 1


def test_the_seed_decides_what_is_drawn() -> None:
    groups = np.zeros(50, int)
    one, same, other = (at_random(groups, 0.5, np.random.default_rng(seed)).validate.tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_rows_of_one_time_cannot_be_parted_by_it() -> None:
    with pytest.raises(DataSize, match="same time"):
        by_share(np.zeros(5), 0.25)


@pytest.mark.parametrize("cut", [0, 10])
def test_a_moment_outside_the_data_is_refused(cut: int) -> None:
    with pytest.raises(PlanError, match="to teach"):
        by_moment(np.arange(10) % 10 + (cut == 0), cut + (cut == 10))


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (DAY, dt.date(1970, 1, 3), 2),
        (INSTANT, dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC), 1_000_000),
        (Field(name="year", kind=Kind.INT), 2013, 2013),
    ],
)
def test_a_moment_is_read_as_its_column_stores_it(field: Field, value: Any, stored: int) -> None:
    assert moment(field, value) == stored


@pytest.mark.parametrize(
    ("field", "value"),
    [(DAY, LOCAL), (INSTANT, LOCAL.date()), (INSTANT, LOCAL), (DAY, 3)],
)
def test_a_moment_of_another_kind_is_refused_with_an_example(field: Field, value: Any) -> None:
    with pytest.raises(PlanError, match="Write it as"):
        moment(field, value)
