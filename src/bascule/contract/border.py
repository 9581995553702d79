"""The border of a Model: what goes into `fit` and `predict` is converted and checked, and so is what comes out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bascule.contract.answers import answers, labels, probabilities
from bascule.contract.columns import Array
from bascule.contract.contract import Contract
from bascule.contract.model import Model
from bascule.contract.records import TrainingData
from bascule.contract.table import Table
from bascule.errors import BasculeError, DataSize, NotFitted, NoTrainData, Undeclared, UsageError

Written = Callable[..., Any]


def learning(model: Model[Any, Any], written: Written, X: Any, y: Any = None, *, further: bool = False) -> Any:
    """Calls `fit` or, `further`, `partial_fit` with a Table and bare labels; a failed fit leaves nothing fitted."""
    if isinstance(X, TrainingData):
        if X.label is not None and y is not None:
            raise UsageError("The labels were given twice: in the training data and beside them.")
        X, y = X.data, y if X.label is None else X.label
    promised = model.contract
    table = Table.of(promised.features, X)
    if not len(table):
        raise NoTrainData(f"{promised.name} was given no rows.")
    if y is None:
        raise NoTrainData(f"{promised.name} was given {len(table)} rows without labels.")
    target = labels(promised.label, y, len(table))
    if not further:
        _refuse_size(promised, len(table))
    known, model._fitted = model._fitted and further, False
    try:
        _declared(written, model, table, target)
        known = True
    finally:
        model._fitted = known
    return model


def answering(check: Callable[..., Array], model: Model[Any, Any], written: Written, X: Any) -> Array:
    """Calls `predict` or `predict_proba` with a Table, and checks the answer."""
    if not model._fitted:
        raise NotFitted(f"{model.contract.name} has not been fitted.")
    table = Table.of(model.contract.features, X)
    return check(model.contract.label, _declared(written, model, table), len(table))


CROSSINGS: dict[str, Callable[..., Any]] = {
    "fit": learning,
    "partial_fit": partial(learning, further=True),
    "predict": partial(answering, answers),
    "predict_proba": partial(answering, probabilities),
}


def _refuse_size(promised: Contract, rows: int) -> None:
    most = promised.max_rows
    if rows < promised.min_rows or (most is not None and rows > most):
        limit = f"at least {promised.min_rows}" + ("" if most is None else f" and at most {most}")
        raise DataSize(f"{promised.name} was given {rows} rows; it learns from {limit}.")


def _declared(call: Written, model: Model[Any, Any], *arguments: Any) -> Any:
    """What the call answers; an error that is neither standard nor declared is fatal."""
    try:
        return call(model, *arguments)
    except BasculeError as error:
        if type(error).__module__ == BasculeError.__module__ or error.code in model.contract.raises:
            raise
        raise Undeclared(_undeclared(call, model, error)) from error
    except Exception as error:
        raise Undeclared(_undeclared(call, model, error)) from error


def _undeclared(call: Written, model: Model[Any, Any], error: Exception) -> str:
    return f"{type(model).__name__}.{call.__name__} raised {type(error).__name__}: {error}."
