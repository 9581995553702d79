"""Estimators with scikit-learn's interface as Models: classifiers, regressors, Pipelines, and LightGBM's."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.contract import Contract
from bascule.contract.fields import Kind
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.contract.trace import Stage
from bascule.errors import DataSize, DefinitionError, MissingExtra, NotFitted, NotOffered, OneClass
from bascule.models.frame import frame

try:
    from sklearn.base import clone, is_classifier, is_regressor
    from sklearn.pipeline import Pipeline
except ImportError as error:
    raise MissingExtra.naming("scikit-learn", "lab") from error

ROUNDING = 1e-6  # how far float arithmetic may carry a probability past 0 or 1


class Estimator(Model[Any, Any]):
    """An estimator with scikit-learn's interface under a contract; it sees the rows as `frame` shows them.

    A label of categories asks for a classifier, a number for a regressor; a label of whole numbers is answered rounded
    (half to even). `seed` sets every `random_state` that is None, each from the seed and the parameter's path. The
    estimator given is a template: it is never changed, and each `fit` begins anew from it.
    Raises OneClass where a classifier is given one class only.

    >>> from sklearn.linear_model import LinearRegression
    >>> from bascule.contract.fields import Field, Schema
    >>> miles, hours = Field(name="miles", kind=Kind.FLOAT), Field(name="hours", kind=Kind.FLOAT)
    >>> flight = Contract(name="air-time", definition="", features=Schema("Leg", "", (miles,)), label=hours)
    >>> model = Estimator(flight, LinearRegression()).fit({"miles": [0.0, 500.0]}, [0.5, 1.5])
    >>> model.predict({"miles": [1000.0]})
    array([2.5])
    """

    def __init__(self, contract: Contract, estimator: Any, seed: int | None = None) -> None:
        self.under(contract)
        if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
            raise DefinitionError(
                f"{estimator!r} is no estimator.",
                next_step="Give one with scikit-learn's interface, made, not its class.",
            )
        if contract.label.categories is not None and not is_classifier(estimator):
            _refuse_kind(contract, estimator, "categories", "classifier")
        if contract.label.categories is None and not is_regressor(estimator):
            _refuse_kind(contract, estimator, "numbers", "regressor")
        self.estimator = clone(estimator)
        self.seed = seed
        if seed is not None:
            self.estimator.set_params(**_seeds(self.estimator, seed))

    def fit(self, X: Any, y: Any = None) -> None:
        """Learns from rows and their labels."""
        if self.contract.label.categories is not None and len(set(y.tolist())) < 2:
            raise OneClass(
                f"All {len(y)} rows have the label {y[0]!r}; {self.contract.name} needs two classes to learn."
            )
        self.estimator = clone(self.estimator)
        self.estimator.fit(self._seen(X), y)

    def partial_fit(self, X: Any, y: Any = None) -> None:
        """Learns from further rows; a classifier may meet any class of the label, at any time, unless `fit` began."""
        self._must_offer("partial_fit")
        if self.contract.label.categories is None:
            self.estimator.partial_fit(self._seen(X), y)
            return
        classes = getattr(self.estimator, "classes_", np.sort(_values(self.contract)))
        strangers = sorted(set(y.tolist()) - set(classes.tolist()))
        if strangers:
            raise NotOffered(
                f"{self.contract.name} began with fit on {len(classes)} classes; {strangers[0]!r} is none of them.",
                next_step="Fit on rows of every class, or begin with partial_fit.",
            )
        self.estimator.partial_fit(self._seen(X), y, classes=classes)

    def predict(self, X: Any) -> Any:
        """The label of each row."""
        if not len(X):
            return []  # which scikit-learn refuses
        found = self.estimator.predict(self._seen(X))
        return np.rint(found) if self._counts() else found

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class in the label's order; a class that was never seen has none."""
        self._must_offer("predict_proba")
        whole = np.zeros((len(X), len(_values(self.contract))))
        if len(X):
            found = self.estimator.predict_proba(self._seen(X))
            seen = positions(self.contract, self.estimator.classes_)
            whole[:, seen] = np.where((found > 1) & (found < 1 + ROUNDING), 1, found)
        return whole

    def stages(self, X: Table) -> list[Stage]:
        """What one row looks like after every step of a Pipeline; raises NotFitted, DataSize for more rows than one."""
        if not self.fitted:
            raise NotFitted(f"{self.contract.name} has not been fitted.")
        if len(X) != 1:
            raise DataSize(f"A trace follows one row, not {len(X)}.", next_step="Give the one row to follow.")
        if not isinstance(self.answering, Pipeline):
            return []
        shown: Any = frame(X)
        names = list(shown.columns)
        stages = []
        for step, transformer in self.answering.steps[:-1]:
            if transformer not in (None, "passthrough"):
                shown = transformer.transform(shown)
                names = _names(transformer, names, shown.shape[1])
            row = np.asarray(shown.toarray() if hasattr(shown, "toarray") else shown)[0].tolist()
            stages.append(Stage(step, dict(zip(names, row, strict=True))))
        return stages

    @property
    def answering(self) -> Any:
        """The fitted estimator that answers: of a search over parameters the best one found, else the one given."""
        return getattr(self.estimator, "best_estimator_", self.estimator)

    def offers(self, operation: str) -> bool:
        """Whether this estimator, as it is set, has `predict_proba` or `partial_fit`."""
        return super().offers(operation) and hasattr(self.estimator, operation)

    def _seen(self, X: Table) -> Any:
        """The frame; to LightGBM alone, which refuses names with punctuation, without names."""
        return frame(X).to_numpy() if type(self.estimator).__module__.startswith("lightgbm.") else frame(X)

    def _must_offer(self, operation: str) -> None:
        if not self.offers(operation):
            raise NotOffered(f"{type(self.estimator).__name__} offers no {operation}.")

    def _counts(self) -> bool:
        return self.contract.label.kind is Kind.INT and self.contract.label.categories is None


def positions(contract: Contract, classes: Any) -> list[int]:
    """Where an estimator's classes stand in the label's order."""
    return [_values(contract).tolist().index(value) for value in classes.tolist()]


def _values(contract: Contract) -> Array:
    return np.array(contract.label.categories, object if contract.label.kind is Kind.TEXT else None)


def _seeds(estimator: Any, seed: int) -> dict[str, int]:
    """A seed for each `random_state` left open; the path keeps them apart, SHA-256 makes them independent."""
    return {
        path: int.from_bytes(hashlib.sha256(f"{seed}/{path}".encode()).digest()[:4], "big") >> 1
        for path, value in estimator.get_params(deep=True).items()
        if path.split("__")[-1] == "random_state" and value is None
    }


def _names(transformer: Any, before: list[str], width: int) -> list[str]:
    """A name for each column that a step puts out, told apart by number where two are alike or none is known."""
    try:
        known = [str(name) for name in transformer.get_feature_names_out(before)]
    except (AttributeError, ValueError, TypeError):
        known = [f"column {number}" for number in range(width)]
    return [name if known.index(name) == at else f"{name} #{at}" for at, name in enumerate(known)]


def _refuse_kind(contract: Contract, estimator: Any, label: str, expected: str) -> None:
    raise DefinitionError(
        f"The label {contract.label.name!r} is made of {label}, and {type(estimator).__name__} is no {expected}.",
        next_step=f"Give a {expected}.",
    )
