"""Training compares honestly, registers the best with its evidence, or leaves nothing but a failed run."""

from __future__ import annotations

import contextlib
import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from bascule import progress
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import ConstantColumns, DoubtfulFit, NotNeeded, Undeclared
from bascule.evidence import measurements, runs, versions
from bascule.evidence.nouns import Measurement, Run
from bascule.project import Project
from bascule.registry import load
from bascule.training.train import train

Make = Callable[..., Project]
Columns = dict[str, list[Any]]
Changes = tuple[tuple[str, str], ...]

LEARNERS = """\
  linear:
    steps: [prepare: {scale: true}, {class: sklearn.linear_model.LogisticRegression}]
  boosted:
    steps: [prepare, {class: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20}]
"""


def measured(project: Project, version: str) -> dict[str, Measurement]:
    with project.ledger.read() as connection:
        return measurements.latest(connection, version)


def registered(project: Project, version: str) -> Model[Any, Any]:
    return load.model(project, load.version(project, version))


def last_run(project: Project) -> Run:
    with project.ledger.read() as connection:
        return runs.list_(connection)[0]


def count_of_versions(project: Project) -> int:
    with project.ledger.read() as connection:
        return len(versions.list_(connection))


def test_what_can_be_learnt_is_needed(project: Project) -> None:
    trained = train(project, "plan.yaml")
    assert (trained.version, trained.verdict, trained.metric) == ("late-arrival@1", "needed", "roc_auc")
    assert trained.winner in ("linear", "boosted")
    assert trained.metrics["roc_auc"] > max(each["roc_auc"] for each in trained.baseline_metrics.values())


def test_the_last_rows_by_time_judge_and_the_rest_is_told(project: Project) -> None:
    trained = train(project, "plan.yaml")
    sides = trained.rows
    assert sides.unlabelled > 0
    assert sides.train + sides.validate + sides.unlabelled == 800
    assert sides.cut is not None
    assert dt.datetime.fromisoformat(sides.cut) > dt.datetime(2013, 1, 24, tzinfo=dt.UTC)


def test_the_registered_version_answers_as_the_winner(project: Project) -> None:
    trained = train(project, "plan.yaml")
    flight = {"distance": 2900.0, "wind": 3.0, "carrier": "UA"}
    model = registered(project, trained.version)
    assert model.predict(Table.of(model.contract.features, [flight, flight | {"distance": 200.0}])).tolist() == [
        "late",
        "on time",
    ]


def test_a_version_carries_what_a_release_asks_for(project: Project) -> None:
    trained = train(project, "plan.yaml")
    found = measured(project, trained.version)
    assert set(found) == {"baselines", "comparison", "parity", "split"}
    assert (found["baselines"].verdict, found["parity"].verdict) == ("pass", "pass")
    gains = next(each for each in trained.candidates if each.name == trained.winner).gains
    assert found["baselines"].numbers["lower"] == min(gain.low for gain in gains.values()) > 0
    assert {each.run for each in found.values()} == {trained.run}


def test_the_split_is_recorded_with_the_shares_of_the_classes(project: Project) -> None:
    trained = train(project, "plan.yaml")
    split = measured(project, trained.version)["split"]
    assert split.numbers["train rows"] == trained.rows.train
    assert split.numbers["train share late"] + split.numbers["train share on time"] == pytest.approx(1)
    assert str(trained.rows.cut) in split.notes


def test_every_candidate_is_in_the_comparison_with_its_interval(project: Project) -> None:
    trained = train(project, "plan.yaml")
    numbers = measured(project, trained.version)["comparison"].numbers
    for each in trained.candidates:
        assert numbers[f"{each.name} low"] <= numbers[each.name] <= numbers[f"{each.name} high"]
        assert numbers[f"{each.name} train"] == each.train


