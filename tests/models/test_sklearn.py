"""Estimators under a contract: bare labels out, probabilities in the label's order, seeds, traces, clear refusals."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.table import Table
from bascule.errors import DataSize, DefinitionError, NotFitted, NotOffered, OneClass
from bascule.models.sklearn import Estimator
from bascule.testing.models import LABELS, MODELS, departures, pipeline

ROWS = np.linspace(-1, 1, 40)


def numbers(label: str, estimator, seed=None) -> Estimator:
    features = Schema("Row", "", (Field(name="x", kind=Kind.FLOAT),))
    return Estimator(Contract(name="sign", definition="", features=features, label=LABELS[label]), estimator, seed)


@pytest.mark.parametrize("name", MODELS)
def test_answers_are_bare_labels(name):
    label, make = MODELS[name]
    X, y = departures()
    found = make().fit(X, y[label]).predict(X)
    assert found.dtype == y[label].dtype
    assert LABELS[label].categories is None or set(found) <= set(LABELS[label].categories)


@pytest.mark.parametrize("label", ["late", "arrival", "missed", "stars"])
def test_probabilities_stand_in_the_order_of_the_label_and_a_class_never_seen_has_none(label):
    X, y = departures()
    model = pipeline(label, DecisionTreeClassifier(max_leaf_nodes=8)).fit(X, y[label])
    found = model.predict_proba(X)
    shares = [np.mean(y[label] == value) for value in LABELS[label].categories]
    np.testing.assert_allclose(found.mean(axis=0), shares, atol=1e-9)
    said = [LABELS[label].categories.index(value) for value in model.predict(X).tolist()]
    np.testing.assert_array_equal(found[np.arange(len(X)), said], found.max(axis=1))


@pytest.mark.parametrize(
    ("estimator", "offered"),
    [
        (LogisticRegression(), {"predict_proba"}),
        (LinearSVC(), set()),
        (SVC(), set()),
        (SGDClassifier(), {"partial_fit"}),
        (SGDClassifier(loss="log_loss"), {"predict_proba", "partial_fit"}),
        (Pipeline([("scale", StandardScaler()), ("learn", LogisticRegression())]), {"predict_proba"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_offered_is_what_the_estimator_has_as_it_is_set(estimator, offered):
    model = numbers("late", estimator).fit({"x": ROWS}, np.where(ROWS > 0, "late", "on time"))
    assert {name for name in ("predict_proba", "partial_fit") if model.offers(name)} == offered
    for name in {"predict_proba", "partial_fit"} - offered:
        with pytest.raises(NotOffered, match=name):
            getattr(model, name)({"x": ROWS[:2]}, *((["late", "late"],) if name == "partial_fit" else ()))


def test_partial_fit_may_meet_the_classes_one_after_the_other():
    model = numbers("late", SGDClassifier(random_state=0))
    model.partial_fit({"x": ROWS[:20]}, ["on time"] * 20)
    model.partial_fit({"x": ROWS[20:]}, ["late"] * 20)
    assert model.estimator.classes_.tolist() == ["late", "on time"]


def test_partial_fit_refuses_a_class_that_fit_never_met():
    model = numbers("arrival", SGDClassifier()).fit({"x": ROWS}, np.where(ROWS > 0, "late", "on time"))
    with pytest.raises(NotOffered, match="'lost'"):
        model.partial_fit({"x": [0.0]}, ["lost"])


def test_partial_fit_of_a_regressor_goes_on_from_what_it_knows():
    model = numbers("delay", SGDRegressor(random_state=0)).fit({"x": ROWS}, ROWS)
    before = model.estimator.t_
    assert model.partial_fit({"x": ROWS}, ROWS).estimator.t_ == before + len(ROWS)


def test_one_class_only_is_refused_by_name():
    with pytest.raises(OneClass, match="All 40 rows have the label 'late'"):
        numbers("late", LogisticRegression()).fit({"x": ROWS}, ["late"] * 40)


@pytest.mark.parametrize(("label", "estimator"), [("late", LinearRegression()), ("delay", LogisticRegression())])
def test_the_kind_of_estimator_must_fit_the_label(label, estimator):
    with pytest.raises(DefinitionError, match=type(estimator).__name__):
        numbers(label, estimator)


def test_a_label_of_whole_numbers_is_answered_rounded():
    model = numbers("minutes", LinearRegression()).fit({"x": [0.0, 1.0, 2.0]}, [0, 1, 2])
    assert model.predict({"x": [0.4, 1.6]}).tolist() == [0, 2]


def test_a_seed_fills_every_random_state_that_is_open_and_no_other():
    inner = RandomForestClassifier(random_state=5)
    model = numbers("late", BaggingClassifier(inner), seed=1)
    again = numbers("late", BaggingClassifier(inner), seed=1)
    other = numbers("late", BaggingClassifier(inner), seed=2)
    seeds = [each.estimator.get_params()["random_state"] for each in (model, again, other)]
    assert seeds[0] == seeds[1] != seeds[2]
    assert model.estimator.get_params()["estimator__random_state"] == 5


def test_the_estimator_given_is_never_changed():
    template = Pipeline([("learn", RandomForestClassifier(3))])
    numbers("late", template, seed=1).fit({"x": ROWS}, np.where(ROWS > 0, "late", "on time"))
    assert template.get_params()["learn__random_state"] is None
    assert not hasattr(template[-1], "classes_")


def test_fit_begins_anew():
    model = numbers("late", RandomForestClassifier(3, warm_start=True), seed=1)
    y = np.where(ROWS > 0, "late", "on time")
    first = model.fit({"x": ROWS}, y).predict_proba({"x": ROWS})
    np.testing.assert_array_equal(model.fit({"x": ROWS}, y).predict_proba({"x": ROWS}), first)


def test_a_trace_shows_one_row_after_every_step_by_name():
    X, y = departures()
    model = pipeline("late", LogisticRegression(max_iter=500), scale=True).fit(X, y["late"])
    (stage,) = model.stages(X.take(np.array([3])))
    assert stage.step == "prepare"
    assert stage.values["wind missing"] == float(X.rows()[3]["wind"] is None)
    assert {"wind", "carrier_UA", "scheduled hour", "day weekday"} <= stage.values.keys()


@pytest.mark.parametrize("estimator", ["linear", LinearRegression, None])
def test_what_is_no_estimator_is_refused(estimator):
    with pytest.raises(DefinitionError, match="is no estimator"):
        numbers("delay", estimator)


def test_there_is_no_trace_before_fit():
    with pytest.raises(NotFitted):
        MODELS["linear"][1]().stages(departures(1)[0])


def test_columns_of_one_name_are_told_apart_in_a_trace():
    class Twice(FunctionTransformer):
        def get_feature_names_out(self, names):
            return [*names, *names]

    double = Pipeline([("twice", Twice(lambda X: np.hstack([X, X]))), ("learn", LogisticRegression())])
    model = numbers("late", double).fit({"x": ROWS}, np.where(ROWS > 0, "late", "on time"))
    assert model.stages(Table.of(model.contract.features, {"x": [0.5]}))[0].values == {"x": 0.5, "x #1": 0.5}


def test_a_trace_follows_one_row():
    X, y = departures()
    with pytest.raises(DataSize, match="not 400"):
        pipeline("late", DummyClassifier()).fit(X, y["late"]).stages(X)


def test_without_scikit_learn_the_error_names_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None\nfrom bascule.models.sklearn import Estimator"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtra: scikit-learn is not installed. Run: pip install 'bascule[lab]'" in done.stderr
