"""The column-wise check: every rule of a Field against a whole column, every violation counted and shown by example."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.faults import SHOWN, Fault, fault
from bascule.contract.fields import Field
from bascule.contract.kinds import WHOLE, Kind, number

Broken = Iterator[tuple[str, Any, Array]]  # a rule, its limit as shown, and which rows break it


def check(field: Field, column: Column, start: int = 0) -> list[Fault]:
    """Every rule that the column breaks; `start` is the number of its first row.

    >>> [str(fault) for fault in check(Field(name="age", kind=Kind.INT, ge=0), Column(np.array([3, -1])))]
    ["'age' breaks ge 0 in 1 row (row 1: -1)"]
    """
    faults = []
    for rule, limit, broken in _broken(field, column):
        rows = int(np.count_nonzero(broken))
        if rows:
            examples = [
                (start + int(row), column.value(int(row), field.kind)) for row in np.flatnonzero(broken)[:SHOWN]
            ]
            faults.append(fault(field, rule, limit, rows, examples))
    return faults


def _broken(field: Field, column: Column) -> Broken:
    if column.valid is not None and not field.nullable:
        yield "missing", None, ~(column.valid if column.wrong is None else column.valid | column.wrong)
    for rule, limit, broken in (_broken_texts if field.kind is Kind.TEXT else _broken_numbers)(field, column):
        yield rule, limit, broken if column.valid is None else broken & column.valid


def _broken_numbers(field: Field, column: Column) -> Broken:
    """A column whose least and greatest value are sound is sound: two passes clear it; NaN shows in both."""
    values = column.values
    if field.categories is not None:
        yield "categories", field.categories, ~np.isin(values, np.array(field.categories))
    elif field.kind is not Kind.BOOL and len(values):
        low, high = field.span
        if not (values.min() >= low and values.max() <= high):
            if field.kind is Kind.FLOAT:
                yield "finite", None, ~np.isfinite(values)
            else:
                yield "type", str(field.kind), (values < WHOLE[field.kind][0]) | (values > WHOLE[field.kind][1])
            for rule, limit in field.bounds:
                yield rule, limit, _BREAKS[rule](values, number(field.kind, limit))


_BREAKS: dict[str, Callable[[Array, Any], Array]] = {
    "ge": np.less,
    "gt": np.less_equal,
    "le": np.greater,
    "lt": np.greater_equal,
}


def _broken_texts(field: Field, column: Column) -> Broken:
    """A text's rules are asked of its distinct values only, and spread to the rows by code."""
    for rule, limit, holds in _text_rules(field):
        broken = np.fromiter((not holds(text) for text in column.texts), bool, len(column.texts))
        if broken.any():
            yield rule, limit, broken[column.values]


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
