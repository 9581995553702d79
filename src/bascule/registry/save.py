"""Packs a trained model into blobs: contract, graph, trainable form, reference figures, manifest, signature."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.fields import canonical
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import BasculeError, NotStorable
from bascule.evidence import versions
from bascule.evidence.nouns import File
from bascule.models import persist
from bascule.models.export import Export
from bascule.project import Project
from bascule.registry.form import findable, form_of, restored
from bascule.registry.manifest import CONTRACT, GRAPH, MANIFEST, REFERENCE, SIGNATURE, SOURCE, TRAINABLE, Manifest
from bascule.registry.reference import reference
from bascule.registry.sign import sign

TRIED = 100  # rows that the packed model must answer as the one at hand


@dataclass(frozen=True, slots=True)
class Packed:
    """A version in blobs, signed, that no ledger knows yet: `register.enter` writes it down.

    `hash` is its identity, `public` the key (Ed25519, hex) that signed it, `parents` what it was made from.
    """

    manifest: Manifest
    hash: str
    files: dict[str, File]
    public: str
    parents: tuple[str, ...]


def pack(
    project: Project,
    model: Model[Any, Any],
    X: Table,
    y: Array,
    export: Export | None,
    *,
    parents: Sequence[str] = (),
    source: bytes | None = None,
) -> Packed:
    """Stores a fitted model with the figures of the rows X and labels y that it learnt from, and signs it.

    `export` is its graph, if it has one; `source` the contract.py that its classes come from; `parents` the versions
    it was made from, as `name@N`. The same model, packed twice, has the same hash. What was packed is read back and
    must answer like the model: raises NotStorable where it cannot be, NotFound for an unknown parent.
    """
    contract = model.contract
    contents = {CONTRACT: canonical(contract.document()), REFERENCE: reference(model, X, y).npz()}
    if source is not None:
        contents[SOURCE] = source
    if export is not None and export.onnx is not None:
        contents[GRAPH] = export.onnx
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        saved = persist.save(model, folder)
        contents |= {TRAINABLE + file.name: file.read_bytes() for file in folder.iterdir()}
    findable(saved.trusted, source)
    with project.ledger.read() as connection:
        lineage = [versions.get(connection, ref) for ref in parents]
    manifest = Manifest(
        model=contract.name,
        contract=contract.hash,
        shape=contract.shape_hash,
        runtime="onnx" if GRAPH in contents else "python",
        form=form_of(model, source),
        trusted=saved.trusted,
        libraries=saved.libraries,
        parents=tuple(parent.hash for parent in lineage),
        parts={name: _file(data) for name, data in sorted(contents.items())},
    )
    _tried(model, manifest, contents.__getitem__, X)
    written = manifest.document()
    signature = sign(written)
    contents |= {MANIFEST: written, SIGNATURE: signature.document()}
    for data in contents.values():
        project.blobs.put(data)
    files = {name: _file(data) for name, data in sorted(contents.items())}
    return Packed(manifest, files[MANIFEST].hash, files, signature.public, tuple(parent.ref for parent in lineage))


def _file(data: bytes) -> File:
    return File(hash=hashlib.sha256(data).hexdigest(), size=len(data))


def _tried(model: Model[Any, Any], manifest: Manifest, part: Callable[[str], bytes], X: Table) -> None:
    """Reads the model back while the one at hand can still be mended; raises NotStorable where the two differ."""
    rows = X.take(np.arange(min(len(X), TRIED)))
    try:
        again = restored(manifest, model.contract, part).predict(rows)
    except BasculeError as error:
        raise NotStorable(
            f"{type(model).__name__} cannot be read back: {error.message}",
            next_step="Keep all that predict needs in attributes that can be stored, and Models as attributes.",
        ) from error
    known = model.predict(rows)
    same = np.allclose(known, again) if model.contract.label.categories is None else np.array_equal(known, again)
    if not same:
        raise NotStorable(
            f"{type(model).__name__} answers otherwise once it was stored and read back.",
            next_step="Keep all that predict needs in attributes, and make predict answer the same rows alike.",
        )
