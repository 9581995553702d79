"""Whether an exported graph answers as the model it was made from: on real rows, at the cuts of trees, with gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bascule.contract.arrow import ARROW
from bascule.contract.columns import Array
from bascule.contract.fields import Field, Kind
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import BasculeError
from bascule.models.session import Answer, Session

SAMPLE = 20_000  # real rows compared, the extremes of every column among them
GAPS = 200  # rows in which a field is missing, or a text is one never seen
MOVED = 1e-3  # a probability, or a number as a part of the answers' range, that differs by more has moved
UNSEEN = "never seen \N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two models answer the same rows.

    `flips` are rows with another label, or a number that moved; `moved` are flips and rows whose probabilities moved;
    `difference` is the largest between probabilities, or numbers, in rows that both answered.
    """

    rows: int
    flips: int
    moved: int
    difference: float

    @property
    def flip_rate(self) -> float:
        """Flips per row; 0 where there are none."""
        return self.flips / max(self.rows, 1)

    @property
    def moved_rate(self) -> float:
        """Answers that moved per row; 0 where there are none."""
        return self.moved / max(self.rows, 1)

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.rows + other.rows,
            self.flips + other.flips,
            self.moved + other.moved,
            max(self.difference, other.difference),
        )


@dataclass(frozen=True, slots=True)
class Parity:
    """The agreement on real rows, at the cuts of trees and their float32 neighbours, and on rows with gaps."""

    real: Agreement
    cuts: Agreement
    gaps: Agreement


def parity(model: Model[Any, Any], session: Session, X: Table, cuts: Iterable[Table]) -> Parity:
    """Asks both the same: rows of X with the extremes, rows placed at the cuts of trees, rows of X with gaps."""
    real = X.take(sample(X, SAMPLE))
    ours = _asked(model, real)
    reach = None if model.contract.label.categories is not None else _reach(ours.values)

    def together(tables: Iterable[Table]) -> Agreement:
        found = Agreement(0, 0, 0, 0.0)
        for rows in tables:
            found += _agreement(
                _unless_refused(_asked, model, rows), _unless_refused(_told, session, rows), rows, reach
            )
        return found

    whole = _agreement(ours, _unless_refused(_told, session, real), real, reach)
    return Parity(whole, together(cuts), together(with_gaps(X)))


def _reach(values: Array) -> float:
    """The range of answers that are numbers; where all are the same, how far they are from 0."""
    return float(np.ptp(values)) or float(abs(values).max()) or 1.0


def sample(X: Table, rows: int) -> Array:
    """Positions of at most that many rows, evenly spaced, and of each column's least and greatest value."""
    if len(X) <= rows:
        return np.arange(len(X))
    found = [np.linspace(0, len(X) - 1, rows).astype(int)]
    for field in X.schema:
        if field.kind not in (Kind.BOOL, Kind.TEXT):
            column = X.columns[field.name]
            present = np.arange(len(X)) if column.valid is None else np.flatnonzero(column.valid)
            if len(present):
                values = column.values[present]
                found.append(present[[values.argmin(), values.argmax()]])
    return np.unique(np.concatenate(found))


def with_gaps(X: Table) -> Iterator[Table]:
    """Rows of X in which one field is missing, all that may be are, or one text is none that was ever seen."""
    rows = X.take(sample(X, GAPS))
    doubtful = [field for field in X.schema if field.nullable]
    for field in doubtful:
        yield _with(rows, field, None)
    if doubtful:
        bare = rows
        for field in doubtful:
            bare = _with(bare, field, None)
        yield bare
    for field in X.schema:
        if field.kind is Kind.TEXT:
            yield _with(rows, field, UNSEEN)


def _with(rows: Table, field: Field, value: str | None) -> Table:
    """The rows with one value throughout a column; it need not obey the Record, which only real rows must."""
    column = pa.array([value] * len(rows), ARROW[field.kind])
    return Table(rows.schema, rows.arrow.set_column(rows.schema.names.index(field.name), field.name, column))


def _asked(model: Model[Any, Any], rows: Table) -> Answer:
    return Answer(model.predict(rows), model.predict_proba(rows) if model.offers("predict_proba") else None)


def _told(session: Session, rows: Table) -> Answer:
    return session.answer(rows.columns, len(rows))


def _unless_refused(ask: Callable[[Any, Table], Answer], whom: Any, rows: Table) -> Answer | None:
    """The answer, None where it is an error: to refuse alike is to agree."""
    try:
        return ask(whom, rows)
    except BasculeError:
        return None


def _agreement(ours: Answer | None, theirs: Answer | None, rows: Table, reach: float | None) -> Agreement:
    """`reach` is the range of the answers that are numbers, None where they are labels."""
    if ours is None or theirs is None:
        lost = 0 if ours is theirs else len(rows)
        return Agreement(len(rows), lost, lost, 0.0)
    if reach is not None:
        distance = abs(ours.values.astype(float) - theirs.values.astype(float))
        flipped = moved = distance > MOVED * reach
    else:
        distance = np.zeros(len(rows))
        if ours.probabilities is not None and theirs.probabilities is not None:
            distance = abs(ours.probabilities - theirs.probabilities).max(axis=1, initial=0)
        flipped = ours.values != theirs.values
        moved = flipped | (distance > MOVED)
    return Agreement(len(rows), int(flipped.sum()), int(moved.sum()), float(distance.max(initial=0)))
