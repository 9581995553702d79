"""Which rows are compared, where cuts are crossed, and how two models' answers are counted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.table import Table
from bascule.models.convert import converted
from bascule.models.edges import edges
from bascule.models.frame import frame
from bascule.models.parity import GAPS, parity, sample, with_gaps
from bascule.models.session import Session
from bascule.models.sklearn import Estimator
from bascule.models.trees import cuts
from bascule.testing.models import LABELS, departures, pipeline

ROWS = Schema("Row", "", (Field(name="x", kind=Kind.FLOAT), Field(name="k", kind=Kind.INT)))
CHANCE = np.random.default_rng(0)
TABLE = Table.of(ROWS, {"x": CHANCE.gamma(3, 100, 500), "k": CHANCE.integers(0, 50, 500)})


def grown(*before):
    contract = Contract(name="steps", definition="", features=ROWS, label=LABELS["delay"])
    steps = [*((f"step {number}", step) for number, step in enumerate(before)), ("tree", DecisionTreeRegressor())]
    return Estimator(contract, Pipeline(steps)).fit(TABLE, np.sin(TABLE["x"] / 9) + TABLE["k"])


@pytest.mark.parametrize(
    "before",
    [(), (StandardScaler(),), (FunctionTransformer(np.negative),), (FunctionTransformer(np.log1p), StandardScaler())],
    ids=["as they are", "scaled", "turned round", "by logarithm"],
)
def test_every_cut_is_crossed_by_two_neighbours(before):
    model = grown(*before).answering
    asked = dict(zip(("x", "k"), edges(model, TABLE), strict=True))
    for column, name in enumerate(("x", "k")):
        seen = model[:-1].transform(frame(asked[name])) if before else frame(asked[name])
        beside = np.asarray(seen)[:, column].reshape(-1, 4)
        crossed = np.sort(beside[:, 1:3], axis=1)
        for cut in cuts(model[-1])[column]:
            assert ((crossed[:, 0] <= cut) & (cut < crossed[:, 1])).any()


def test_neighbours_of_a_number_are_the_next_float32():
    x = next(iter(edges(grown().answering, TABLE)))["x"].reshape(-1, 4).astype("float32")
    np.testing.assert_array_equal(np.nextafter(x[:, 1], np.float32(np.inf)), x[:, 2])


def test_neighbours_of_a_whole_number_are_whole():
    k = list(edges(grown().answering, TABLE))[1]["k"].reshape(-1, 4)
    np.testing.assert_array_equal(k[:, 2] - k[:, 1], 1)


def test_no_row_leaves_the_range_of_what_was_there():
    for name, rows in zip(("x", "k"), edges(grown().answering, TABLE), strict=True):
        assert TABLE[name].min() <= rows[name].min() <= rows[name].max() <= TABLE[name].max()


def test_a_model_without_trees_has_no_cuts():
    X, y = departures()
    model = pipeline("late", LogisticRegression(max_iter=500), scale=True).fit(X, y["late"])
    assert list(edges(model.answering, X)) == []


def test_a_sample_has_the_extremes_of_every_column():
    found = TABLE.take(sample(TABLE, 50))
    assert 50 <= len(found) <= 54
    for name in ("x", "k"):
        assert (found[name].min(), found[name].max()) == (TABLE[name].min(), TABLE[name].max())


def test_gaps_are_tried_field_by_field_and_all_at_once():
    X, _ = departures()
    tried = list(with_gaps(X))
    doubtful = [field.name for field in X.schema if field.nullable]
    for name, rows in zip(doubtful, tried, strict=False):
        assert rows.arrow[name].null_count == len(rows) >= GAPS
    assert all(tried[len(doubtful)].arrow[name].null_count for name in doubtful)
    assert len(set(tried[-1]["carrier"]) - set(X["carrier"])) == 1


def test_another_model_is_counted_row_by_row():
    X, y = departures()
    model = pipeline("late", LogisticRegression(max_iter=500), scale=True).fit(X, y["late"])
    other = pipeline("late", LogisticRegression(C=0.001), scale=True).fit(X, y["late"])
    found = parity(model, Session(other.contract, converted(other)), X, []).real
    distance = abs(model.predict_proba(X) - other.predict_proba(X)).max(axis=1)
    assert (found.rows, found.flips) == (400, (model.predict(X) != other.predict(X)).sum())
    assert (found.moved, found.difference) == ((distance > 1e-3).sum(), pytest.approx(distance.max(), abs=1e-5))
    assert (found.flip_rate, found.moved_rate) == (found.flips / 400, found.moved / 400)


def test_to_refuse_alike_is_to_agree():
    y = TABLE["x"] + 1
    label = Field(name="delay", kind=Kind.FLOAT, ge=float(y[250:].min()))
    contract = Contract(name="steps", definition="", features=ROWS, label=LABELS["delay"])
    model = Estimator(contract, DecisionTreeRegressor()).fit(TABLE, y)
    graph = converted(model)
    bounded = Contract(name="steps", definition="", features=ROWS, label=label)
    few = TABLE.take(np.flatnonzero(y >= label.ge))
    lowest = TABLE.take(np.array([y.argmin()]))
    model.under(bounded)
    session = Session(contract, graph)
    assert parity(model, session, few, [lowest]).cuts.flips == 1
    session.contract = bounded
    assert parity(model, session, few, [lowest]).cuts.flips == 0