def test_the_run_keeps_what_it_takes_to_run_again(project: Project) -> None:
    trained = train(project, "plan.yaml")
    run = last_run(project)
    assert (run.id, run.status, run.seed, run.data) == (trained.run, "finished", 1, ("flights@1",))
    assert project.blobs.get(str(run.plan)) == (project.folder / "plan.yaml").read_bytes()
    assert project.blobs.get(run.artifacts["contract.py"].hash) == (project.folder / "contract.py").read_bytes()
    assert run.metrics["roc_auc"] == trained.metrics["roc_auc"]


def test_where_there_is_nothing_to_learn_the_best_is_registered_with_a_warning(make: Make, columns: Columns) -> None:
    columns["arrival"] = np.random.default_rng(0).choice(["late", "on time"], 800).tolist()
    project = make(columns=columns)
    with pytest.warns(NotNeeded):
        trained = train(project, "plan.yaml")
    assert trained.verdict == "not needed"
    assert measured(project, trained.version)["baselines"].verdict == "fail"
    assert count_of_versions(project) == 1


def test_a_plan_of_baselines_alone_registers_the_better_one(make: Make) -> None:
    project = make((LEARNERS, ""), ("feature: wind", "feature: carrier"))
    with pytest.warns(NotNeeded):
        trained = train(project, "plan.yaml")
    assert trained.winner == "rule"
    assert measured(project, trained.version)["baselines"].numbers["lower"] == 0


def test_training_again_is_a_new_number_of_the_same_version(project: Project) -> None:
    one, again = train(project, "plan.yaml"), train(project, "plan.yaml")
    assert (one.version, again.version) == ("late-arrival@1", "late-arrival@2")
    assert load.version(project, one.version).hash == load.version(project, again.version).hash


def test_another_process_makes_the_same_version(project: Project) -> None:
    one = train(project, "plan.yaml")
    script = f"import bascule as bl; bl.train(bl.open({str(project.folder)!r}), 'plan.yaml')"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    assert load.version(project, "late-arrival@2").hash == load.version(project, one.version).hash


def test_another_seed_makes_another_split_and_version(make: Make) -> None:
    one = make(("time: scheduled\n", ""))
    other = make(("time: scheduled\n", ""), ("seed: 1", "seed: 2"), name="other")
    hashes = {load.version(each, train(each, "plan.yaml").version).hash for each in (one, other)}
    assert len(hashes) == 2


def test_a_number_is_learnt_and_judged_in_its_unit(make: Make, of_numbers: Changes) -> None:
    project = make(*of_numbers)
    trained = train(project, "plan.yaml")
    assert trained.version == "delay@1"
    assert set(trained.metrics) == {"rmse", "mae", "r2"}
    assert trained.metrics["rmse"] < trained.baseline_metrics["rule"]["rmse"]
    assert measured(project, trained.version)["split"].numbers["train mean"] > 0


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


def test_rows_without_a_time_are_left_out_and_counted(make: Make) -> None:
    trained = train(make(("time: scheduled", "time: day")), "plan.yaml")
    assert 150 < trained.rows.undated <= 200
    assert str(trained.rows.cut).isdigit()


def test_every_candidate_has_a_bar(project: Project) -> None:
    seen: list[str] = []

    @contextlib.contextmanager
    def display(what: str, total: int | None) -> Iterator[progress.Advance]:
        seen.append(what)
        yield lambda done: None

    with progress.shown(display):
        train(project, "plan.yaml")
    assert seen == [f"training {name}" for name in ("rule", "trivial", "linear", "boosted")]


def test_the_table_shows_every_candidate_against_each_baseline(project: Project) -> None:
    trained = train(project, "plan.yaml")
    lines = trained.text().splitlines()
    assert lines[0] == f"roc_auc of late-arrival@1, run {trained.run}"
    assert lines[2].split("  ")[0] == "candidate"
    assert [line.split()[0] for line in lines[3:7]] == ["rule", "trivial", "linear", "boosted"]
    assert sum("← best" in line for line in lines) == 1
