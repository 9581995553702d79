"""Whether callers of one contract are served by another: field by field, with the reason.

Inputs may widen and outputs may narrow without breaking a caller; the reverse breaks. The verdict sets the next
semantic version (semver.org 2.0.0): breaking raises the major number, compatible the minor one, prose the patch.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import ORDERED, Kind, plain


class Verdict(enum.StrEnum):
    """What a change does to those who rely on the old contract, from harmless to harmful."""

    PROSE = "prose"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts."""

    where: str  # "input", "output" or "contract"
    field: str
    verdict: Verdict
    reason: str

    def __str__(self) -> str:
        return f"{self.where} {self.field!r}: {self.reason} ({self.verdict})"


def compare(old: Contract, new: Contract) -> list[Change]:
    """Every difference: inputs first, then the output, then the contract as a whole."""
    changes = compare_inputs(old.features, new.features)
    changes += [Change("output", old.label.name, *found) for found in _output(old.label, new.label)]
    return changes + [Change("contract", old.name, *found) for found in _whole(old, new)]


def compare_inputs(old: Schema, new: Schema) -> list[Change]:
    """The differences between two records that callers fill in."""
    changes = []
    for field in old:
        if field.name not in new:
            reason = "removed; who still sends it is refused"
            changes.append(Change("input", field.name, Verdict.BREAKING, reason))
        else:
            changes += [Change("input", field.name, *found) for found in _input(field, new[field.name])]
    for field in new:
        if field.name not in old:
            verdict = Verdict.COMPATIBLE if field.nullable else Verdict.BREAKING
            changes.append(
                Change("input", field.name, verdict, f"new {'optional' if field.nullable else 'required'} input")
            )
    return changes


def verdict(changes: list[Change]) -> Verdict | None:
    """The worst verdict among the changes, None where nothing changed."""
    return max((change.verdict for change in changes), key=list(Verdict).index, default=None)


def next_version(version: str, changes: list[Change]) -> str:
    """The semantic version after the changes.

    >>> next_version("1.4.2", [Change("input", "wind", Verdict.COMPATIBLE, "new optional input")])
    '1.5.0'
    """
    major, minor, patch = map(int, version.split("."))
    match verdict(changes):
        case Verdict.BREAKING:
            return f"{major + 1}.0.0"
        case Verdict.COMPATIBLE:
            return f"{major}.{minor + 1}.0"
        case Verdict.PROSE:
            return f"{major}.{minor}.{patch + 1}"
    return version


Found = Iterator[tuple[Verdict, str]]


def _input(old: Field, new: Field) -> Found:
    if old.kind is not new.kind:
        wider = (old.kind, new.kind) == (Kind.INT, Kind.FLOAT)
        yield (Verdict.COMPATIBLE if wider else Verdict.BREAKING), f"type changed from {old.kind} to {new.kind}"
        if not wider:
            return
    if old.nullable != new.nullable:
        yield (
            (Verdict.COMPATIBLE, "may now be missing")
            if new.nullable
            else (Verdict.BREAKING, "may no longer be missing")
        )
    yield from _domain(old, new, narrowed=Verdict.BREAKING, widened=Verdict.COMPATIBLE)
    if old.zone != new.zone:
        added = old.zone is None
        yield (Verdict.COMPATIBLE if added else Verdict.BREAKING), f"time zone changed from {old.zone} to {new.zone}"
    yield from _meaning(old, new)


def _output(old: Field, new: Field) -> Found:
    if old.name != new.name:
        yield Verdict.BREAKING, f"removed; the output is now called {new.name!r}"
    if old.kind is not new.kind:
        yield Verdict.BREAKING, f"type changed from {old.kind} to {new.kind}"
        return
    yield from _domain(old, new, narrowed=Verdict.COMPATIBLE, widened=Verdict.BREAKING)
    both = old.categories and new.categories
    if both and old.categories != new.categories and set(old.categories or ()) == set(new.categories or ()):
        yield Verdict.BREAKING, "the order of the classes changed, and with it that of the probabilities"
    yield from _meaning(old, new)


