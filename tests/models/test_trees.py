"""A float32 cut asks the same question of every float32 number; a LightGBM model rewritten so answers the same."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from bascule.models.trees import cuts, float32_text, representable

CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(600, 4)).astype("float32").astype("float64")
Y = X[:, 0] + np.nan_to_num(X[:, 1]) ** 2 > 1
LIGHT = {"n_estimators": 20, "deterministic": True, "n_jobs": 1, "verbose": -1}


@given(st.floats(allow_nan=False), st.floats(allow_nan=False, width=32))
def test_a_representable_cut_parts_float32_numbers_alike(cut, number):
    found = representable(np.array([cut]))[0]
    assert (number <= found) == (number <= cut)
    assert np.float32(found) == found <= cut


@given(st.floats(-1e30, 1e30))
def test_the_number_beside_a_cut_falls_on_the_right_side(cut):
    near = representable(np.array([cut]))[0]
    assert near <= cut < float(np.nextafter(np.float32(near), np.float32(np.inf)))


@pytest.mark.parametrize("holes", [False, True], ids=["nothing missing in training", "missing in training"])
def test_a_rewritten_lightgbm_model_answers_the_same(holes):
    seen = np.where(CHANCE.random(X.shape) < 0.1, np.nan, X) if holes else X
    booster = lightgbm.LGBMClassifier(**LIGHT).fit(seen, Y).booster_
    exact = lightgbm.Booster(model_str=float32_text(booster.model_to_string()))
    asked = np.where(CHANCE.random(X.shape) < 0.3, np.nan, X)
    np.testing.assert_array_equal(exact.predict(asked), booster.predict(asked))
    found = cuts_of(exact)
    assert (found.astype("float32") == found).all()


def test_a_rewritten_lightgbm_model_keeps_its_categories():
    given = np.column_stack([np.arange(600) % 7, X])
    booster = lightgbm.LGBMClassifier(**LIGHT).fit(given, Y ^ (given[:, 0] == 3), categorical_feature=[0]).booster_
    exact = lightgbm.Booster(model_str=float32_text(booster.model_to_string()))
    np.testing.assert_array_equal(exact.predict(given), booster.predict(given))


def cuts_of(booster):
    model = lightgbm.LGBMClassifier()
    model._Booster, model.fitted_ = booster, True
    return np.concatenate(list(cuts(model).values()))


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(),
        RandomForestClassifier(3),
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3),
        lightgbm.LGBMClassifier(**LIGHT),
        BaggingClassifier(DecisionTreeClassifier(), n_estimators=3),
        CalibratedClassifierCV(DecisionTreeClassifier()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_the_cuts_of_every_kind_of_tree_are_found(estimator):
    found = cuts(estimator.fit(X, Y))
    assert {0, 1} <= found.keys() <= {0, 1, 2, 3}
    for column, values in found.items():
        assert (np.diff(values) > 0).all()
        assert X[:, column].min() <= values[0] <= values[-1] <= X[:, column].max()


def test_categories_are_no_cuts():
    light = lightgbm.LGBMClassifier(**LIGHT).fit(np.column_stack([np.arange(600) % 7, X]), Y, categorical_feature=[0])
    assert 0 not in cuts(light)
