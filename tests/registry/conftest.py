"""A project with a contract, and models of it that have learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bascule.contract.contract import Contract
from bascule.contract.model import Model, contract as contract_of
from bascule.contract.table import Table
from bascule.evidence import runs
from bascule.evidence.nouns import Version
from bascule.models.export import Export, export
from bascule.project import Project, open as open_project
from bascule.registry.register import enter
from bascule.registry.save import Packed, pack
from bascule.testing import nouns

SOURCE = '''
"""Which flights are late?"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

import bascule as bl


class Flight(bl.Record):
    """One departure."""

    carrier: str
    distance: Annotated[float, bl.Ge(0), bl.Unit("mi")]
    wind: float | None
    passenger: Annotated[int, bl.Personal()]


class Arrival(bl.Label):
    ON_TIME = "on time"
    LATE = "late"


class LateArrival(bl.Model[Flight, Arrival]):
    """Will it be late?"""

    def __init__(self, part=None):
        self.part = part

    def fit(self, X, y):
        self.cut = float(X["distance"].mean())

    def predict(self, X):
        return np.where(X["distance"] > self.cut, "late", "on time")


class Wrapped(LateArrival):
    """A model that asks another one."""

    def fit(self, X, y):
        self.part.fit(X, y)

    def predict(self, X):
        return self.part.predict(X)


class Halved(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[["distance"]].to_numpy() / 2
'''


@dataclass(frozen=True)
class Flights:
    """A project, its contract, and rows with labels."""

    project: Project
    module: ModuleType
    contract: Contract
    X: Table
    y: Any

    @property
    def source(self) -> bytes:
        return (self.project.folder / "contract.py").read_bytes()

    def by_hand(self) -> Model[Any, Any]:
        """A model written by hand, which has learnt; no graph is made of it."""
        return self.module.LateArrival().fit(self.X, self.y)  # type: ignore[no-any-return]

    def pack(self, model: Model[Any, Any] | None = None, export: Export | None = None, **options: Any) -> Packed:
        made = model or self.by_hand()
        rows = Table.of(made.contract.features, self.X, extra="ignore")
        return pack(self.project, made, rows, self.y, export, **({"source": self.source} | options))

    def changed(self, old: str, new: str) -> Model[Any, Any]:
        """A model by hand, under the contract with one text replaced by another."""
        file = self.project.folder / "contract.py"
        file.write_text(file.read_text().replace(old, new))
        model = self.project.contract().LateArrival()
        return model.fit(Table.of(model.contract.features, self.X, extra="ignore"), self.y)  # type: ignore[no-any-return]

    def enter(self, packed: Packed | None = None) -> Version:
        """The version of a packed model, made by a run that has just started."""
        ready = packed or self.pack()
        with self.project.ledger.write() as tx:
            return enter(tx, ready, runs.start(tx, nouns.run()).id)


def rows(contract: Contract) -> tuple[Table, Any]:
    drawn = np.random.default_rng(1)
    distance = drawn.uniform(0, 100, 300)
    columns = {
        "carrier": drawn.choice(["AA", "UA", "ü 🛬"], 300).tolist(),
        "distance": distance.tolist(),
        "wind": [None if calm else 3.5 for calm in drawn.uniform(0, 1, 300) < 0.3],
        "passenger": list(range(300)),
    }
    return Table.of(contract.features, columns), np.where(distance > 50, "late", "on time").astype(object)


def opened(folder: Path) -> Flights:
    folder.mkdir()
    (folder / "bascule.toml").write_text('name = "flights"\n')
    (folder / "contract.py").write_text(SOURCE)
    project = open_project(folder)
    module = project.contract()
    contract = contract_of(module.LateArrival)
    return Flights(project, module, contract, *rows(contract))


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's key, in a place of this test's own."""
    path = tmp_path / "keys" / "ed25519"
    monkeypatch.setenv("BASCULE_KEY", str(path))
    return path


@pytest.fixture
def flights(tmp_path: Path) -> Iterator[Flights]:
    found = opened(tmp_path / "flights")
    yield found
    found.project.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Flights]:
    """A second project with the same contract, in another folder."""
    found = opened(tmp_path / "elsewhere")
    yield found
    found.project.close()


@pytest.fixture(scope="session")
def linear(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model[Any, Any], Export]:
    """A pipeline of scikit-learn that has learnt, and its graph."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    from bascule.models.prepare import prepare
    from bascule.models.sklearn import Estimator

    found = opened(tmp_path_factory.mktemp("linear") / "flights")
    steps = [("prepare", prepare(found.contract.features, scale=True)), ("classify", LogisticRegression())]
    model = Estimator(found.contract, Pipeline(steps), seed=1)
    model.fit(found.X, found.y)
    return model, export(model, found.X)
