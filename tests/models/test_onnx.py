"""The Model that a graph is, and the laws that apply to what does not learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from bascule.contract import checks
from bascule.contract.checks import Subject
from bascule.errors import NotOffered
from bascule.models.convert import converted
from bascule.models.onnx import Onnx
from bascule.testing.models import keep, kept, subject

FIXED = (
    checks.predict_before_fit_raises_not_fitted,
    checks.wrong_columns_are_named,
    checks.predict_changes_nothing,
    checks.the_same_seed_makes_the_same_model,
    checks.a_row_is_answered_whatever_stands_beside_it,
    checks.no_rows_have_no_answers,
    checks.save_and_load_keep_the_answers,
    checks.another_algorithm_raises_not_latest_version,
)


@dataclass(frozen=True)
class Exported(Subject):
    """A graph in the place of a model that learns."""

    graph: bytes

    def fitted(self):
        """The graph as a Model."""
        return Onnx(self.make().contract, self.graph)


def exported(name):
    examined = subject(name)
    model = examined.fitted()
    return Exported(lambda: Onnx(model.contract), examined.X, examined.y, keep, kept, converted(model))


@pytest.mark.parametrize("law", FIXED, ids=lambda law: law.__name__)
@pytest.mark.parametrize(
    "name", ["linear", "linear number", "boosted", "forest", "histogram", "rule number", "trivial"]
)
def test_a_graph_obeys_every_law_but_those_of_learning(name, law, tmp_path):
    law(exported(name), tmp_path)


def test_a_graph_cannot_learn():
    examined = exported("linear")
    with pytest.raises(NotOffered, match="cannot learn"):
        examined.fitted().fit(examined.X, examined.y)


def test_it_offers_what_its_graph_has():
    assert exported("linear").fitted().offers("predict_proba")
    assert not exported("linear").fitted().offers("partial_fit")
    numbers = exported("linear number")
    assert not numbers.fitted().offers("predict_proba")
    with pytest.raises(NotOffered):
        numbers.fitted().predict_proba(numbers.X)


def test_probabilities_are_those_of_the_session():
    examined = exported("boosted")
    model = examined.fitted()
    found = model.session.answer(examined.X.columns, len(examined.X)).probabilities
    np.testing.assert_array_equal(model.predict_proba(examined.X), found)
