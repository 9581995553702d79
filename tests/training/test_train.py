"""Training compares honestly, registers the best with its evidence, or leaves nothing but a failed run."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.data import load as load_data
from bascule.errors import NotNeeded
from bascule.evidence import measurements, runs, versions
from bascule.evidence.nouns import Measurement, Run
from bascule.project import Project
from bascule.registry import load
from bascule.training.train import train
from bascule.training.trained import Trained

Make = Callable[..., Project]
Columns = dict[str, list[Any]]
Changes = tuple[tuple[str, str], ...]
Learnt = tuple[Project, Trained]

LINEAR = """\
  linear:
    steps: [prepare: {scale: true}, {class: sklearn.linear_model.LogisticRegression}]
"""
LEARNERS = f"""\
{LINEAR}  boosted:
    steps: [prepare, {{class: sklearn.ensemble.HistGradientBoostingClassifier, max_iter: 20}}]
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


def test_what_can_be_learnt_is_needed(learnt: Learnt) -> None:
    _, trained = learnt
    assert (trained.version, trained.verdict, trained.metric) == ("late-arrival@1", "needed", "roc_auc")
    assert trained.winner in ("linear", "boosted")
    assert trained.metrics["roc_auc"] > max(each["roc_auc"] for each in trained.baseline_metrics.values())


def test_the_last_rows_by_time_judge_and_the_rest_is_told(learnt: Learnt) -> None:
    _, trained = learnt
    sides = trained.rows
    assert sides.unlabelled > 0
    assert sides.train + sides.validate + sides.unlabelled == 800
    assert sides.cut is not None
    assert dt.datetime.fromisoformat(sides.cut) > dt.datetime(2013, 1, 24, tzinfo=dt.UTC)


def test_the_registered_version_answers_as_the_winner(learnt: Learnt) -> None:
    project, trained = learnt
    flight = {"distance": 2900.0, "wind": 3.0, "carrier": "UA"}
    model = registered(project, trained.version)
    assert model.predict(Table.of(model.contract.features, [flight, flight | {"distance": 200.0}])).tolist() == [
        "late",
        "on time",
    ]


def test_a_version_carries_what_a_release_asks_for(learnt: Learnt) -> None:
    project, trained = learnt
    found = measured(project, trained.version)
    assert set(found) == {"baselines", "comparison", "parity", "split"}
    assert (found["baselines"].verdict, found["parity"].verdict) == ("pass", "pass")
    gains = next(each for each in trained.candidates if each.name == trained.winner).gains
    assert found["baselines"].numbers["lower"] == min(gain.low for gain in gains.values()) > 0
    assert {each.run for each in found.values()} == {trained.run}


def test_the_split_is_recorded_with_the_shares_of_the_classes(learnt: Learnt) -> None:
    project, trained = learnt
    split = measured(project, trained.version)["split"]
    assert split.numbers["train rows"] == trained.rows.train
    assert split.numbers["train share late"] + split.numbers["train share on time"] == pytest.approx(1)
    assert str(trained.rows.cut) in split.notes


def test_every_candidate_is_in_the_comparison_with_its_interval(learnt: Learnt) -> None:
    project, trained = learnt
    numbers = measured(project, trained.version)["comparison"].numbers
    for each in trained.candidates:
        assert numbers[f"{each.name} low"] <= numbers[each.name] <= numbers[f"{each.name} high"]
        assert numbers[f"{each.name} train"] == each.train


def test_the_run_keeps_what_it_takes_to_run_again(learnt: Learnt) -> None:
    project, trained = learnt
    run = last_run(project)
    assert (run.id, run.status, run.seed, run.data) == (trained.run, "finished", 1, ("flights@1",))
    assert project.blobs.get(str(run.plan)) == (project.folder / "plan.yaml").read_bytes()
    assert project.blobs.get(run.artifacts["contract.py"].hash) == (project.folder / "contract.py").read_bytes()
    assert run.metrics["roc_auc"] == trained.metrics["roc_auc"]


def test_the_evidence_names_data_plan_and_version_by_hash(learnt: Learnt) -> None:
    project, trained = learnt
    inputs = measured(project, trained.version)["baselines"].inputs
    assert inputs["plan"] == last_run(project).plan
    assert inputs["data"] == load_data.dataset_of(project, "flights@1").hash
    assert inputs["version"] == load.version(project, trained.version).hash


def test_a_seed_that_the_plan_leaves_open_is_recorded(make: Make) -> None:
    project = make(("seed: 1\n", ""), (LEARNERS, LINEAR))
    train(project, "plan.yaml")
    assert last_run(project).seed == 0


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


@pytest.mark.parametrize("left", [LINEAR, ""], ids=["boosted", "linear"])
def test_training_again_makes_the_same_version_under_a_new_number_in_any_process(make: Make, left: str) -> None:
    project = make((LEARNERS, LEARNERS.replace(left, "")))
    script = f"import bascule as bl; bl.train(bl.open({str(project.folder)!r}), 'plan.yaml')"
    found = [train(project, "plan.yaml").version for _ in range(2)]
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    assert found == ["late-arrival@1", "late-arrival@2"]
    assert len({load.version(project, f"late-arrival@{number}").hash for number in (1, 2, 3)}) == 1


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


def test_rows_without_a_time_are_left_out_and_counted(make: Make) -> None:
    trained = train(make(("time: scheduled", "time: day")), "plan.yaml")
    assert 150 < trained.rows.undated <= 200
    assert str(trained.rows.cut).isdigit()


def test_the_table_shows_every_candidate_against_each_baseline(learnt: Learnt) -> None:
    _, trained = learnt
    lines = trained.text().splitlines()
    assert lines[0] == f"roc_auc of late-arrival@1, run {trained.run}"
    assert lines[2].split("  ")[0] == "candidate"
    assert [line.split()[0] for line in lines[3:7]] == ["rule", "trivial", "linear", "boosted"]
    assert sum("← best" in line for line in lines) == 1
