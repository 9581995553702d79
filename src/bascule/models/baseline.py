"""What a learnt model must beat: the prior or mean, and a rule on one feature that a person can read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.errors import MissingExtra, NotFitted
from bascule.models.prepare import prepare
from bascule.models.sklearn import Estimator

Limits = tuple[float, float]  # above the first, up to the second

try:
    from sklearn.compose import ColumnTransformer
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
except ImportError as error:
    raise MissingExtra.naming("scikit-learn", "lab") from error


def trivial(contract: Contract) -> Estimator:
    """A model that never looks: each class's share of the training rows, or the mean."""
    guess = DummyRegressor() if contract.label.categories is None else DummyClassifier(strategy="prior")
    # One column tells how many rows there are, which is all that a graph of this model needs.
    count = ColumnTransformer([("rows", "passthrough", contract.features.names[:1])])
    return Estimator(contract, Pipeline([("count", count), ("guess", guess)]))


def rule(contract: Contract, feature: str, leaves: int = 8) -> Estimator:
    """A rule on one feature: a tree with at most that many leaves. `rule_text` puts it in words."""
    grow = DecisionTreeRegressor if contract.label.categories is None else DecisionTreeClassifier
    alone = Schema(contract.features.name, contract.features.definition, (contract.features[feature],))
    tree = grow(max_leaf_nodes=leaves, min_samples_leaf=20, random_state=0)
    return Estimator(contract, Pipeline([("prepare", prepare(alone, scale=False)), ("rule", tree)]))


def rule_text(model: Estimator) -> str:
    """A fitted rule in words, one line a leaf: `late (62 %) if departure hour ≥ 17`."""
    if not model.fitted:
        raise NotFitted(f"{model.contract.name} has not been fitted.")
    before, grown = model.estimator[0], model.estimator[-1]
    field = model.contract.features[before.transformers_[0][2][0]]
    names = [str(name) for name in before.get_feature_names_out()]
    tree = grown.tree_
    missing = _where_missing(tree) if field.nullable and field.kind is not Kind.TEXT else None
    lines = []
    for leaf, limits in _leaves(tree):
        terms = [text for column, ends in sorted(limits.items()) for text in _terms(field, names[column], *ends)]
        words = " and ".join(terms) + (f" or {field.name} is missing" if leaf == missing and terms else "")
        lines.append(f"{_said(grown, tree.value[leaf, 0])} {f'if {words}' if words else 'always'}")
    return "\n".join(lines)


def _leaves(
    tree: Any, node: int = 0, limits: dict[int, Limits] | None = None
) -> Iterator[tuple[int, dict[int, Limits]]]:
    """Each leaf from left to right, and between which cuts it lies, by column."""
    limits = limits or {}
    if tree.children_left[node] < 0:
        yield node, limits
        return
    column, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = limits.get(column, (-math.inf, math.inf))
    yield from _leaves(tree, tree.children_left[node], {**limits, column: (low, cut)})
    yield from _leaves(tree, tree.children_right[node], {**limits, column: (cut, high)})


def _where_missing(tree: Any) -> int:
    """The leaf of a row that has nothing."""
    node = 0
    while tree.children_left[node] >= 0:
        node = int((tree.children_left if tree.missing_go_to_left[node] else tree.children_right)[node])
    return node


def _said(grown: Any, value: Any) -> str:
    if not hasattr(grown, "classes_"):
        return f"{value[0]:.6g}"
    return f"{grown.classes_[value.argmax()]} ({value.max() / value.sum():.0%})".replace("%", " %")


def _terms(field: Field, name: str, low: float, high: float) -> list[str]:
    """Limits on one prepared column of a field, in words."""
    if field.kind in (Kind.TEXT, Kind.BOOL):
        yes = low > 0  # such a column holds 0 or 1, and is cut between them
        if field.kind is Kind.BOOL:
            return [f"{field.name} is {'true' if yes else 'false'}"]
        value = name.removeprefix(f"{field.name}_")  # as OneHotEncoder names its columns
        shown = {"infrequent_sklearn": "rare", "": "missing"}.get(value, repr(value))
        return [f"{field.name} is {'' if yes else 'not '}{shown}"]
    if field.kind is Kind.FLOAT:
        limits = [(low, f"{name} > {low:.6g}"), (high, f"{name} ≤ {high:.6g}")]
        return [text for limit, text in limits if math.isfinite(limit)]
    whole = _clock if name == f"{field.name} minute of day" else str
    least = f"{name} ≥ {whole(math.floor(low) + 1)}" if math.isfinite(low) else ""
    most = f"{name} ≤ {whole(math.floor(high))}" if math.isfinite(high) else ""
    return [text for text in (least, most) if text]


def _clock(minute: int) -> str:
    return f"{minute} ({minute // 60:02}:{minute % 60:02} UTC)"
