"""The rubric: what must have been measured before a version may be released, as a table.

Probes measure and record; the rubric decides from what is recorded, and from nothing else. A rubric is a tuple of
conditions, so that a longer one (Breck et al. 2017, "The ML Test Score") is a longer table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bascule.evidence.nouns import Measurement

Relation = Literal[">", "≤"]
Verdict = Literal["pass", "fail", "missing"]
Gate = Literal["open", "closed", "pending"]

_HOLDS: dict[Relation, Callable[[float, float], bool]] = {">": operator.gt, "≤": operator.le}


@dataclass(frozen=True, slots=True)
class Condition:
    """A limit on one number of one probe; `measured_by` is the verb that records it.

    A condition that is not `overridable` stands whatever reason is given.
    """

    probe: str
    number: str
    relation: Relation
    limit: float
    meaning: str
    measured_by: str
    overridable: bool = True

    def decide(self, measured: Measurement | None) -> Outcome:
        """What a measurement says of this condition; one that lacks the number says at most why."""
        if measured is None:
            return self._outcome("missing", None, None, f"not measured; `{self.measured_by}` does that")
        value = measured.numbers.get(self.number)
        if value is None:
            return self._outcome(
                "missing", None, measured.seq, measured.notes or f"{self.number} is not among the numbers"
            )
        holds = _HOLDS[self.relation](value, self.limit)
        return self._outcome("pass" if holds else "fail", value, measured.seq, measured.notes)

    def _outcome(self, verdict: Verdict, value: float | None, seq: int | None, notes: str) -> Outcome:
        return Outcome(
            condition=self.probe,
            verdict=verdict,
            value=value,
            relation=self.relation,
            limit=self.limit,
            words=f"{self.meaning}: {notes}" if notes else self.meaning,
            seq=seq,
            measured_by=self.measured_by,
            overridable=self.overridable,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a condition came to; `seq` is the measurement that decided it."""

    condition: str
    verdict: Verdict
    value: float | None
    relation: Relation
    limit: float
    words: str
    seq: int | None
    measured_by: str
    overridable: bool

    def __str__(self) -> str:
        found = "missing" if self.value is None else f"{self.value:.4g}"
        return f"{self.condition} is {found}, must be {self.relation} {self.limit:g} ({self.words})"


GATE = (
    Condition("baselines", "lower", ">", 0.0, "what it gains on the better baseline, lower bound", "train"),
    Condition(
        "parity", "flip_rate", "≤", 0.001, "share of real rows that the exported model answers otherwise", "train"
    ),
    Condition("contract", "breaking", "≤", 0.0, "changes that break who relies on the version serving now", "promote"),
    Condition("signature", "damaged", "≤", 0.0, "files that are not as they were signed", "promote", overridable=False),
)
"""What a release needs."""


def decide(measured: Mapping[str, Measurement], conditions: tuple[Condition, ...] = GATE) -> tuple[Outcome, ...]:
    """Every condition against the measurements of a version, by the name of the probe.

    >>> [outcome.verdict for outcome in decide({})]
    ['missing', 'missing', 'missing', 'missing']
    """
    return tuple(condition.decide(measured.get(condition.probe)) for condition in conditions)


def gate(outcomes: Sequence[Outcome]) -> Gate:
    """Open where every condition is met; pending where only what `promote` itself measures is missing.

    >>> gate(decide({}))
    'closed'
    """
    doubts = [outcome for outcome in outcomes if outcome.verdict != "pass"]
    if any(outcome.verdict == "fail" or outcome.measured_by != "promote" for outcome in doubts):
        return "closed"
    return "pending" if doubts else "open"
