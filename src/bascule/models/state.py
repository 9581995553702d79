"""What a model keeps in its attributes, as JSON, arrays and estimators, and back again, exactly."""

from __future__ import annotations

import datetime as dt
import json
import math
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.model import Model
from bascule.errors import NotLatestVersion, NotStorable, Unreadable

OWN = ("_contract", "_fitted")  # what a Model keeps about itself; a fresh one says it anew


class Writer:
    """Turns a model into JSON, and gathers in `arrays` and `estimators` what JSON cannot hold.

    JSON's own values stand for themselves; anything else is an object whose one key names its kind: {"$tuple": […]}.
    Arrays and estimators met twice are written once. Raises NotStorable with the path of what has no safe form.
    """

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.estimators: dict[str, Any] = {}  # by the path at which each was first met
        self._known: dict[int, int] = {}
        self._above: list[Any] = []

    def model(self, model: Model[Any, Any], path: str = "") -> dict[str, Any]:
        """The document of a model: what it is, and the state that `__getstate__` names (its attributes, by default)."""
        kept = model.__getstate__() or {}  # object's own has None for no attributes
        if not isinstance(kept, dict):
            raise NotStorable(
                f"The state of {type(model).__name__} is {type(kept).__name__}, not its attributes by name."
            )
        return {
            "class": type(model).__qualname__,
            "contract": model.contract.name,
            "algorithm": model.contract.algorithm,
            "fitted": model.fitted,
            "state": {name: self._write(value, f"{path}.{name}") for name, value in kept.items() if name not in OWN},
        }

    def _write(self, value: Any, path: str) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
            return value
        if any(value is above for above in self._above):
            raise NotStorable(f"{path[1:]} holds itself.")
        self._above.append(value)
        try:
            tag, content = self._tagged(value, path)
        finally:
            self._above.pop()
        return content if tag is None else {tag: content}

    def _tagged(self, value: Any, path: str) -> tuple[str | None, Any]:
        """The kind of a value (None: it is JSON's own) and what is written for it."""
        kind = type(value)
        if kind in _SCALARS:
            return f"${kind.__name__}", _SCALARS[kind][0](value)
        if kind in (list, tuple):
            items = [self._write(item, f"{path}[{number}]") for number, item in enumerate(value)]
            return (None if kind is list else "$tuple"), items
        if kind in (set, frozenset):
            return f"${kind.__name__}", sorted((self._write(item, f"{path}{{}}") for item in value), key=json.dumps)
        if kind is dict:
            return self._mapping(value, path)
        if isinstance(value, Model):
            return "$model", self.model(value, path)
        if kind is np.ndarray and value.dtype == object:
            return "$objects", [list(value.shape), self._write(value.ravel().tolist(), path)]
        if (kind is np.ndarray or isinstance(value, np.generic)) and not value.dtype.hasobject:
            return ("$array" if kind is np.ndarray else "$scalar"), self._array(value)
        if kind is bytes:
            return "$bytes", self._array(np.frombuffer(value, "uint8"))
        if _for_skops(value):
            number = self._known.setdefault(id(value), len(self.estimators))
            if number == len(self.estimators):
                self.estimators[path[1:]] = value
            return "$estimator", number
        raise NotStorable(
            f"{path[1:]} is a {kind.__module__}.{kind.__qualname__}, which has no form on disk without pickle.",
            next_step=f"{NotStorable.advice} Or leave it out in `__getstate__`, and inject it through the constructor.",
        )

    def _mapping(self, value: dict[Any, Any], path: str) -> tuple[str | None, Any]:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return None, {key: self._write(item, f"{path}[{key!r}]") for key, item in value.items()}
        return "$dict", [
            [self._write(key, f"{path}{{}}"), self._write(item, f"{path}[{key!r}]")] for key, item in value.items()
        ]

    def _array(self, value: Any) -> int:
        number = self._known.setdefault(id(value), len(self.arrays))
        if number == len(self.arrays):
            self.arrays.append(value)
        return number


