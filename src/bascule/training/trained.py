"""What a training came to, for programs and for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bascule.training.compare import Scored
from bascule.training.intervals import LEVEL, Interval
from bascule.training.rows import Rows
from bascule.training.split import Parted, shown

Verdict = Literal["needed", "not needed"]


@dataclass(frozen=True, slots=True)
class Sides:
    """How many rows taught and how many judged, from which moment on (RFC 3339), and how many could do neither."""

    train: int
    validate: int
    cut: str | None
    unlabelled: int
    undated: int

    @classmethod
    def of(cls, rows: Rows, parted: Parted) -> Sides:
        """The sides of rows that were parted."""
        cut = shown(rows.time, parted.cut)
        return cls(len(parted.train), len(parted.validate), cut, rows.unlabelled, rows.undated)


@dataclass(frozen=True, slots=True)
class Trained:
    """A registered version and how it was found: `winner` is the candidate of `candidates` that it is.

    `metrics` are the winner's on the rows that judge, `baseline_metrics` those of each baseline; `verdict` is "needed"
    where the winner beats every baseline beyond what other rows might change. `runtime` says what serves the version:
    onnx, or python for the `reason` given.
    """

    run: str
    version: str
    verdict: Verdict
    metrics: dict[str, float]
    baseline_metrics: dict[str, dict[str, float]]
    metric: str
    winner: str
    candidates: tuple[Scored, ...]
    rows: Sides
    runtime: str
    reason: str

    def text(self) -> str:
        """The table of candidates, what follows from it, and what came of it."""
        baselines = [scored.name for scored in self.candidates if scored.baseline]
        table = [["candidate", "train", f"validation [{LEVEL:.0%}]", *(f"gain over {name}" for name in baselines), ""]]
        for scored in self.candidates:
            gains = [_signed(scored.gains.get(name)) for name in baselines]
            mark = "← best" if scored.name == self.winner else ""
            table.append([scored.name, f"{scored.train:.4g}", _interval(scored.validate), *gains, mark])
        return "\n".join(
            [f"{self.metric} of {self.version}, run {self.run}", "", *_aligned(table), "", *self._remarks()]
        )

    def _remarks(self) -> Iterator[str]:
        by = "drawn at random" if self.rows.cut is None else f"from {self.rows.cut} on"
        yield f"{self.rows.train:,} rows taught and {self.rows.validate:,}, {by}, judged."
        for count, lack in ((self.rows.unlabelled, "label"), (self.rows.undated, "time")):
            if count:
                yield f"{count:,} rows without a {lack} were left out."
        if self.verdict == "needed":
            yield f"Learning is worth while: {self.winner} beats every baseline."
        else:
            yield "Machine learning is not needed here: nothing beats every baseline for certain."
        if self.runtime == "python":
            yield f"Served by Python, not ONNX: {self.reason}"


def _interval(found: Interval) -> str:
    return f"{found.value:.4g} [{found.low:.4g}, {found.high:.4g}]"


def _signed(found: Interval | None) -> str:
    return "" if found is None else f"{found.value:+.4g} [{found.low:+.4g}, {found.high:+.4g}]"


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in table]
