"""Reads versions back: the signature first, then every byte against its hash; what is not whole is not loaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bascule.contract.contract import Contract
from bascule.errors import Corrupt, NotFound, NotOffered
from bascule.evidence import releases
from bascule.evidence.nouns import Key, Version
from bascule.project import Project
from bascule.registry import sign
from bascule.registry.manifest import CONTRACT, GRAPH, MANIFEST, REFERENCE, SIGNATURE, Manifest

if TYPE_CHECKING:  # each of these loads a library that most callers of this file do without
    from bascule.contract.model import Model
    from bascule.models.session import Session
    from bascule.registry.reference import Reference


def version(project: Project, ref: str) -> Version:
    """The version that `late-arrival@2`, `late-arrival@production`, or `late-arrival` (the newest) names."""
    with project.ledger.read() as connection:
        return releases.resolve(connection, ref)


def manifest(project: Project, version: Version) -> Manifest:
    """What a version is made of, after the signature was checked; raises Corrupt where it is not what was signed."""
    return _signed(project, version)[0]


def signer(project: Project, version: Version) -> Key:
    """The trusted key that signed a version; raises Corrupt where none did."""
    return _signed(project, version)[1]


def part(project: Project, version: Version, name: str) -> bytes:
    """One file of a version, signed for and whole. Raises NotFound where it has none of this name, Corrupt."""
    return _part(project, version, manifest(project, version), name)


def contract(project: Project, version: Version) -> Contract:
    """The contract that a version answers under."""
    return _contract(project, version, manifest(project, version))


def reference(project: Project, version: Version) -> Reference:
    """The figures of the rows that a version learnt from, and of its answers to them."""
    from bascule.registry.reference import Reference

    return Reference.from_npz(part(project, version, REFERENCE))


def session(project: Project, version: Version, threads: int = 1) -> Session:
    """A version of runtime onnx, ready to answer without scikit-learn or pandas. Raises NotOffered for others."""
    from bascule.models.session import Session

    signed = manifest(project, version)
    if signed.runtime != "onnx":
        raise NotOffered(f"{version.ref} has no graph; Python serves it.", next_step="Load it as a model.")
    return Session(_contract(project, version, signed), _part(project, version, signed, GRAPH), threads)


def model(project: Project, version: Version) -> Model[Any, Any]:
    """A version as what serves it: its graph, or where it has none the trained model."""
    if version.runtime == "python":
        return trainable(project, version)
    from bascule.models.onnx import Onnx

    signed = manifest(project, version)
    return Onnx(_contract(project, version, signed), _part(project, version, signed, GRAPH))


def trainable(project: Project, version: Version) -> Model[Any, Any]:
    """A version as it was trained, so that its steps can be looked at and it can learn further.

    Classes of its contract's source come from the source that it carries, never from the project's present one.
    """
    from bascule.registry.form import restored

    signed = manifest(project, version)
    return restored(signed, _contract(project, version, signed), lambda name: _part(project, version, signed, name))


def _signed(project: Project, version: Version) -> tuple[Manifest, Key]:
    document, signature = (_whole(project, version, name) for name in (MANIFEST, SIGNATURE))
    with project.ledger.read() as connection:
        key = sign.verify(connection, document, signature, version.ref)
    found = Manifest.read(document)
    entered = {name: file for name, file in version.files.items() if name not in (MANIFEST, SIGNATURE)}
    said = (version.hash, version.model, version.contract, version.shape, version.runtime, entered)
    if said != (version.files[MANIFEST].hash, found.model, found.contract, found.shape, found.runtime, found.parts):
        raise Corrupt(f"The ledger and the manifest of {version.ref} name different files or facts.")
    return found, key


def _contract(project: Project, version: Version, signed: Manifest) -> Contract:
    return Contract.from_document(json.loads(_part(project, version, signed, CONTRACT)))


def _part(project: Project, version: Version, signed: Manifest, name: str) -> bytes:
    if name not in signed.parts:
        raise NotFound(f"{version.ref} has no {name}; it has {', '.join(signed.parts)}.")
    return _whole(project, version, name)


def _whole(project: Project, version: Version, name: str) -> bytes:
    """A file by the hash that the ledger knows it by; raises Corrupt naming the file."""
    try:
        return project.blobs.get(version.files[name].hash)
    except (KeyError, NotFound, Corrupt) as error:
        lost = "is missing" if isinstance(error, KeyError | NotFound) else "was changed"
        raise Corrupt(f"{name} of {version.ref} {lost}.", version=version.ref, part=name) from error
