"""Models taken apart into form and state, and put together again without the project they came from."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from bascule.contract.contract import Contract
from bascule.contract.model import Model
from bascule.errors import NotStorable, Unreadable
from bascule.models import persist
from bascule.project import contract_module, contract_name
from bascule.registry.manifest import SOURCE, TRAINABLE, Form, Manifest

INSTALLED = frozenset({"site-packages", "dist-packages"})  # the folders of packages, which only an installer changes


def form_of(model: Model[Any, Any], source: bytes | None) -> Form:
    """The form of a model whose classes are those of installed packages, or of this source of a contract.

    Raises NotStorable for a class that would not be found again, or not as it is: of a notebook, a script, a function,
    a file beside the contract.
    """
    cls = type(model)
    if "<locals>" in cls.__qualname__:
        raise NotStorable(f"{cls.__qualname__} is defined inside a function.", next_step="Define it in a module.")
    parts = {
        name: replace(form_of(part, source), contract=part.contract.document())
        for name, part in _state(model).items()
        if isinstance(part, Model)
    }
    return Form(kind=f"{_home(cls.__module__, source)}:{cls.__qualname__}", parts=parts)


def findable(types: Iterable[str], source: bytes | None) -> None:
    """Raises NotStorable where one of these types, `module.Class`, would not be found again."""
    for name in types:
        module = name.rpartition(".")[0]
        while module and module not in sys.modules:
            module = module.rpartition(".")[0]
        _home(module or name, source)


def restored(manifest: Manifest, contract: Contract, part: Callable[[str], bytes]) -> Model[Any, Any]:
    """The trainable form, under its contract, from the files that `part` gives by name.

    Classes of the contract's source come from the source that the version carries. Raises what `persist.load` raises.
    """
    source = part(SOURCE) if SOURCE in manifest.parts else None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        module = None
        if source is not None and _own(manifest, contract_name(source)):
            (folder / SOURCE).write_bytes(source)
            module = contract_module(folder / SOURCE)
        for name in manifest.parts:
            if name.startswith(TRAINABLE):
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(part(name))
        return persist.load(_fresh(manifest.form, contract, module), folder / TRAINABLE, manifest.trusted)


def _own(manifest: Manifest, module: str) -> bool:
    """Whether anything of the version is made of the source that it carries; else there is no need to run it."""
    forms = [manifest.form]
    while forms:
        form = forms.pop()
        if form.kind.startswith(f"{SOURCE}:"):
            return True
        forms += form.parts.values()
    return any(name.startswith(f"{module}.") for name in manifest.trusted)


def _fresh(form: Form, contract: Contract, module: ModuleType | None) -> Model[Any, Any]:
    """A model of this form that knows nothing yet; no constructor runs, since the state holds what it would set."""
    home, _, path = form.kind.partition(":")
    try:
        found: Any = module if home == SOURCE else importlib.import_module(home)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError) as error:
        raise Unreadable(
            f"The version is a {form.kind}, which cannot be found: {error}.",
            next_step="Install the library, in the version that the manifest names.",
        ) from error
    if not (isinstance(found, type) and issubclass(found, Model)):
        raise Unreadable(f"The version is a {form.kind}, which is no Model.")
    made: Model[Any, Any] = object.__new__(found).under(contract)
    for name, part in form.parts.items():
        vars(made)[name] = _fresh(part, Contract.from_document(part.contract or {}), module)
    return made


def _home(module: str, source: bytes | None) -> str:
    """Where a class of this module is found again: in the contract's source, or in what is installed."""
    if source is not None and module == contract_name(source):
        return SOURCE
    root = module.partition(".")[0]
    file = Path(getattr(sys.modules.get(module), "__file__", None) or "")
    installed = INSTALLED.intersection(file.parts) or root == "bascule" or root in sys.stdlib_module_names
    if not installed or root == "__main__":  # which may be a notebook, run by an installed program
        raise NotStorable(
            f"A class of the model is defined in {module}, where an old version would not find it again.",
            next_step="Define it in contract.py and take it from project.contract(), or from an installed package.",
        )
    return module


def _state(model: Model[Any, Any]) -> dict[str, Any]:
    kept: Any = model.__getstate__()
    return kept if isinstance(kept, dict) else {}
