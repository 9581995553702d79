"""Labels in and answers out: bare values of a label, checked on both sides of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.faults import Fault, refuse
from bascule.contract.fields import Field, Schema
from bascule.contract.gather import listed
from bascule.contract.intake import taken
from bascule.contract.kinds import Kind
from bascule.errors import BasculeError, DataSize, OutputError

TOLERANCE = 1e-4  # float32 probabilities of many classes add up to 1 within this


def labels(field: Field, values: Any, rows: int) -> Array:
    """The label values of `rows` rows, bare: texts as objects, else integers, booleans or floats.

    Raises DataSize where the length differs, SchemaError where one is missing or none of the label's.
    """
    column, faults = _column(field, values)
    if len(column) != rows:
        raise DataSize(f"X has {rows} rows and y has {len(column)}.", next_step="Give one label for each row.")
    if faults:
        refuse(Schema(f"label {field.name}", "", (field,)), faults, rows)
    return bare(field, column)


def answers(field: Field, values: Any, rows: int) -> Array:
    """What a model answered, as `labels` holds it; raises OutputError for anything outside the label."""
    try:
        column, faults = _column(field, values)
    except BasculeError as error:
        raise OutputError(f"predict answered what holds no values: {error.message}") from error
    if len(column) != rows:
        raise OutputError(f"predict answered {len(column)} values for {rows} rows.")
    if faults:
        raise OutputError(f"predict answered outside the contract: {'; '.join(map(str, faults))}.")
    return bare(field, column)


def probabilities(field: Field, values: Any, rows: int) -> Array:
    """Probabilities of shape (rows, classes in the label's order): finite, within 0 and 1, adding up to 1."""
    if field.categories is None:
        raise OutputError(f"The label {field.name!r} is a number; it has no probabilities.")
    expected = (rows, len(field.categories))
    try:
        found = np.asarray(values)
    except ValueError as error:
        raise OutputError(f"predict_proba answered no array of shape {expected}: {error}.") from error
    if found.shape != expected or found.dtype.kind != "f":
        raise OutputError(
            f"predict_proba answered {found.dtype} of shape {found.shape}, not floats of shape {expected}."
        )
    wrong = np.asarray(((found < 0) | (found > 1) | np.isnan(found)).any(axis=1))
    wrong |= abs(np.where(wrong[:, None], 0, found).sum(axis=1) - 1) > TOLERANCE
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise OutputError(
            f"predict_proba answered no probabilities in {int(wrong.sum())} of {rows} rows, first in row {row}: "
            f"{found[row].tolist()}."
        )
    return found


def bare(field: Field, column: Column) -> Array:
    """The values of a whole column as NumPy holds them: texts as objects."""
    return np.array(column.texts, object)[column.values] if field.kind is Kind.TEXT else column.values


def _column(field: Field, values: Any) -> tuple[Column, list[Fault]]:
    _, column, faults = taken(field, listed(values, f"The {field.name}"))
    return column, faults
