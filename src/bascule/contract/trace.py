"""A Trace: one example followed from its record through every step to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """What one row looks like after a step: its values by name."""

    step: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """One example: the record, the row after every step, the answer, and the classes' probabilities where known."""

    record: dict[str, Any]
    stages: tuple[Stage, ...]
    answer: Any
    probabilities: dict[str, float] | None
