"""Converters to ONNX that skl2onnx lacks, and mends of those that answer otherwise than the estimator."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter, get_shape_calculator
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn import ensemble, tree
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bascule.contract.columns import Array
from bascule.contract.signature import MISSING_MOMENT
from bascule.models.calendar import PARTS, Calendar, split
from bascule.models.graph import Value
from bascule.models.prepare import Missing
from bascule.models.trees import float32_text, nodes, representable

Convert = Callable[[Any, Any, Any], None]
Shape = Callable[[Any], None]
ANY_ROW = np.zeros((1, 1))
FORESTS = (
    tree.DecisionTreeClassifier,
    tree.DecisionTreeRegressor,
    tree.ExtraTreeClassifier,
    tree.ExtraTreeRegressor,
    ensemble.ExtraTreesClassifier,
    ensemble.ExtraTreesRegressor,
    ensemble.RandomForestClassifier,
    ensemble.RandomForestRegressor,
)


@functools.cache
def register() -> None:
    """Makes skl2onnx know the converters of this file; a second call changes nothing."""
    zipmap = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    update_registered_converter(Calendar, "BasculeCalendar", _calendar_shape, _calendar)
    update_registered_converter(Missing, "BasculeMissing", _missing_shape, _missing)
    update_registered_converter(DummyClassifier, "BasculePrior", _prior_shape, _prior, options=zipmap)
    update_registered_converter(DummyRegressor, "BasculeConstant", _constant_shape, _constant)
    _mend(OneHotEncoder, _one_hot, _one_hot_shape)
    _mend(StandardScaler, _standard)
    _mend(ensemble.VotingClassifier, _voting)
    for forest in FORESTS:
        _mend(forest, _forest)
    for boosted in (ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor):
        _mend(boosted, _histogram)
    _register_lightgbm(zipmap)


def _mend(estimator: type, mend: Callable[[Convert, Any, Any, Any], None], shape: Shape | None = None) -> None:
    """Puts a converter in the place of skl2onnx's, which it is given, and where need be a shape likewise."""
    alias = sklearn_operator_name_map[estimator]
    known, known_shape = get_converter(alias), get_shape_calculator(alias)

    def convert(scope: Any, operator: Any, container: Any) -> None:
        mend(known, scope, operator, container)

    def measure(operator: Any) -> None:
        known_shape(operator)
        if shape is not None:
            shape(operator)

    update_registered_converter(estimator, alias, measure, convert, options=known.get_allowed_options())


def _register_lightgbm(zipmap: dict[str, Any]) -> None:
    try:
        from lightgbm import LGBMClassifier, LGBMRegressor
    except (ImportError, OSError):
        return  # not installed, or without the system's libgomp: then no estimator is LightGBM's
    classes, value = calculate_linear_classifier_output_shapes, calculate_linear_regressor_output_shapes
    update_registered_converter(LGBMClassifier, "BasculeLightGBMClassifier", classes, _lightgbm, options=zipmap)
    update_registered_converter(LGBMRegressor, "BasculeLightGBMRegressor", value, _lightgbm)


# -- mends -------------------------------------------------------------------------------------------------------------


def _standard(known: Convert, scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx subtracts in float32, which loses a number whose spread is small beside its size."""
    scaler = operator.raw_operator
    if len(operator.inputs) > 1 or not isinstance(operator.inputs[0].type, FloatTensorType):
        known(scope, operator, container)
        return
    scaled = Value(scope, container, operator.inputs[0].full_name).then("Cast", to=TensorProto.DOUBLE)
    if scaler.mean_ is not None and scaler.with_mean:
        scaled = scaled.then("Sub", scaled.constant(scaler.mean_, TensorProto.DOUBLE))
    if scaler.scale_ is not None:
        scaled = scaled.then("Div", scaled.constant(scaler.scale_, TensorProto.DOUBLE))
    scaled.then("Cast", to=TensorProto.FLOAT, out=operator.outputs[0].full_name)


def _histogram(known: Convert, scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx rounds cuts to the nearest float32, which may be one that a value equals."""
    exact = copy.copy(operator.raw_operator)
    exact._predictors = [[_exact(predictor) for predictor in stage] for stage in exact._predictors]
    operator.raw_operator = exact
    known(scope, operator, container)


def _exact(predictor: Any) -> Any:
    exact = copy.copy(predictor)
    exact.nodes = predictor.nodes.copy()
    exact.nodes["num_threshold"] = representable(predictor.nodes["num_threshold"])
    return exact


def _voting(known: Convert, scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx refuses a setting that matters to `transform` alone."""
    voters = copy.copy(operator.raw_operator)
    voters.flatten_transform = False
    operator.raw_operator = voters
    known(scope, operator, container)


def _lightgbm(scope: Any, operator: Any, container: Any) -> None:
    """Left alone, onnxmltools rounds cuts to the nearest float32, and guesses where goes what was never missing."""
    from lightgbm import Booster
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

    exact = copy.copy(operator.raw_operator)
    exact._Booster = Booster(model_str=float32_text(exact.booster_.model_to_string()))
    operator.raw_operator = exact
    convert_lightgbm(scope, operator, container)


def _one_hot(known: Convert, scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx knows neither rare values that share a column, nor that a value never seen joins them."""
    encoder, given = operator.raw_operator, operator.inputs
    if encoder.handle_unknown != "infrequent_if_exist":
        known(scope, operator, container)
        return
    if encoder.drop is not None or not all(isinstance(texts.type, StringTensorType) for texts in given):
        raise NotImplementedError("rare values sharing a column are exported for texts, none dropped")
    # Texts come as one matrix, or each as an input of its own.
    widths = [len(encoder.categories_)] if len(given) == 1 else [texts.type.shape[1] for texts in given]
    places = [(texts, place) for texts, width in zip(given, widths, strict=True) for place in range(width)]
    shown = []
    for (texts, place), categories, rare in zip(places, encoder.categories_, _rare(encoder), strict=True):
        frequent = [value for value in categories.tolist() if rare is None or value not in rare]
        column = Value(scope, container, texts.full_name).then("Gather", [place], axis=1)
        flags = column.then("OneHotEncoder", domain="ai.onnx.ml", cats_strings=frequent, zeros=1)
        flags = flags.then("Reshape", [-1, len(frequent)])
        shown.append(flags)
        if rare is not None:
            shown.append(flags.then("ReduceSum", [1], keepdims=1).then("Mul", [-1.0]).then("Add", [1.0]))
    Value.joined(shown, operator.outputs[0].full_name)


def _one_hot_shape(operator: Any) -> None:
    encoder = operator.raw_operator
    width = sum(map(len, encoder.categories_)) - sum(len(rare) - 1 for rare in _rare(encoder) if rare is not None)
    if encoder.handle_unknown == "infrequent_if_exist":
        operator.outputs[0].type = FloatTensorType([None, width])


def _rare(encoder: Any) -> list[Array | None]:
    """The values of each column that share one; scikit-learn keeps none where no limit was set."""
    return list(getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_)))


