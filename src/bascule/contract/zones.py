"""Local times as instants, by the rules of their zone, one by one and by the column.

The rules are those of zoneinfo in both: Arrow's know no summer time after 2037.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import numpy as np

from bascule.contract.kinds import EPOCH

Array = np.ndarray[Any, np.dtype[Any]]


def localised(value: dt.datetime, zone: str) -> dt.datetime | None:
    """A local time with its offset; None where the clock showed it twice or never."""
    local = value.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    return local if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset() else None


def instants(local: Array, zone: str) -> tuple[Array, Array]:
    """Local microseconds as UTC microseconds, and which of them the clock showed twice or never.

    The rules are asked by the hour; only where an hour holds a change are they asked by the second.
    """
    place = zoneinfo.ZoneInfo(zone)
    seconds = local // 1_000_000
    hours, of = np.unique(seconds // 3600, return_inverse=True)
    offsets = np.hstack([_offsets(hours * 3600, place), _offsets(hours * 3600 + 3599, place)])
    found, doubted = offsets[of, 0], np.ptp(offsets, axis=1).astype(bool)[of]
    exact = _offsets(seconds[doubted], place)
    found[doubted] = exact[:, 0]
    doubted[doubted] = exact[:, 0] != exact[:, 1]
    return local - found * 1_000_000, doubted


def _offsets(seconds: Array, place: zoneinfo.ZoneInfo) -> Array:
    """The offsets in seconds of local times, as before and as after a change, shape (times, 2)."""
    shown = [EPOCH + dt.timedelta(seconds=second) for second in seconds.tolist()]
    folds = [[time.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)] for time in shown]
    return np.array(folds, "timedelta64[s]").astype("int64").reshape(-1, 2)
