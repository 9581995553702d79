"""The Model: `fit` and `predict` over typed data, checked on the way in and on the way out."""

from __future__ import annotations

import functools
import inspect
import typing
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Generic, Self, TypeVar

from bascule.contract.columns import Array
from bascule.contract.contract import Contract
from bascule.contract.records import Label, Record, label_field, schema, snake
from bascule.contract.trace import Stage
from bascule.errors import BasculeError, DefinitionError, NotOffered

F = TypeVar("F", bound=Record)
L = TypeVar("L", bound=Label | float | int)
_OPEN: tuple[TypeVar, TypeVar] = (F, L)


class Model(ABC, Generic[F, L]):
    """Learns labels of type L from records of type F; subclass it with both, and give it `fit` and `predict`.

    Inside `fit` and `predict`, X is a Table and y an array of bare label values: the border has converted and checked
    them, and checks what `predict` and `predict_proba` answer. Parts (`classifier`, `encoder` …) are injected through
    the constructor. Options of the class statement: `name`, `version` (of the algorithm), `raises`, `min_rows`,
    `max_rows`. An exception that is neither standard nor in `raises` becomes `Undeclared`, which is fatal.

    >>> class Leg(Record):
    ...     miles: float
    >>> class Speed(Label):
    ...     FAST, SLOW = "fast", "slow"
    >>> class LongIsFast(Model[Leg, Speed]):
    ...     def fit(self, X, y):
    ...         self.cut = X["miles"].mean()
    ...     def predict(self, X):
    ...         return [Speed.FAST if miles > self.cut else Speed.SLOW for miles in X["miles"]]
    >>> LongIsFast().fit([{"miles": 2400.0}, {"miles": 90.0}], ["fast", "slow"]).predict([{"miles": 2000.0}])
    array(['fast'], dtype=object)
    """

    _records: ClassVar[tuple[Any, Any]] = _OPEN
    _options: ClassVar[dict[str, Any]] = {}
    _contract: Contract | None = None
    _fitted: bool = False
    raises: ClassVar[tuple[type[BasculeError], ...]] = ()

    def __init_subclass__(cls, raises: tuple[type[BasculeError], ...] = (), **options: Any) -> None:
        unknown = options.keys() - {"name", "version", "min_rows", "max_rows"}
        if unknown:
            raise DefinitionError(f"{cls.__name__}: unknown option {min(unknown)!r} of a Model.")
        super().__init_subclass__()
        for base in cls.__dict__.get("__orig_bases__", ()):
            origin = typing.get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Model):
                given = dict(zip(origin.__parameters__, typing.get_args(base), strict=True))  # type: ignore[attr-defined]
                features, label = (given[part] if isinstance(part, TypeVar) else part for part in origin._records)
                cls._records = (features, label)
                cls._options = {"name": snake(cls.__name__).replace("_", "-"), "definition": _meaning(cls)}
        cls._options = {**cls._options, **options}
        cls.raises = (*cls.raises, *_declarable(cls, raises))
        for name in _GUARDED:
            written = inspect.getattr_static(cls, name)  # of the class or of a mixin: whichever would be called
            if not inspect.isfunction(written):
                raise DefinitionError(f"{cls.__name__}.{name} is {type(written).__name__}, not a method.")
            if written is not inspect.getattr_static(Model, name) and written not in _BORDERED:
                setattr(cls, name, _guarded(name, written))
                _BORDERED.add(cls.__dict__[name])

    @abstractmethod
    def fit(self, X: Any, y: Any = None) -> Any:
        """Learns from rows and their labels; returns the model. Raises NoTrainData, DataSize, SchemaError."""

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """The label of each row. Raises NotFitted, SchemaError, and OutputError rather than a wrong answer."""

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class in the label's order, shape (rows, classes), where the model offers it."""
        raise NotOffered(f"{type(self).__name__} offers no predict_proba.")

    def partial_fit(self, X: Any, y: Any = None) -> Any:
        """Learns from further rows on top of what is known, where the model offers it."""
        raise NotOffered(f"{type(self).__name__} offers no partial_fit.")

    def stages(self, X: Any) -> list[Stage]:
        """What the rows look like after every step between the record and the answer, where the model can show it."""
        return []

    def offers(self, operation: str) -> bool:
        """Whether `predict_proba` or `partial_fit` is there."""
        return getattr(type(self), operation) is not getattr(Model, operation)

    @property
    def fitted(self) -> bool:
        """Whether the model has learnt something."""
        return self._fitted

    @property
    def contract(self) -> Contract:
        """What this model promises: from its class, or given to an adapter."""
        return self._contract or contract(type(self))

    def under(self, contract: Contract) -> Self:
        """The model under a contract of its own, in place of the one of its class."""
        self._contract = contract
        return self

    def restored(self) -> Self:
        """The model marked as fitted, after its learnt parts were loaded from files."""
        self._fitted = True
        return self


@functools.cache
def contract(model: type[Model[Any, Any]]) -> Contract:
    """The Contract that a Model class declares."""
    if any(isinstance(part, TypeVar) or part is Any for part in model._records):
        raise DefinitionError(
            f"{model.__name__} does not say what it learns from and what it answers.",
            next_step="Subclass Model[Features, Label], or give the adapter a contract.",
        )
    features, label = model._records
    options = dict(model._options)
    return Contract(
        name=options["name"],
        definition=options["definition"],
        features=schema(features),
        label=label_field(label),
        algorithm=str(options.get("version", "1")),
        min_rows=options.get("min_rows", 1),
        max_rows=options.get("max_rows"),
        raises=tuple(sorted(error.code for error in model.raises)),
    )


def _meaning(cls: type) -> str:
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "")


def _declarable(cls: type, raises: Any) -> tuple[type[BasculeError], ...]:
    found = raises if isinstance(raises, tuple) else (raises,)
    for error in found:
        if not (isinstance(error, type) and issubclass(error, BasculeError) and error.code):
            raise DefinitionError(
                f"{cls.__name__}: `raises` names {error!r}, which is no error with a code.",
                next_step="Give subclasses of BasculeError, each with a code of its own.",
            )
    return found


def _guarded(name: str, written: Callable[..., Any]) -> Callable[..., Any]:
    """The method behind the border, which is loaded when it is first crossed: a declaration needs no Arrow."""

    @functools.wraps(written)
    def call(self: Model[Any, Any], X: Any, *y: Any, **named: Any) -> Any:
        from bascule.contract.border import CROSSINGS

        return CROSSINGS[name](self, written, X, *y, **named)

    return call


_BORDERED: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()
_GUARDED = ("fit", "partial_fit", "predict", "predict_proba")
