"""Classes by their dotted names: only those of allowed libraries, and of the project's contract.py."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from bascule.errors import ForbiddenClass, MissingExtra, PlanError
from bascule.training.plan import close

OWN = "contract"  # stands for the project's contract.py
# Packages by their import names, and what installs them.
LIBRARIES = {
    "sklearn": "scikit-learn",
    "lightgbm": "lightgbm",
    "xgboost": "xgboost-cpu",
    "bascule.models": "bascule",
}
TRIVIAL, RULE = "bascule.models.baseline.trivial", "bascule.models.baseline.rule"
BASELINES = (TRIVIAL, RULE)
# What LightGBM takes beyond its signature and a plan may say: how to learn, never which file or host to reach. It only
# prints what it does not know, so that a misspelt name would go unnoticed.
LIGHTGBM = (
    *("alpha", "bagging_seed", "boost_from_average", "cat_l2", "cat_smooth", "cegb_tradeoff", "data_random_seed"),
    *("data_sample_strategy", "deterministic", "extra_seed", "extra_trees", "fair_c", "feature_fraction_bynode"),
    *("feature_fraction_seed", "force_col_wise", "force_row_wise", "interaction_constraints", "is_unbalance"),
    *("lambdarank_truncation_level", "linear_lambda", "linear_tree", "max_bin", "max_bin_by_feature"),
    *("max_cat_threshold", "max_cat_to_onehot", "max_delta_step", "metric", "min_data_in_bin", "min_data_per_group"),
    *("monotone_constraints", "monotone_constraints_method", "monotone_penalty", "neg_bagging_fraction"),
    *("other_rate", "path_smooth", "poisson_max_delta_step", "pos_bagging_fraction", "scale_pos_weight"),
    *("top_rate", "tweedie_variance_power", "use_missing", "use_quantized_grad", "verbosity", "zero_as_missing"),
)
SYSTEM_LIBRARIES = {"libgomp.so.1": "libgomp1"}  # by the name that the loader misses: the package of Debian and Ubuntu


def find(path: str, dotted: str, contract: ModuleType) -> Callable[..., Any]:
    """The class or baseline of that name, as the entry at `path` of a plan names it.

    Nothing is imported but modules of allowed packages, and nothing is found but what they define themselves: a
    library's import of something else is not reachable through it. Raises ForbiddenClass, PlanError for a name that
    does not exist, MissingExtra for a library that is not installed.
    """
    home, _, name = dotted.rpartition(".")
    public = all(part.isidentifier() and not part.startswith("_") for part in dotted.split("."))
    if not public or (home != OWN and _library(home) is None):
        raise ForbiddenClass(
            f"{path} names {dotted!r}; a plan names classes of {', '.join(LIBRARIES)} and {OWN} only.",
        )
    module = contract if home == OWN else _imported(path, home)
    found = getattr(module, name, None)
    if found is None:
        usable = [key for key, value in vars(module).items() if _usable(f"{home}.{key}", value, contract)]
        raise PlanError(f"{path} names {dotted!r}, and {home} has no {name!r}.", next_step=close(name, sorted(usable)))
    if not _usable(dotted, found, contract):
        raise ForbiddenClass(
            f"{path} names {dotted!r}, which is no estimator or Model of these libraries.",
            next_step="Name a class with a fit method.",
        )
    return found  # type: ignore[no-any-return]


def _library(module: str) -> str | None:
    """The allowed package that a module belongs to."""
    return next((prefix for prefix in LIBRARIES if f"{module}.".startswith(f"{prefix}.")), None)


def _usable(dotted: str, found: Any, contract: ModuleType) -> bool:
    """Whether it is a baseline, or a class that learns, defined by an allowed package or by contract.py itself."""
    if not isinstance(found, type) or not callable(getattr(found, "fit", None)):
        return dotted in BASELINES
    return found.__module__ == contract.__name__ or _library(found.__module__) is not None


def _imported(path: str, home: str) -> ModuleType:
    try:
        return importlib.import_module(home)
    except ImportError as error:
        lacking = error.name or home
        if lacking not in LIBRARIES and f"{home}.".startswith(f"{lacking}."):
            raise PlanError(f"{path} names {home!r}, and there is no such module.") from error
        raise MissingExtra(
            f"{path} names {home!r}, which needs {lacking}: {error}.",
            next_step=f"Run: pip install {LIBRARIES.get(lacking, lacking)}",
        ) from error
    except OSError as error:
        raise MissingExtra(
            f"{path} names {home!r}, and a library of the system is missing: {error}.",
            next_step=_system(str(error)),
        ) from error


def _system(told: str) -> str:
    package = next((package for file, package in SYSTEM_LIBRARIES.items() if file in told), None)
    if package is None:
        return "Install the system package that brings the file named."
    return f"Install the system package {package} (Debian, Ubuntu: apt install {package})."


def parameters(made: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters that a class or baseline may be made with, by name."""
    found = {
        name: parameter
        for name, parameter in inspect.signature(made).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    if made.__module__.startswith("lightgbm."):
        found |= {name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in LIGHTGBM}
    return found
