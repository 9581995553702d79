"""The verb `runs compare`: in what two runs differ, and what that did to the metrics."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from typing_extensions import Doc

from bascule.evidence import refs
from bascule.evidence.nouns import Run
from bascule.project import Project
from bascule.runs.find import find
from bascule.stores.blobs import Blobs

CONTRACT = "contract.py"  # the artifact that holds the contract's source
LONGEST = 20_000  # lines of a text that is still compared line by line


@dataclass(frozen=True, slots=True)
class Moved:
    """One input that differs: `kind` is data, plan, contract, seed, environment, code or parameter."""

    kind: str
    name: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of both runs; `difference` is b − a where both have it."""

    name: str
    a: float | None
    b: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """How a text of run a became that of run b, as a unified diff."""

    name: str
    diff: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs side by side: the inputs that moved, the texts that changed, all metrics."""

    a: str
    b: str
    moved: tuple[Moved, ...]
    changes: tuple[Change, ...]
    metrics: tuple[Metric, ...]

    def text(self) -> str:
        """The comparison for people."""
        lines = [f"a  {self.a}", f"b  {self.b}", ""]
        lines += [f"{each.kind} {each.name}: {_cell(each.a)} → {_cell(each.b)}" for each in self.moved]
        lines += [] if self.moved else ["The same inputs."]
        for metric in self.metrics:
            change = "" if metric.difference is None else f"  ({metric.difference:+.6g})"
            lines.append(f"metric {metric.name}: {_cell(metric.a)} → {_cell(metric.b)}{change}")
        for each in self.changes:
            lines += ["", each.diff.rstrip("\n")]
        return "\n".join(lines)


def compare(
    project: Project,
    a: Annotated[str, Doc("id of a run, its first digits, or `latest`")],
    b: Annotated[str, Doc("the run to hold against it")],
) -> Compared:
    """What differs between two runs: data, plan, contract, seed, environment, code, parameters; and their metrics."""
    with project.ledger.read() as connection:
        return compared(find(connection, a), find(connection, b), project.blobs)


def compared(a: Run, b: Run, blobs: Blobs, others: Blobs | None = None) -> Compared:
    """The comparison of two runs that are at hand; `others` holds what b refers to, where that is elsewhere."""
    beside = blobs if others is None else others
    moved = [
        *_each("data", _by_name(a.data), _by_name(b.data)),
        *_each("plan", {"plan": a.plan}, {"plan": b.plan}),
        *_each("contract", {CONTRACT: _source(a)}, {CONTRACT: _source(b)}),
        *_each("seed", {"seed": a.seed}, {"seed": b.seed}),
        *_each("environment", _place(a, blobs), _place(b, beside)),
        *_each("code", _code(a), _code(b)),
        *_each("parameter", a.params, b.params),
    ]
    texts = (("plan", a.plan, b.plan), (CONTRACT, _source(a), _source(b)), ("changes", a.code.diff, b.code.diff))
    changes = tuple(
        Change(name, _unified(name, _text(blobs, old), _text(beside, new))) for name, old, new in texts if old != new
    )
    names = dict.fromkeys((*a.metrics, *b.metrics))
    return Compared(a.id, b.id, tuple(moved), changes, tuple(_metric(a, b, name) for name in names))


def _each(kind: str, a: dict[str, Any], b: dict[str, Any]) -> Iterator[Moved]:
    for name in dict.fromkeys((*a, *b)):
        if a.get(name) != b.get(name):
            yield Moved(kind, name, a.get(name), b.get(name))


def _by_name(data: tuple[str, ...]) -> dict[str, str]:
    """The datasets by name; of one that was read in several versions, all."""
    found: dict[str, list[str]] = {}
    for ref in data:
        found.setdefault(refs.parse(ref).name, []).append(ref)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _source(run: Run) -> str | None:
    return run.artifacts[CONTRACT].hash if CONTRACT in run.artifacts else None


def _place(run: Run, blobs: Blobs) -> dict[str, Any]:
    """Interpreter, platform, packages and variables; of a package the version, and which files go by it."""
    told = json.loads(blobs.get(run.environment.packages))
    found: dict[str, Any] = {"python": run.environment.python, "platform": run.environment.platform}
    for name, said in told["packages"].items():
        found[f"package {name}"] = f"{said['version']} (files {str(said['files'])[:12]})"
    found.update(told["variables"])
    return found


def _code(run: Run) -> dict[str, Any]:
    return {"commit": run.code.sha, "changes": run.code.diff or run.code.dirty}


def _metric(a: Run, b: Run, name: str) -> Metric:
    old, new = a.metrics.get(name), b.metrics.get(name)
    return Metric(name, old, new, None if old is None or new is None else new - old)


def _text(blobs: Blobs, digest: str | None) -> list[str]:
    return [] if digest is None else blobs.get(digest).decode(errors="replace").splitlines(keepends=True)


def _unified(name: str, old: list[str], new: list[str]) -> str:
    if max(len(old), len(new)) > LONGEST:
        return f"{name}: {len(old):,} lines became {len(new):,}, too many to compare line by line.\n"
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _cell(value: Any) -> str:
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
