"""Candidates of every kind: what they do, say and break is told by name."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bascule import progress
from bascule.contract.model import Model
from bascule.errors import ConstantColumns, DoubtfulFit, Undeclared
from bascule.evidence import runs, versions
from bascule.evidence.nouns import Run
from bascule.project import Project
from bascule.registry import load
from bascule.training.train import train

Make = Callable[..., Project]
Columns = dict[str, list[Any]]

LEARNERS = """\
  linear:
    steps: [prepare: {scale: true}, {class: sklearn.linear_model.LogisticRegression}]
  boosted:
    steps: [prepare, {class: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20}]
"""


def registered(project: Project, version: str) -> Model[Any, Any]:
    return load.model(project, load.version(project, version))


def last_run(project: Project) -> Run:
    with project.ledger.read() as connection:
        return runs.list_(connection)[0]


def count_of_versions(project: Project) -> int:
    with project.ledger.read() as connection:
        return len(versions.list_(connection))


def test_a_model_written_by_hand_with_injected_parts_is_served_by_python(make: Make) -> None:
    hand = "{class: contract.TwoSided, classifier: {class: sklearn.tree.DecisionTreeClassifier, max_depth: 4}}"
    project = make((LEARNERS, f"  mine: {hand}\n"), ("metric: roc_auc", "metric: accuracy"))
    trained = train(project, "plan.yaml")
    assert (trained.winner, trained.runtime) == ("mine", "python")
    assert registered(project, trained.version).fitted


def test_lightgbm_learns_where_it_is_named(make: Make) -> None:
    light = "{class: lightgbm.LGBMClassifier, n_estimators: 20}"
    project = make(("{class: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20}", light))
    one, again = train(project, "plan.yaml"), train(project, "plan.yaml")
    assert one.metrics == again.metrics


def test_a_candidate_that_fails_is_named_and_nothing_is_registered(make: Make) -> None:
    project = make((LEARNERS, "  broken: {class: contract.Failing}\n"), ("metric: roc_auc", "metric: accuracy"))
    with pytest.raises(Undeclared, match=r"Candidate 'broken'.*nothing adds up"):
        train(project, "plan.yaml")
    assert last_run(project).status == "failed"
    assert count_of_versions(project) == 0


def test_what_a_library_doubts_is_told_with_the_candidate(make: Make) -> None:
    project = make(("LogisticRegression}", "LogisticRegression, max_iter: 1}"))
    with pytest.warns(DoubtfulFit, match=r"Candidate 'linear'.*converge"):
        train(project, "plan.yaml")


def test_a_constant_column_is_named(make: Make, columns: Columns) -> None:
    columns["wind"] = [None] * 800
    project = make(("feature: wind", "feature: distance"), columns=columns)
    with pytest.warns(ConstantColumns, match="'wind'"):
        train(project, "plan.yaml")


def test_every_candidate_has_a_bar(project: Project) -> None:
    seen: list[str] = []

    @contextlib.contextmanager
    def display(what: str, total: int | None) -> Iterator[progress.Advance]:
        seen.append(what)
        yield lambda done: None

    with progress.shown(display):
        train(project, "plan.yaml")
    assert seen == [f"training {name}" for name in ("rule", "trivial", "linear", "boosted")]


def test_of_equal_candidates_the_first_is_the_one(make: Make) -> None:
    one = "{steps: [prepare: {scale: true}, {class: sklearn.linear_model.LogisticRegression}]}"
    project = make((LEARNERS, f"  b: {one}\n  a: {one}\n"))
    assert train(project, "plan.yaml").winner == "b"


def test_where_less_is_better_the_least_wins_and_gains_are_still_above_0(make: Make) -> None:
    trained = train(make(("metric: roc_auc", "metric: log_loss")), "plan.yaml")
    best = min(trained.candidates, key=lambda each: each.validate.value)
    assert (best.name, trained.verdict) == (trained.winner, "needed")
    assert all(gain.low > 0 for gain in best.gains.values())
