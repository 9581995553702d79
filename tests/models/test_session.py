"""A session answers what the model answers, in any number of rows, and nothing outside its contract."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.table import Table
from bascule.errors import Incompatible, OutputError, Unreadable
from bascule.models.convert import converted
from bascule.models.session import BATCH, Session
from bascule.testing.models import MODELS, departures, subject

GRAPHS = [name for name in MODELS if name != "by hand"]
ROWS = Schema("Row", "", (Field(name="x", kind=Kind.FLOAT), Field(name="y", kind=Kind.FLOAT)))


def opened(name):
    model = subject(name).fitted()
    return model, Session(model.contract, converted(model))


def telling(label, outputs):
    """A session whose graph answers with its inputs: x as the value or label, and x beside y as the shares."""
    nodes = {
        "value": helper.make_node("Identity", ["x"], ["value"]),
        "number": helper.make_node("Cast", ["x"], ["number"], to=TensorProto.INT64),
        "text": helper.make_node("Cast", ["x"], ["text"], to=TensorProto.STRING),
        "shares": helper.make_node("Concat", ["x", "y"], ["shares"], axis=1),
    }
    types = {"number": TensorProto.INT64, "text": TensorProto.STRING}
    ends = [helper.make_tensor_value_info(name, types.get(name, TensorProto.FLOAT), None) for name in outputs]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("x", "y")]
    graph = helper.make_graph([nodes[name] for name in outputs], "telling", given, ends)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    contract = Contract(name="telling", definition="", features=ROWS, label=label)
    return Session(contract, made.SerializeToString())


def asked(session, x, y=None):
    table = Table.of(ROWS, {"x": np.array(x, float), "y": np.zeros(len(x)) if y is None else np.array(y, float)})
    return session.answer(table.columns, len(table))


@pytest.mark.parametrize("name", GRAPHS)
def test_it_answers_what_the_model_answers(name):
    model, session = opened(name)
    X, _ = departures(300, seed=8)
    found = session.answer(X.columns, len(X))
    expected = model.predict(X)
    assert found.values.dtype == expected.dtype
    if expected.dtype == "float64":
        np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-4)
    else:
        np.testing.assert_array_equal(found.values, expected)
    assert (found.probabilities is not None) == model.offers("predict_proba") == session.offers_probabilities
    if found.probabilities is not None:
        np.testing.assert_allclose(found.probabilities, model.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("name", GRAPHS)
def test_no_rows_are_answered_as_none(name):
    model, session = opened(name)
    nothing = departures()[0].take(np.zeros(400, bool))
    found = session.answer(nothing.columns, 0)
    assert (len(found.values), found.values.dtype) == (0, model.predict(nothing).dtype)
    assert found.probabilities is None or found.probabilities.shape == (0, len(model.contract.label.categories))


def test_many_rows_are_answered_as_each_alone():
    _, session = opened("boosted")
    X, _ = departures(BATCH + 300)
    whole = session.answer(X.columns, len(X))
    for start in (0, BATCH - 1, BATCH, BATCH + 299):
        row = X.take(np.array([start]))
        alone = session.answer(row.columns, 1)
        assert alone.values[0] == whole.values[start]
        np.testing.assert_array_equal(alone.probabilities[0], whole.probabilities[start])


def test_more_threads_answer_the_same():
    model, session = opened("forest")
    X, _ = departures()
    other = Session(model.contract, converted(model), threads=2)
    first, second = (each.answer(X.columns, len(X)).probabilities for each in (session, other))
    np.testing.assert_array_equal(first, second)


NUMBER = Field(name="n", kind=Kind.FLOAT, ge=0.0, le=10.0)
WHOLE = Field(name="n", kind=Kind.INT, ge=0)
STARS = Field(name="n", kind=Kind.INT, categories=(5, 1))
YES = Field(name="n", kind=Kind.BOOL, categories=(True, False))
WORD = Field(name="n", kind=Kind.TEXT, categories=("1", "2"))


@pytest.mark.parametrize(
    ("label", "outputs", "x", "expected"),
    [
        (NUMBER, ["value"], [0.5, -1e-8, 10.000001], [0.5, 0.0, 10.0]),
        (WHOLE, ["value"], [0.4, 2.5, 3.5, -0.4], [0, 2, 4, 0]),
        (STARS, ["number"], [1, 5], [1, 5]),
        (YES, ["number"], [0, 1], [False, True]),
        (WORD, ["text"], [1, 2], ["1", "2"]),
    ],
    ids=["number", "whole number", "categories", "yes or no", "words"],
)
def test_answers_are_bare_labels(label, outputs, x, expected):
    found = asked(telling(label, outputs), x).values
    assert found.tolist() == expected
    assert type(found.tolist()[0]) is type(expected[0])


@pytest.mark.parametrize(
    ("label", "outputs", "x", "said"),
    [
        (NUMBER, ["value"], [0.5, -0.1], "ge 0.0 in 1 row"),
        (NUMBER, ["value"], [10.1], "le 10.0"),
        (WHOLE, ["value"], [-3.0], "ge 0"),
        (WHOLE, ["value"], [1e30], "no whole numbers"),
        (STARS, ["number"], [1, 7], "7, which is none of"),
        (YES, ["number"], [2], "2, which is none of"),
        (WORD, ["text"], [3], "'3', which is none of"),
    ],
)
def test_an_answer_outside_the_contract_is_an_error(label, outputs, x, said):
    with pytest.raises(OutputError, match=said):
        asked(telling(label, outputs), x)


@pytest.mark.parametrize(("x", "y"), [(1.5, -0.5), (0.5, 0.4), (-0.001, 1.001)])
def test_shares_that_are_no_probabilities_are_an_error(x, y):
    session = telling(YES, ["number", "shares"])
    assert asked(session, [1.0, 0.0], [0.0, 1.0]).probabilities.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(OutputError, match="no probabilities of 2 classes"):
        asked(session, [1.0, x], [0.0, y])


def test_what_float32_carries_past_one_is_one():
    found = asked(telling(YES, ["number", "shares"]), [1.0000002], [-1e-7])
    assert found.probabilities.tolist() == [[1.0, 0.0]]


def test_a_graph_that_answers_nothing_finite_is_an_error():
    session = telling(NUMBER, ["value"])
    column = Table.of(ROWS, {"x": [1.0], "y": [1.0]}).columns
    column["x"] = type(column["x"])(np.array([np.nan]))
    with pytest.raises(OutputError, match="finite"):
        session.answer(column, 1)


@pytest.mark.parametrize("junk", [b"", b"no graph"])
def test_bytes_that_are_no_graph_are_unreadable(junk):
    with pytest.raises(Unreadable, match=f"The {len(junk)} bytes are no ONNX graph"):
        Session(subject("linear").make().contract, junk)


def test_a_graph_of_another_contract_is_incompatible():
    model, _ = opened("linear")
    with pytest.raises(Incompatible, match="late-arrival"):
        Session(subject("linear of four").make().contract, converted(model))
    with pytest.raises(Incompatible, match="telling"):
        Session(Contract(name="telling", definition="", features=ROWS, label=NUMBER), converted(model))


HEAVY = ("pyarrow", "pandas", "sklearn", "scipy", "skl2onnx", "onnx", "skops", "sqlalchemy", "lightgbm")


def test_a_session_loads_no_heavy_library():
    code = "import json, sys, bascule.models.session; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert [name for name in HEAVY if name in loaded] == []
