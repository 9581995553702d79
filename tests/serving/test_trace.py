"""One example through every step."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest

from bascule.contract.trace import Stage
from bascule.errors import NotFound, OutputError, SchemaError, Unreadable
from bascule.project import Project
from bascule.registry import load
from bascule.serving.trace import Traced, trace

ROW = {"great circle": 2475, "wind": None, "origin": "JFK", "seats": 180, "scheduled": "2013-04-01T12:30:00Z"}


def test_the_example_is_seen_after_every_step(project: Project) -> None:
    traced = trace(project, "late-arrival", row=json.dumps(ROW))
    (prepared,) = traced.stages
    assert traced.record == ROW | {"great circle": 2475.0, "scheduled": dt.datetime(2013, 4, 1, 12, 30, tzinfo=dt.UTC)}
    assert prepared.step == "prepare"
    assert {1.0, 0.0} <= set(prepared.values.values())  # the one-hot origin


def test_the_answer_is_what_serves(project: Project) -> None:
    traced = trace(project, "late-arrival@staging", row=json.dumps(ROW))
    model = load.model(project, load.version(project, "late-arrival@2"))
    rows = pa.Table.from_pylist([traced.record])
    assert (traced.version, traced.answer) == ("late-arrival@2", model.predict(rows)[0])
    assert traced.probabilities == dict(zip(["on time", "late"], model.predict_proba(rows)[0].tolist(), strict=True))


def test_the_example_may_lie_in_a_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "row.json").write_text(json.dumps(ROW, indent=2))
    assert trace(project, "late-arrival", row=f"@{tmp_path}/row.json") == trace(
        project, "late-arrival", row=json.dumps(ROW)
    )


def test_a_model_without_steps_has_no_stages(project: Project) -> None:
    traced = trace(project, "by-miles@1", row=json.dumps(ROW))
    assert (traced.stages, traced.answer, traced.probabilities) == ((), "late", None)


def test_a_number_is_answered_as_a_number(project: Project) -> None:
    assert isinstance(trace(project, "air-time@1", row=json.dumps(ROW)).answer, float)


def test_every_fault_of_the_example_is_named(project: Project) -> None:
    broken = json.dumps(ROW | {"origin": "LGA", "seats": 0, "tail": "N1"})
    with pytest.raises(SchemaError) as refused:
        trace(project, "late-arrival", row=broken)
    assert {fault["column"] for fault in refused.value.details["faults"]} == {"origin", "seats", "tail"}


@pytest.mark.parametrize("row", ["", "late", "[]", "{", '{"seats": NaN}', "3", '{"seats": 1}, {"seats": 2}', "\udc80"])
def test_what_is_no_object_is_unreadable(project: Project, row: str) -> None:
    with pytest.raises(Unreadable, match="The row is"):
        trace(project, "late-arrival", row=row)


def test_a_file_that_cannot_be_read_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "row.json").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "row.json", tmp_path / "nowhere", tmp_path):
        with pytest.raises(Unreadable, match=f"{path.name} cannot be read"):
            trace(project, "late-arrival", row=f"@{path}")


def test_an_answer_outside_the_contract_is_none(project: Project) -> None:
    with pytest.raises(OutputError, match="lost"):
        trace(project, "by-miles@1", row=json.dumps(ROW | {"great circle": 9001}))


def test_an_unknown_version_is_named(project: Project) -> None:
    with pytest.raises(NotFound, match="late-arrival@9"):
        trace(project, "late-arrival@9", row=json.dumps(ROW))


def test_the_text_shows_record_steps_and_answer(project: Project) -> None:
    lines = trace(project, "late-arrival", row=json.dumps(ROW)).text().splitlines()
    assert lines[:3] == ["record", "  great circle  2475", "  wind          missing"]
    assert "prepare" in lines
    assert next(line for line in lines if "answers" in line).startswith("late-arrival@1 answers ")
    assert lines[-1].startswith("  late ")


def test_of_many_values_only_those_that_are_not_0_are_shown() -> None:
    wide = {f"column {number}": float(number == 7) for number in range(100)}
    traced = Traced(
        record={"rain": 0.0}, stages=(Stage("one-hot", wide),), answer="late", probabilities=None, version="m@1"
    )
    assert traced.text().splitlines() == [
        *("record", "  rain  0", ""),
        *("one-hot", "  column 7  1", "  and 99 that are 0", ""),
        "m@1 answers late",
    ]
