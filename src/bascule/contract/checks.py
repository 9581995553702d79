"""The laws that every Model obeys; one test applies them to every adapter found, plug-ins included."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bascule.contract.columns import Array
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import BasculeError, DataSize, LawBroken, NotFitted, NotLatestVersion, NoTrainData, SchemaError


@dataclass(frozen=True)
class Subject:
    """A model under examination: how to make one from its seed, data it can learn, and how it is kept on disk."""

    make: Callable[[], Model[Any, Any]]
    X: Table
    y: Array
    save: Callable[[Model[Any, Any], Path], None]
    load: Callable[[Model[Any, Any], Path], Model[Any, Any]]

    def fitted(self) -> Model[Any, Any]:
        """A model that has learnt the data."""
        model = self.make()
        model.fit(self.X, self.y)
        return model


Law = Callable[[Subject, Path], None]


def fit_on_nothing_raises_no_train_data(subject: Subject, _: Path) -> None:
    """An empty table is no data, and so are rows without labels."""
    nothing = subject.X.take(np.zeros(len(subject.X), bool))
    _must_raise(NoTrainData, lambda: subject.make().fit(nothing, subject.y[:0]))
    _must_raise(NoTrainData, lambda: subject.make().fit(subject.X, None))


def predict_before_fit_raises_not_fitted(subject: Subject, _: Path) -> None:
    """Nothing learnt, nothing answered."""
    _must_raise(NotFitted, lambda: subject.make().predict(subject.X))


def a_wrong_number_of_rows_raises_data_size(subject: Subject, _: Path) -> None:
    """Too few, too many, and X and y of different length."""
    rows = len(subject.X)
    promised = subject.make().contract
    few, many = replace(promised, min_rows=rows + 1, max_rows=None), replace(promised, min_rows=1, max_rows=rows - 1)
    for limited in (few, many):
        _must_raise(DataSize, partial(subject.make().under(limited).fit, subject.X, subject.y))
    _must_raise(DataSize, lambda: subject.make().fit(subject.X, subject.y[:-1]))


def wrong_columns_are_named(subject: Subject, _: Path) -> None:
    """A column too many, and one that is missing where it may not be, stand in the message."""
    model = subject.fitted()
    stranger = subject.X.arrow.append_column("no such column", subject.X.arrow.column(0))
    _must_name("no such column", _must_raise(SchemaError, lambda: model.predict(stranger)))
    for name in [field.name for field in subject.X.schema if not field.nullable]:
        without = subject.X.arrow.drop_columns([name])
        _must_name(name, _must_raise(SchemaError, partial(model.predict, without)))


def predict_changes_nothing(subject: Subject, folder: Path) -> None:
    """The same question has the same answer, and what is kept on disk is the same before and after."""
    model = subject.fitted()
    before = _kept(subject, model, folder / "before")
    _must_agree(_answers(model, subject.X), _answers(model, subject.X), "a second predict answers otherwise")
    if _kept(subject, model, folder / "after") != before:
        raise LawBroken("predict changed the model.")


def the_same_seed_makes_the_same_model(subject: Subject, _: Path) -> None:
    """Two models made and fitted alike answer alike."""
    _must_agree(_answers(subject.fitted(), subject.X), _answers(subject.fitted(), subject.X), "two fits differ")


def a_row_is_answered_whatever_stands_beside_it(subject: Subject, _: Path) -> None:
    """Rows in another order are answered in that order, and a row alone as in company."""
    model = subject.fitted()
    whole = model.predict(subject.X)
    turned, first = np.arange(len(subject.X))[::-1], np.arange(1)
    _must_agree([whole[turned]], [model.predict(subject.X.take(turned))], "answers depend on the order of the rows")
    _must_agree([whole[:1]], [model.predict(subject.X.take(first))], "a row alone is answered otherwise")


def no_rows_have_no_answers(subject: Subject, _: Path) -> None:
    """An empty question is answered with an empty answer."""
    model, nothing = subject.fitted(), subject.X.take(np.zeros(len(subject.X), bool))
    try:
        found = _answers(model, nothing)
    except BasculeError as error:
        raise LawBroken(f"An empty table was answered with an error: {error.message}") from error
    if any(len(answer) for answer in found):
        raise LawBroken("An empty table was answered with rows.")


def save_and_load_keep_the_answers(subject: Subject, folder: Path) -> None:
    """A loaded model answers as the saved one."""
    model = subject.fitted()
    subject.save(model, folder)
    loaded = subject.load(subject.make(), folder)
    _must_agree(_answers(model, subject.X), _answers(loaded, subject.X), "loading changed the model")


def another_algorithm_raises_not_latest_version(subject: Subject, folder: Path) -> None:
    """A file made by another version of the algorithm is refused by name."""
    subject.save(subject.fitted(), folder)
    other = subject.make()
    other.under(replace(other.contract, algorithm=f"{other.contract.algorithm}-next"))
    _must_raise(NotLatestVersion, lambda: subject.load(other, folder))


LAWS: tuple[Law, ...] = (
    fit_on_nothing_raises_no_train_data,
    predict_before_fit_raises_not_fitted,
    a_wrong_number_of_rows_raises_data_size,
    wrong_columns_are_named,
    predict_changes_nothing,
    the_same_seed_makes_the_same_model,
    a_row_is_answered_whatever_stands_beside_it,
    no_rows_have_no_answers,
    save_and_load_keep_the_answers,
    another_algorithm_raises_not_latest_version,
)


def _must_raise(expected: type[BasculeError], call: Callable[[], Any]) -> BasculeError:
    try:
        call()
    except expected as error:
        return error
    except Exception as error:
        raise LawBroken(f"{type(error).__name__} was raised instead of {expected.__name__}: {error}") from error
    raise LawBroken(f"{expected.__name__} was not raised.")


def _must_name(name: str, error: BasculeError) -> None:
    if name not in error.message:
        raise LawBroken(f"The column {name!r} is not named in: {error.message}")


def _must_agree(one: list[Array], other: list[Array], otherwise: str) -> None:
    if not all(map(np.array_equal, one, other)):
        raise LawBroken(f"{otherwise[0].upper()}{otherwise[1:]}.")


def _answers(model: Model[Any, Any], X: Table) -> list[Array]:
    """What the model says of these rows: labels, and probabilities where it offers them."""
    return [model.predict(X), *([model.predict_proba(X)] if model.offers("predict_proba") else [])]


def _kept(subject: Subject, model: Model[Any, Any], folder: Path) -> dict[str, str]:
    folder.mkdir()
    subject.save(model, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
