"""The border of a Model: what may go in, what may come out, what it may raise, and when it is fitted."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import annotated_types as at
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bascule.contract.model import Model, contract
from bascule.contract.records import Label, Name, Record, TrainingData
from bascule.contract.table import Table
from bascule.errors import (
    BasculeError,
    DataSize,
    NotFitted,
    NotOffered,
    NoTrainData,
    OutputError,
    SchemaError,
    Undeclared,
    Unreadable,
    UsageError,
)


class Leg(Record):
    miles: Annotated[float, at.Ge(0)]


class Speed(Label):
    FAST, SLOW = "fast", "slow"


@dataclasses.dataclass
class Flown:
    miles: float


class TooFoggy(BasculeError):
    code = "too-foggy"


class Says(Model[Leg, Speed], raises=(TooFoggy,), min_rows=2, max_rows=4):
    """Answers what it is told to answer."""

    def __init__(self, answer: Any = None, probability: Any = None) -> None:
        self.answer = answer
        self.probability = probability

    def fit(self, X: Table, y: Any = None) -> None:
        self.seen = (X, y)

    def predict(self, X: Table) -> Any:
        return self.answer(X) if callable(self.answer) else self.answer

    def predict_proba(self, X: Table) -> Any:
        return self.probability


ROWS = [{"miles": 1.0}, {"miles": 2.0}]
LABELS = ["fast", "slow"]


def fitted(answer: Any = None, probability: Any = None) -> Says:
    return Says(answer, probability).fit(ROWS, LABELS)  # type: ignore[no-any-return]


# -- what may go in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        *(ROWS, {"miles": [1, 2]}, [Leg(miles=1.0), Leg(miles=2.0)], (Flown(1.0), Flown(2.0)), Table.of(Leg, ROWS)),
        *(pa.table({"miles": [1, 2]}), pd.DataFrame({"miles": [1, 2]}), pl.DataFrame({"miles": [1, 2]})),
    ],
    ids=lambda data: type(data).__name__,
)
def test_models_are_given_a_table_whatever_the_caller_gave(data: Any) -> None:
    model = Says().fit(data, LABELS)
    assert isinstance(model.seen[0], Table)
    assert model.seen[0].rows() == ROWS


@pytest.mark.parametrize(
    "labels",
    [
        *(LABELS, tuple(LABELS), iter(LABELS), [Speed.FAST, Speed.SLOW], np.array(LABELS), np.array(LABELS, object)),
        *(np.array([Speed.FAST, Speed.SLOW]), pa.array(LABELS), pd.Series(LABELS), pd.Series(LABELS, dtype="category")),
        *(pd.Series([Speed.FAST, "slow"], dtype=object), pl.Series(LABELS), pd.DataFrame({"speed": LABELS})),
        *(pl.DataFrame({"y": LABELS}), pa.table({"y": ["", *LABELS]})[1:], pa.chunked_array([LABELS[:1], LABELS[1:]])),
    ],
    ids=lambda labels: type(labels).__name__,
)
def test_models_are_given_bare_labels_whatever_the_caller_gave(labels: Any) -> None:
    found = Says().fit(ROWS, labels).seen[1]
    assert (found.tolist(), found.dtype) == (LABELS, object)


@pytest.mark.parametrize(
    ("label", "given", "dtype"),
    [(int, [1, 2.0], "int64"), (float, [1, 0.5], "float64"), (Literal[True, False], [True, False], "bool")],
)
def test_labels_that_are_numbers_have_the_type_of_their_kind(label: Any, given: Any, dtype: str) -> None:
    class Counts(Model[Leg, label]):
        def fit(self, X: Any, y: Any = None) -> None:
            self.seen = y

        def predict(self, X: Any) -> Any:
            return self.seen

    model = Counts().fit(ROWS, given)
    assert (model.seen.dtype, model.predict(ROWS).dtype) == (dtype, dtype)


@pytest.mark.parametrize(
    ("labels", "error"),
    [
        (["fast", "swift"], SchemaError),
        (["fast", None], SchemaError),
        (["fast", 1], SchemaError),
        (pd.Series(["fast", np.nan]), SchemaError),
        (["fast"], DataSize),
        ("fs", Unreadable),
        (3, Unreadable),
        ({"fast": 1, "slow": 2}, Unreadable),
        (None, NoTrainData),
    ],
)
def test_labels_that_are_none_are_refused(labels: Any, error: type[BasculeError]) -> None:
    with pytest.raises(error):
        Says().fit(ROWS, labels)


def test_training_data_bring_their_labels() -> None:
    assert Says().fit(TrainingData(ROWS, LABELS)).seen[1].tolist() == LABELS
    assert Says().fit(TrainingData(ROWS), LABELS).seen[1].tolist() == LABELS
    with pytest.raises(NoTrainData, match="2 rows without labels"):
        Says().fit(TrainingData(ROWS))


def test_labels_given_twice_are_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        Says().fit(TrainingData(ROWS, LABELS), LABELS)


@pytest.mark.parametrize("rows", [1, 5])
def test_too_few_and_too_many_rows_are_refused_with_the_limit(rows: int) -> None:
    with pytest.raises(DataSize, match=rf"{rows} rows; it learns from at least 2 and at most 4\."):
        Says().fit([{"miles": 1.0}] * rows, ["fast"] * rows)


def test_rows_that_break_a_rule_reach_no_model() -> None:
    with pytest.raises(SchemaError, match="'miles' breaks ge"):
        fitted(answer=lambda _: pytest.fail("was asked")).predict([{"miles": -1.0}])


# -- what may come out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        *(
            LABELS,
            [Speed.FAST, Speed.SLOW],
            np.array(LABELS),
            np.array(LABELS, object),
            pd.Series(LABELS),
            pa.array(LABELS),
        ),
        *(pl.Series(LABELS), (label for label in LABELS)),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_answers_are_bare_labels_whatever_the_model_gave(answer: Any) -> None:
    assert fitted(answer).predict(ROWS).tolist() == LABELS


@pytest.mark.parametrize(
    "answer",
    [
        *(None, 3, "fast", "fs", {"fast": 1, "slow": 2}, np.array("fast"), object()),
        *(["fast"], ["fast"] * 3, [], np.array([["fast"], ["slow"]]), [["fast"], ["slow"]]),
        *(["fast", "swift"], ["fast", None], ["fast", ""], ["fast", 0], [0, 1], np.array([0, 1]), [b"fast", b"slow"]),
        *(pd.Series(["fast", None]), pd.DataFrame({"a": LABELS, "b": LABELS}), ["fast", "\ud800"]),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_answer_outside_of_the_label_is_an_error_and_no_answer(answer: Any) -> None:
    with pytest.raises(OutputError):
        fitted(answer).predict(ROWS)


class Arrival(Model[Leg, Annotated[float, at.Ge(-60), at.Le(600), at.Unit("min"), Name("delay")]]):
    def fit(self, X: Any, y: Any = None) -> None: ...

    def predict(self, X: Any) -> Any:
        return self.answer  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([1.0, float("nan")], "finite"),
        (np.array([1.0, np.nan], "float32"), "finite"),
        ([1.0, float("inf")], "finite"),
        ([1.0, 601.0], "le 600"),
        ([-61, 0], "ge -60"),
        (pd.Series([1.0, np.nan]), "missing"),
        (["1", "2"], "type 'float'"),
        ([True, False], "type 'float'"),
    ],
    ids=repr,
)
def test_a_number_that_is_none_or_out_of_range_is_an_error(answer: Any, said: str) -> None:
    model = Arrival().fit(ROWS, [1.0, 2.0])
    model.answer = answer
    with pytest.raises(OutputError, match=f"'delay' breaks {said}"):
        model.predict(ROWS)


@pytest.mark.parametrize(
    "probability",
    [
        *(None, 0.5, [0.5, 0.5], [[0.5, 0.5]], [[0.5, 0.5]] * 3, [[1.0], [1.0]], [[0.2, 0.2, 0.6]] * 2),
        *([[0.5], [0.5, 0.5]], [[0.5, 0.6], [0.5, 0.5]], [[1.5, -0.5], [0.5, 0.5]], [[0.5, np.nan], [0.5, 0.5]]),
        *([[np.inf, -np.inf], [1.0, 0.0]], [[0, 1], [1, 0]], [["a", "b"], ["c", "d"]], np.zeros((2, 2))),
        np.array([[0.5, 0.5], [0.5, 0.5]], object),
    ],
    ids=repr,
)
def test_what_are_no_probabilities_is_an_error(probability: Any) -> None:
    with pytest.raises(OutputError, match="predict_proba answered"):
        fitted(probability=probability).predict_proba(ROWS)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_probabilities_are_answered_as_they_are(dtype: str) -> None:
    given = np.array([[0.25, 0.75], [1, 0]], dtype)
    assert fitted(probability=given).predict_proba(ROWS) is given


def test_probabilities_of_thousands_of_classes_may_miss_one_by_rounding() -> None:
    label = Literal[tuple(map(str, range(3000)))]

    class Many(Says, Model[Leg, label]): ...

    given = np.random.default_rng(1).dirichlet(np.ones(3000), 2).astype("float32")
    assert Many(probability=given).restored().predict_proba(ROWS) is given


def test_a_number_has_no_probabilities() -> None:
    class Sure(Arrival):
        def predict_proba(self, X: Any) -> Any:
            return [[1.0]]

    with pytest.raises(OutputError, match="'delay' is a number; it has no probabilities"):
        Sure().restored().predict_proba([{"miles": 1.0}])


def test_no_rows_are_answered_with_no_answers() -> None:
    assert fitted(answer=[]).predict([]).tolist() == []
    assert fitted(probability=np.zeros((0, 2))).predict_proba([]).shape == (0, 2)


# -- what a model raises -----------------------------------------------------------------------------------------------


def raising(error: Exception) -> Any:
    def answer(_: Any) -> Any:
        raise error

    return answer


class Fog(BasculeError):
    code = "fog"


class ThickFog(TooFoggy): ...


@pytest.mark.parametrize("error", [ValueError("x"), ZeroDivisionError(), Fog("no view"), KeyError("a")], ids=repr)
def test_an_error_that_is_not_declared_is_fatal(error: Exception) -> None:
    with pytest.raises(Undeclared, match=rf"Says\.predict raised {type(error).__name__}") as caught:
        fitted(raising(error)).predict(ROWS)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error", [TooFoggy("no view"), ThickFog("none"), DataSize("too few"), NotFitted("not yet")], ids=repr
)
def test_standard_and_declared_errors_are_the_models_own(error: BasculeError) -> None:
    with pytest.raises(type(error)) as caught:
        fitted(raising(error)).predict(ROWS)
    assert caught.value is error


def test_a_contract_given_to_an_adapter_declares_too() -> None:
    foggy = dataclasses.replace(contract(Says), raises=("fog",))
    with pytest.raises(Fog):
        Says(raising(Fog("no view"))).under(foggy).restored().predict(ROWS)


def test_an_operation_that_is_not_offered_says_so() -> None:
    model = Arrival().restored()
    assert (model.offers("predict_proba"), fitted().offers("predict_proba")) == (False, True)
    for call in (model.predict_proba, model.partial_fit):
        with pytest.raises(NotOffered, match="Arrival offers no"):
            call(ROWS)


# -- fitted or not -----------------------------------------------------------------------------------------------------


class Fails(Says):
    def fit(self, X: Any, y: Any = None) -> None:
        raise self.answer

    def partial_fit(self, X: Any, y: Any = None) -> None:
        if self.answer is not None:
            raise self.answer


def test_a_model_that_failed_to_fit_is_not_fitted() -> None:
    model = Fails(TooFoggy("no view")).restored()
    with pytest.raises(TooFoggy):
        model.fit(ROWS, LABELS)
    assert not model.fitted
    with pytest.raises(NotFitted):
        model.predict(ROWS)


def test_a_refused_table_leaves_a_fitted_model_as_it_was() -> None:
    model = fitted(LABELS)
    with pytest.raises(SchemaError):
        model.fit([{"miles": -1.0}] * 2, LABELS)
    assert model.predict(ROWS).tolist() == LABELS


def test_learning_further_makes_a_model_fitted_whatever_the_number_of_rows() -> None:
    assert Fails().partial_fit(ROWS[:1], LABELS[:1]).fitted


@pytest.mark.parametrize("before", [True, False])
def test_a_failure_to_learn_further_leaves_a_model_as_fitted_as_it_was(before: bool) -> None:
    model = Fails(TooFoggy("no view")).restored() if before else Fails(TooFoggy("no view"))
    with pytest.raises(TooFoggy):
        model.partial_fit(ROWS, LABELS)
    assert model.fitted is before


def test_a_model_may_build_on_the_fit_and_the_answers_of_its_parent() -> None:
    class Louder(Says):
        def fit(self, X: Any, y: Any = None) -> None:
            super().fit(X, y)
            self.known = super().predict(X)

        def predict(self, X: Any) -> Any:
            return super().predict(X)[::-1]

    model = Louder(LABELS).fit(ROWS, LABELS)
    assert (model.known.tolist(), model.predict(ROWS).tolist()) == (LABELS, LABELS[::-1])


def test_fit_returns_the_model() -> None:
    model = Says()
    assert model.fit(X=ROWS, y=LABELS) is model


def test_no_model_can_change_a_table_that_it_was_given() -> None:
    def careless(X: Table) -> Any:
        X["miles"][:] = 0.0

    with pytest.raises(Undeclared, match="read-only"):
        fitted(careless).predict(ROWS)
