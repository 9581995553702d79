"""A fitted estimator as an ONNX graph whose inputs and outputs are those of its contract."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from onnx import GraphProto, ModelProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from bascule.contract.fields import Schema
from bascule.contract.signature import onnx_type
from bascule.models.converters import register
from bascule.models.session import SHAPE
from bascule.models.sklearn import Estimator, positions

OPSETS = {"": 21, "ai.onnx.ml": 3}
TYPES = {"float": FloatTensorType, "string": StringTensorType, "int64": Int64TensorType}


def converted(model: Estimator) -> bytes:
    """The graph of a fitted Estimator, the same bytes for the same model; raises what the converters raise.

    Inputs are named as the columns; outputs are `label` and `probabilities` in the label's order, or `value`, with an
    underscore where a column has that name. The metadata hold the contract's name, algorithm and hashes.
    """
    register()
    contract, whole = model.contract, _over_columns(model.answering, model.contract.features)
    given = [(field.name, TYPES[onnx_type(field)]([None, 1])) for field in contract.features]
    last = whole[-1]
    options = {id(last): {"zipmap": False} if "zipmap" in _options(last) else {}}  # without an entry skl2onnx adds one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of what they say, parity finds out
        made = convert_sklearn(whole, contract.name, given, options=options, target_opset=OPSETS)
    return _finished(made, model)


def _options(estimator: Any) -> Any:
    alias = sklearn_operator_name_map.get(type(estimator))
    return () if alias is None else get_converter(alias).get_allowed_options() or ()


def _over_columns(estimator: Any, features: Schema) -> Pipeline:
    """The estimator behind a step that picks columns by name, which is how skl2onnx takes several inputs."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    first = steps[0][1]
    while isinstance(first, Pipeline):
        first = first.steps[0][1]
    if isinstance(first, ColumnTransformer):
        return Pipeline(steps)
    row = {field.name: ["" if onnx_type(field) == "string" else 0.0] for field in features}
    columns = ColumnTransformer([("columns", "passthrough", features.names)])
    return Pipeline([("columns", columns.fit(pd.DataFrame(row))), *steps])


def _finished(made: ModelProto, model: Estimator) -> bytes:
    """The graph under the names of the contract, with its outputs in order."""
    graph, contract = made.graph, model.contract
    wired = dict(zip((given.name for given in graph.input), contract.features.names, strict=True))
    inner = "~"
    while any(name.startswith(inner) for name in contract.features.names):
        inner += "~"
    _rename(graph, lambda name: wired.get(name, f"{inner}{name}"))
    del graph.value_info[:]
    found = list(graph.output)
    del graph.output[:]
    if contract.label.categories is None:
        _expose(graph, found[0], "value")
    else:
        _expose(graph, found[0], "label")
        if model.offers("predict_proba"):
            _in_order(graph, found[1], positions(contract, model.estimator.classes_), len(contract.label.categories))
            _expose(graph, found[1], "probabilities")
    helper.set_model_props(
        made,
        {
            SHAPE: contract.shape_hash,
            "bascule.contract": contract.hash,
            "bascule.model": f"{contract.name} {contract.algorithm}",
        },
    )
    made.opset_import.sort(key=lambda opset: opset.domain)  # skl2onnx takes them from a set
    return bytes(made.SerializeToString(deterministic=True))


def _rename(graph: GraphProto, name: Callable[[str], str]) -> None:
    """Gives every tensor its new name, in graphs inside nodes too."""
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = name(value.name)
    for node in graph.node:
        for side in (node.input, node.output):
            side[:] = [old and name(old) for old in side]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, name)


def _expose(graph: GraphProto, value: Any, name: str) -> None:
    """Makes a tensor an output of that name, or with an underscore more where a column has it."""
    while name in {given.name for given in graph.input}:
        name += "_"
    graph.node.append(helper.make_node("Identity", [value.name], [name]))
    graph.output.append(helper.make_tensor_value_info(name, value.type.tensor_type.elem_type, None))


def _in_order(graph: GraphProto, value: Any, seen: list[int], classes: int) -> None:
    """Puts the shares of the classes seen, in the estimator's order, into the label's; a class never seen has 0."""
    if seen == list(range(classes)):
        return
    places = [seen.index(label) if label in seen else len(seen) for label in range(classes)]
    steps = [("Pad", "padding", np.array([0, 0, 0, 1])), ("Gather", "order", np.array(places))]
    for op, constant, content in steps[len(seen) == classes :]:
        graph.initializer.append(numpy_helper.from_array(content, f"{value.name}.{constant}"))
        node = helper.make_node(op, [value.name, f"{value.name}.{constant}"], [f"{value.name}.{op}"])
        if op == "Gather":
            node.attribute.append(helper.make_attribute("axis", 1))
        graph.node.append(node)
        value.name = f"{value.name}.{op}"
