"""A project with versions that serve: a graph, a model of numbers, and one that Python answers for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from bascule import project as projects
from bascule.contract.kinds import Kind
from bascule.contract.model import Model, contract
from bascule.contract.table import Table
from bascule.evidence import releases, runs
from bascule.evidence.nouns import Release
from bascule.models.baseline import trivial
from bascule.models.prepare import prepare
from bascule.models.sklearn import Estimator
from bascule.project import Project
from bascule.registry.register import register
from bascule.testing import nouns

CONTRACT = '''
"""Which flights are late?"""

import datetime as dt
from typing import Annotated, Literal

import bascule as bl


class Flight(bl.Record):
    """One departure."""

    miles: Annotated[float, bl.Ge(0), bl.Name("great circle")]
    wind: float | None
    origin: Literal["EWR", "JFK"]
    seats: Annotated[int, bl.Ge(1)]
    scheduled: dt.datetime | None


class Arrival(bl.Label):
    ON_TIME = "on time"
    LATE = "late"


class LateArrival(bl.Model[Flight, Arrival]):
    """Will it be late?"""


class Missed(bl.Label):
    YES = True
    NO = False


class MissedFlight(bl.Model[Flight, Missed]):
    """Will somebody miss it?"""


class AirTime(bl.Model[Flight, float]):
    """How long will it fly?"""


class ByMiles(bl.Model[Flight, Arrival], name="by-miles"):
    """Long ones are late; the longest break it."""

    def fit(self, X, y):
        self.cut = float(X["great circle"].mean())

    def predict(self, X):
        return ["lost" if miles > 9000 else "late" if miles > self.cut else "on time" for miles in X["great circle"]]
'''


def flights(rows: int, seed: int = 7) -> pa.Table:
    """Made-up departures."""
    chance = np.random.default_rng(seed)
    return pa.table(
        {
            "great circle": chance.gamma(4, 250, rows),
            "wind": pa.array(chance.gamma(2, 6, rows), mask=chance.random(rows) < 0.2),
            "origin": chance.choice(["EWR", "JFK"], rows),
            "seats": chance.integers(20, 300, rows),
            "scheduled": pa.array(chance.integers(0, 10**15, rows)).cast(pa.timestamp("us", "UTC")),
        }
    )


@pytest.fixture(scope="session")
def airfield(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that the tests copy: `late-arrival@1` serves production, `@2` staging."""
    folder = tmp_path_factory.mktemp("airfield")
    (folder / "bascule.toml").touch()
    (folder / "contract.py").write_text(CONTRACT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASCULE_KEY", str(tmp_path_factory.mktemp("keys") / "ed25519"))
        opened = projects.open(folder)
        module = opened.contract()
        late, time = contract(module.LateArrival), contract(module.AirTime)
        X = Table.of(late.features, flights(400))
        for strength in (1.0, 0.01):
            steps = [("prepare", prepare(X.schema, scale=True)), ("linear", LogisticRegression(C=strength))]
            _register(opened, Estimator(late, Pipeline(steps), seed=1), X)
        _register(
            opened, Estimator(time, Pipeline([("prepare", prepare(X.schema, scale=True)), ("ridge", Ridge())])), X
        )
        _register(opened, trivial(contract(module.MissedFlight)), X)
        _register(opened, module.ByMiles(), X)
        _release(opened, "late-arrival", 1, "production")
        _release(opened, "late-arrival", 2, "staging")
        opened.close()
    return folder


def _register(project: Project, model: Model[Any, Any], X: Table) -> None:
    long = X["great circle"] + np.nan_to_num(X["wind"]) > 1000
    y = {
        Kind.TEXT: np.where(long, "late", "on time"),
        Kind.BOOL: long,
        Kind.FLOAT: X["great circle"] / 500,
    }[model.contract.label.kind]
    with project.ledger.write() as tx:
        run = runs.start(tx, nouns.run())
    register(project, model.fit(X, y), X, y, run=run.id)


def _release(project: Project, model: str, number: int, channel: str) -> None:
    with project.ledger.write() as tx:
        releases.promote(tx, Release(model=model, channel=channel, number=number), seen=0)


@pytest.fixture(name="flights")
def make() -> Callable[..., pa.Table]:
    """Makes that many departures up."""
    return flights


@pytest.fixture
def project(airfield: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the airfield."""
    opened = projects.open(shutil.copytree(airfield, tmp_path / "airfield"))
    yield opened
    opened.close()
