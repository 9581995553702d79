"""A trained model in a folder: state, arrays, sealed estimators; never pickle, always the same bytes."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np

from bascule.contract.model import Model
from bascule.errors import BasculeError, Conflict, NotStorable, Unreadable
from bascule.models.sealed import archive, asked, modules, npy, seal, unseal
from bascule.models.state import Reader, Writer

STATE, ARRAYS = "state.json", "arrays.npz"
M = TypeVar("M", bound=Model[Any, Any])


@dataclass(frozen=True, slots=True)
class Saved:
    """What a registry must know of a saved model: its class, the types to trust at load, the libraries it was made by.

    `trusted` goes into the signed manifest, from which `load` must be given it: the folder cannot vouch for itself.
    """

    kind: str
    trusted: tuple[str, ...]
    libraries: dict[str, str]


def save(model: Model[Any, Any], folder: Path) -> Saved:
    """Writes a model into a new or empty folder: `state.json`, and as needed `arrays.npz` and `0.skops`, `1.skops` …

    What is kept is what `__getstate__` names: by default all attributes, made of plain values, lists, tuples, sets,
    dicts, dates, NumPy arrays, estimators, random generators and other Models. Raises NotStorable for anything else,
    naming the attribute; Conflict where a model is saved there already.
    """
    if (folder / STATE).exists():
        raise Conflict(f"{folder} holds a saved model.", next_step="Save into a folder of its own.")
    writer = Writer()
    document = writer.model(model)
    sealed = [_sealed(path, estimator) for path, estimator in writer.estimators.items()]
    trusted = tuple(sorted({name for part in sealed for name in asked(part)}))
    folder.mkdir(parents=True, exist_ok=True)
    if writer.arrays:
        parts = {f"{number}.npy": npy(array) for number, array in enumerate(writer.arrays)}
        (folder / ARRAYS).write_bytes(archive(parts))
    for number, part in enumerate(sealed):
        (folder / f"{number}.skops").write_bytes(part)
    counts = {"arrays": len(writer.arrays), "estimators": len(sealed)}
    whole = {"model": document, **counts, "trusted": trusted}
    (folder / STATE).write_text(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False), "utf-8")
    kind = f"{type(model).__module__}.{type(model).__qualname__}"
    return Saved(kind, trusted, _versions({kind.partition(".")[0], "numpy"}.union(*map(modules, sealed))))


def load(model: M, folder: Path, trusted: Sequence[str] = ()) -> M:
    """A fresh model, which says contract and class, with what was saved in the folder put into it; returned.

    `trusted` are the types that the estimators' files may ask for beyond what skops trusts by itself (scikit-learn's
    public estimators, NumPy), as a signed manifest lists them. Raises Untrusted where they ask for others,
    NotLatestVersion where another version of the algorithm was saved, Unreadable for another or a damaged model.
    """
    try:
        whole = json.loads((folder / STATE).read_text("utf-8"))
        arrays = _arrays(folder / ARRAYS, whole["arrays"])
        sealed = [(folder / f"{number}.skops").read_bytes() for number in range(whole["estimators"])]
        estimators = [unseal(part, trusted) for part in sealed]
        Reader(arrays, estimators).model(whole["model"], model)
    except FileNotFoundError as error:
        raise Unreadable(f"{folder} holds no saved model: {Path(error.filename).name} is missing.") from error
    except (AttributeError, LookupError, TypeError, ValueError, BadZipFile) as error:
        raise Unreadable(f"What is saved in {folder} cannot be read: {type(error).__name__}: {error}.") from error
    return model


def _sealed(path: str, estimator: Any) -> bytes:
    """A skops file that was opened again: what cannot be loaded is refused while the model is still at hand."""
    try:
        sealed = seal(estimator)
        unseal(sealed, asked(sealed))
    except (BasculeError, TypeError) as error:
        raise NotStorable(
            f"{path}, a {type(estimator).__name__}, holds what skops cannot write and read again: {error}",
            next_step="Use named functions of a module instead of lambdas, and estimators that skops knows.",
        ) from error
    return sealed


def _arrays(file: Path, count: int) -> list[Any]:
    if not count:
        return []
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
        return [stored[str(number)] for number in range(count)]


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    """The distributions that bring each package: a walk over all that is installed."""
    return packages_distributions()


def _versions(roots: set[str]) -> dict[str, str]:
    """The versions of the distributions that bring these packages, and of what wrote the files, by name."""
    known = _distributions()
    names = {"bascule", *(("skops",) if "sklearn" in roots else ())}.union(*(known.get(root, ()) for root in roots))
    return {name: version(name) for name in sorted(names)}
