from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bascule.contract.kinds import Kind
from bascule.data.describe import describe
from bascule.data.draft import Role
from bascule.errors import NoTrainData, OneClass, SchemaError, UsageError

ROWS = 400
RANDOM = np.random.default_rng(7)
LATE = RANDOM.random(ROWS) < 0.2


def frame(**columns: object) -> pa.Table:
    return pa.table({"miles": np.where(LATE, 900, 100) + RANDOM.integers(0, 50, ROWS), "late": LATE, **columns})


def role_of(values: object, name: str = "x") -> Role:
    draft = describe(frame(**{name: values}), label="late")
    return next(guess.role for guess in draft.columns if guess.field.name == name)


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("x", RANDOM.normal(size=ROWS), Role.FEATURE),
        ("x", RANDOM.integers(0, 9, ROWS), Role.FEATURE),
        ("x", RANDOM.permutation(ROWS * 50)[:ROWS], Role.FEATURE),
        ("carrier", RANDOM.choice(["UA", "B6"], ROWS), Role.FEATURE),
        ("x", ["UA"] * ROWS, Role.CONSTANT),
        ("x", ["UA", *[None] * (ROWS - 1)], Role.FEATURE),
        ("x", pa.nulls(ROWS), Role.EMPTY),
        ("x", np.arange(ROWS), Role.IDENTIFIER),
        ("x", RANDOM.permutation(ROWS), Role.IDENTIFIER),
        ("customerID", RANDOM.permutation(ROWS * 50)[:ROWS], Role.IDENTIFIER),
        ("flight number", RANDOM.integers(0, 9, ROWS), Role.FEATURE),
        ("ticket", [f"T{number}" for number in range(ROWS)], Role.IDENTIFIER),
        ("ticket", [f"T{number % 150}" for number in range(ROWS)], Role.FEATURE),
        ("review", [f"it was the {number} time I flew" for number in range(ROWS)], Role.PROSE),
        ("Name", [f"Doe, {number}" for number in range(ROWS)], Role.PERSONAL),
        ("plane name", ["Spirit", "Vega"] * (ROWS // 2), Role.FEATURE),
        ("e-mail", ["x"] * (ROWS - 1) + ["y"], Role.PERSONAL),
        ("contact", [f"a{number % 9}@example.org" for number in range(ROWS)], Role.PERSONAL),
        ("contact", [f"+1 555-010-{number % 9:04}" for number in range(ROWS)], Role.PERSONAL),
        ("day", [f"{number % 28 + 1:02}/01/2013" for number in range(ROWS)], Role.FEATURE),
        ("last_name", ["Doe", "Roe"] * (ROWS // 2), Role.PERSONAL),
    ],
)
def test_a_column_is_good_for(name: str, values: object, role: Role) -> None:
    assert role_of(values, name) is role


def test_everything_guessed_is_a_question_and_nothing_is_a_limit() -> None:
    draft = describe(frame(carrier=RANDOM.choice(["UA", "B6"], ROWS)), label="late")
    assert all(guess.field.question for guess in draft.columns)
    assert not any(guess.field.bounds for guess in draft.columns)
    miles, carrier = draft.features
    assert miles.notes.startswith("Seen from 100 to ")
    assert carrier.notes.startswith("2 different texts, most often ")
    assert carrier.question == "What is it? Are there other values?"


def test_a_word_for_missing_among_texts_is_asked_about() -> None:
    draft = describe(frame(carrier=RANDOM.choice(["UA", "NA"], ROWS)), label="late")
    assert "Does 'NA' mean that it is missing?" in draft.features[1].question


def test_a_time_without_a_zone_is_asked_about() -> None:
    draft = describe(frame(at=np.arange(ROWS).astype("datetime64[h]").astype("datetime64[us]")), label="late")
    assert draft.features[1].zone == "UTC"
    assert "is it UTC?" in draft.features[1].question


def test_personal_values_are_not_shown_anywhere() -> None:
    draft = describe(frame(email=[f"ada{number}@example.org" for number in range(ROWS)]), label="late")
    assert next(guess.field.personal for guess in draft.columns if guess.field.name == "email")
    assert "ada" not in repr(draft)


@pytest.mark.parametrize(
    ("values", "categories", "kind"),
    [
        (["on time", "on time", "late", "late", "on time"], ("on time", "late"), Kind.TEXT),
        (["late", "late", "late", "on time", "late"], ("late", "on time"), Kind.TEXT),
        (["c", "a", "b", "a", "a"], ("a", "b", "c"), Kind.TEXT),
        ([True, False, True, True, None], (False, True), Kind.BOOL),
        ([1, 0, 0, 0, 1], (0, 1), Kind.INT),
        ([1.0, 0.0, None, 0.0, 1.0], (0, 1), Kind.INT),
        ([1, 2, 3, 4, 5], None, Kind.INT),
        ([0.5, 1.5, 0.5, 1.5, 0.5], None, Kind.FLOAT),
        ([1, 2, 3] * 5, (1, 2, 3), Kind.INT),
    ],
)
def test_a_label_is_classes_or_a_number(values: list[object], categories: object, kind: Kind) -> None:
    draft = describe(pa.table({"x": range(len(values)), "y": values}), label="y")
    label = next(guess.field for guess in draft.columns if guess.role is Role.LABEL)
    assert (label.categories, label.kind) == (categories, kind)
    assert draft.task == ("regression" if categories is None else "classification")


@pytest.mark.parametrize(
    ("table", "label", "time", "error", "said"),
    [
        (frame(), "Late", None, UsageError, "has no column 'Late' for the label"),
        (frame(), "late", "day", UsageError, "has no column 'day' for the time column"),
        (frame(), "late", "late", UsageError, "cannot be the label and the time"),
        (frame(on=["x", "y"] * 200), "late", "on", UsageError, "holds text values, such as ['x']"),
        (frame(y=np.arange(ROWS).astype("datetime64[D]")), "y", None, UsageError, "a label is classes or a number"),
        (frame(y=[f"T{number}" for number in range(ROWS)]), "y", None, UsageError, "more than 200 different texts"),
        (frame(y=["late"] * ROWS), "y", None, OneClass, "has one value only: 'late'"),
        (frame(y=[1.5] * ROWS), "y", None, OneClass, "has one value only: 1.5"),
        (frame(y=pa.nulls(ROWS)), "y", None, NoTrainData, "missing in every row"),
        (pa.table({"y": [1, 0, 1]}), "y", None, NoTrainData, "no column to learn from"),
        (frame()[:0], "late", None, NoTrainData, "has no rows"),
        (frame(x=np.where(LATE, np.inf, 0.0)), "late", None, SchemaError, "'x' breaks finite"),
    ],
)
def test_what_cannot_be_drafted_is_refused(
    table: pa.Table, label: str, time: str | None, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        describe(table, label=label, time=time)
    assert said in str(caught.value)


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(UsageError, match="Did you mean 'late'"):
        describe(frame(), label="latee")


def test_what_was_set_aside_is_learnt_from_where_nothing_else_is_left() -> None:
    draft = describe(pa.table({"row": range(ROWS), "late": LATE}), label="late")
    assert [field.name for field in draft.features] == ["row"]
    assert "Not taken" not in draft.features[0].question


def test_the_rule_asks_the_feature_that_tells_the_label_best() -> None:
    noise = {f"noise{number}": RANDOM.normal(size=ROWS) for number in range(3)}
    carrier = np.where(LATE ^ (RANDOM.random(ROWS) < 0.05), "slow", "fast")
    table = pa.table({**noise, "carrier": carrier, "late": LATE})
    assert describe(table, label="late").rule == "carrier"


def test_names_are_made_of_the_file_and_the_label(tmp_path: Path) -> None:
    (tmp_path / "New York, 2013.csv").write_text("dep time,on-time?\n" + "1,yes\n2,no\n" * 20)
    draft = describe(tmp_path / "New York, 2013.csv", label="on-time?")
    assert (draft.dataset, draft.name) == ("New-York-2013", "New-York-2013-on-time")
    assert describe(tmp_path / "New York, 2013.csv", label="on-time?", name="late").name == "late"
    with pytest.raises(UsageError, match="cannot be a model"):
        describe(tmp_path / "New York, 2013.csv", name="../late")


def test_without_a_label_there_is_a_record_and_no_plan() -> None:
    draft = describe(frame())
    assert (draft.task, draft.rule, sorted(draft.files)) == (
        None,
        None,
        ["contract.py", "pyproject.toml", "test_contract.py"],
    )
    assert "class DataRow(bl.Record)" in draft.text()
