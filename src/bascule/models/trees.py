"""Trees as float32 sees them: where their cuts lie, and how ONNX is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bascule.contract.columns import Array

# Bits of LightGBM's decision_type.
CATEGORICAL, DEFAULT_LEFT, MISSING, MISSING_NAN = 1, 2, 12, 8


def representable(cuts: Array) -> Array:
    """The greatest float32 not above each cut: for every float32 x, `x <= cut` is the same question.

    >>> representable(np.array([0.1, 0.5]))
    array([0.09999999, 0.5       ])
    """
    with np.errstate(over="ignore"):
        near = np.asarray(cuts, "float64").astype("float32")
        return np.where(near > cuts, np.nextafter(near, np.float32(-np.inf)), near).astype("float64")


def cuts(estimator: Any) -> dict[int, Array]:
    """Every cut of the trees inside an estimator, ascending, by the column of its matrix that they part.

    Known are the trees of scikit-learn, alone, in forests, bagged, boosted, stacked or calibrated, and LightGBM's.
    """
    found = list(_splits(estimator))
    if not found:
        return {}
    columns, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return {int(column): np.unique(values[columns == column]) for column in np.unique(columns)}


def _splits(estimator: Any) -> Iterator[tuple[Array, Array]]:
    """Columns and cuts of each tree."""
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        branches = tree.children_left >= 0
        yield tree.feature[branches], tree.threshold[branches]
    for stage in getattr(estimator, "_predictors", ()):  # HistGradientBoosting
        for predictor in stage:
            branches = predictor.nodes[(predictor.nodes["is_leaf"] == 0) & (predictor.nodes["is_categorical"] == 0)]
            yield branches["feature_idx"], branches["num_threshold"]
    if hasattr(estimator, "booster_"):
        for tree in _lightgbm(estimator.booster_.model_to_string()):
            numbers = (tree["decision_type"].astype(int) & CATEGORICAL) == 0
            yield tree["split_feature"][numbers].astype(int), tree["threshold"][numbers]
    for inner in np.ravel(np.array(getattr(estimator, "estimators_", ()), object)):
        yield from _splits(inner)
    for calibrated in getattr(estimator, "calibrated_classifiers_", ()):
        yield from _splits(calibrated.estimator)


def nodes(trees: list[Any], *, shares: bool) -> dict[str, Any]:
    """The attributes of one TreeEnsembleRegressor that adds up these trees: values, or each class's share."""
    branch = [tree.children_left >= 0 for tree in trees]
    numbers = [np.arange(tree.node_count) for tree in trees]
    leaves = [~inside for inside in branch]
    values = [tree.value[leaf, 0, :] for tree, leaf in zip(trees, leaves, strict=True)]
    targets = values[0].shape[1]

    def inner(of: Callable[[Any], Array]) -> Array:
        return np.concatenate([np.where(inside, of(tree), 0) for tree, inside in zip(trees, branch, strict=True)])

    def leafs(of: list[Array]) -> Array:
        return np.concatenate([np.repeat(one[leaf], targets) for one, leaf in zip(of, leaves, strict=True)])

    weights = np.concatenate([value / value.sum(axis=1, keepdims=True) if shares else value for value in values])
    return {
        "n_targets": targets,
        "nodes_treeids": np.repeat(np.arange(len(trees)), [tree.node_count for tree in trees]),
        "nodes_nodeids": np.concatenate(numbers),
        "nodes_modes": ["BRANCH_LEQ" if inside else "LEAF" for inside in np.concatenate(branch)],
        "nodes_featureids": inner(lambda tree: tree.feature),
        "nodes_values": inner(lambda tree: representable(tree.threshold)).astype("float32"),
        "nodes_truenodeids": inner(lambda tree: tree.children_left),
        "nodes_falsenodeids": inner(lambda tree: tree.children_right),
        "nodes_missing_value_tracks_true": inner(lambda tree: tree.missing_go_to_left).astype("int64"),
        "target_treeids": np.repeat(np.arange(len(trees)), [int(leaf.sum()) * targets for leaf in leaves]),
        "target_nodeids": leafs(numbers),
        "target_ids": np.tile(np.arange(targets), len(weights)),
        "target_weights": weights.ravel().astype("float32"),
    }


def float32_text(booster: str) -> str:
    """A LightGBM model, as its text, that answers the same for float32 rows and says so in float32 cuts.

    Where no value was missing in training LightGBM reads a missing one as 0; here each cut says itself which side that
    is, as ONNX asks.
    """
    lines = []
    values = np.array([])
    for line in booster.split("\n"):
        slot, _, rest = line.partition("=")
        if slot == "threshold":
            values = np.array(rest.split(), float)  # written below, when the next line tells what kind of cuts they are
        elif slot == "decision_type":
            kinds = np.array(rest.split(), int)
            numbers = (kinds & CATEGORICAL) == 0
            never_missing = numbers & (kinds & MISSING == 0)
            values[numbers] = representable(values[numbers])
            kinds[never_missing] = MISSING_NAN + np.where(values[never_missing] >= 0, DEFAULT_LEFT, 0)
            lines += ["threshold=" + " ".join(map(repr, values.tolist())), "decision_type=" + " ".join(map(str, kinds))]
        elif slot != "tree_sizes":  # byte counts of the text as it was; LightGBM counts anew where there are none
            lines.append(line)
    return "\n".join(lines)


def _lightgbm(booster: str) -> Iterator[dict[str, Array]]:
    """The splits of each tree in the text of a LightGBM model."""
    for tree in booster.split("\nTree=")[1:]:
        slots = dict(line.partition("=")[::2] for line in tree.split("\n\n")[0].split("\n"))
        if "threshold" in slots:
            yield {
                name: np.array(slots[name].split(), float) for name in ("split_feature", "threshold", "decision_type")
            }
