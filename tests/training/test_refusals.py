"""What can be known to be wrong is refused before anything learns: clearly, and without a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bascule.errors import (
    BasculeError,
    DataSize,
    DefinitionError,
    ForbiddenClass,
    NotFound,
    NoTrainData,
    OneClass,
    PlanError,
    SchemaError,
    Unreadable,
)
from bascule.evidence import runs, versions
from bascule.project import Project
from bascule.training.train import train

Make = Callable[..., Project]
Columns = dict[str, list[Any]]
Changes = tuple[tuple[str, str], ...]


def refused(project: Project, error: type[BasculeError], said: str) -> None:
    """Training raises this, and the project is as it was."""
    with pytest.raises(error) as caught:
        train(project, "plan.yaml")
    assert said in str(caught.value)
    with project.ledger.read() as connection:
        assert not runs.list_(connection)
        assert not versions.list_(connection)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ((("seed: 1", "sede: 1"),), PlanError, "Did you mean 'seed'"),
        ((("contract: LateArrival", "contract: LateArival"),), PlanError, "Did you mean 'LateArrival'"),
        ((("contract: LateArrival", "contract: Flight"),), PlanError, "no Model of contract.py"),
        ((("data: flights", "data: flight"),), NotFound, "flight"),
        ((("data: flights", "data: flights@2"),), NotFound, "flights"),
        ((("label: arrival", "label: arival"),), PlanError, "Did you mean 'arrival'"),
        ((("label: arrival", "label: distance"),), PlanError, "late-arrival is asked with it"),
        ((("label: arrival", "label: delay"),), SchemaError, "'delay'"),
        ((("time: scheduled", "time: schedule"),), PlanError, "Did you mean 'scheduled'"),
        ((("time: scheduled", "time: carrier"),), PlanError, "it is a text"),
        ((("validate: 0.25", "validate_from: 2013-01-15"),), PlanError, "Write it as 2013-03-15T00:00:00Z"),
        ((("validate: 0.25", "validate_from: 2014-01-15T00:00:00Z"),), PlanError, "0 to judge"),
        ((("metric: roc_auc", "metric: rmse"),), PlanError, "a label of 2 classes"),
        ((("metric: roc_auc", "metric: auc"),), PlanError, "Did you mean 'roc_auc'"),
        (
            (("class: sklearn.linear_model.LogisticRegression", "class: sklearn.svm.LinearSVC"),),
            PlanError,
            "candidates.linear gives none",
        ),
        (
            (("class: sklearn.linear_model.LogisticRegression", "class: os.system"),),
            ForbiddenClass,
            "candidates.linear.steps[1]",
        ),
        ((("max_iter: 20", "max_iter: none"),), PlanError, "candidates.boosted.steps[1]"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(make: Make, changes: Changes, error: Any, said: str) -> None:
    refused(make(*changes), error, said)


def test_a_metric_of_classes_is_refused_for_a_number(make: Make, of_numbers: Changes) -> None:
    refused(make(*of_numbers, ("metric: rmse", "metric: roc_auc")), PlanError, "a label of a number")


def test_a_plan_that_is_not_there_is_refused(project: Project) -> None:
    (project.folder / "plan.yaml").unlink()
    refused(project, Unreadable, "plan.yaml")


def test_a_contract_that_is_no_python_is_refused(project: Project) -> None:
    (project.folder / "contract.py").write_text("class LateArrival(")
    refused(project, DefinitionError, "line 1")


def test_a_feature_that_the_data_lack_is_refused_even_if_it_may_be_missing(project: Project) -> None:
    path = project.folder / "contract.py"
    path.write_text(path.read_text().replace("carrier: str", "carrier: str\n    gust: float | None"))
    refused(project, PlanError, "lacks what late-arrival learns from: 'gust'")


def test_rows_that_break_the_contract_of_today_are_refused(project: Project) -> None:
    path = project.folder / "contract.py"
    path.write_text(path.read_text().replace("Ge(0)", "Ge(500)"))
    refused(project, SchemaError, "'distance' breaks ge 500")


def test_labels_that_are_none_of_the_label_are_refused(project: Project) -> None:
    path = project.folder / "contract.py"
    path.write_text(path.read_text().replace('LATE = "late"', 'LATE = "delayed"'))
    refused(project, SchemaError, "'arrival' breaks categories")


def test_one_class_only_is_refused(make: Make, columns: Columns) -> None:
    columns["arrival"] = ["late"] * 800
    refused(make(columns=columns), OneClass, "All 800 labelled rows of flights@1 are 'late'")


def test_one_class_among_the_rows_that_judge_is_refused(make: Make, columns: Columns) -> None:
    columns["arrival"] = ["late", "on time"] * 300 + ["late"] * 200
    refused(make(columns=columns), OneClass, "rows that judge are 'late'")


def test_rows_without_any_label_are_refused(make: Make, columns: Columns) -> None:
    columns["arrival"] = [None] * 800
    refused(make(columns=columns), NoTrainData, "None of the 800 rows")


def test_rows_of_one_time_are_refused(make: Make, columns: Columns) -> None:
    columns["scheduled"] = [dt.datetime(2013, 1, 1, tzinfo=dt.UTC)] * 800
    refused(make(columns=columns), DataSize, "have the same time")


def test_too_few_rows_are_refused(make: Make, columns: Columns, of_numbers: Changes) -> None:
    one = {name: values[1:2] for name, values in columns.items()}
    refused(
        make(*of_numbers, ("time: scheduled\n", ""), columns=one),
        DataSize,
        "1 labelled rows part into 1 that teach and 0",
    )


@pytest.mark.parametrize(("limit", "said"), [("min_rows=5000", "at least 5000"), ("max_rows=9", "at most 9")])
def test_another_number_of_rows_than_the_contract_asks_for_is_refused(project: Project, limit: str, said: str) -> None:
    path = project.folder / "contract.py"
    path.write_text(path.read_text().replace("[Flight, Arrival])", f"[Flight, Arrival], {limit})"))
    refused(project, DataSize, said)


def test_features_that_are_all_constant_are_refused(make: Make, columns: Columns) -> None:
    columns |= {"distance": [1.0] * 800, "wind": [None] * 800, "carrier": ["UA"] * 800}
    refused(make(columns=columns), NoTrainData, "'distance', 'wind', 'carrier'")


def test_a_plan_is_looked_for_in_the_project_where_it_is_not_here(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert train(project, Path("plan.yaml")).version == "late-arrival@1"
