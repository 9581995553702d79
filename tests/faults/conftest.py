"""Projects at three stages of their life, in copies that a test may ruin."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from bascule import project as projects
from bascule.release.promote import promote
from bascule.training.train import train
from bascule.workspace.init import init

ROWS = 70_000  # stored as more than one piece


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the key is that all of these projects trust."""
    return str(tmp_path_factory.mktemp("keys") / "ed25519")


@pytest.fixture(autouse=True)
def signing(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is registered is signed with it."""
    monkeypatch.setenv("BASCULE_KEY", key)


@pytest.fixture(scope="session")
def departures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Departures of which the long ones against the wind are late."""
    chance = np.random.default_rng(7)
    miles, wind = chance.gamma(4, 250, ROWS).round(1), chance.gamma(2, 60, ROWS).round(1)
    late = np.where(miles + 5 * wind + chance.normal(0, 200, ROWS) > 1600, "late", "on time")
    path = tmp_path_factory.mktemp("data") / "departures.csv"
    pa.csv.write_csv(pa.table({"miles": miles, "wind": wind, "arrival": late}), path)
    return path


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory, departures: Path) -> Path:
    """A project with data, a contract, and a plan that is soon done."""
    folder = tmp_path_factory.mktemp("stages") / "committed"
    small = folder.parent / "departures.csv"
    pa.csv.write_csv(pa.csv.read_csv(departures).slice(0, 800), small)
    init(folder, small, "arrival", name="late-arrival")
    plan = folder / "plan.yaml"
    plan.write_text(re.sub(r"  boosted:.*", "", plan.read_text(), flags=re.DOTALL))
    return folder


@pytest.fixture(scope="session")
def released(committed: Path, key: str) -> Path:
    """The same with three versions, of which the first and then the second were released."""
    folder = shutil.copytree(committed, committed.with_name("released"))
    project = projects.open(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASCULE_KEY", key)
        for _ in range(3):
            train(project, folder / "plan.yaml")
    for number in (1, 2):
        promote(project, f"late-arrival@{number}")
    project.close()
    return folder


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """Makes a fresh copy of a project, and removes the one before."""

    def copy(folder: Path) -> Path:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        return shutil.copytree(folder, tmp_path / "copy")

    return copy
