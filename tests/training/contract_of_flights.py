"""The contract.py of the projects that these tests train in."""

from datetime import datetime
from subprocess import Popen  # noqa: F401, must not be reachable from a plan
from typing import Annotated

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import Ridge  # noqa: F401

import bascule as bl
from bascule import Ge, Unit


class Flight(bl.Record):
    """One departure."""

    distance: Annotated[float, Ge(0), Unit("mi")]
    wind: Annotated[float | None, Unit("mph")]
    carrier: str


class Arrival(bl.Label):
    """How it ended."""

    ON_TIME = "on time"
    LATE = "late"


class FlownFlight(Flight):
    """A flight that arrived."""

    scheduled: datetime
    day: int | None
    arrival: Arrival | None
    delay: Annotated[float, Unit("min")]


class LateArrival(bl.Model[Flight, Arrival]):
    """Will it be late?"""


class Delay(bl.Model[Flight, Annotated[float, Unit("min")]]):
    """By how much?"""


class Windy(LateArrival):
    """Late where the wind is strong; how strong it asks its parts."""

    def __init__(self, classifier, seed, cut=20.0):
        self.classifier, self.seed, self.cut = classifier, seed, cut

    def fit(self, X, y):
        self.classifier.fit(X["distance"].reshape(-1, 1), y)

    def predict(self, X):
        return ["late" if wind > self.cut else "on time" for wind in X["wind"]]


class TwoSided(LateArrival):
    """Asks a classifier about distance and carrier."""

    def __init__(self, classifier):
        self.classifier = classifier

    def fit(self, X, y):
        self.classifier.fit(self.seen(X), y)

    def predict(self, X):
        return self.classifier.predict(self.seen(X))

    def seen(self, X):
        return np.stack([X["distance"], X["carrier"] == "UA"], axis=1).astype(float)


class Failing(LateArrival):
    """Never learns."""

    def fit(self, X, y):
        raise ZeroDivisionError("nothing adds up")

    def predict(self, X):
        return ["late"] * len(X)


class Guess(ClassifierMixin, BaseEstimator):
    """An estimator of the project's own."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = sorted(set(y))
        return self

    def predict(self, X):
        return [self.classes_[0]] * len(X)


class Nothing:
    """Cannot learn."""