class Reader:
    """Puts back into a fresh model what a Writer wrote, given the arrays and estimators in its order."""

    def __init__(self, arrays: list[Array], estimators: list[Any]) -> None:
        self._arrays = arrays
        self._estimators = estimators

    def model(self, document: dict[str, Any], fresh: Any, path: str = "") -> Model[Any, Any]:
        """The fresh model, made of the same class under the same contract, with what was saved put into it.

        Raises NotLatestVersion where another version of the algorithm was saved, Unreadable for another model.
        """
        if not isinstance(fresh, Model):
            raise Unreadable(
                f"There is no fresh {document['class']} at {path[1:]} to put the saved one into.",
                next_step="Inject it through the constructor.",
            )
        found = (type(fresh).__qualname__, fresh.contract.name)
        if found != (document["class"], document["contract"]):
            raise Unreadable(
                f"The saved model is a {document['class']} of {document['contract']}, not a {found[0]} of {found[1]}.",
                next_step="Load it into a model like the one that was saved.",
            )
        if fresh.contract.algorithm != document["algorithm"]:
            raise NotLatestVersion(
                f"{found[1]} was saved by version {document['algorithm']} of its algorithm; "
                f"at hand is {fresh.contract.algorithm}."
            )
        state = {
            name: self._read(value, vars(fresh).get(name), f"{path}.{name}")
            for name, value in document["state"].items()
        }
        if hasattr(fresh, "__setstate__"):
            fresh.__setstate__(state)
        else:
            vars(fresh).update(state)
        return fresh.restored() if document["fitted"] else fresh

    def _read(self, document: Any, fresh: Any, path: str) -> Any:
        """`fresh` is what stands at the same place of the fresh model, for a Model to be found there."""
        if isinstance(document, list):
            return [self._read(item, _inner(fresh, at), f"{path}[{at}]") for at, item in enumerate(document)]
        if not isinstance(document, dict):
            return document
        tag = next(iter(document), "")
        if not tag.startswith("$"):
            return {key: self._read(item, _inner(fresh, key), f"{path}[{key!r}]") for key, item in document.items()}
        content = document[tag]
        match tag:
            case "$model":
                return self.model(content, fresh, path)
            case "$estimator":
                return self._estimators[content]
            case "$array":
                return self._arrays[content]
            case "$scalar":
                return self._arrays[content][()]
            case "$bytes":
                return self._arrays[content].tobytes()
            case "$objects":
                shape, values = content
                found = np.empty(len(values), object)
                found[:] = self._read(values, None, path)
                return found.reshape(shape)
            case "$tuple":
                return tuple(self._read(content, fresh, path))
            case "$set" | "$frozenset":
                return (set if tag == "$set" else frozenset)(self._read(content, None, path))
            case "$dict":
                pairs = ((self._read(key, None, path), item) for key, item in content)
                return {key: self._read(item, _inner(fresh, key), f"{path}[{key!r}]") for key, item in pairs}
        return _READ[tag](content)


def _for_skops(value: Any) -> bool:
    """Whether skops is to write it: what has scikit-learn's interface, and generators of chance."""
    chance = isinstance(value, np.random.Generator | np.random.RandomState)
    return chance or (hasattr(value, "get_params") and not isinstance(value, type))


def _inner(fresh: Any, key: Any) -> Any:
    try:
        return fresh[key]
    except (TypeError, LookupError):
        return None


def _moment(value: dt.datetime) -> list[Any]:
    zone: Any = value.tzinfo
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        zone = zone.key
    elif isinstance(zone, dt.timezone):
        zone = zone.utcoffset(None) // dt.timedelta(microseconds=1)
    elif zone is not None:
        raise NotStorable(f"{value} is in a zone of type {type(zone).__name__}.", next_step="Use zoneinfo or UTC.")
    return [value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]


def _from_moment(written: list[Any]) -> dt.datetime:
    local, fold, zone = written
    if isinstance(zone, str):
        zone = zoneinfo.ZoneInfo(zone)
    elif zone is not None:
        zone = dt.timezone(dt.timedelta(microseconds=zone))
    return dt.datetime.fromisoformat(local).replace(fold=fold, tzinfo=zone)


_SCALARS: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    float: (repr, float),  # NaN and the infinities; JSON has the others
    dt.datetime: (_moment, _from_moment),
    dt.date: (dt.date.isoformat, dt.date.fromisoformat),
    dt.timedelta: (
        lambda span: span // dt.timedelta(microseconds=1),
        lambda written: dt.timedelta(microseconds=written),
    ),
}
_READ = {f"${kind.__name__}": read for kind, (_, read) in _SCALARS.items()}
