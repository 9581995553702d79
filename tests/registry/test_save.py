"""What is packed depends on the model alone, and comes back as the model that it was."""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bascule.errors import NotFound, NotStorable
from bascule.models.sklearn import Estimator
from bascule.registry import load
from bascule.registry.manifest import GRAPH, MANIFEST, SIGNATURE, Manifest


def test_the_same_model_has_the_same_hash(flights: Any) -> None:
    assert flights.pack().hash == flights.pack(flights.by_hand()).hash


def test_the_hash_does_not_know_the_folder(flights: Any, other: Any) -> None:
    assert flights.pack().hash == other.pack().hash


def test_another_model_has_another_hash(flights: Any) -> None:
    changed = flights.by_hand()
    changed.cut += 1
    assert flights.pack(changed).hash != flights.pack().hash


def test_an_exported_model_has_the_same_hash_in_another_project(flights: Any, other: Any, linear: Any) -> None:
    first, second = flights.pack(*linear), other.pack(*linear)
    assert (first.hash, first.files) == (second.hash, second.files)


def test_the_hash_is_that_of_the_manifest(flights: Any) -> None:
    packed = flights.pack()
    stored = flights.project.blobs.get(packed.files[MANIFEST].hash)
    assert packed.hash == hashlib.sha256(stored).hexdigest()
    assert Manifest.read(stored) == packed.manifest


def test_a_version_has_the_files_of_the_layout(flights: Any, linear: Any) -> None:
    assert list(flights.pack(*linear).files) == [
        "contract.json",
        "contract.py",
        "manifest.json",
        "model.onnx",
        "reference.npz",
        "signature",
        "trainable/0.skops",
        "trainable/state.json",
    ]


def test_without_a_graph_python_serves(flights: Any, linear: Any) -> None:
    packed = flights.pack(linear[0], None)
    assert (packed.manifest.runtime, GRAPH in packed.files) == ("python", False)


def test_the_manifest_says_neither_run_nor_time_nor_who(flights: Any) -> None:
    packed = flights.pack()
    flights.enter(packed)
    signed = flights.project.blobs.get(packed.files[MANIFEST].hash).decode()
    assert not {"run", "created", "by", "number"} & set(json.loads(signed))


def test_a_parent_is_named_by_what_it_is(flights: Any) -> None:
    parent = flights.enter()
    packed = flights.pack(parents=("late-arrival",))
    assert (packed.parents, packed.manifest.parents) == (("late-arrival@1",), (parent.hash,))


def test_an_unknown_parent_is_refused(flights: Any) -> None:
    with pytest.raises(NotFound, match="late-arrival"):
        flights.pack(parents=("late-arrival@1",))


def test_a_model_inside_a_model_comes_back(flights: Any, linear: Any) -> None:
    outer = flights.module.Wrapped(flights.module.Wrapped(Estimator(flights.contract, linear[0].estimator)))
    outer.under(flights.contract).part.under(flights.contract)
    outer.fit(flights.X, flights.y)
    version = flights.enter(flights.pack(outer))
    again = load.model(flights.project, version)
    assert np.array_equal(again.predict(flights.X), outer.predict(flights.X))


def test_a_transformer_of_the_contract_comes_back_in_a_process_that_knows_nothing(flights: Any, linear: Any) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    model = Estimator(flights.contract, Pipeline([("half", flights.module.Halved()), ("c", LogisticRegression())]))
    model.fit(flights.X, flights.y)
    flights.enter(flights.pack(model))
    (flights.project.folder / "contract.py").unlink()
    code = (
        "import sys; from bascule.project import open; from bascule.registry import load; project = open(sys.argv[1]);"
        "print(load.model(project, load.version(project, 'late-arrival')).estimator[0])"
    )
    said = subprocess.check_output([sys.executable, "-W", "error", "-c", code, flights.project.folder], text=True)
    assert said == "Halved()\n"


def test_a_model_that_answers_otherwise_when_read_back_is_refused(
    flights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = flights.by_hand()
    monkeypatch.setattr(type(model), "__getstate__", lambda self: {"cut": self.cut + 50})
    with pytest.raises(NotStorable, match="answers otherwise once"):
        flights.pack(model)


def test_a_model_that_forgets_what_it_needs_is_refused(flights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = flights.by_hand()
    monkeypatch.setattr(type(model), "__getstate__", lambda self: {"part": None})
    with pytest.raises(NotStorable, match=r"cannot be read back: .*cut"):
        flights.pack(model)


def test_an_attribute_without_a_safe_form_is_refused(flights: Any) -> None:
    model = flights.by_hand()
    model.client = object()
    with pytest.raises(NotStorable, match="client"):
        flights.pack(model)


def test_a_class_of_a_notebook_is_refused(flights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights.module.LateArrival, "__module__", "__main__")
    with pytest.raises(NotStorable, match=r"defined in __main__.*contract\.py"):
        flights.pack()


def test_a_class_of_a_file_that_anybody_may_change_is_refused(
    flights: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "beside", importlib.import_module("beside"))
    monkeypatch.setattr(flights.module.LateArrival, "__module__", "beside")
    with pytest.raises(NotStorable, match="defined in beside"):
        flights.pack()


def test_a_class_of_a_contract_whose_source_was_not_given_is_refused(flights: Any) -> None:
    with pytest.raises(NotStorable, match="defined in bascule_contract_"):
        flights.pack(source=None)


def test_a_class_inside_a_function_is_refused(flights: Any) -> None:
    class Local(flights.module.LateArrival):
        pass

    with pytest.raises(NotStorable, match="inside a function"):
        flights.pack(Local().under(flights.contract).fit(flights.X, flights.y))


def test_nothing_is_stored_of_a_model_that_is_refused(flights: Any) -> None:
    before = {blob.digest for blob in flights.project.blobs.list()}
    with pytest.raises(NotStorable):
        flights.pack(source=None)
    assert {blob.digest for blob in flights.project.blobs.list()} == before


def test_the_signature_is_beside_what_it_covers(flights: Any) -> None:
    packed = flights.pack()
    assert packed.public in flights.project.blobs.get(packed.files[SIGNATURE].hash).decode()
