"""A plan says what it says, once, or is refused with the place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bascule.errors import PlanError, Unreadable
from bascule.training.plan import Plan, Split, parse, read

PLAN = b"""\
question: Which flights are late?
contract: LateArrival
data: flights
label: arrival
candidates:
  rule: {class: bascule.models.baseline.rule, feature: distance}
"""


def test_what_is_left_open_has_the_documented_default() -> None:
    plan = parse(PLAN)
    assert (plan.seed, plan.split, plan.metric, plan.time) == (0, Split(validate=0.25), None, None)


def test_a_plan_is_read_with_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_bytes(PLAN)
    plan, source = read(tmp_path / "plan.yaml")
    assert (plan.label, source) == ("arrival", PLAN)


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"no\.yaml"):
        read(tmp_path / "no.yaml")


def test_an_exponent_needs_no_point_to_be_a_number() -> None:
    plan = parse(PLAN.replace(b"feature: distance", b"leaves: 1e-3"))
    assert plan.candidates["rule"]["leaves"] == 0.001


def test_a_moment_parts_the_rows_where_the_plan_names_a_time() -> None:
    plan = parse(PLAN + b"time: at\nsplit: {validate_from: 2013-03-15T00:00:00Z}")
    assert plan.split.validate_from == dt.datetime(2013, 3, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (b"metrik: mae", "unknown key 'metrik'. Did you mean 'metric'"),
        (b"split: {validat: 0.1}", "unknown key 'split.validat'. Did you mean 'validate'"),
        (b"seed: one", "Expected `int`, got `str` - at `seed`"),
        (b"seed: -1", ">= 0"),
        (b"split: {validate: 1.0}", "split.validate"),
        (b"split: {}", "split says nothing"),
        (b"split: {validate: 0.1, validate_from: 3}", "split says two things"),
        (b"split: {validate_from: 3}", "names none"),
        (b"time: at\nsplit: {validate_from: soon}", "'soon', no moment"),
        (b"label: other", "the key 'label' twice, line 7, column 1"),
        (b"  rule: {class: x}", "the key 'rule' twice, line 7"),
        (b"  'a b': {class: x}", "'a b' cannot name a candidate"),
        (b"  other: 3", "candidates.other is of type int"),
        (b"split: [", "line 7"),
        (b"metric: &m mae\ntime: *m", "alias"),
        (b"? [1]\n: 2", "a key that is no text"),
        (b"time: 2013-02-30", "day is out of range"),
        (b"time: !!python/name:os.system", "python/name"),
        (b"time: \xff", "invalid start byte"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_place(added: bytes, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse(PLAN + added)
    assert said in str(caught.value)


@pytest.mark.parametrize("source", [b"", b"- a", b"text", b"[" * 5000, b"a" * (1 << 21)])
def test_what_is_no_plan_at_all_is_refused(source: bytes) -> None:
    with pytest.raises(PlanError):
        parse(source)


@pytest.mark.parametrize("key", ["question", "contract", "data", "label", "candidates"])
def test_what_a_plan_must_say_is_named(key: str) -> None:
    lines = [line for line in PLAN.splitlines(keepends=True) if not line.startswith(key.encode())]
    kept = [line for line in lines if key != "candidates" or not line.startswith(b" ")]
    with pytest.raises(PlanError, match=f"`{key}`"):
        parse(b"".join(kept))


def test_a_plan_cannot_be_changed() -> None:
    plan: Plan = parse(PLAN)
    with pytest.raises(AttributeError):
        plan.seed = 3  # type: ignore[misc]
