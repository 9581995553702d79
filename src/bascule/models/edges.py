"""Rows placed where trees part them: at each cut, and at the float32 numbers beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from bascule.contract.arrow import arrow_of
from bascule.contract.columns import Array, Column
from bascule.contract.fields import Field, Kind
from bascule.contract.table import Table
from bascule.models.frame import frame
from bascule.models.parity import sample
from bascule.models.trees import cuts

MOST = 20_000  # cuts tried; where there are more, evenly spaced ones
BASES = 64  # real rows whose other fields stand beside a cut


def edges(estimator: Any, X: Table) -> Iterator[Table]:
    """Rows of X with one number moved to where a cut of the trees parts it, for each number that a cut is about.

    A number is followed through the steps before the trees, whatever they are, as long as it crosses a cut once between
    its least and its greatest value: the crossing is found by bisection over the float32 numbers. Four rows stand at
    each: the last number on this side, the first on the other, and the next further on both. Trees that see another
    matrix than the last step's, as inside a nested Pipeline, are left to the real rows.
    """
    nested = isinstance(estimator, Pipeline) and len(estimator) > 1
    wanted = cuts(estimator[-1] if isinstance(estimator, Pipeline) else estimator)
    if not wanted or not len(X):
        return
    rows = X.take(sample(X, BASES))
    seen = frame(rows)

    def prepared(field: Field, bases: Array, values: Array) -> Array:
        """What the trees see of these rows with these values of a field."""
        given = seen.iloc[bases]
        given[field.name] = values
        found: Any = estimator[:-1].transform(given) if nested else given
        return np.asarray(found.toarray() if hasattr(found, "toarray") else found, "float64")

    for field in X.schema:
        if field.kind in (Kind.INT, Kind.FLOAT):
            column = X.columns[field.name]
            present = column.values if column.valid is None else column.values[column.valid]
            if len(present):
                bases, last = _crossings(partial(prepared, field), wanted, len(rows), present)
                if len(bases):
                    yield _placed(rows, field, bases, last, present)


def _crossings(
    prepared: Callable[[Array, Array], Array], wanted: dict[int, Array], rows: int, present: Array
) -> tuple[Array, Array]:
    """Which row crosses a cut, and (as a place on the float32 line) after which value of the field."""
    low, high = _place(np.array([present.min(), present.max()]))
    every = np.arange(rows)
    first, final = (prepared(every, np.full(rows, value)) for value in _number(np.array([low, high])))
    columns = np.repeat(list(wanted), [len(found) for found in wanted.values()])
    cut = np.concatenate(list(wanted.values()))
    bases = np.arange(len(cut)) % rows
    crossed = np.flatnonzero((first[bases, columns] <= cut) != (final[bases, columns] <= cut))
    crossed = crossed[:: len(crossed) // MOST + 1]
    columns, cut, bases = columns[crossed], cut[crossed], bases[crossed]
    here = first[bases, columns] <= cut
    before, after = np.full(len(cut), low), np.full(len(cut), high)
    while (after - before > 1).any():
        middle = (before + after) // 2
        same = (prepared(bases, _number(middle))[np.arange(len(cut)), columns] <= cut) == here
        before, after = np.where(same, middle, before), np.where(same, after, middle)
    return bases, before


def _placed(rows: Table, field: Field, bases: Array, last: Array, present: Array) -> Table:
    """The rows with the field on both sides of the crossing, never beyond what was there."""
    if field.kind is Kind.INT:
        values = np.floor(_number(last)).astype("int64")[:, None] + np.arange(-1, 3)
    else:
        values = _number(last[:, None] + np.arange(-1, 3))
    moved = rows.take(np.repeat(bases, 4)).arrow
    column = arrow_of(field, Column(values.ravel().clip(present.min(), present.max())))
    return Table(rows.schema, moved.set_column(rows.schema.names.index(field.name), field.name, column))


def _place(values: Array) -> Array:
    """Where numbers stand on the line of float32 numbers, neighbours one apart, 0 at 0."""
    bits = values.astype("float32").view("int32").astype("int64")
    return np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF))


def _number(places: Array) -> Array:
    """The numbers at these places, as float64."""
    bits = np.where(places >= 0, places, -places | 0x80000000).astype("uint32")
    return bits.view("float32").astype("float64")
