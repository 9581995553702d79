"""Baselines: the prior or mean, and a rule on one feature that reads as words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.errors import NotFitted
from bascule.models.baseline import rule, rule_text, trivial
from bascule.testing.models import LABELS, agreed, departures


def ruled(kind, values, late, leaves=2, **rules):
    features = Schema("Row", "", (Field(name="noise", kind=Kind.FLOAT), Field(name="x", kind=kind, **rules)))
    contract = Contract(name="rule", definition="", features=features, label=LABELS["late"])
    rows = {"noise": np.linspace(0, 1, len(values)), "x": values}
    return rule(contract, "x", leaves).fit(rows, np.where(late, "late", "on time"))


def test_the_trivial_classifier_answers_each_class_by_its_share():
    X, y = departures()
    model = trivial(agreed("late")).fit(X, y["late"])
    shares = [np.mean(y["late"] == value) for value in LABELS["late"].categories]
    np.testing.assert_allclose(model.predict_proba(X.take(np.arange(2))), [shares, shares])


def test_the_trivial_regressor_answers_the_mean():
    X, y = departures()
    assert trivial(agreed("delay")).fit(X, y["delay"]).predict(X)[0] == pytest.approx(y["delay"].mean())


TIMES = [dt.datetime(2013, 1, 2, 8, tzinfo=dt.UTC) + dt.timedelta(minutes=minute) for minute in range(120)]
DAYS = [dt.date(2013, 1, 1) + dt.timedelta(days=day) for day in range(200)]


@pytest.mark.parametrize(
    ("kind", "values", "late", "said"),
    [
        (Kind.FLOAT, [0.5, 1.5] * 30, [False, True] * 30, "on time (100 %) if x ≤ 1\nlate (100 %) if x > 1"),
        (Kind.INT, [16, 17] * 30, [False, True] * 30, "on time (100 %) if x ≤ 16\nlate (100 %) if x ≥ 17"),
        (Kind.BOOL, [False, True] * 30, [False, True] * 30, "on time (100 %) if x is false\nlate (100 %) if x is true"),
        (
            Kind.TEXT,
            ["UA", "AA", "DL"] * 30,
            [True, False, False] * 30,
            "on time (100 %) if x is not 'UA'\nlate (100 %) if x is 'UA'",
        ),
        (
            Kind.TIME,
            TIMES,
            [time.minute >= 40 or time.hour == 9 for time in TIMES],
            "on time (100 %) if x minute of day ≤ 519 (08:39 UTC)\nlate (100 %) if x minute of day ≥ 520 (08:40 UTC)",
        ),
        (
            Kind.DATE,
            DAYS,
            [day.weekday() >= 5 for day in DAYS],
            "on time (100 %) if x weekday ≤ 4\nlate (100 %) if x weekday ≥ 5",
        ),
        (Kind.FLOAT, [1.0] * 60, [False, True, True] * 20, "late (67 %) always"),
    ],
    ids=["number", "whole number", "yes or no", "text", "time", "date", "nothing to tell"],
)
def test_a_rule_reads_as_words(kind, values, late, said):
    assert rule_text(ruled(kind, values, late)) == said


def test_a_rule_says_where_a_missing_value_goes():
    model = ruled(Kind.INT, [1, 5, None] * 30, [False, True, True] * 30, nullable=True)
    assert rule_text(model) == "on time (100 %) if x ≤ 3\nlate (100 %) if x ≥ 4 or x is missing"


def test_a_rule_reads_one_feature_alone():
    X, y = departures()
    model = rule(agreed("arrival"), "wind").fit(X, y["arrival"])
    blank = X.take(np.arange(len(X))[::-1]).arrow
    mixed = blank.set_column(X.schema.names.index("wind"), "wind", X.arrow["wind"])
    np.testing.assert_array_equal(model.predict(mixed), model.predict(X))


def test_a_rule_on_a_number_answers_numbers():
    X, y = departures()
    words = rule_text(rule(agreed("delay"), "rain", leaves=2).fit(X, y["delay"])).split("\n")
    assert [line.partition(" if ")[2] for line in words] == ["rain is false", "rain is true"]


def test_no_words_before_fit():
    with pytest.raises(NotFitted):
        rule_text(rule(agreed("late"), "wind"))
