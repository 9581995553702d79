"""The laws of every Model hold for sound models, and each is broken by the mutant made to break it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import annotated_types as at
import numpy as np
import pytest

from bascule.contract import checks
from bascule.contract.checks import LAWS, Law, Subject
from bascule.contract.model import Model
from bascule.contract.records import Label, Name, Record
from bascule.contract.table import Table
from bascule.errors import LawBroken, NotLatestVersion, SchemaError


class Leg(Record):
    miles: Annotated[float, at.Ge(0)]
    wind: float | None


class Speed(Label):
    FAST, SLOW = "fast", "slow"


class Cut(Model[Leg, Speed], version="3"):
    """Long legs are flown fast: a cut between the means of the classes."""

    def __init__(self, width: float = 100.0) -> None:
        self.width = width

    def fit(self, X: Any, y: Any = None) -> None:
        self.cut = float(np.mean([X["miles"][y == label].mean() for label in set(y)]))

    def predict(self, X: Any) -> Any:
        return np.where(X["miles"] > self.cut, "fast", "slow")

    def predict_proba(self, X: Any) -> Any:
        fast = 1 / (1 + np.exp((self.cut - X["miles"]) / self.width))
        return np.stack([fast, 1 - fast], axis=1)


class Line(Model[Leg, Annotated[float, at.Unit("min"), Name("duration")]]):
    """The duration by the distance: a straight line."""

    def fit(self, X: Any, y: Any = None) -> None:
        self.slope, self.start = np.polyfit(X["miles"], y, 1).tolist()

    def predict(self, X: Any) -> Any:
        return self.start + self.slope * X["miles"]


def save(model: Any, folder: Path) -> None:
    learnt = {name: value for name, value in vars(model).items() if not name.startswith("_")}
    document = {"algorithm": model.contract.algorithm, "learnt": learnt}
    (folder / "model.json").write_text(json.dumps(document, sort_keys=True))


def load(model: Any, folder: Path) -> Any:
    document = json.loads((folder / "model.json").read_text())
    if document["algorithm"] != model.contract.algorithm:
        raise NotLatestVersion(f"Made by {document['algorithm']}, not by {model.contract.algorithm}.")
    vars(model).update(document["learnt"])
    return model.restored()


MILES = np.linspace(100, 2500, 25)
X = Table.of(Leg, [{"miles": miles, "wind": None if miles > 2000 else miles / 100} for miles in MILES])
SPEEDS = np.where(MILES > 1000, "fast", "slow").astype(object)


def subject(make: Callable[[], Any] = Cut, load: Callable[[Any, Path], Any] = load) -> Subject:
    return Subject(make, X, SPEEDS, save, load)


SOUND = {"classifier": subject(), "regressor": Subject(Line, X, MILES / 8 + 20, save, load)}


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_sound_model_obeys_the_law(law: Law, name: str, tmp_path: Path) -> None:
    law(SOUND[name], tmp_path)


# -- mutants -----------------------------------------------------------------------------------------------------------


def past_the_border(method: str, written: Callable[..., Any]) -> Callable[[], Any]:
    """A model one of whose methods was replaced after its class was made, so that no border guards it."""
    mutant = type("Mutant", (Cut,), {})
    setattr(mutant, method, written)
    return mutant


def changed(method: str, written: Callable[..., Any]) -> Callable[[], Any]:
    """A model one of whose methods was written otherwise, behind its border."""
    return type("Mutant", (Cut,), {method: written})


def learns_anything(self: Any, X: Any, y: Any = None) -> Any:
    return self.restored()


def fails_on_nothing(self: Any, X: Any, y: Any = None) -> Any:
    raise ValueError


def born_fitted() -> Any:
    model = Cut().restored()
    model.cut = 0.0
    return model


def answers_anything(self: Any, X: Any) -> Any:
    return ["fast"] * len(X)


def refuses_without_a_name(self: Any, X: Any) -> Any:
    raise SchemaError("Something is wrong.")


def counts(self: Any, X: Any) -> Any:
    self.asked = getattr(self, "asked", 0) + 1
    return Cut.predict(self, X)


def alternates(self: Any, X: Any) -> Any:
    Line.turn = not getattr(Line, "turn", False)  # type: ignore[attr-defined]
    return ["fast" if Line.turn else "slow"] * len(X)  # type: ignore[attr-defined]


def tosses_a_coin(self: Any, X: Any, y: Any = None) -> None:
    self.cut = float(np.random.default_rng().uniform(100, 2500))


def compares_with_the_mean(self: Any, X: Any) -> Any:
    return np.where(X["miles"] >= (X["miles"].mean() if len(X) else 0), "fast", "slow")


def looks_at_the_first_row(self: Any, X: Any) -> Any:
    return [("fast" if X["miles"][0] > self.cut else "slow")] * len(X)


def needs_a_row(self: Any, X: Any) -> Any:
    return np.where(X["miles"] > X["miles"][0] * 0 + self.cut, "fast", "slow")


def forgets_the_cut(model: Any, folder: Path) -> Any:
    found = load(model, folder)
    found.cut = 500.0
    return found


def forgets_the_width(model: Any, folder: Path) -> Any:
    found = load(model, folder)
    found.width *= 2
    return found


def ignores_the_algorithm(model: Any, folder: Path) -> Any:
    vars(model).update(json.loads((folder / "model.json").read_text())["learnt"])
    return model.restored()


MUTANTS: list[tuple[Law, Subject]] = [
    (checks.fit_on_nothing_raises_no_train_data, subject(past_the_border("fit", learns_anything))),
    (checks.fit_on_nothing_raises_no_train_data, subject(past_the_border("fit", fails_on_nothing))),
    (checks.predict_before_fit_raises_not_fitted, subject(born_fitted)),
    (checks.a_wrong_number_of_rows_raises_data_size, subject(past_the_border("fit", learns_anything))),
    (checks.wrong_columns_are_named, subject(past_the_border("predict", answers_anything))),
    (checks.wrong_columns_are_named, subject(past_the_border("predict", refuses_without_a_name))),
    (checks.predict_changes_nothing, subject(changed("predict", counts))),
    (checks.predict_changes_nothing, subject(changed("predict", alternates))),
    (checks.the_same_seed_makes_the_same_model, subject(changed("fit", tosses_a_coin))),
    (checks.a_row_is_answered_whatever_stands_beside_it, subject(changed("predict", compares_with_the_mean))),
    (checks.a_row_is_answered_whatever_stands_beside_it, subject(changed("predict", looks_at_the_first_row))),
    (checks.no_rows_have_no_answers, subject(changed("predict", needs_a_row))),
    (checks.save_and_load_keep_the_answers, subject(load=forgets_the_cut)),
    (checks.save_and_load_keep_the_answers, subject(load=forgets_the_width)),
    (checks.another_algorithm_raises_not_latest_version, subject(load=ignores_the_algorithm)),
]


@pytest.mark.parametrize(("law", "mutant"), MUTANTS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_mutant_breaks_its_law(law: Law, mutant: Subject, tmp_path: Path) -> None:
    with pytest.raises(LawBroken):
        law(mutant, tmp_path)


def test_every_law_has_a_mutant_that_breaks_it() -> None:
    assert {law for law, _ in MUTANTS} == set(LAWS)
