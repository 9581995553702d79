"""What the class of a Model promises: its contract, through inheritance, generic classes and options."""

from __future__ import annotations

import dataclasses
import enum
import functools
from abc import abstractmethod
from typing import Annotated, Any, Generic, Literal, TypeVar

import annotated_types as at
import pytest

from bascule.contract.fields import Kind
from bascule.contract.model import Model, contract
from bascule.contract.records import Label, Name, Record
from bascule.errors import BasculeError, DefinitionError, OutputError


class Leg(Record):
    miles: Annotated[float, at.Ge(0)]


class Speed(Label):
    FAST, SLOW = "fast", "slow"


class TooFoggy(BasculeError):
    code = "too-foggy"


class Fog(BasculeError):
    code = "fog"


class Says(Model[Leg, Speed], raises=(TooFoggy,), min_rows=2, max_rows=4):
    """Answers what it is told to answer."""

    def fit(self, X: Any, y: Any = None) -> None:
        """Nothing to learn."""

    def predict(self, X: Any) -> Any:
        return ["fast"] * len(X)


ROWS = [{"miles": 1.0}]


@pytest.mark.parametrize("raises", [(ValueError,), (BasculeError,), ("fog",), ValueError], ids=repr)
def test_only_errors_with_a_code_can_be_declared(raises: Any) -> None:
    with pytest.raises(DefinitionError, match="no error with a code"):
        type("Odd", (Says,), {}, raises=raises)


@pytest.mark.parametrize("methods", [{}, {"fit": Says.fit}, {"predict": Says.predict}], ids=list)
def test_a_class_without_fit_or_predict_cannot_be_made(methods: Any) -> None:
    class Half(Model[Leg, Speed]): ...

    whole = type("Whole", (Half,), methods)
    with pytest.raises(TypeError, match="abstract"):
        whole()


def test_a_contract_says_what_its_class_says() -> None:
    found = contract(Says)
    assert (found.name, found.definition) == ("says", "Answers what it is told to answer.")
    assert (found.features.names, found.label.name, found.label.categories) == (["miles"], "speed", ("fast", "slow"))
    assert (found.min_rows, found.max_rows, found.raises, found.algorithm) == (2, 4, ("too-foggy",), "1")


def test_a_model_inherits_the_contract_and_may_say_more() -> None:
    class LateArrival(Model[Leg, Speed], raises=(Fog,)):
        """Whether it arrives late."""

    class Boosted(LateArrival, version="2", raises=(TooFoggy,)):
        fit, predict = Says.fit, Says.predict

    assert contract(Boosted) == dataclasses.replace(contract(LateArrival), algorithm="2", raises=("fog", "too-foggy"))
    assert contract(Boosted).name == "late-arrival"


F, L, T = TypeVar("F"), TypeVar("L"), TypeVar("T")


class Whole(Model[F, L]): ...


class HalfFeatures(Model[Leg, L]): ...


class HalfLabel(Whole[T, Speed]): ...


class Swapped(Model[L, F], Generic[F, L]): ...


class Of1(Whole[Leg, Speed]): ...


class Of2(HalfFeatures[Speed]): ...


class Of3(HalfLabel[Leg]): ...


class Of4(Swapped[Speed, Leg]): ...


@pytest.mark.parametrize("model", [Of1, Of2, Of3, Of4])
def test_records_and_labels_are_found_through_generic_classes(model: Any) -> None:
    found = contract(model)
    assert (found.name, found.features.name, found.label.name) == (f"of{model.__name__[-1]}", "Leg", "speed")


@pytest.mark.parametrize(
    "model",
    [
        *(Whole, HalfFeatures, type("Bare", (Model,), {}), Model[Any, Any]),
        *(
            Model["Leg", "Speed"],
            Model[Speed, Leg],
            Model[Leg, Leg],
            Model[Leg, str],
            Model[Leg, float | None],
            Model[int, Speed],
        ),  # type: ignore[name-defined]
    ],
    ids=str,
)
def test_a_model_that_does_not_say_from_what_to_what_has_no_contract(model: Any) -> None:
    named = model if isinstance(model, type) else type("Odd", (), {})
    with pytest.raises(DefinitionError):
        contract(named if isinstance(model, type) else _subclass(model))


def _subclass(alias: Any) -> Any:
    class Odd(alias): ...

    return Odd


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("label", "kind", "categories"),
    [
        (Speed, Kind.TEXT, ("fast", "slow")),
        (Literal[1, 2], Kind.INT, (1, 2)),
        (Colour, Kind.TEXT, ("red",)),
        (Annotated[Literal[False, True], Name("late")], Kind.BOOL, (False, True)),
        (Annotated[int, at.Ge(0)], Kind.INT, None),
    ],
    ids=str,
)
def test_a_label_has_many_forms(label: Any, kind: Kind, categories: Any) -> None:
    found = contract(_subclass(Model[Leg, label])).label
    assert (found.kind, found.categories) == (kind, categories)


def test_a_label_that_is_also_a_feature_is_refused() -> None:
    odd = _subclass(Model[Leg, Annotated[float, Name("miles")]])
    with pytest.raises(DefinitionError, match="'miles' is both a feature and the label"):
        contract(odd)
    with pytest.raises(DefinitionError, match="both a feature and the label"):
        dataclasses.replace(contract(Says), label=contract(Says).features["miles"])


@pytest.mark.parametrize(("least", "most"), [(0, None), (-1, 5), (5, 4)])
def test_limits_that_no_table_meets_are_refused(least: int, most: int | None) -> None:
    with pytest.raises(DefinitionError, match=f"{least} to {most} rows"):
        dataclasses.replace(contract(Says), min_rows=least, max_rows=most)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(DefinitionError, match="unknown option 'colour'"):
        type("Odd", (Says,), {}, colour="red")


@pytest.mark.parametrize(
    "method",
    [functools.partialmethod(Says.predict), staticmethod(len), property(len), 3],
    ids=lambda method: type(method).__name__,
)
def test_what_could_slip_past_the_border_is_refused(method: Any) -> None:
    with pytest.raises(DefinitionError, match=r"Odd\.predict is \w+, not a method"):
        type("Odd", (Says,), {"predict": method})


def test_a_mixin_cannot_slip_past_the_border() -> None:
    class Careless:
        def predict(self, X: Any) -> Any:
            return ["swift"]

    class Mixed(Careless, Says): ...

    with pytest.raises(OutputError, match="swift"):
        Mixed().restored().predict(ROWS[:1])


def test_an_abstract_method_stays_abstract() -> None:
    class Halfway(Says):
        @abstractmethod
        def predict(self, X: Any) -> Any:
            """Left to the subclass."""

    with pytest.raises(TypeError, match="abstract"):
        Halfway()
