"""The manifest of a version: what it is made of, by hash. Its own hash is the version's identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from bascule.contract.fields import canonical
from bascule.errors import NewerStore
from bascule.evidence.nouns import File

MANIFEST = "manifest.json"
SIGNATURE = "signature"
CONTRACT = "contract.json"
SOURCE = "contract.py"
GRAPH = "model.onnx"
REFERENCE = "reference.npz"
TRAINABLE = "trainable/"  # the folder of the form that can be trained further

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What must be made before a saved state can be put into it: a class, and the Models that it is made of.

    `kind` is `module:Class`, where the module `contract.py` is the source that the version carries. `contract` is the
    document of a part's contract, None for the outermost, whose contract is a file of the version.
    """

    kind: str
    contract: dict[str, Any] | None = None
    parts: dict[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that makes a version what it is, and nothing that differs between two identical trainings.

    So neither number nor run is in it: the ledger says which run made which number. `contract` and `shape` are the
    hashes of the contract, `trusted` the types that the trainable form may be made of, `libraries` the versions that
    wrote it, `parents` the hashes of the versions it was made from, `parts` its files.
    """

    format: int = FORMAT
    model: str
    contract: str
    shape: str
    runtime: Literal["onnx", "python"]
    form: Form
    trusted: tuple[str, ...]
    libraries: dict[str, str]
    parents: tuple[str, ...]
    parts: dict[str, File]

    def document(self) -> bytes:
        """The manifest as canonical JSON (RFC 8785), over which hash and signature are made."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def read(cls, document: bytes) -> Manifest:
        """The manifest that `document` wrote; raises NewerStore for one that a later bascule wrote."""
        found = msgspec.json.decode(document)
        if found["format"] > FORMAT:
            raise NewerStore(f"The version has a manifest of format {found['format']}; known are formats to {FORMAT}.")
        return msgspec.convert(found, cls)
