"""The column-wise check: every rule of a Field against a whole column, every violation counted and shown by example."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from bascule.contract.columns import CALENDAR, Array, Column
from bascule.contract.faults import SHOWN, Fault, fault
from bascule.contract.fields import Field, Kind, number

# A rule on stored numbers: its name, its limit as shown, whether a least and greatest value clear the whole column
# (None: they cannot), and which values break it.
Rule = tuple[str, Any, Callable[[Any, Any], bool] | None, Callable[[Array], Array]]


def check(field: Field, column: Column, start: int = 0) -> list[Fault]:
    """Every rule that the column breaks; `start` is the number of its first row.

    >>> [str(fault) for fault in check(Field(name="age", kind=Kind.INT, ge=0), Column(np.array([3, -1])))]
    ["'age' breaks ge 0 in 1 row (row 1: -1)"]
    """
    found: list[tuple[str, Any, Array]] = []
    if column.valid is not None and not field.nullable:
        found.append(("missing", None, ~column.valid if column.wrong is None else ~(column.valid | column.wrong)))
    breaks = _broken_texts if field.kind is Kind.TEXT else _broken_numbers
    found += [
        (rule, limit, mask if column.valid is None else mask & column.valid)
        for rule, limit, mask in breaks(field, column)
    ]
    faults = []
    for rule, limit, mask in found:
        rows = int(np.count_nonzero(mask))
        if rows:
            examples = [(start + int(row), column.value(int(row), field.kind)) for row in np.flatnonzero(mask)[:SHOWN]]
            faults.append(fault(field, rule, limit, rows, examples))
    return faults


def _broken_numbers(field: Field, column: Column) -> list[tuple[str, Any, Array]]:
    """A column whose least and greatest value are sound is sound: two passes clear it; NaN shows in both."""
    rules = _rules(field)
    present = column.values if column.valid is None else column.values[column.valid]
    if not rules or not len(present):
        return []
    low, high = present.min(), present.max()
    doubted = [rule for rule in rules if rule[2] is None or not rule[2](low, high)]
    return [(rule, limit, mask(column.values)) for rule, limit, _, mask in doubted]


def _broken_texts(field: Field, column: Column) -> list[tuple[str, Any, Array]]:
    """A text's rules are asked of its distinct values only, and spread to the rows by code."""
    found = []
    for rule, limit, holds in _text_rules(field):
        broken = np.fromiter((not holds(text) for text in column.texts), bool, len(column.texts))
        if broken.any():
            found.append((rule, limit, broken[column.values]))
    return found


def _rules(field: Field) -> list[Rule]:
    rules: list[Rule] = []
    if field.kind is Kind.FLOAT:
        rules.append(("finite", None, lambda low, high: bool(np.isfinite(low) and np.isfinite(high)), _not_finite))
    if field.kind in CALENDAR:
        first, last = CALENDAR[field.kind]
        rules.append(("type", str(field.kind), *_between(first, last)))
    rules += [(rule, limit, *_BOUNDS[rule](number(field.kind, limit))) for rule, limit in field.bounds]
    if field.categories is not None:
        allowed = np.array(field.categories)
        rules.append(("categories", field.categories, None, lambda values: ~np.isin(values, allowed)))
    return rules


_BOUNDS: dict[str, Callable[[Any], tuple[Callable[[Any, Any], bool], Callable[[Array], Array]]]] = {
    "ge": lambda limit: (lambda low, _: bool(low >= limit), lambda values: values < limit),
    "gt": lambda limit: (lambda low, _: bool(low > limit), lambda values: values <= limit),
    "le": lambda limit: (lambda _, high: bool(high <= limit), lambda values: values > limit),
    "lt": lambda limit: (lambda _, high: bool(high < limit), lambda values: values >= limit),
}


def _between(first: int, last: int) -> tuple[Callable[[Any, Any], bool], Callable[[Array], Array]]:
    return (
        lambda low, high: bool(first <= low and high <= last),
        lambda values: (values < first) | (values > last),
    )


def _not_finite(values: Array) -> Array:
    return ~np.isfinite(values)


def _text_rules(field: Field) -> list[tuple[str, Any, Callable[[str], bool]]]:
    rules: list[tuple[str, Any, Callable[[str], bool]]] = []
    if (shortest := field.shortest) is not None:
        rules.append(("min_length", shortest, lambda text: len(text) >= shortest))
    if (longest := field.max_length) is not None:
        rules.append(("max_length", longest, lambda text: len(text) <= longest))
    if field.pattern is not None:
        search = re.compile(field.pattern).search
        rules.append(("pattern", field.pattern, lambda text: search(text) is not None))
    if field.categories is not None:
        allowed = frozenset(field.categories)
        rules.append(("categories", field.categories, lambda text: text in allowed))
    return rules
