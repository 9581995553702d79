"""Every adapter of the models room, with data it can learn: what one test holds the laws of all Models against."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import annotated_types as at
import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from bascule.contract.checks import Subject
from bascule.contract.columns import Array
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind
from bascule.contract.model import Model
from bascule.contract.records import Label, Name, Record, schema
from bascule.contract.table import Table
from bascule.models.baseline import rule, trivial
from bascule.models.persist import STATE, load, save
from bascule.models.prepare import prepare
from bascule.models.sklearn import Estimator


class Departure(Record):
    """One departure, with a column of every kind, some of them missing, some with names that are no words."""

    miles: Annotated[float, at.Ge(0), Name("miles [statute], \N{GREEK SMALL LETTER DELTA}")]
    wind: Annotated[float | None, at.Unit("mph")]
    seats: Annotated[int | None, at.Ge(0)]
    rain: bool
    carrier: str | None
    scheduled: dt.datetime | None
    day: dt.date


class Arrival(Label):
    """How a departure ended; some ends are rare, one was never seen."""

    ON_TIME = "on time"
    LATE = "late"
    DIVERTED = "diverted"
    LOST = "lost"


LABELS: dict[str, Field] = {
    "late": Field(name="arrival", kind=Kind.TEXT, categories=("on time", "late")),
    "arrival": Field(name="arrival", kind=Kind.TEXT, categories=tuple(member.value for member in Arrival)),
    "missed": Field(name="missed", kind=Kind.BOOL, categories=(True, False)),
    "stars": Field(name="stars", kind=Kind.INT, categories=(5, 1, 3)),
    "delay": Field(name="delay", kind=Kind.FLOAT, unit="min"),
    "minutes": Field(name="minutes", kind=Kind.INT, unit="min"),
}


def departures(rows: int = 400, seed: int = 7) -> tuple[Table, dict[str, Array]]:
    """Made-up departures, and by label what became of them; the same for the same seed."""
    chance = np.random.default_rng(seed)
    miles, wind = chance.gamma(4, 250, rows), chance.gamma(2, 6, rows)
    minutes = chance.integers(0, 365 * 24 * 60, rows).tolist()
    times = [dt.datetime(2013, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minute) for minute in minutes]
    carriers = chance.choice(["AA", "B6", "DL", "UA", "Zürich Air"], rows, p=[0.4, 0.3, 0.18, 0.1, 0.02])
    rain = chance.random(rows) < 0.3
    columns = {
        "miles": miles.tolist(),
        "wind": _holed(wind.tolist(), chance),
        "seats": _holed(chance.integers(20, 300, rows).tolist(), chance),
        "rain": rain.tolist(),
        "carrier": _holed(carriers.tolist(), chance),
        "scheduled": _holed(times, chance),
        "day": [time.date() for time in times],
    }
    hours = np.array([time.hour for time in times])
    delay = (hours - 12) * 2 + 12 * rain + wind / 2 + miles / 200 + 5 * (carriers == "UA") + chance.normal(0, 6, rows)
    wire = {field.attribute: field.name for field in schema(Departure)}
    return Table.of(Departure, {wire[name]: values for name, values in columns.items()}), {
        "late": np.where(delay > 12, "late", "on time").astype(object),
        "arrival": np.select([delay > 30, delay > 12], ["diverted", "late"], "on time").astype(object),
        "missed": delay > 12,
        "stars": np.select([delay > 20, delay > 5], [1, 3], 5),
        "delay": delay,
        "minutes": np.rint(delay).astype("int64"),
    }


def agreed(label: str) -> Contract:
    """The contract under which departures have this label."""
    return Contract(name="late-arrival", definition="", features=schema(Departure), label=LABELS[label])


def pipeline(label: str, estimator: Any, *, scale: bool = False) -> Estimator:
    """An estimator behind the default first step, seeded."""
    steps = [("prepare", prepare(schema(Departure), scale=scale)), ("estimator", estimator)]
    return Estimator(agreed(label), Pipeline(steps), seed=3)


class Habits(Model[Departure, Arrival]):
    """Goes by what each carrier did in each month, asks a classifier where it knows, and another model where not."""

    def __init__(self, classifier: Any, other: Model[Any, Any], least: int = 20) -> None:
        self.classifier = classifier
        self.other = other
        self.least = least

    def fit(self, X: Any, y: Any = None) -> None:
        """Counts, and lets its parts learn."""
        self.other.fit(X, y)
        self.classifier.fit(self._numbers(X), y)
        counts: dict[tuple[str | None, int], int] = {}
        for habit in self._habits(X):
            counts[habit] = counts.get(habit, 0) + 1
        self.known = {habit: float(count) for habit, count in counts.items() if count >= self.least}
        self.seen = frozenset(X["carrier"].tolist())

    def predict(self, X: Any) -> Any:
        """The classifier's answer for known habits, the other model's for the rest."""
        certain = np.array([habit in self.known for habit in self._habits(X)], bool)
        other = self.other.predict(X)
        return np.where(certain, self.classifier.predict(self._numbers(X)), other) if len(X) else other

    def _habits(self, X: Table) -> list[tuple[str | None, int]]:
        months = X["day"].astype("datetime64[M]").astype(int) % 3
        return list(zip(X["carrier"].tolist(), months.tolist(), strict=True))

    def _numbers(self, X: Table) -> Array:
        return np.column_stack([X[X.schema.names[0]], X["rain"]])


def _habits() -> Model[Any, Any]:
    return Habits(LogisticRegression(max_iter=500), trivial(agreed("arrival")))


def _holed(values: list[Any], chance: np.random.Generator) -> list[Any]:
    return [None if hole else value for value, hole in zip(values, chance.random(len(values)) < 0.08, strict=True)]


# By name: the label, and how to make a fresh model.
MODELS: dict[str, tuple[str, Callable[[], Model[Any, Any]]]] = {
    "trivial": ("late", lambda: trivial(agreed("late"))),
    "trivial number": ("delay", lambda: trivial(agreed("delay"))),
    "rule": ("arrival", lambda: rule(agreed("arrival"), "wind")),
    "rule number": ("minutes", lambda: rule(agreed("minutes"), "scheduled")),
    "linear": ("late", lambda: pipeline("late", LogisticRegression(max_iter=500), scale=True)),
    "linear of four": ("arrival", lambda: pipeline("arrival", LogisticRegression(max_iter=500), scale=True)),
    "linear number": ("delay", lambda: pipeline("delay", Ridge(), scale=True)),
    "forest": ("stars", lambda: pipeline("stars", RandomForestClassifier(12))),
    "forest number": ("minutes", lambda: pipeline("minutes", RandomForestRegressor(12))),
    "histogram": ("missed", lambda: pipeline("missed", HistGradientBoostingClassifier(max_iter=12))),
    "histogram number": ("delay", lambda: pipeline("delay", HistGradientBoostingRegressor(max_iter=12))),
    "boosted": ("arrival", lambda: pipeline("arrival", _lightgbm("LGBMClassifier"))),
    "boosted number": ("delay", lambda: pipeline("delay", _lightgbm("LGBMRegressor"))),
    "by hand": ("arrival", _habits),
}


def subject(name: str) -> Subject:
    """An adapter with the departures it learns from, kept on disk as a registry keeps it."""
    label, make = MODELS[name]
    X, y = departures()
    return Subject(make, X, y[label], keep, kept)


def keep(model: Model[Any, Any], folder: Path) -> None:
    """Saves a model."""
    save(model, folder)


def kept(model: Model[Any, Any], folder: Path) -> Model[Any, Any]:
    """Loads a model, trusting what its file lists, as only a test may: a registry reads that from a signed manifest."""
    return load(model, folder, json.loads((folder / STATE).read_text("utf-8"))["trusted"])


def _lightgbm(name: str) -> Any:
    import lightgbm

    return getattr(lightgbm, name)(n_estimators=12, deterministic=True, force_row_wise=True, n_jobs=1, verbose=-1)
