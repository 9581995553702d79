"""The plan: one YAML file that says what to train, on what, and how it is judged (docs/plan.md)."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml

from bascule.errors import PlanError, Unreadable

LARGEST = 1 << 20  # bytes; a plan is written by hand
SHOWN = 30  # names that an error lists
NAME = re.compile(r"\w[\w.-]{0,39}")


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows judge: a share of all (the last by time where the plan names one), or all from a moment on.

    `validate_from` is a date, a time or a number, as the column is that the plan calls its time.
    """

    validate: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    validate_from: Any = None


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan as it is written; the nodes of `candidates` are read by `build`."""

    question: Annotated[str, msgspec.Meta(min_length=1)]
    contract: Annotated[str, msgspec.Meta(min_length=1)]
    data: Annotated[str, msgspec.Meta(min_length=1)]
    label: Annotated[str, msgspec.Meta(min_length=1)]
    time: str | None = None
    split: Split = Split(validate=0.25)
    metric: str | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = 0
    threads: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
    candidates: Annotated[dict[str, Any], msgspec.Meta(min_length=1)]


def read(path: Path) -> tuple[Plan, bytes]:
    """The plan in a file, and the file's bytes; raises Unreadable, and PlanError naming what is wrong and where."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"There is no plan to read at {path}: {error.strerror}.") from error
    return parse(source, str(path)), source


def parse(source: bytes, name: str = "the plan") -> Plan:
    """The plan that these bytes spell.

    >>> parse(b"{question: Is it late, contract: Late, data: legs, label: late, candidates: {a: {class: x}}}").seed
    0
    """
    if len(source) > LARGEST:
        raise PlanError(f"{name} is {len(source)} bytes long; a plan has at most {LARGEST}.")
    try:
        found = yaml.load(source, _Loader)  # noqa: S506, a SafeLoader
    except yaml.YAMLError as error:
        raise PlanError(f"{name} is no YAML: {_told(error)}.", next_step="Correct the line named.") from error
    except (ValueError, RecursionError) as error:  # a 30th of February; brackets without end
        raise PlanError(f"{name} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise PlanError(f"{name} is {_kind(found)}, not keys and values.", next_step=_keys(Plan))
    for place, struct in (("", Plan), ("split", Split)):
        _refuse_unknown(name, place, struct, found.get(place) if place else found)
    try:
        plan = msgspec.convert(found, Plan)
    except msgspec.ValidationError as error:
        raise PlanError(f"{name}: {error}.".replace("`$.", "`")) from error
    _refuse_contradictions(name, plan)
    return plan


def close(name: str, known: list[str]) -> str:
    """What somebody may have meant by an unknown name.

    >>> close("candidate", ["candidates", "data"])
    "Did you mean 'candidates'? Known: candidates, data."
    """
    near = difflib.get_close_matches(name, known, 2)
    asked = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return f"{asked}Known: {', '.join(known[:SHOWN]) or 'none'}{more}."


def _refuse_unknown(name: str, place: str, struct: type[msgspec.Struct], given: Any) -> None:
    known = list(struct.__struct_fields__)
    for key in given if isinstance(given, dict) else ():
        if key not in known:
            where = f"{place}.{key}" if place else str(key)
            raise PlanError(f"{name} has the unknown key {where!r}.", next_step=close(str(key), known))


def _refuse_contradictions(name: str, plan: Plan) -> None:
    if (plan.split.validate is None) == (plan.split.validate_from is None):
        raise PlanError(
            f"{name}: split says {'nothing' if plan.split.validate is None else 'two things'}.",
            next_step="Give it either `validate`, a share between 0 and 1, or `validate_from`, a moment.",
        )
    for candidate, node in plan.candidates.items():
        if NAME.fullmatch(candidate) is None:
            raise PlanError(
                f"{name}: {candidate!r} cannot name a candidate.", next_step="Use up to 40 letters, digits, - _ and ."
            )
        if not isinstance(node, dict):
            raise PlanError(
                f"{name}: candidates.{candidate} is {_kind(node)}, not keys and values.",
                next_step="Give it `class:` and the parameters of the class, or `steps:`.",
            )
    moment = plan.split.validate_from
    if moment is None:
        return
    if isinstance(moment, bool) or not isinstance(moment, dt.date | int | float):
        raise PlanError(
            f"{name}: split.validate_from is {moment!r}, no moment.",
            next_step="Write it as 2013-03-15, 2013-03-15T00:00:00Z or a number, as the time column is.",
        )
    if plan.time is None:
        raise PlanError(
            f"{name}: split.validate_from asks for a time, and the plan names none.",
            next_step="Say `time:` with the column that holds it.",
        )


def _keys(struct: type[msgspec.Struct]) -> str:
    return f"Known keys: {', '.join(struct.__struct_fields__)}."


def _kind(found: Any) -> str:
    return "empty" if found is None else f"of type {type(found).__name__}"


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem}, line {mark.line + 1}, column {mark.column + 1}" if mark else " ".join(problem.split())


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key stands once, 1e-3 is a number, and nothing is an alias: they can unfold without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias, which a plan cannot use", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                problem = (
                    f"the key {key.value!r} twice" if isinstance(key, yaml.ScalarNode) else "a key that is no text"
                )
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)
