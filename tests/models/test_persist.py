"""Models in folders: what registers need, what is refused, and the same bytes for the same model."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from bascule.contract.model import Model
from bascule.errors import Conflict, NotLatestVersion, NotStorable, Unreadable, Untrusted
from bascule.models.persist import ARRAYS, STATE, load, save
from bascule.testing.models import MODELS, Arrival, Departure, kept, subject


class Sampler(Model[Departure, Arrival]):
    """Keeps arrays, chance and a part."""

    def __init__(self, part=None):
        self.part = part

    def fit(self, X, y=None):
        """Learns shares and a matrix."""
        self.shares = np.bincount(np.arange(3))
        self.again = [self.shares, np.float32(0.1)]
        self.chance = np.random.default_rng(3)
        self.chance.random(5)

    def predict(self, X):
        """Always the same."""
        return ["late"] * len(X)


def bytes_of(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def fitted(part=None):
    examined = subject("linear")
    return Sampler(part).fit(examined.X, ["late"] * len(examined.X))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_saved_twice_or_loaded_and_saved_has_the_same_bytes(name, tmp_path):
    examined = subject(name)
    model = examined.fitted()
    for folder in "ab":
        save(model, tmp_path / folder)
    save(kept(examined.make(), tmp_path / "a"), tmp_path / "c")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") == bytes_of(tmp_path / "c")


def test_what_a_registry_needs_is_told(tmp_path):
    saved = save(subject("boosted").fitted(), tmp_path)
    assert saved.kind == "bascule.models.sklearn.Estimator"
    assert {"lightgbm.basic.Booster", "bascule.models.calendar.Calendar"} <= set(saved.trusted)
    assert list(saved.trusted) == json.loads((tmp_path / STATE).read_text())["trusted"]
    assert {"bascule", "lightgbm", "numpy", "scikit-learn", "skops"} == saved.libraries.keys()


def test_nothing_is_trusted_because_the_folder_says_so(tmp_path):
    examined = subject("boosted")
    save(examined.fitted(), tmp_path)
    with pytest.raises(Untrusted, match=r"lightgbm\.basic\.Booster"):
        load(examined.make(), tmp_path)


def test_arrays_and_chance_come_back(tmp_path):
    model = fitted()
    save(model, tmp_path)
    found = load(Sampler(), tmp_path, ["numpy.random._pcg64.PCG64"])
    assert found.again[0] is found.shares
    assert (found.shares.tolist(), found.again[1].dtype) == ([1, 1, 1], np.float32)
    assert found.chance.random() == model.chance.random()


def test_a_part_that_could_not_be_read_again_is_refused_while_the_model_is_at_hand(tmp_path):
    with pytest.raises(NotStorable, match="part, a FunctionTransformer"):
        save(fitted(FunctionTransformer(lambda X: X)), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_a_model_is_left_alone(tmp_path):
    save(fitted(), tmp_path)
    before = bytes_of(tmp_path)
    with pytest.raises(Conflict, match="holds a saved model"):
        save(fitted(LogisticRegression()), tmp_path)
    assert bytes_of(tmp_path) == before


def test_another_algorithm_is_told_by_both_versions(tmp_path):
    save(fitted(), tmp_path)
    other = Sampler()
    other.under(replace(other.contract, algorithm="2"))
    with pytest.raises(NotLatestVersion, match=r"version 1 .* at hand is 2"):
        load(other, tmp_path)


def test_another_class_is_unreadable(tmp_path):
    save(fitted(), tmp_path)
    with pytest.raises(Unreadable, match="is a Sampler of sampler, not a Habits of habits"):
        load(MODELS["by hand"][1](), tmp_path)


@pytest.mark.parametrize("name", [STATE, ARRAYS, "0.skops"])
@pytest.mark.parametrize(
    "damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"{}")], ids=["gone", "cut"]
)
def test_a_damaged_folder_is_unreadable_by_name(name, damage, tmp_path):
    save(fitted(LogisticRegression()), tmp_path)
    damage(tmp_path / name)
    with pytest.raises(Unreadable):
        load(Sampler(), tmp_path, ["numpy.random._pcg64.PCG64"])


def test_a_folder_without_a_model_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match=r"state\.json is missing"):
        load(Sampler(), tmp_path)


WRITES_MODELS = """
import hashlib, sys
from pathlib import Path
from bascule.models.export import export
from bascule.models.persist import save
from bascule.testing.models import subject
for name in ("linear", "boosted", "forest", "histogram"):
    examined, folder = subject(name), Path(sys.argv[1], name)
    model = examined.fitted()
    save(model, folder)
    for part in (export(model, examined.X).onnx, *(file.read_bytes() for file in sorted(folder.iterdir()))):
        print(name, hashlib.sha256(part).hexdigest())
"""


def test_the_same_seed_makes_the_same_bytes_in_every_process(tmp_path):
    said = [
        subprocess.run(
            [sys.executable, "-c", WRITES_MODELS, str(tmp_path / seed)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in "12"
    ]
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 12
