"""Candidates of a plan as models: classes are looked up, parts are injected, and every parameter is checked first."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bascule.contract.contract import Contract
from bascule.contract.fields import Schema
from bascule.contract.model import Model
from bascule.errors import BasculeError, DefinitionError, MissingExtra, PlanError
from bascule.models.prepare import prepare
from bascule.models.sklearn import Estimator
from bascule.training.classes import BASELINES, RULE, find, parameters
from bascule.training.plan import Plan, close
from bascule.training.seeds import derived

try:
    from sklearn.pipeline import Pipeline
except ImportError as error:
    raise MissingExtra.naming("scikit-learn", "lab") from error

# What LightGBM needs to learn the same twice, and to keep quiet.
LIGHTGBM = {"deterministic": True, "force_row_wise": True, "verbosity": -1}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that wants to be the one, or a baseline that it must beat."""

    name: str
    model: Model[Any, Any]
    baseline: bool


def candidates(plan: Plan, contract: Contract, module: ModuleType, differing: Schema) -> list[Candidate]:
    """Every candidate of the plan, unfitted, in its order; `module` is the project's contract.py.

    `differing` are the features that `prepare` hands on: not those that are the same in all rows that teach, of which
    nothing can be learnt, and at which some estimators fail. Raises PlanError naming the entry and what may stand
    there, ForbiddenClass, MissingExtra.
    """
    for baseline in BASELINES:
        if not any(node.get("class") == baseline for node in plan.candidates.values()):
            raise PlanError(
                f"No candidate is a {baseline}; without it nobody knows whether learning is worth while.",
                next_step=f"Add `{baseline.rpartition('.')[2]}: {{class: {baseline}}}` to the candidates.",
            )
    return [
        Candidate(
            name, _Builder(contract, module, differing, plan.seed).model(f"candidates.{name}", node), _is_baseline(node)
        )
        for name, node in plan.candidates.items()
    ]


def _is_baseline(node: dict[str, Any]) -> bool:
    return node.get("class") in BASELINES


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes what a node says; what only it knows (contract, seeds) it gives to every constructor that asks."""

    contract: Contract
    module: ModuleType
    differing: Schema
    seed: int

    def model(self, path: str, node: dict[str, Any]) -> Model[Any, Any]:
        """The model of a candidate; an estimator becomes one under the plan's contract."""
        if "class" not in node and "steps" not in node:
            raise PlanError(f"{path} says neither `class:` nor `steps:`.")
        made = self.part(path, node)
        if not isinstance(made, Model):
            try:
                return Estimator(self.contract, made)
            except DefinitionError as error:
                raise PlanError(f"{path}: {error.message}", next_step=error.next_step) from error
        theirs = made.contract
        if (theirs.name, theirs.shape_hash) != (self.contract.name, self.contract.shape_hash):
            raise PlanError(
                f"{path} is a model of {theirs.name}; the plan asks for {self.contract.name}.",
                next_step=f"Subclass the class that the plan names under `contract:` ({self.contract.name}).",
            )
        return made

    def part(self, path: str, value: Any) -> Any:
        """What a value of the plan stands for: a part to inject where it says `class` or `steps`, else itself."""
        if isinstance(value, list):
            return [self.part(f"{path}[{place}]", inner) for place, inner in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if "class" in value:
            return self.instance(path, value["class"], {key: inner for key, inner in value.items() if key != "class"})
        if value.keys() == {"steps"}:
            return self.pipeline(f"{path}.steps", value["steps"])
        if "steps" in value:
            raise PlanError(f"{path} has keys beside `steps`: {', '.join(sorted(map(str, value.keys() - {'steps'})))}.")
        return {key: self.part(f"{path}.{key}", inner) for key, inner in value.items()}

    def instance(self, path: str, dotted: Any, given: dict[str, Any]) -> Any:
        """An object of a class, or a baseline, made with these parameters."""
        if not isinstance(dotted, str):
            raise PlanError(f"{path}.class is {dotted!r}, not a dotted name.")
        made = find(path, dotted, self.module)
        asked = parameters(made)
        if "memory" in given:
            raise PlanError(
                f"{path}.memory asks for a cache on disk, which would be read as pickle.", next_step="Drop it."
            )
        unknown = [key for key in given if key not in asked]
        if unknown:
            raise PlanError(
                f"{path}: {dotted} has no parameter {unknown[0]!r}.", next_step=close(str(unknown[0]), sorted(asked))
            )
        if dotted == RULE and given.get("feature") not in self.contract.features.names:
            raise PlanError(
                f"{path}.feature is {given.get('feature')!r}, no feature of {self.contract.name}.",
                next_step=close(str(given.get("feature")), self.contract.features.names),
            )
        arguments = {key: _shaped(asked[key], self.part(f"{path}.{key}", value)) for key, value in given.items()}
        seed = derived(self.seed, path)
        known = {"contract": self.contract, "random_state": seed, "seed": seed}
        if made.__module__.startswith("lightgbm."):
            known |= LIGHTGBM
        return _made(path, made, {key: value for key, value in known.items() if key in asked} | arguments)

    def pipeline(self, path: str, steps: Any) -> Pipeline:
        """scikit-learn's Pipeline of these steps; the first may be `prepare`."""
        if not isinstance(steps, list) or not steps:
            raise PlanError(f"{path} is {steps!r}, not a list of steps.")
        parts = [self.step(f"{path}[{place}]", step, first=place == 0) for place, step in enumerate(steps)]
        names = [type(part).__name__.lower() for part in parts]
        if _prepares(steps[0]):
            names[0] = "prepare"
        return Pipeline(
            [
                (name if names.count(name) == 1 else f"{name}-{place}", part)
                for place, (name, part) in enumerate(zip(names, parts, strict=True))
            ]
        )

    def step(self, path: str, step: Any, *, first: bool) -> Any:
        """One step of a Pipeline."""
        if _prepares(step):
            if not first:
                raise PlanError(f"{path}: `prepare` takes the fields of the record and can only be the first step.")
            options = {} if step == "prepare" else step["prepare"]
            if options not in ({}, {"scale": True}, {"scale": False}):
                raise PlanError(
                    f"{path}.prepare is {options!r}.", next_step="Write `prepare` or `prepare: {scale: true}`."
                )
            return prepare(self.differing, scale=options.get("scale", False))
        if not isinstance(step, dict) or "class" not in step:
            raise PlanError(
                f"{path} is {step!r}, no step.", next_step="Write `prepare`, or `class:` and its parameters."
            )
        return self.part(path, step)


def _prepares(step: Any) -> bool:
    return step == "prepare" or (isinstance(step, dict) and step.keys() == {"prepare"})


def _shaped(parameter: inspect.Parameter, value: Any) -> Any:
    """A list as a tuple where the parameter's default is one: YAML has lists only."""
    return tuple(value) if isinstance(value, list) and isinstance(parameter.default, tuple) else value


def _made(path: str, made: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        part = made(**arguments)
        if hasattr(part, "_parameter_constraints"):
            part._validate_params()  # scikit-learn looks at its parameters in fit only, when others have learnt already
    except BasculeError:
        raise
    except Exception as error:  # a constructor may raise whatever it likes; the entry of the plan is what to mend
        raise PlanError(f"{path}: {made.__name__} cannot be made: {error}") from error
    return part