def _forest(_: Convert, scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx sends what is missing to the right, and adds up shares of a float32 that break ties by chance.

    Here the trees' answers are added up whole and divided once, as scikit-learn does it, so that ties stay ties.
    """
    forest = operator.raw_operator
    trees = [inner.tree_ for inner in np.ravel(getattr(forest, "estimators_", forest))]
    given = Value(scope, container, operator.inputs[0].full_name)
    total = given.then("TreeEnsembleRegressor", domain="ai.onnx.ml", **nodes(trees, shares=hasattr(forest, "classes_")))
    mean = total.then("Div", [float(len(trees))])
    if not hasattr(forest, "classes_"):
        mean.then("Identity", out=operator.outputs[0].full_name)
        return
    mean.then("Identity", out=operator.outputs[1].full_name)
    first = mean.then("ArgMax", axis=1, keepdims=0)
    labels = forest.classes_ if forest.classes_.dtype.kind in "OU" else forest.classes_.astype("int64")
    mean.constant(labels).then("Gather", first, out=operator.outputs[0].full_name)


# -- what skl2onnx lacks -----------------------------------------------------------------------------------------------


def _calendar(scope: Any, operator: Any, container: Any) -> None:
    moments = Value(scope, container, operator.inputs[0].full_name)
    missing = moments.then("Equal", [MISSING_MOMENT])
    nothing = moments.constant([np.nan])
    shown = [
        missing.then("Where", nothing, part.then("Cast", to=TensorProto.FLOAT))
        for part in split(moments, operator.raw_operator.unit)
    ]
    Value.joined(shown, operator.outputs[0].full_name)


def _calendar_shape(operator: Any) -> None:
    if not isinstance(operator.inputs[0].type, Int64TensorType):
        raise NotImplementedError("a Calendar takes int64 moments")
    width = operator.raw_operator.n_features_in_ * len(PARTS[operator.raw_operator.unit])
    operator.outputs[0].type = FloatTensorType([None, width])


def _missing(scope: Any, operator: Any, container: Any) -> None:
    given = Value(scope, container, operator.inputs[0].full_name)
    whole = isinstance(operator.inputs[0].type, Int64TensorType)
    flags = given.then("Equal", [MISSING_MOMENT]) if whole else given.then("IsNaN")
    flags.then("Cast", to=TensorProto.FLOAT, out=operator.outputs[0].full_name)


def _missing_shape(operator: Any) -> None:
    operator.outputs[0].type = FloatTensorType([None, operator.raw_operator.n_features_in_])


def _prior(scope: Any, operator: Any, container: Any) -> None:
    trivial, label, shares = operator.raw_operator, operator.outputs[0], operator.outputs[1]
    if trivial.strategy in ("stratified", "uniform"):
        raise NotImplementedError(f"a graph cannot answer by chance, as the strategy {trivial.strategy!r} asks")
    given = Value(scope, container, operator.inputs[0].full_name)
    given.repeated(trivial.predict(ANY_ROW), label.full_name)
    given.repeated(trivial.predict_proba(ANY_ROW), shares.full_name)


def _constant(scope: Any, operator: Any, container: Any) -> None:
    given = Value(scope, container, operator.inputs[0].full_name)
    given.repeated(operator.raw_operator.predict(ANY_ROW)[:, None], operator.outputs[0].full_name)


def _prior_shape(operator: Any) -> None:
    texts = all(isinstance(label, str) for label in operator.raw_operator.classes_)
    operator.outputs[0].type = (StringTensorType if texts else Int64TensorType)([None])
    operator.outputs[1].type = FloatTensorType([None, len(operator.raw_operator.classes_)])


def _constant_shape(operator: Any) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])
