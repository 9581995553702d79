"""A file of one's own, drafted and trained without an edit, whatever its columns are called and hold."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bascule as bl
from bascule.errors import BasculeWarning, NotNeeded
from bascule.files.read import batches, open_source
from bascule.registry import load
from bascule.training.train import train
from bascule.training.trained import Trained
from bascule.workspace.init import init

ROWS = 400
draw = np.random.default_rng(0)
number, other, steps = draw.random(ROWS), draw.random(ROWS), np.arange(ROWS)
coin = draw.random(ROWS) < 0.5
TIMES = pd.date_range("2020-01-01", periods=ROWS, freq="7h")
CASES: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "odd names": (
        {
            "größe": number,
            "2nd": coin,
            "a.b": np.where(coin, "ÿ", "🛬"),
            "class": other,
            "y?": np.where(number > 0.4, "ja", "nein"),
        },
        "y?",
        None,
    ),
    "several classes": (
        {"x": number * 5 + other, "kind": np.array(list("abcde"))[(number * 5).astype(int)]},
        "kind",
        None,
    ),
    "a number by time": ({"when": TIMES, "x": steps / 10, "price": steps * 0.3 + number}, "price", "when"),
    "counts": ({"x": number, "z": other, "visits": (40 * number + 5 * other).astype(int)}, "visits", None),
    "dates": (
        {"day": TIMES.strftime("%Y-%m-%d"), "x": number, "late": np.where(number + other > 1, "yes", "no")},
        "late",
        "day",
    ),
    "nulls": (
        {
            "x": np.where(coin, number, np.nan),
            "town": np.where(other < 0.2, None, np.where(number > 0.5, "Köln", "Genève")),
            "y": np.where(other > 0.9, None, np.where(number > 0.5, "p", "q")),
        },
        "y",
        None,
    ),
    "texts alone": (
        {"a": np.where(coin, "r", "s"), "b": np.where(number > 0.5, "t", "u"), "y": number > 0.5},
        "y",
        None,
    ),
    "nothing in the weeks that teach": (
        {"t": steps, "x": number, "late": np.where(steps > 350, number, np.nan), "y": np.where(number > 0.5, 1, 0)},
        "y",
        "t",
    ),
    "a class met once": (
        {"x": number, "z": other, "y": np.where(steps == 7, "c", np.where(number > 0.5, "a", "b"))},
        "y",
        None,
    ),
    "tiny": ({"x": number[:12], "y": ["a", "b"] * 6}, "y", None),
    "noise": ({"x": number, "z": other, "y": np.where(coin, "heads", "tails")}, "y", None),
}


def trained(folder: Path, case: str) -> Trained:
    columns, label, time = CASES[case]
    file = folder / f"{case}.csv"
    pd.DataFrame(columns).to_csv(file, index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BasculeWarning)
        init(folder / "project", file, label, time)
        return train(bl.open(folder / "project"), "plan.yaml")


@pytest.mark.parametrize("case", CASES)
def test_a_file_becomes_a_version_that_answers_its_rows(tmp_path: Path, case: str) -> None:
    found = trained(tmp_path, case)
    project = bl.open(tmp_path / "project")
    model = load.model(project, load.version(project, found.version))
    part = next(iter(batches(open_source(tmp_path / f"{case}.csv"), model.contract.features)))
    assert len(model.predict(part.arrow)) == len(part.arrow)
    assert found.runtime == "onnx", found.reason
    project.close()


def test_noise_needs_no_learning(tmp_path: Path) -> None:
    columns, label, _ = CASES["noise"]
    pd.DataFrame(columns).to_csv(tmp_path / "noise.csv", index=False)
    init(tmp_path / "project", tmp_path / "noise.csv", label)
    with pytest.warns(NotNeeded, match="Nothing beats every baseline"):
        assert train(bl.open(tmp_path / "project"), "plan.yaml").verdict == "not needed"
