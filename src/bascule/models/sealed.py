"""Estimators as skops files whose bytes depend on what they hold alone, opened only for types that were trusted."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.errors import MissingExtra, Unreadable, Untrusted

SCHEMA = "schema.json"
VALUES = ("JsonNode", "TypeNode", "FunctionNode")  # nodes that are the same wherever they stand
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip archive can tell


def seal(estimator: Any) -> bytes:
    """A skops file of an estimator: the same bytes for the same content.

    What skops takes from memory is left out: addresses become numbers in order of appearance and stay only where one
    object appears twice, dates are constant, bytes between the fields of an array zero, sets sorted.
    """
    with zipfile.ZipFile(io.BytesIO(_skops().dumps(estimator))) as written:
        schema = json.loads(written.read(SCHEMA))
        for node in _nodes(schema):
            if node["__loader__"] == "SetNode":
                node["content"].sort(key=_content)
        seen = Counter(node["__id__"] for node in _nodes(schema) if "__id__" in node)
        numbers: dict[int, int] = {}
        files: dict[str, str] = {}
        for node in _nodes(schema):
            address = node.pop("__id__", None)
            if node["__loader__"] not in VALUES and seen[address] > 1:
                node["__id__"] = numbers.setdefault(address, len(numbers) + 1)
            if "file" in node:
                node["file"] = files.setdefault(node["file"], f"{len(files)}{Path(node['file']).suffix}")
        arrays = {name: _dense(written.read(old)) for old, name in files.items()}
    return archive({SCHEMA: json.dumps(schema, separators=(",", ":")).encode(), **arrays})


def asked(sealed: bytes) -> list[str]:
    """The types in a skops file beyond those that skops trusts by itself, sorted."""
    return sorted(_skops().get_untrusted_types(data=sealed))


def unseal(sealed: bytes, trusted: Sequence[str]) -> Any:
    """The estimator in a skops file, whose types are judged before anything is made of them.

    Raises Untrusted where it asks for a type not listed, Unreadable where it is damaged or a library is missing.
    """
    try:
        strangers = sorted(set(asked(sealed)) - set(trusted))
        if strangers:
            raise Untrusted(f"The file asks for {', '.join(strangers)}, beyond the {len(trusted)} types trusted.")
        return _skops().loads(sealed, trusted=list(trusted))
    except (zipfile.BadZipFile, ImportError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(
            f"The {len(sealed)} bytes are no skops file that can be read here: {type(error).__name__}: {error}.",
            next_step="Install the library named, in the version that the manifest names.",
        ) from error


def archive(parts: dict[str, bytes]) -> bytes:
    """A zip archive, stored, in the order given, without the time of day."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as whole:
        for name, content in parts.items():
            whole.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return written.getvalue()


def modules(sealed: bytes) -> set[str]:
    """The packages that a skops file takes types from, by the first part of their names."""
    with zipfile.ZipFile(io.BytesIO(sealed)) as written:
        found = {str(node["__module__"]) for node in _nodes(json.loads(written.read(SCHEMA)))}
    return {module.partition(".")[0] for module in found}


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtra.naming("skops", "lab") from error
    return skops.io


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every typed node of a skops schema, outermost first."""
    if isinstance(node, dict):
        if isinstance(node.get("__loader__"), str):  # else it is the content of a dict, whose values are nodes
            yield node
        for inner in node.values():
            yield from _nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _nodes(inner)


def _content(node: Any) -> list[str]:
    """The plain values in a node, wherever it lies in memory."""
    return [inner["content"] for inner in _nodes(node) if "is_json" in inner]


def _dense(array: bytes) -> bytes:
    """An array in NumPy's format, with zeros between the fields of its rows."""
    if not array.startswith(np.lib.format.MAGIC_PREFIX):
        return array
    given = np.load(io.BytesIO(array), allow_pickle=False)
    return array if given.dtype.names is None else npy(given)


def npy(array: Array) -> bytes:
    """An array in NumPy's format; raises ValueError for one of Python objects."""
    if array.dtype.names is not None:
        clean = np.zeros(array.shape, array.dtype)
        for name in array.dtype.names:
            clean[name] = array[name]
        array = clean
    written = io.BytesIO()
    np.lib.format.write_array(written, np.asarray(array), allow_pickle=False)
    return written.getvalue()
