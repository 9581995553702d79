"""A project with flights whose lateness depends on distance and carrier, and the plans that these tests change."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin starve each other where tests run side by side

from bascule.data.commit import commit
from bascule.project import Project, open as open_project
from bascule.training.train import train
from bascule.training.trained import Trained

START = dt.datetime(2013, 1, 1, tzinfo=dt.UTC)
PLAN = """\
question: Which flights are late?
contract: LateArrival
data: flights
label: arrival
time: scheduled
split: {validate: 0.25}
metric: roc_auc
seed: 1
candidates:
  rule: {class: bascule.models.baseline.rule, feature: wind}
  trivial: {class: bascule.models.baseline.trivial}
  linear:
    steps: [prepare: {scale: true}, {class: sklearn.linear_model.LogisticRegression}]
  boosted:
    steps: [prepare, {class: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20}]
"""
NUMBERS = (
    ("contract: LateArrival", "contract: Delay"),
    ("label: arrival", "label: delay"),
    ("metric: roc_auc", "metric: rmse"),
    ("LogisticRegression", "Ridge"),
    ("BoostingClassifier", "BoostingRegressor"),
)
CONTRACT = Path(__file__).with_name("contract_of_flights.py")
Columns = dict[str, list[Any]]


def flights(rows: int = 800, seed: int = 3) -> Columns:
    """Flights by the hour; the far ones of one carrier are late, and one in ten has no label."""
    draw = np.random.default_rng(seed)
    distance, wind = draw.uniform(100, 3000, rows), draw.uniform(0, 40, rows)
    carrier = draw.choice(["UA", "ü ✈"], rows)
    unknown = draw.random(rows) < 0.1
    late = (distance / 3000 + (carrier == "UA") / 2 + draw.normal(0, 0.25, rows)) > 0.8
    return {
        "distance": distance.tolist(),
        "wind": [None if strength > 35 else strength for strength in wind],
        "carrier": carrier.tolist(),
        "day": [None if row % 4 == 0 else row // 24 for row in range(rows)],
        "scheduled": [START + dt.timedelta(hours=hour) for hour in range(rows)],
        "arrival": np.where(unknown, None, np.where(late, "late", "on time")).tolist(),
        "delay": (distance / 100 + 10 * late + draw.normal(0, 1, rows)).tolist(),
    }


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's key, in a place of this test's own."""
    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "keys" / "ed25519"))


Make = Callable[..., Project]


def opened(folder: Path, changes: tuple[tuple[str, str], ...] = (), columns: Columns | None = None) -> Project:
    """A project with the columns given, by default `flights`, and the plan with some of its text replaced."""
    folder.mkdir()
    (folder / "bascule.toml").touch()
    (folder / "contract.py").write_text(CONTRACT.read_text())
    (folder / "plan.yaml").write_text(replaced(changes))
    project = open_project(folder)
    commit(project, "flights", pa.table(columns or flights()), record="FlownFlight")
    return project


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes projects: `make(("seed: 1", "seed: 2"), columns=…, name=…)`."""
    made: list[Project] = []

    def project(*changes: tuple[str, str], columns: Columns | None = None, name: str = "flights") -> Project:
        made.append(opened(tmp_path / name, changes, columns))
        return made[-1]

    yield project
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Trained]]:
    """A project whose plan was followed once, to be looked at only."""
    folder = tmp_path_factory.mktemp("learnt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASCULE_KEY", str(folder / "key"))
        project = opened(folder / "flights")
        trained = train(project, "plan.yaml")
    yield project, trained
    project.close()


def replaced(changes: tuple[tuple[str, str], ...]) -> str:
    text = PLAN
    for old, new in changes:
        if old not in text:
            raise ValueError(f"the plan has no {old!r}")
        text = text.replace(old, new)
    return text


@pytest.fixture
def project(make: Make) -> Project:
    """A project ready to train."""
    return make()


@pytest.fixture
def columns() -> Columns:
    """The flights, to be changed."""
    return flights()


@pytest.fixture
def of_numbers() -> tuple[tuple[str, str], ...]:
    """What turns the plan into one for a label that is a number."""
    return NUMBERS
