"""What a training measured of the version it registers: the evidence that a release is judged by."""

from __future__ import annotations

import functools

import numpy as np

from bascule.evidence.nouns import Measurement, Version
from bascule.training.compare import Comparison
from bascule.training.intervals import Interval
from bascule.training.rows import Rows
from bascule.training.split import Parted, shown


def findings(
    version: Version, inputs: dict[str, str], comparison: Comparison, rows: Rows, parted: Parted
) -> list[Measurement]:
    """The measurements `baselines`, `comparison` and `split` of a version; `inputs` are the hashes of what was seen."""
    measured = functools.partial(Measurement, subject=version.ref, run=version.run, inputs=inputs)
    return [
        measured(
            probe="baselines",
            numbers=_gains(comparison),
            limits={"lower": 0},
            verdict="pass" if comparison.needed else "fail",
            notes=_told(comparison),
        ),
        measured(probe="comparison", numbers=_scores(comparison), verdict="info", notes=f"by {comparison.metric.name}"),
        measured(probe="split", numbers=_sides(rows, parted), verdict="info", notes=_cut(rows, parted)),
    ]


def _gains(comparison: Comparison) -> dict[str, float]:
    """`lower` is what a gate asks for: the lower bound of what is gained on the better baseline."""
    winner = comparison.winner
    found = {"lower": comparison.lower, **_bounds(comparison.metric.name, winner.validate)}
    for name, gain in winner.gains.items():
        found |= _bounds(f"gain over {name}", gain)
    return found


def _told(comparison: Comparison) -> str:
    baselines = [each for each in comparison.scored if each.baseline]
    said = ", ".join(f"{each.name} {each.validate.value:.4g}" for each in baselines)
    return f"{comparison.metric.name} of {comparison.winner.name} {comparison.winner.validate.value:.4g}, of {said}"


def _scores(comparison: Comparison) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in comparison.scored:
        found |= {f"{each.name} train": each.train, **_bounds(each.name, each.validate)}
        found[f"{each.name} seconds"] = each.seconds
    return found


def _bounds(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.value, f"{name} low": interval.low, f"{name} high": interval.high}


def _sides(rows: Rows, parted: Parted) -> dict[str, float]:
    found: dict[str, float] = {"unlabelled": rows.unlabelled, "undated": rows.undated}
    for side, places in (("train", parted.train), ("validate", parted.validate)):
        truth = rows.truth[places]
        found[f"{side} rows"] = len(truth)
        if rows.label.categories is None:
            found |= {f"{side} mean": float(truth.mean()), f"{side} deviation": float(truth.std())}
        else:
            shares = np.bincount(truth, minlength=len(rows.label.categories)) / len(truth)
            for value, share in zip(rows.label.categories, shares.tolist(), strict=True):
                found[f"{side} share {value}"] = share
    return found


def _cut(rows: Rows, parted: Parted) -> str:
    cut = shown(rows.time, parted.cut)
    return "drawn at random" if rows.time is None or cut is None else f"rows from {rows.time.name} {cut} on judge"
