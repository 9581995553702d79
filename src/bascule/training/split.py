"""Which rows teach and which judge: parted by time where there is one, else drawn at random from the seed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.contract import Contract
from bascule.contract.fields import Field
from bascule.contract.kinds import Kind, days, microseconds, plain
from bascule.errors import DataSize, OneClass, PlanError
from bascule.training.plan import Plan
from bascule.training.rows import Rows
from bascule.training.seeds import generator


@dataclass(frozen=True, slots=True)
class Parted:
    """Positions of the rows that teach and of those that judge, ascending; `cut` is the first time that judges.

    The cut is the number by which its column stores it: microseconds or days since 1970, or the number itself.
    """

    train: Array
    validate: Array
    cut: int | float | None = None


def by_share(times: Array, share: float) -> Parted:
    """The last rows by time, as near to that share of all as can be while equal times stay on one side.

    >>> parted = by_share(np.array([3, 1, 2, 3]), 0.25)
    >>> parted.validate.tolist(), parted.cut
    ([0, 3], 3)
    """
    ranked = np.sort(times)
    starts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1  # the places at which a new time begins
    if not len(starts):
        raise DataSize(
            f"All {len(times)} rows have the same time; none is later than another.",
            next_step="Leave `time` out of the plan, so that rows are drawn at random, or give rows of other times.",
        )
    judging = len(times) - starts
    return by_moment(times, ranked[starts[np.argmin(abs(judging - share * len(times)))]].item())


def by_moment(times: Array, cut: int | float) -> Parted:
    """The rows from a moment on judge; raises PlanError where one side is empty."""
    late = times >= cut
    if late.all() or not late.any():
        raise PlanError(
            f"split.validate_from leaves {int((~late).sum())} rows to teach and {int(late.sum())} to judge.",
            next_step="Choose a moment between the first and the last time of the data.",
        )
    return Parted(np.flatnonzero(~late), np.flatnonzero(late), cut)


def at_random(groups: Array, share: float, draw: np.random.Generator) -> Parted:
    """That share of every group of rows, drawn at random; a group of two or more rows has some on either side.

    `groups` holds a whole number for each row: its class, or 0 throughout where rows are of one kind.
    """
    judging = np.zeros(len(groups), bool)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        count = 0 if len(rows) < 2 else min(max(round(len(rows) * share), 1), len(rows) - 1)
        judging[draw.permutation(rows)[:count]] = True
    return Parted(np.flatnonzero(~judging), np.flatnonzero(judging))


def part(plan: Plan, rows: Rows, contract: Contract) -> Parted:
    """The rows as the plan parts them.

    Raises PlanError, DataSize where a side has too few rows or too many teach, OneClass where one has a single class.
    """
    share, start = plan.split.validate or 0.0, plan.split.validate_from
    if rows.time is None or rows.times is None:
        groups = rows.truth if rows.classes else np.zeros(len(rows.truth), int)
        parted = at_random(groups, share, generator(plan.seed, "split"))
    elif start is not None:
        parted = by_moment(rows.times, moment(rows.time, start))
    else:
        parted = by_share(rows.times, share)
    _refuse_unfit(parted, rows, contract.min_rows, contract.max_rows)
    return parted


def _refuse_unfit(parted: Parted, rows: Rows, least: int, most: int | None) -> None:
    teach, judge = len(parted.train), len(parted.validate)
    if teach < least or not judge or (most is not None and teach > most):
        asked = f"at least {least}" + ("" if most is None else f" and at most {most}")
        raise DataSize(
            f"{len(rows.X)} labelled rows part into {teach} that teach and {judge} that judge; {asked} should teach, "
            "and at least 1 judge.",
            next_step="Give more or fewer rows, or another share in `split`.",
        )
    for what, places in (("teach", parted.train), ("judge", parted.validate)):
        if rows.label.categories is not None and len(met := np.unique(rows.truth[places])) == 1:
            raise OneClass(
                f"All {len(places)} rows that {what} are {rows.label.categories[met[0]]!r}.",
                next_step="Part the rows elsewhere (`split`), or give rows of another class on that side.",
            )


def shown(time: Field | None, cut: int | float | None) -> str | None:
    """A cut as people and JSON read it.

    >>> shown(Field(name="day", kind=Kind.DATE), 15779)
    '2013-03-15'
    """
    if time is None or cut is None:
        return None
    return str(plain(Column(np.array([cut])).value(0, time.kind)))


def moment(time: Field, value: Any) -> int | float:
    """A moment of the plan as the number by which the time column stores it; raises PlanError for another kind.

    >>> moment(Field(name="day", kind=Kind.DATE), dt.date(1970, 1, 2))
    1
    """
    match time.kind, value:
        case Kind.TIME, dt.datetime() if value.tzinfo is not None:
            return microseconds(value)
        case Kind.DATE, dt.date() if not isinstance(value, dt.datetime):
            return days(value)
        case ((Kind.INT | Kind.FLOAT), (int() | float())):
            return value
    spelt = {Kind.TIME: "2013-03-15T00:00:00Z", Kind.DATE: "2013-03-15"}.get(time.kind, "a number")
    raise PlanError(
        f"split.validate_from is {value}, and {time.name!r} is a {time.kind}.", next_step=f"Write it as {spelt}."
    )
