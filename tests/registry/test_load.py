"""A version is read back whole, as it was signed, or not at all."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bascule.contract.fields import canonical
from bascule.errors import Corrupt, NewerStore, NotFound, NotOffered
from bascule.evidence import releases, versions
from bascule.evidence.nouns import File, Release, Version
from bascule.registry import load
from bascule.registry.manifest import MANIFEST, SIGNATURE
from bascule.registry.sign import sign
from bascule.stores.folder import FolderBlobs

PARTS = [
    "contract.json",
    "contract.py",
    "manifest.json",
    "model.onnx",
    "reference.npz",
    "signature",
    "trainable/0.skops",
    "trainable/state.json",
]


@pytest.fixture
def version(flights: Any, linear: Any) -> Version:
    """A version with every part that there can be."""
    entered: Version = flights.enter(flights.pack(*linear))
    return entered


def place(flights: Any, digest: str) -> Path:
    blobs: FolderBlobs = flights.project.blobs
    return blobs.root / digest[:2] / digest[2:]


def all_of(flights: Any, version: Version) -> None:
    """Reads everything that a version offers."""
    for read in (load.manifest, load.contract, load.session, load.model, load.trainable, load.reference):
        read(flights.project, version)
    for name in load.manifest(flights.project, version).parts:
        load.part(flights.project, version, name)


@pytest.mark.parametrize("ref", ["late-arrival", "late-arrival@1", "late-arrival@production"])
def test_a_version_is_named_by_number_by_channel_or_as_the_newest(flights: Any, version: Version, ref: str) -> None:
    with flights.project.ledger.write() as tx:
        releases.promote(tx, Release(model="late-arrival", channel="production", number=1), seen=0)
    assert load.version(flights.project, ref) == version


def test_every_form_of_a_version_answers_alike(flights: Any, version: Version, linear: Any) -> None:
    expected = linear[0].predict(flights.X)
    session = load.session(flights.project, version)
    assert np.array_equal(session.answer(flights.X.columns, len(flights.X)).values, expected)
    assert np.array_equal(load.model(flights.project, version).predict(flights.X), expected)
    assert np.array_equal(load.trainable(flights.project, version).predict(flights.X), expected)


def test_the_contract_comes_back_as_it_was(flights: Any, version: Version) -> None:
    assert load.contract(flights.project, version) == flights.contract


def test_the_trained_form_shows_its_steps(flights: Any, version: Version) -> None:
    (row,) = flights.X.parts(len(flights.X) + 1)
    stages = load.trainable(flights.project, version).stages(row.take(np.array([0])))
    assert [stage.step for stage in stages] == ["prepare"]


def test_a_version_that_python_serves_has_no_session(flights: Any) -> None:
    with pytest.raises(NotOffered, match="Python serves it"):
        load.session(flights.project, flights.enter())


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_was_changed_is_named(flights: Any, version: Version, name: str) -> None:
    stored = place(flights, version.files[name].hash)
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")
    with pytest.raises(Corrupt, match=f"^{name} of late-arrival@1 was changed"):
        all_of(flights, version)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_gone_is_named(flights: Any, version: Version, name: str) -> None:
    place(flights, version.files[name].hash).unlink()
    with pytest.raises(Corrupt, match=f"^{name} of late-arrival@1 is missing"):
        all_of(flights, version)


def entered(flights: Any, version: Version, **changed: bytes) -> Version:
    """The version anew, with some of its files exchanged, as one who can write everything might do it."""
    files = {name: File(hash=flights.project.blobs.put(data), size=len(data)) for name, data in changed.items()}
    forged = dataclasses.replace(version, files=version.files | files)
    forged = dataclasses.replace(forged, hash=forged.files[MANIFEST].hash)
    with flights.project.ledger.write() as tx:
        return versions.register(tx, forged)


def edited(flights: Any, version: Version, **facts: Any) -> bytes:
    document = json.loads(flights.project.blobs.get(version.hash))
    return canonical(document | facts)


def test_a_manifest_that_was_edited_is_not_covered_by_its_signature(flights: Any, version: Version) -> None:
    forged = entered(flights, version, **{MANIFEST: edited(flights, version, trusted=["os.system"])})
    with pytest.raises(Corrupt, match="does not cover its manifest"):
        load.trainable(flights.project, forged)


def test_a_signature_by_a_stranger_does_not_count(
    flights: Any, version: Version, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "stranger"))
    manifest = edited(flights, version, trusted=["os.system"])
    forged = entered(flights, version, **{MANIFEST: manifest, SIGNATURE: sign(manifest).document()})
    with pytest.raises(Corrupt, match="which nobody trusts here"):
        load.trainable(flights.project, forged)


def test_a_part_that_was_exchanged_is_not_the_one_signed_for(flights: Any, version: Version) -> None:
    forged = entered(flights, version, **{"model.onnx": b"another graph"})
    with pytest.raises(Corrupt, match="name different files"):
        load.session(flights.project, forged)


@pytest.mark.parametrize("facts", [{"runtime": "python"}, {"contract": "0" * 64}, {"shape": "0" * 64}, {"model": "x"}])
def test_a_fact_that_the_ledger_tells_otherwise_is_refused(
    flights: Any, version: Version, facts: dict[str, Any]
) -> None:
    with pytest.raises(Corrupt, match="name different files or facts"):
        load.manifest(flights.project, dataclasses.replace(version, **facts))


def test_a_part_that_a_version_never_had_is_not_found(flights: Any, version: Version) -> None:
    with pytest.raises(NotFound, match=r"has no \.\./secret; it has contract\.json"):
        load.part(flights.project, version, "../secret")


def test_a_manifest_of_a_later_bascule_is_refused(flights: Any, version: Version) -> None:
    manifest = edited(flights, version, format=2)
    later = entered(flights, version, **{MANIFEST: manifest, SIGNATURE: sign(manifest).document()})
    with pytest.raises(NewerStore, match="format 2"):
        load.manifest(flights.project, later)


def test_an_old_version_does_not_know_the_present_contract(flights: Any) -> None:
    model = flights.by_hand()
    old = flights.enter()
    file = flights.project.folder / "contract.py"
    file.write_text(file.read_text().replace('"late", "on time")', '"on time", "late")'))
    new = flights.project.contract().LateArrival().fit(flights.X, flights.y)
    assert not np.array_equal(new.predict(flights.X), model.predict(flights.X))
    assert np.array_equal(load.model(flights.project, old).predict(flights.X), model.predict(flights.X))


ANSWER = """
import sys
from bascule.project import open
from bascule.registry import load
project = open(sys.argv[1])
print(load.model(project, load.version(project, "late-arrival")).predict(
    [{"carrier": "AA", "distance": 99.0, "wind": None, "passenger": 1}]
))
"""


@pytest.mark.parametrize("present", ["raise RuntimeError", None])
def test_an_old_version_answers_whatever_became_of_the_contract(flights: Any, present: str | None) -> None:
    flights.enter()
    file = flights.project.folder / "contract.py"
    file.unlink() if present is None else file.write_text(present)
    said = subprocess.check_output([sys.executable, "-W", "error", "-c", ANSWER, flights.project.folder], text=True)
    assert said == "['late']\n"


SESSION = """
import sys
from bascule.project import open
from bascule.registry import load
project = open(sys.argv[1])
load.session(project, load.version(project, "late-arrival"))
print(*sys.modules)
"""


def test_a_session_needs_no_training_library(flights: Any, version: Version) -> None:
    command = [sys.executable, "-W", "error", "-c", SESSION, flights.project.folder]
    loaded = subprocess.check_output(command, text=True).split()
    assert not {"sklearn", "pandas", "pyarrow", "scipy", "skops", "onnx", "bascule.contract.model"} & set(loaded)
