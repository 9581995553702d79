"""Will this flight arrive more than 15 minutes late? Asked at the scheduled departure, of what is known then."""

from datetime import datetime
from typing import Annotated, Literal

import bascule as bl
from bascule import Doc, Ge, Gt, Le, Len, Lt, Notes, Unit


class Flight(bl.Record):
    """One scheduled departure from New York, as it is known at the scheduled time."""

    scheduled: Annotated[datetime, Doc("scheduled departure")]
    departs: Annotated[int, Ge(0), Lt(1440), Unit("min"), Doc("scheduled departure after midnight, local time")]
    weekday: Annotated[int, Ge(1), Le(7), Doc("day of the week, local time: 1 is Monday (ISO 8601)")]
    carrier: Annotated[str, Len(2, 2), Doc("IATA code of the airline")]
    origin: Annotated[Literal["EWR", "JFK", "LGA"], Doc("IATA code of the airport of departure")]
    dest: Annotated[str, Len(3, 3), Doc("IATA code of the airport of destination")]
    distance: Annotated[float, Gt(0), Unit("mi"), Doc("great circle")]
    temperature: Annotated[float | None, Unit("degF"), Doc("at the scheduled hour, where measured")]
    dew_point: Annotated[float | None, Unit("degF"), Doc("at the scheduled hour, where measured")]
    humidity: Annotated[float | None, Ge(0), Le(100), Unit("%"), Doc("relative, at the scheduled hour")]
    wind: Annotated[float | None, Ge(0), Unit("mph"), Doc("at the scheduled hour, where measured")]
    gust: Annotated[
        float | None, Ge(0), Unit("mph"), Doc("at the scheduled hour"), Notes("missing where there was none")
    ]
    rain: Annotated[float | None, Ge(0), Unit("in"), Doc("in the scheduled hour")]
    pressure: Annotated[float | None, Gt(0), Unit("mbar"), Doc("at sea level, where measured")]
    visibility: Annotated[float | None, Ge(0), Unit("mi"), Doc("at the scheduled hour")]
    built: Annotated[int | None, Ge(1900), Le(2013), Doc("year in which the plane was built, where known")]
    seats: Annotated[int | None, Gt(0), Doc("of the plane, where known")]


class Arrival(bl.Label):
    """How the flight ended."""

    ON_TIME = "on time"
    LATE = "late"  # more than 15 minutes after the scheduled arrival


class FlownFlight(Flight):
    """A flight that arrived: what was known at departure, and how it ended."""

    flight: Annotated[int, Gt(0), Doc("flight number of the airline")]
    arrival: Annotated[Arrival, Doc("late is more than 15 minutes after the scheduled arrival")]


class LateArrival(bl.Model[Flight, Arrival]):
    """Will this flight arrive more than 15 minutes late?"""
