"""The figures that later rows are held against: what they say, and that they come back as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.contract.columns import from_values
from bascule.contract.fields import Field, Kind
from bascule.registry.reference import BINS, TOP, Categories, Distribution, Numbers, Reference, _distribution, reference


def told(field: Field, values: list[Any]) -> Distribution:
    return _distribution(field, from_values(field, values)[0])


NUMBER = Field(name="wind", kind=Kind.FLOAT, nullable=True)
TEXT = Field(name="carrier", kind=Kind.TEXT, nullable=True)
WHOLE = Field(name="legs", kind=Kind.INT)


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False)))
def test_every_number_falls_into_one_bin(values: list[float | None]) -> None:
    found = told(NUMBER, values)
    assert isinstance(found, Numbers)
    there = [value for value in values if value is not None]
    assert (found.count, found.missing, sum(found.counts)) == (len(there), values.count(None), len(there))
    assert list(found.edges) == sorted(found.edges)
    assert len(found.counts) == max(len(found.edges) - 1, 0) <= BINS


def test_bins_hold_about_as_many_values_each() -> None:
    found = told(NUMBER, np.random.default_rng(0).normal(size=10_000).tolist())
    assert isinstance(found, Numbers)
    assert (len(found.counts), min(found.counts), max(found.counts)) == (BINS, 499, 501)


def test_a_constant_has_one_bin() -> None:
    found = told(WHOLE, [7, 7, 7])
    assert found == Numbers(3, 0, 7.0, 0.0, 7.0, 7.0, (7.0, 7.0), (3,))


@given(st.lists(st.none() | st.text(min_size=1, max_size=3)))
def test_texts_are_counted_the_most_frequent_first(values: list[str | None]) -> None:
    found = told(TEXT, values)
    assert isinstance(found, Categories)
    assert list(found.counts) == [values.count(value) for value in found.values]
    assert list(found.counts) == sorted(found.counts, reverse=True)
    assert found.count + found.missing == len(values)


def test_only_the_most_frequent_short_texts_are_named() -> None:
    found = told(TEXT, [f"text {number}" for number in range(TOP)] + ["x" * 201] * 3 + ["often"] * 2)
    assert isinstance(found, Categories)
    assert (found.values[0], len(found.values), found.count) == ("often", TOP, TOP + 5)


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        (Field(name="diverted", kind=Kind.BOOL), [True, False, True], Categories(3, 0, (True, False), (2, 1))),
        (Field(name="day", kind=Kind.INT, categories=(1, 2)), [2, 2, 1], Categories(3, 0, (2, 1), (2, 1))),
        (Field(name="name", kind=Kind.TEXT, personal=True), ["Ada", "Eve"], Categories(2, 0)),
        (Field(name="age", kind=Kind.INT, personal=True), [36, 37], Numbers(2, 0)),
    ],
)
def test_what_is_named_depends_on_the_field(field: Field, values: list[Any], expected: Distribution) -> None:
    assert told(field, values) == expected


counts = st.integers(0, 2**53)
floats = st.floats(allow_nan=False)
numbers = st.builds(
    Numbers, counts, counts, floats, floats, floats, floats, st.lists(floats).map(tuple), st.lists(counts).map(tuple)
)
values = st.lists(st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans()).map(tuple)
distributions = numbers | st.builds(Categories, counts, counts, values, st.lists(counts).map(tuple))
references = st.builds(
    Reference, st.dictionaries(st.text(), distributions), distributions, distributions, st.lists(numbers).map(tuple)
)


@given(references)
def test_figures_come_back_as_they_were_from_the_same_bytes(figures: Reference) -> None:
    again = Reference.from_npz(figures.npz())
    assert again == figures
    assert again.npz() == figures.npz()


def test_a_model_is_told_by_its_rows_its_labels_and_its_answers(flights: Any, linear: Any) -> None:
    model, _ = linear
    found = reference(model, flights.X, flights.y)
    assert list(found.features) == ["carrier", "distance", "wind", "passenger"]
    assert found.features["passenger"] == Numbers(300, 0)
    assert isinstance(found.label, Categories)
    assert dict(zip(found.label.values, found.label.counts, strict=True)) == dict(
        zip(*(part.tolist() for part in np.unique(flights.y, return_counts=True)), strict=True)
    )
    assert [sum(share.counts) for share in found.probabilities] == [300, 300]
