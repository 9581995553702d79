"""The rubric decides from measurements, number by number."""

from __future__ import annotations

import pytest

from bascule.evidence.nouns import Measurement
from bascule.release.rubric import GATE, Verdict, decide, gate
from bascule.testing import nouns

GOOD = {
    "baselines": {"lower": 0.01},
    "parity": {"flip_rate": 0.001},
    "contract": {"breaking": 0.0},
    "signature": {"damaged": 0.0},
}


def measured(**numbers: dict[str, float]) -> dict[str, Measurement]:
    return {probe: nouns.measurement(probe=probe, numbers=found) for probe, found in numbers.items()}


def test_a_version_that_meets_every_condition_goes_through() -> None:
    assert gate(decide(measured(**GOOD))) == "open"


@pytest.mark.parametrize(
    ("probe", "number", "value", "verdict"),
    [
        ("baselines", "lower", 1e-9, "pass"),
        ("baselines", "lower", 0.0, "fail"),
        ("baselines", "lower", -0.01, "fail"),
        ("parity", "flip_rate", 0.001, "pass"),
        ("parity", "flip_rate", 0.0011, "fail"),
        ("contract", "breaking", 0, "pass"),
        ("contract", "breaking", 1, "fail"),
        ("signature", "damaged", 0, "pass"),
        ("signature", "damaged", 1, "fail"),
        ("parity", "another number", 0.0, "missing"),
    ],
)
def test_each_condition_has_its_limit(probe: str, number: str, value: float, verdict: Verdict) -> None:
    outcomes = decide(measured(**GOOD | {probe: {number: value}}))
    found = {outcome.condition: outcome.verdict for outcome in outcomes}
    assert found == dict.fromkeys(GOOD, "pass") | {probe: verdict}
    assert gate(outcomes) == ("open" if verdict == "pass" else "closed")


def test_what_a_probe_called_a_pass_is_judged_by_its_number() -> None:
    boast = nouns.measurement(probe="parity", numbers={"flip_rate": 0.5}, verdict="pass")
    assert {outcome.verdict for outcome in decide({"parity": boast}) if outcome.condition == "parity"} == {"fail"}


@pytest.mark.parametrize("missing", GOOD)
def test_what_only_promote_measures_may_be_missing_before_it(missing: str) -> None:
    known = {probe: numbers for probe, numbers in GOOD.items() if probe != missing}
    due = {condition.probe for condition in GATE if condition.measured_by == "promote"}
    assert gate(decide(measured(**known))) == ("pending" if missing in due else "closed")


def test_an_outcome_says_value_limit_and_meaning() -> None:
    outcomes = decide(measured(parity={"flip_rate": 0.25}))
    assert [str(outcome) for outcome in outcomes if outcome.verdict == "fail"] == [
        "parity is 0.25, must be ≤ 0.001 (share of real rows that the exported model answers otherwise)"
    ]
