"""Two runs are told apart by what went into them, and by what came out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bascule.evidence import runs
from bascule.evidence.nouns import Code, Environment, File
from bascule.project import Project
from bascule.runs.compare import Compared, compare
from bascule.testing import nouns


def recorded(project: Project, artifacts: dict[str, bytes] | None = None, **facts: Any) -> str:
    """A run with these facts, those that are bytes as blobs."""
    plan = facts.pop("plan", b"seed: 1\n")
    metrics = facts.pop("metrics", {})
    packages = facts.pop("packages", {"numpy": {"version": "2.4", "files": "a" * 64}})
    told = json.dumps({"packages": packages, "variables": facts.pop("variables", {})}).encode()
    place = Environment(python="3.11", platform="linux", packages=project.blobs.put(told))
    diff = facts.pop("diff", None)
    code = Code(sha="c" * 40, dirty=diff is not None, diff=None if diff is None else project.blobs.put(diff))
    begun = nouns.run(plan=project.blobs.put(plan), environment=place, code=code, **facts)
    kept = {name: File(hash=project.blobs.put(data), size=len(data)) for name, data in (artifacts or {}).items()}
    with project.ledger.write() as tx:
        runs.start(tx, begun)
        runs.end(tx, begun.id, "finished", metrics=metrics, artifacts=kept)
    return begun.id


def held(project: Project, a: dict[str, Any], b: dict[str, Any]) -> Compared:
    return compare(project, recorded(project, **a), recorded(project, **b))


def test_the_same_inputs_say_so(project: Project) -> None:
    found = held(project, {"seed": 1}, {"seed": 1})
    assert (found.moved, found.changes) == ((), ())
    assert "The same inputs." in found.text()


NUMPY = {"numpy": {"version": "2.5", "files": "a" * 64}}
BUILT = {"numpy": {"version": "2.4", "files": "b" * 64}}


@pytest.mark.parametrize(
    ("facts", "kind", "name", "value"),
    [
        ({"data": ("flights@2",)}, "data", "flights", "flights@2"),
        ({"data": ("flights@1", "weather@1")}, "data", "weather", "weather@1"),
        ({"seed": 2}, "seed", "seed", 2),
        ({"params": {"lr": 0.1}}, "parameter", "lr", 0.1),
        ({"packages": NUMPY}, "environment", "package numpy", "2.5 (files aaaaaaaaaaaa)"),
        ({"packages": BUILT}, "environment", "package numpy", "2.4 (files bbbbbbbbbbbb)"),
        ({"variables": {"OMP_NUM_THREADS": "1"}}, "environment", "OMP_NUM_THREADS", "1"),
        ({"packages": {}}, "environment", "package numpy", None),
    ],
)
def test_an_input_that_moved_is_named(
    project: Project, facts: dict[str, Any], kind: str, name: str, value: Any
) -> None:
    (moved,) = held(project, {}, facts).moved
    assert (moved.kind, moved.name, moved.b) == (kind, name, value)


@pytest.mark.parametrize(
    ("facts", "kind", "name"),
    [
        ({"plan": b"seed: 2\n"}, "plan", "plan"),
        ({"artifacts": {"contract.py": b"seed: 2\n"}}, "contract", "contract.py"),
        ({"diff": b"seed: 2\n"}, "code", "changes"),
    ],
)
def test_a_text_that_changed_is_shown_line_by_line(
    project: Project, facts: dict[str, Any], kind: str, name: str
) -> None:
    found = held(project, {"artifacts": {"contract.py": b"seed: 1\n"}, "diff": b"seed: 1\n"} | {}, base(facts))
    assert [moved.kind for moved in found.moved] == [kind]
    assert [(change.name, change.diff.splitlines()[-2:]) for change in found.changes] == [
        (name, ["-seed: 1", "+seed: 2"])
    ]


def base(facts: dict[str, Any]) -> dict[str, Any]:
    return {"artifacts": {"contract.py": b"seed: 1\n"}, "diff": b"seed: 1\n"} | facts


def test_metrics_stand_side_by_side(project: Project) -> None:
    found = held(project, {"metrics": {"auc": 0.5, "old": 1.0}}, {"metrics": {"auc": 0.75, "new": 2.0}})
    assert [(metric.name, metric.a, metric.b, metric.difference) for metric in found.metrics] == [
        ("auc", 0.5, 0.75, 0.25),
        ("old", 1.0, None, None),
        ("new", None, 2.0, None),
    ]


def test_a_text_too_long_to_compare_says_how_long_it_is(project: Project) -> None:
    (change,) = held(project, {}, {"plan": b"a\n" * 20_001}).changes
    assert change.diff == "plan: 1 lines became 20,001, too many to compare line by line.\n"
