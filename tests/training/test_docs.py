"""docs/plan.md explains every key and metric, and its example is a plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bascule.training.metrics import METRICS
from bascule.training.plan import Plan, Split, parse

TEXT = (Path(__file__).parents[2] / "docs" / "plan.md").read_text("utf-8")


def test_the_example_is_a_plan() -> None:
    example = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[0]
    assert parse(example.encode()).question.endswith("?")


@pytest.mark.parametrize("key", [*Plan.__struct_fields__, *Split.__struct_fields__])
def test_every_key_is_explained(key: str) -> None:
    assert f"| `{key}` |" in TEXT or f"`{{{key}:" in TEXT


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_stands_in_the_table(metric: object) -> None:
    name, label, better = metric.name, metric.label, "greater" if metric.greater else "smaller"  # type: ignore[attr-defined]
    assert f"| `{name}` | {'classes' if label == 'classes' else 'a number'} | {better} |" in TEXT
