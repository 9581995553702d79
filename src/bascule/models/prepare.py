"""The first step of a Pipeline by kind of column: what turns the fields of a Record into numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.fields import Kind, Schema
from bascule.contract.signature import MISSING_MOMENT
from bascule.errors import MissingExtra
from bascule.models.calendar import Calendar, Unit

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
except ImportError as error:
    raise MissingExtra.naming("scikit-learn", "lab") from error

WIDEST = 64  # columns that one text may become


class Missing(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Tells where values are missing: 1.0 there, else 0.0, for numbers (NaN) and moments (the least int64).

    >>> Missing().fit_transform(np.array([[2.5], [np.nan]])).tolist()
    [[0.0], [1.0]]
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns nothing but how many columns there are."""
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> Array:
        """Float64 of the shape of X."""
        values = np.asarray(X)
        return np.asarray(np.isnan(values) if values.dtype.kind == "f" else values == MISSING_MOMENT, "float64")

    def get_feature_names_out(self, names: Any = None) -> Array:
        """`wind missing` …"""
        columns = [f"x{number}" for number in range(self.n_features_in_)] if names is None else names
        return np.array([f"{column} missing" for column in columns], object)


def prepare(schema: Schema, *, scale: bool) -> ColumnTransformer:
    """The default first step for rows as `frame` shows them, unfitted.

    Texts become one column for each value, the rarest together once there are more than WIDEST; a value never seen is
    rare too, or all zeros where none is. Times and dates become their `Calendar`. With `scale`, for models that ask
    for complete and comparable numbers (linear ones, nets, neighbours), all that is no text is filled with its median,
    brought to mean 0 and variance 1, and joined by a column that tells what was missing, where a field may be.
    Without, for trees, numbers stay as they are, and NaN stands for missing.
    """
    steps: list[tuple[str, Any, list[str]]] = []
    named = {kind: [field.name for field in schema if field.kind is kind] for kind in Kind}
    numbers = [field.name for field in schema if field.kind in (Kind.BOOL, Kind.INT, Kind.FLOAT)]
    steps.append(("numbers", _complete() if scale else "passthrough", numbers))
    rare = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=WIDEST, sparse_output=False)
    steps.append(("texts", rare, named[Kind.TEXT]))
    units: dict[Kind, Unit] = {Kind.TIME: "us", Kind.DATE: "D"}
    for kind, unit in units.items():
        calendar = Calendar(unit)
        steps.append((f"{kind}s", _complete(calendar) if scale else calendar, named[kind]))
    if scale:
        doubtful = {field.name for field in schema if field.nullable}
        steps.append(("missing numbers", Missing(), [name for name in numbers if name in doubtful]))
        moments = [*named[Kind.TIME], *named[Kind.DATE]]
        steps.append(("missing moments", Missing(), [name for name in moments if name in doubtful]))
    return ColumnTransformer(
        [step for step in steps if step[2]], sparse_threshold=0, verbose_feature_names_out="{feature_name}"
    )


def _complete(*first: Any) -> Pipeline:
    steps = [*first, SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()]
    return Pipeline([(type(step).__name__.lower(), step) for step in steps])
