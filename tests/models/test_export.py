"""Graphs that answer as the models do are made, others are refused with the reason."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.table import Table
from bascule.errors import DataSize, NotFitted
from bascule.models.export import export
from bascule.models.prepare import prepare
from bascule.models.session import Session
from bascule.models.sklearn import Estimator
from bascule.testing.models import LABELS, MODELS, agreed, departures, pipeline, subject
from bascule.testing.records import ODD_NAMES

LIGHT = {"n_estimators": 12, "deterministic": True, "n_jobs": 1, "verbose": -1}
X, Y = departures(900)


def exported(label, estimator, *, scale=False):
    return export(pipeline(label, estimator, scale=scale).fit(X, Y[label]), X)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "by hand"])
def test_every_adapter_of_an_estimator_has_a_graph_that_answers_alike(name):
    examined = subject(name)
    made = export(examined.fitted(), examined.X)
    assert (made.runtime, made.reason) == ("onnx", "")
    assert (made.parity.real.rows, made.parity.real.moved, made.parity.gaps.moved, made.parity.cuts.moved) == (
        400,
        0,
        0,
        0,
    )


@pytest.mark.parametrize("label", ["arrival", "missed"])
@pytest.mark.parametrize(
    ("estimator", "scale"),
    [
        (GradientBoostingClassifier(n_estimators=8, random_state=0), True),
        (SVC(), True),
        (LinearSVC(), True),
        (KNeighborsClassifier(), True),
        (GaussianNB(), True),
        (MLPClassifier((8,), max_iter=900, random_state=0), True),
        (CalibratedClassifierCV(LinearSVC()), True),
        (Pipeline([("reduce", PCA(5)), ("learn", LogisticRegression())]), True),
        (StackingClassifier([("one", LogisticRegression(max_iter=900)), ("two", GaussianNB())]), True),
        (VotingClassifier([("one", LogisticRegression(max_iter=900)), ("two", GaussianNB())], voting="soft"), True),
        (BaggingClassifier(DecisionTreeClassifier(max_leaf_nodes=9), n_estimators=4, random_state=0), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_families_whose_graphs_are_right(estimator, scale, label):
    made = exported(label, estimator, scale=scale)
    assert made.runtime == "onnx", made.reason
    assert made.parity.real.flips == 0
    assert made.parity.real.difference < 1e-4


@pytest.mark.parametrize("label", ["late", "stars"])
@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(10),  # an even number of votes, so that ties happen
        HistGradientBoostingClassifier(max_iter=10),
        lightgbm.LGBMClassifier(**LIGHT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_trees_flip_nowhere_not_even_beside_a_cut(estimator, label):
    found = exported(label, estimator).parity
    assert found.cuts.rows > 200
    assert (found.real.moved, found.cuts.moved, found.gaps.moved) == (0, 0, 0)


@pytest.mark.parametrize("objective", ["regression", "poisson", "quantile", "tweedie"])
def test_objectives_of_lightgbm(objective):
    light = lightgbm.LGBMRegressor(objective=objective, **LIGHT)
    model = pipeline("delay", light).fit(X, Y["delay"] - Y["delay"].min())
    assert export(model, X).parity.cuts.moved == 0


def native_categories():
    texts = ColumnTransformer(
        [("codes", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["carrier"])],
        remainder="drop",
    )
    boosted = HistGradientBoostingClassifier(categorical_features=[0], min_samples_leaf=2, random_state=0)
    return Pipeline([("texts", texts), ("learn", boosted)])


def test_a_graph_that_is_silently_wrong_is_caught():
    carriers = X["carrier"].astype(str)
    y = np.where(np.isin(carriers, ["AA", "DL"]), "late", "on time")
    made = export(Estimator(agreed("late"), native_categories()).fit(X, y), X)
    assert made.runtime == "python"
    assert made.parity.real.flip_rate > 0.1
    assert f"{made.parity.real.moved} of 900 real ones" in made.reason


def test_what_onnxmltools_does_not_know_of_lightgbm_is_caught():
    made = exported("stars", lightgbm.LGBMClassifier(linear_tree=True, **LIGHT))
    assert (made.runtime, made.onnx) == ("python", None)
    assert "answers otherwise" in made.reason


def test_a_scaler_before_a_forest_moves_no_row():
    found = exported("stars", RandomForestClassifier(10), scale=True).parity
    assert found.cuts.rows > 200
    assert (found.real.moved, found.cuts.moved, found.gaps.moved) == (0, 0, 0)


def test_a_scaler_before_trees_that_cut_at_values_is_measured_and_refused():
    made = exported("stars", HistGradientBoostingClassifier(max_iter=10), scale=True)
    assert made.parity.cuts.flips > 0
    assert made.parity.real.flips > 0
    assert (made.runtime, made.onnx) == ("python", None)


def test_a_model_written_by_hand_has_no_graph():
    examined = subject("by hand")
    made = export(examined.fitted(), examined.X)
    assert (made.runtime, made.parity) == ("python", None)
    assert "Habits is written by hand" in made.reason


def test_an_estimator_without_a_converter_says_so():
    made = exported("late", make_pipeline(RBFSampler(random_state=0), LogisticRegression()), scale=True)
    assert made.runtime == "python"
    assert "RBFSampler" in made.reason


def test_nothing_is_exported_before_fit():
    with pytest.raises(NotFitted):
        export(MODELS["linear"][1](), X)


def test_nothing_is_exported_uncompared():
    with pytest.raises(DataSize, match="no rows"):
        export(pipeline("late", GaussianNB(), scale=True).fit(X, Y["late"]), X.take(np.zeros(900, bool)))


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        Pipeline([("scale", StandardScaler()), ("learn", LogisticRegression())]),
        Pipeline([("learn", DecisionTreeClassifier(max_leaf_nodes=9))]),
        lightgbm.LGBMClassifier(**LIGHT),
    ],
    ids=["bare", "scaled", "alone", "boosted"],
)
def test_an_estimator_of_numbers_needs_no_first_step(estimator):
    features = Schema("Row", "", tuple(Field(name=name, kind=Kind.FLOAT) for name in ("a b", "a_b", "value")))
    contract = Contract(name="sign", definition="", features=features, label=LABELS["late"])
    rows = dict(zip(features.names, np.random.default_rng(0).normal(size=(3, 500)), strict=True))
    y = np.where(rows["a b"] - rows["a_b"] > 0, "late", "on time")
    model = Estimator(contract, estimator).fit(rows, y)
    assert export(model, Table.of(features, rows)).runtime == "onnx"


def test_columns_may_have_any_name_even_those_of_outputs():
    names = (*ODD_NAMES, "label", "probabilities", "~", "~label")
    features = Schema("Odd", "", tuple(Field(name=name, kind=Kind.FLOAT) for name in names))
    contract = Contract(name="odd", definition="", features=features, label=LABELS["late"])
    rows = Table.of(features, dict(zip(names, np.random.default_rng(0).normal(size=(len(names), 300)), strict=True)))
    y = np.where(rows["$ref"] > 0, "late", "on time")
    model = Estimator(contract, LogisticRegression()).fit(rows, y)
    made = export(model, rows)
    assert made.runtime == "onnx", made.reason
    assert [given.name for given in Session(contract, made.onnx)._session.get_inputs()] == list(names)


def test_the_best_of_a_search_is_exported():
    search = GridSearchCV(
        pipeline("late", LogisticRegression(max_iter=900), scale=True).estimator, {"estimator__C": [1, 2]}
    )
    assert export(Estimator(agreed("late"), search).fit(X, Y["late"]), X).runtime == "onnx"


def test_a_number_of_many_trees_keeps_its_precision():
    made = exported("minutes", ExtraTreesRegressor(50, min_samples_leaf=1))
    assert made.runtime == "onnx"
    assert made.parity.real.flips == 0


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("values", [3, 100], ids=["few values", "rare values"])
def test_several_texts_are_told_apart_in_a_graph(scale, values):
    texts = [Field(name=name, kind=Kind.TEXT) for name in ("from", "to", "by")]
    asked = Contract(name="m", definition="", features=Schema("Leg", "", tuple(texts)), label=agreed("late").label)
    draw = np.random.default_rng(0)
    rows = Table.of(asked.features, {text.name: [f"v{n}" for n in draw.integers(0, values, 500)] for text in texts})
    steps = [("prepare", prepare(asked.features, scale=scale)), ("learn", LogisticRegression())]
    made = export(
        Estimator(asked, Pipeline(steps)).fit(rows, np.where(rows["from"] == rows["to"], "late", "on time")), rows
    )
    assert (made.runtime, made.reason) == ("onnx", "")
