"""Candidates become models; what no plan may name, or nobody can make, is refused with its place."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from sklearn.pipeline import Pipeline

from bascule.contract.model import contract
from bascule.errors import BasculeError, ForbiddenClass, MissingExtra, PlanError
from bascule.models.sklearn import Estimator
from bascule.project import load_source
from bascule.training import classes
from bascule.training.build import Candidate, candidates
from bascule.training.plan import Plan, parse

BASELINES = """
  rule: {class: bascule.models.baseline.rule, feature: distance}
  trivial: {class: bascule.models.baseline.trivial}
"""


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return load_source("bascule_contract_of_these_tests", Path(__file__).with_name("contract_of_flights.py"))


def plan(node: str, of: str = "LateArrival", seed: int = 1) -> Plan:
    head = f"question: late\ncontract: {of}\ndata: flights\nlabel: arrival\nseed: {seed}\ncandidates:"
    return parse(f"{head}{BASELINES}  it: {node}\n".encode())


def build(module: ModuleType, node: str, of: str = "LateArrival", seed: int = 1) -> Candidate:
    promised = contract(getattr(module, of))
    return candidates(plan(node, of, seed), promised, module, promised.features)[-1]


def test_a_class_with_parameters_becomes_an_estimator_under_the_contract(module: ModuleType) -> None:
    made = build(module, "{class: sklearn.linear_model.LogisticRegression, C: 1e-2}").model
    assert isinstance(made, Estimator)
    assert (made.estimator.C, made.contract.name) == (0.01, "late-arrival")


def test_steps_become_a_pipeline_that_may_begin_with_prepare(module: ModuleType) -> None:
    steps = "{steps: [prepare: {scale: true}, {class: sklearn.decomposition.PCA}, {class: sklearn.svm.SVC}]}"
    made = build(module, steps).model
    assert isinstance(made, Estimator)
    assert isinstance(made.estimator, Pipeline)
    assert [name for name, _ in made.estimator.steps] == ["prepare", "pca", "svc"]


def test_parts_are_injected_at_any_depth(module: ModuleType) -> None:
    made: Any = build(
        module,
        "{class: contract.Windy, cut: 15, classifier: {class: sklearn.ensemble.BaggingClassifier,"
        " estimator: {class: sklearn.tree.DecisionTreeClassifier, max_depth: 3}}}",
    ).model
    assert (made.cut, made.classifier.estimator.max_depth) == (15, 3)


def test_lists_of_parts_are_built_and_become_tuples_where_the_class_has_them(module: ModuleType) -> None:
    made: Any = build(
        module,
        "{steps: [prepare: {scale: true}, {class: sklearn.preprocessing.MinMaxScaler, feature_range: [0, 2]},"
        " {class: sklearn.ensemble.VotingClassifier, voting: soft, flatten_transform: false,"
        " estimators: [[a, {class: sklearn.naive_bayes.GaussianNB}]]}]}",
    ).model
    assert made.estimator[1].feature_range == (0, 2)
    assert type(made.estimator[2].estimators[0][1]).__name__ == "GaussianNB"


def test_every_part_has_a_seed_of_its_own_from_the_plan(module: ModuleType) -> None:
    node = "{class: contract.Windy, classifier: {class: sklearn.ensemble.RandomForestClassifier}}"
    one, again, other = (build(module, node, seed=seed).model for seed in (1, 1, 2))
    seeds: list[Any] = [(made.seed, made.classifier.random_state) for made in (one, again, other)]  # type: ignore[attr-defined]
    assert seeds[0] == seeds[1]
    assert len({*seeds[0], *seeds[2]}) == 4


def test_a_seed_in_the_plan_counts(module: ModuleType) -> None:
    made: Any = build(module, "{class: sklearn.ensemble.RandomForestClassifier, random_state: 5}").model
    assert made.estimator.random_state == 5


def test_lightgbm_is_made_to_learn_the_same_twice(module: ModuleType) -> None:
    made: Any = build(module, "{class: lightgbm.LGBMClassifier, max_bin: 63}").model
    assert made.estimator.get_params() | {"deterministic": True, "max_bin": 63} == made.estimator.get_params()


def test_an_estimator_of_the_project_is_allowed(module: ModuleType) -> None:
    made: Any = build(module, "{class: contract.Guess}").model
    assert isinstance(made.estimator.random_state, int)


def test_baselines_are_told_from_the_others(module: ModuleType) -> None:
    given, promised = plan("{class: contract.Guess}"), contract(module.LateArrival)
    found = candidates(given, promised, module, promised.features)
    assert [(each.name, each.baseline) for each in found] == [("rule", True), ("trivial", True), ("it", False)]


@pytest.mark.parametrize("left", ["rule", "trivial"])
def test_a_plan_without_a_baseline_is_refused(module: ModuleType, left: str) -> None:
    source, promised = plan("{class: contract.Guess}"), contract(module.LateArrival)
    without = parse(
        yaml.safe_dump(
            {
                **{key: getattr(source, key) for key in ("question", "contract", "data", "label")},
                "candidates": {name: node for name, node in source.candidates.items() if name != left},
            }
        ).encode()
    )
    with pytest.raises(PlanError, match=f"No candidate is a bascule.models.baseline.{left}"):
        candidates(without, promised, module, promised.features)


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "Ridge",
        "sklearnx.linear_model.Ridge",
        "sklearn",
        "sklearn.linear_model",
        "sklearn.base.clone",
        "sklearn.datasets.load_iris",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.model_selection.KFold",
        "bascule.models.persist.Path",
        "bascule.models.baseline.prepare",
        "bascule.models.sklearn.clone",
        "bascule.project.Project",
        "bascule.models..baseline.rule",
        "contract.Popen",
        "contract.Flight",
        "contract.Nothing",
        "contract.bl.Model",
        "contract.__builtins__",
        "contract",
        "joblib.memory.Memory",
        "",
    ],
)
def test_what_no_plan_may_name_is_refused(module: ModuleType, name: str) -> None:
    with pytest.raises(ForbiddenClass, match=r"candidates\.it"):
        build(module, f"{{class: {name!r}}}")


def test_a_forbidden_part_is_refused_at_its_place(module: ModuleType) -> None:
    with pytest.raises(ForbiddenClass, match=r"candidates\.it\.classifier names 'os\.system'"):
        build(module, "{class: contract.Windy, classifier: {class: os.system}}")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("{class: sklearn.linear_model.LogisticRegresion}", "Did you mean 'LogisticRegression'"),
        ("{class: sklearn.linear_mode.Ridge}", "no such module"),
        ("{class: sklearn.os.system}", "no such module"),
        ("{class: sklearn.svm.SVC, gama: 1}", "no parameter 'gama'. Did you mean 'gamma'"),
        ("{class: lightgbm.LGBMClassifier, n_estimator: 5}", "no parameter 'n_estimator'. Did you mean 'n_estimators'"),
        ("{class: lightgbm.LGBMClassifier, machines: 'host:1'}", "no parameter 'machines'"),
        ("{class: sklearn.svm.SVC, C: -1}", "'C' parameter of SVC must be a float in the range"),
        ("{class: sklearn.svm.SVC, 1: 2}", "no parameter 1"),
        ("{class: sklearn.linear_model.Ridge}", "Ridge is no classifier"),
        ("{class: contract.LateArrival}", "LateArrival cannot be made"),
        ("{class: contract.Windy}", "Windy cannot be made"),
        ("{class: contract.Delay}", "cannot be made"),
        ("{class: contract.Gues}", "Did you mean 'Guess'"),
        ("{class: bascule.models.baseline.rul}", "Did you mean 'rule'"),
        ("{class: 3}", "not a dotted name"),
        ("{max_iter: 3}", "neither `class:` nor `steps:`"),
        ("{steps: [], n: 1}", "keys beside `steps`: n"),
        ("{steps: []}", "not a list of steps"),
        ("{steps: [prepare: {scal: true}]}", "prepare is {'scal': True}"),
        ("{steps: [{class: sklearn.svm.SVC}, prepare]}", "only be the first step"),
        ("{steps: [prepar]}", "candidates.it.steps[0] is 'prepar'"),
        ("{class: bascule.models.baseline.rule, feature: distanc}", "Did you mean 'distance'"),
        ("{class: bascule.models.baseline.rule}", "feature is None"),
        ("{class: sklearn.pipeline.Pipeline, memory: /tmp/x, steps: []}", "read as pickle"),
    ],
)
def test_what_nobody_can_make_is_refused_with_its_place(module: ModuleType, node: str, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        build(module, node)
    assert said in str(caught.value)
    assert "candidates.it" in caught.value.message


def test_a_model_of_another_contract_is_refused(module: ModuleType) -> None:
    node = "{class: contract.Windy, classifier: {class: sklearn.svm.SVC}}"
    with pytest.raises(PlanError, match="a model of late-arrival; the plan asks for delay"):
        build(module, node, of="Delay")


def test_a_library_that_is_not_installed_is_named(module: ModuleType) -> None:
    with pytest.raises(MissingExtra, match="pip install xgboost-cpu"):
        build(module, "{class: xgboost.XGBClassifier}")


def test_a_missing_library_of_the_system_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = "import ctypes\nctypes.CDLL('libgomp.so.1-is-not-there')\n"
    (tmp_path / "sklearn_without.py").write_text(loads)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(classes, "LIBRARIES", {"sklearn_without": "without"})
    with pytest.raises(BasculeError, match="apt install libgomp1"):
        classes.find("candidates.it", "sklearn_without.Model", ModuleType("contract"))
