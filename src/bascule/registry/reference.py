"""What a model saw and said when it learnt: the figures that later rows and answers are held against."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.fields import Field, Kind
from bascule.contract.model import Model
from bascule.contract.table import Table

BINS = 20
ASKED = 50_000  # rows whose answers are counted; some models take milliseconds a row
TOP = 50  # categories that are counted one by one
LONGEST = 200  # characters of such a category
EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers lie: `counts[i]` of them from `edges[i]` on and below `edges[i + 1]`, the last edge included.

    Edges are quantiles that occur, fewer where values repeat; those of probabilities part 0 to 1 evenly. Times count in
    microseconds, dates in days since 1970. With no values, or of a personal field, there are no edges, and the rest
    is 0.
    """

    count: int
    missing: int
    mean: float = 0.0
    std: float = 0.0
    low: float = 0.0
    high: float = 0.0
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Categories:
    """How often each value occurs, the most frequent first; those not named make up the rest of `count`.

    Of a personal field no value is named.
    """

    count: int
    missing: int
    values: tuple[str | int | bool, ...] = ()
    counts: tuple[int, ...] = ()


Distribution = Numbers | Categories


@dataclass(frozen=True, slots=True)
class Reference:
    """The training rows by feature, their labels, and the model's answers to them.

    `probabilities` has an entry for each class in the label's order, none where the model offers no probabilities.
    """

    features: dict[str, Distribution]
    label: Distribution
    answers: Distribution
    probabilities: tuple[Numbers, ...]

    def npz(self) -> bytes:
        """The figures as an NPZ file of plain arrays; the same figures make the same bytes."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as file:
            for name, array in self._arrays().items():
                written = io.BytesIO()
                np.lib.format.write_array(written, array, allow_pickle=False)
                file.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH_OF_ZIP), written.getvalue())
        return held.getvalue()

    @classmethod
    def from_npz(cls, data: bytes) -> Reference:
        """The figures that `npz` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            names, classes = _told(arrays["names"]), int(arrays["classes"])
            return cls(
                {name: _read(arrays, f"features/{place}") for place, name in enumerate(names)},
                _read(arrays, "label"),
                _read(arrays, "answers"),
                tuple(_numbers(arrays, f"probabilities/{place}") for place in range(classes)),
            )

    def _arrays(self) -> dict[str, Array]:
        parts: dict[str, Distribution] = {f"features/{i}": found for i, found in enumerate(self.features.values())}
        parts |= {"label": self.label, "answers": self.answers}
        parts |= {f"probabilities/{i}": found for i, found in enumerate(self.probabilities)}
        arrays = {"names": _text(list(self.features)), "classes": np.array(len(self.probabilities))}
        for name, found in parts.items():
            arrays[f"{name}/counts"] = np.array(found.counts, "int64")
            arrays[f"{name}/rows"] = np.array([found.count, found.missing], "int64")
            if isinstance(found, Categories):
                arrays[f"{name}/values"] = _text(list(found.values))
            else:
                arrays[f"{name}/edges"] = np.array(found.edges, "float64")
                arrays[f"{name}/moments"] = np.array([found.mean, found.std, found.low, found.high], "float64")
        return arrays


def reference(model: Model[Any, Any], X: Table, y: Array) -> Reference:
    """The figures of a fitted model's training rows and labels, and of what it answers to them.

    Of more rows than 50,000 only so many, evenly spaced, are asked.
    """
    label = model.contract.label
    asked = X if len(X) <= ASKED else X.take(np.linspace(0, len(X) - 1, ASKED).astype(int))
    return Reference(
        {field.name: _distribution(field, X.columns[field.name]) for field in X.schema},
        _told_of(label, y, 0),
        _told_of(label, model.predict(asked), 0),
        tuple(_shares(share) for share in model.predict_proba(asked).T) if model.offers("predict_proba") else (),
    )


def _distribution(field: Field, column: Column) -> Distribution:
    values = column.values if column.valid is None else column.values[column.valid]
    return _told_of(field, values, len(column) - len(values), column.texts if field.kind is Kind.TEXT else None)


def _told_of(field: Field, values: Array, missing: int, texts: tuple[str, ...] | None = None) -> Distribution:
    """The distribution of the values that are there: themselves, or codes into `texts`."""
    countable = field.kind in (Kind.TEXT, Kind.BOOL) or field.categories is not None
    if field.personal:
        return Categories(len(values), missing) if countable else Numbers(len(values), missing)
    if not countable:
        return _quantiles(values, missing)
    found, counts = np.unique(values, return_counts=True)
    named = found.tolist()
    return _counted(named if texts is None else [texts[code] for code in named], counts, missing)


def _counted(named: list[Any], counts: Array, missing: int) -> Categories:
    order = sorted(zip(named, counts.tolist(), strict=True), key=lambda each: (-each[1], each[0]))
    short = [(value, count) for value, count in order if not isinstance(value, str) or len(value) <= LONGEST][:TOP]
    return Categories(
        int(counts.sum()), missing, tuple(value for value, _ in short), tuple(count for _, count in short)
    )


def _quantiles(values: Array, missing: int) -> Numbers:
    if not len(values):
        return Numbers(0, missing)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1), method="inverted_cdf")).astype("float64")
    return _summed(values.astype("float64"), missing, edges if len(edges) > 1 else np.repeat(edges, 2))


def _shares(values: Array) -> Numbers:
    return _summed(values.astype("float64"), 0, np.linspace(0, 1, BINS + 1))


def _summed(values: Array, missing: int, edges: Array) -> Numbers:
    with np.errstate(over="ignore"):  # the sums of extreme values are infinite, and say so
        mean, std = float(values.mean()), float(values.std())
    counts = np.histogram(values, edges)[0]
    return Numbers(
        len(values),
        missing,
        mean,
        std,
        float(values.min()),
        float(values.max()),
        tuple(edges.tolist()),
        tuple(counts.tolist()),
    )


def _text(value: Any) -> Array:
    """JSON as an array of bytes: NumPy's own texts lose trailing NULs and are all as long as the longest."""
    return np.frombuffer(json.dumps(value).encode(), "uint8")


def _told(array: Array) -> Any:
    return json.loads(array.tobytes())


def _read(arrays: Any, name: str) -> Distribution:
    if f"{name}/values" not in arrays:
        return _numbers(arrays, name)
    count, missing = arrays[f"{name}/rows"].tolist()
    return Categories(count, missing, tuple(_told(arrays[f"{name}/values"])), tuple(arrays[f"{name}/counts"].tolist()))


def _numbers(arrays: Any, name: str) -> Numbers:
    count, missing = arrays[f"{name}/rows"].tolist()
    mean, std, low, high = arrays[f"{name}/moments"].tolist()
    edges, counts = tuple(arrays[f"{name}/edges"].tolist()), tuple(arrays[f"{name}/counts"].tolist())
    return Numbers(count, missing, mean, std, low, high, edges, counts)
