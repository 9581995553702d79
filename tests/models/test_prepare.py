"""The default first step: every kind of column becomes numbers, with and without scaling."""

from __future__ import annotations

import numpy as np
import pytest

from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.records import schema
from bascule.contract.table import Table
from bascule.models.frame import frame
from bascule.models.prepare import WIDEST, prepare
from bascule.testing.models import Departure, departures


def prepared(table, *, scale, seen=None):
    step = prepare(table.schema, scale=scale).fit(frame(table))
    return dict(zip(step.get_feature_names_out(), step.transform(frame(seen or table)).T, strict=True))


def one(kind, values, **rules):
    return Table.of(Schema("Row", "", (Field(name="x", kind=kind, **rules),)), [{"x": value} for value in values])


def test_scaled_columns_are_complete_centred_and_of_unit_variance():
    X, _ = departures()
    found = prepared(X, scale=True)
    assert np.isfinite(np.column_stack(list(found.values()))).all()
    for name in ("wind", "seats", "rain", "scheduled hour", "day month"):
        assert (abs(found[name].mean()), found[name].std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_unscaled_numbers_stay_as_they_are_and_nan_is_missing():
    X, _ = departures()
    np.testing.assert_array_equal(prepared(X, scale=False)["wind"], frame(X)["wind"])


def test_every_nullable_number_and_moment_says_where_it_was_missing():
    X, _ = departures()
    found = prepared(X, scale=True)
    assert {name for name in found if name.endswith("missing")} == {
        "wind missing",
        "seats missing",
        "scheduled missing",
    }
    np.testing.assert_array_equal(found["wind missing"], np.isnan(X["wind"]))


def test_a_text_is_as_wide_as_its_values_up_to_a_bound():
    X = one(Kind.TEXT, [f"{number % (WIDEST * 3)}" for number in range(WIDEST * 4)])
    assert len(prepared(X, scale=False)) == WIDEST


def test_a_value_never_seen_is_no_error():
    found = prepared(one(Kind.TEXT, ["a", "b"]), scale=False, seen=one(Kind.TEXT, ["never"]))
    assert [column.tolist() for column in found.values()] == [[0.0], [0.0]]


@pytest.mark.parametrize("scale", [False, True])
@pytest.mark.parametrize(
    ("kind", "values"),
    [(Kind.FLOAT, [None, None]), (Kind.TEXT, [None, None]), (Kind.TIME, [None, None]), (Kind.FLOAT, [2.0, 2.0])],
)
def test_a_column_that_says_nothing_is_no_error(kind, values, scale):
    found = prepared(one(kind, values, nullable=True), scale=scale)
    assert all(len(column) == 2 for column in found.values())


def test_columns_that_are_not_there_make_no_step():
    steps = [name for name, _, _ in prepare(schema(Departure), scale=False).transformers]
    assert steps == ["numbers", "texts", "times", "dates"]
    assert [name for name, _, _ in prepare(one(Kind.BOOL, [True]).schema, scale=True).transformers] == ["numbers"]
