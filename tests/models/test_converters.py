"""Graphs of single steps answer as the steps do."""

from __future__ import annotations

import datetime as dt

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, strategies as st
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bascule.contract.kinds import days, microseconds
from bascule.contract.signature import MISSING_MOMENT
from bascule.models.calendar import Calendar
from bascule.models.convert import OPSETS
from bascule.models.converters import register
from bascule.models.prepare import Missing

TYPES = {"i": Int64TensorType, "f": FloatTensorType, "O": StringTensorType}
MOMENTS = st.datetimes(timezones=st.just(dt.UTC))


def graph(step, X, **options):
    register()
    given = [("x", TYPES[X.dtype.kind]([None, X.shape[1]]))]
    made = convert_sklearn(step, "step", given, target_opset=OPSETS, options={id(step): options})
    return onnxruntime.InferenceSession(made.SerializeToString())


TIMES, DATES = (graph(Calendar(unit).fit([[0]]), np.array([[0]])) for unit in ("us", "D"))


@given(st.lists(st.one_of(st.none(), MOMENTS), min_size=1))
def test_a_calendar_is_the_same_in_a_graph(moments):
    for session, unit, stored in ((TIMES, "us", microseconds), (DATES, "D", lambda time: days(time.date()))):
        X = np.array([[MISSING_MOMENT if moment is None else stored(moment)] for moment in moments])
        np.testing.assert_array_equal(session.run(None, {"x": X})[0], Calendar(unit).fit_transform(X))


@pytest.mark.parametrize("X", [np.array([[1.5], [np.nan]], "f4"), np.array([[7], [MISSING_MOMENT]])], ids=["f", "i"])
def test_what_is_missing_is_told_in_a_graph(X):
    np.testing.assert_array_equal(graph(Missing().fit(X), X).run(None, {"x": X})[0], [[0.0], [1.0]])


@pytest.mark.parametrize(
    "how", [{}, {"with_mean": False}, {"with_std": False}, {"with_mean": False, "with_std": False}]
)
def test_a_scaler_keeps_what_is_small_beside_its_size(how):
    X = (2.0**24 + np.arange(0, 100, 2)[:, None] * [1, 2]).astype("f4")
    scaler = StandardScaler(**how).fit(X.astype("f8"))
    expected = scaler.transform(X.astype("f8")).astype("f4")
    np.testing.assert_array_equal(graph(scaler, X).run(None, {"x": X})[0], expected)


@pytest.mark.parametrize("limits", [{}, {"max_categories": 3}, {"min_frequency": 4}])
def test_rare_and_unknown_values_share_their_column_in_a_graph(limits):
    seen = np.array([[a, b] for a, b in zip("aaaabbbbccd" * 3, "xxxxxyyyyy?" * 3, strict=True)] + [["", "x"]], object)
    asked = np.array([[a, b] for a in ("a", "d", "", "never") for b in ("x", "?", "never")], object)
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, **limits).fit(seen)
    np.testing.assert_array_equal(graph(encoder, seen).run(None, {"x": asked})[0], encoder.transform(asked))


def test_other_encoders_are_left_to_skl2onnx():
    X = np.array([["a"], ["b"]], object)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(X)
    np.testing.assert_array_equal(graph(encoder, X).run(None, {"x": X})[0], [[1, 0], [0, 1]])


@pytest.mark.parametrize("strategy", ["prior", "most_frequent"])
def test_a_trivial_classifier_is_a_constant_in_a_graph(strategy):
    X = np.zeros((5, 1), "f4")
    trivial = DummyClassifier(strategy=strategy).fit(X, ["b", "a", "b", "b", "c"])
    label, shares = graph(trivial, X, zipmap=False).run(None, {"x": X})
    assert label.tolist() == trivial.predict(X).tolist()
    np.testing.assert_allclose(shares, trivial.predict_proba(X), rtol=1e-6)


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_a_graph_does_not_answer_by_chance(strategy):
    X = np.zeros((4, 1), "f4")
    with pytest.raises(NotImplementedError, match=strategy):
        graph(DummyClassifier(strategy=strategy).fit(X, ["b", "a", "b", "b"]), X, zipmap=False)


def test_a_trivial_number_is_a_constant_in_a_graph():
    X = np.zeros((3, 1), "f4")
    assert graph(DummyRegressor().fit(X, [1.0, 2.0, 6.0]), X).run(None, {"x": X})[0].tolist() == [[3.0]] * 3
