"""The feature on which one rule alone does best (after Holte 1993, "Very simple classification rules")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.fields import Field
from bascule.contract.kinds import Kind

LEAVES = 8  # values, or ranges of values, that the rule tells apart


def best(features: Sequence[Field], label: Field, columns: Mapping[str, Column]) -> str:
    """The name of the feature whose leaves predict the label best on rows that the rule was not made from.

    The error is squared: for classes the Brier score of the leaf's shares, for a number that of the leaf's mean. Rows
    without a label are left out; the first feature is as good as any where fewer than two are left.
    """
    target = columns[label.name]
    labelled = np.ones(len(target), bool) if target.valid is None else target.valid
    truth = _truth(label, target)[labelled]
    if len(truth) < 2:
        return features[0].name
    errors = {field.name: _error(_leaves(field, columns[field.name])[labelled], truth) for field in features}
    return min(errors, key=lambda name: errors[name])


def _truth(label: Field, column: Column) -> Array:
    """One column for a number; for classes one for each, 1 where the row is of it."""
    if label.categories is None:
        numbers = column.values.astype("float64")[:, None]
        scaled: Array = numbers / max(abs(numbers).max(), 1.0)  # within 1, so that no square is beyond a float
        return scaled
    values: Any = np.array(column.texts, object)[column.values] if column.texts else column.values
    return np.stack([values == category for category in label.categories], axis=1).astype("float64")


def _leaves(field: Field, column: Column) -> Array:
    """The leaf of each row: the most frequent texts and the rest, or ranges with equal shares of the rows; missing."""
    if field.kind is Kind.TEXT:
        present = column.values if column.valid is None else column.values[column.valid]
        frequent = np.argsort(-np.bincount(present, minlength=len(column.texts)), kind="stable")
        place = np.full(len(column.texts), LEAVES)
        place[frequent[:LEAVES]] = np.arange(min(LEAVES, len(frequent)))
        leaves = place[column.values] if len(place) else np.zeros(len(column), int)
    else:
        values = column.values.astype("float64")
        present = values if column.valid is None else values[column.valid]
        cuts = np.quantile(present, np.arange(1, LEAVES) / LEAVES, method="lower") if len(present) else []
        leaves = np.searchsorted(cuts, values, side="left")
    return leaves if column.valid is None else np.where(column.valid, leaves, LEAVES + 1)


def _error(leaves: Array, truth: Array) -> float:
    """The mean squared error on every other row of the leaves' means over the rows between."""
    known, asked = truth[::2], truth[1::2]
    sums = np.zeros((LEAVES + 2, truth.shape[1]))
    np.add.at(sums, leaves[::2], known)
    counts = np.bincount(leaves[::2], minlength=LEAVES + 2)[:, None]
    means = np.where(counts > 0, sums / np.maximum(counts, 1), known.mean(axis=0))
    return float(((means[leaves[1::2]] - asked) ** 2).sum(axis=1).mean())