def _meaning(old: Field, new: Field) -> Found:
    if old.unit != new.unit:
        stated = old.unit is not None and new.unit is not None
        yield (Verdict.BREAKING if stated else Verdict.COMPATIBLE), f"unit changed from {old.unit} to {new.unit}"
    prose = ("definition", "example", "notes", "question", "attribute", "personal")
    changed = [slot for slot in prose if getattr(old, slot) != getattr(new, slot)]
    if changed:
        yield Verdict.PROSE, f"{' and '.join(changed)} changed"


def _whole(old: Contract, new: Contract) -> Found:
    if old.name != new.name:
        yield Verdict.BREAKING, f"renamed to {new.name!r}"
    for code in sorted(set(new.raises) - set(old.raises)):
        yield Verdict.COMPATIBLE, f"may now raise {code!r}"
    for code in sorted(set(old.raises) - set(new.raises)):
        yield Verdict.COMPATIBLE, f"no longer raises {code!r}"
    slots = ("definition", "algorithm", "min_rows", "max_rows")
    changed = [slot for slot in slots if getattr(old, slot) != getattr(new, slot)]
    if old.features.definition != new.features.definition or old.features.name != new.features.name:
        changed.append("name or definition of the record")
    if changed:
        yield Verdict.PROSE, f"{' and '.join(changed)} changed"


def _domain(old: Field, new: Field, *, narrowed: Verdict, widened: Verdict) -> Found:
    """Where the set of allowed values shrank or grew: categories, or else range, lengths and pattern."""
    if old.categories is not None or new.categories is not None:
        yield from _categories(old, new, narrowed, widened)
        return
    for what, before, after, slots in (*_range(old, new), *_lengths(old, new)):
        if before != after:
            moved = f"{what} moved from {_shown(old, slots)} to {_shown(new, slots)}"
            yield (narrowed if after > before else widened), moved
    if old.pattern != new.pattern:
        added, dropped = old.pattern is None, new.pattern is None
        yield (narrowed if added else widened if dropped else Verdict.BREAKING), "pattern changed"


def _categories(old: Field, new: Field, narrowed: Verdict, widened: Verdict) -> Found:
    """A closed set against another, or against the limits of an open one."""
    before, after = _closed(old), _closed(new)
    if before is None:
        yield narrowed, "categories set"
    elif gone := [value for value in before if not new.admits(value)]:
        yield narrowed, f"categories removed: {', '.join(map(repr, gone))}"
    if after is None:
        yield widened, "categories dropped"
    elif come := [value for value in after if not old.admits(value)]:
        yield widened, f"categories added: {', '.join(map(repr, come))}"


def _closed(field: Field) -> tuple[Any, ...] | None:
    return (False, True) if field.kind is Kind.BOOL and field.categories is None else field.categories


# What can be narrowed by degrees: its name, measures that grow as it narrows, and the slots that say it.
Limit = tuple[str, Any, Any, tuple[str, ...]]


def _range(old: Field, new: Field) -> Iterator[Limit]:
    """The ends of the range, as the least and greatest value allowed: for an int, above 0 is the same as from 1."""
    if old.kind in ORDERED and (old.bounds or new.bounds):
        (low, high), (lower, higher) = old.span, new.span
        yield "lower limit", low, lower, ("gt", "ge")
        yield "upper limit", -high, -higher, ("lt", "le")


def _lengths(old: Field, new: Field) -> Iterator[Limit]:
    yield "least length", old.shortest or 0, new.shortest or 0, ("shortest",)
    longest, longer = (-math.inf if field.max_length is None else -field.max_length for field in (old, new))
    yield "greatest length", longest, longer, ("max_length",)


def _shown(field: Field, slots: tuple[str, ...]) -> str:
    return next((f"{slot} {plain(limit)}" for slot in slots if (limit := getattr(field, slot)) is not None), "none")
