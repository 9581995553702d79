"""The calendar of models is Python's."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.contract.kinds import days, microseconds
from bascule.contract.signature import MISSING_MOMENT
from bascule.models.calendar import PARTS, Calendar

FIRST, LAST = (dt.datetime.fromisoformat(text) for text in ("1900-01-01", "2100-12-31T23:59:59.999999"))
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC))
DATES = st.dates(FIRST.date(), LAST.date())


def of_date(day: dt.date) -> list[int]:
    return [day.weekday(), day.day, day.month, day.timetuple().tm_yday]


def of_time(time: dt.datetime) -> list[int]:
    return [time.hour, time.hour * 60 + time.minute, *of_date(time)]


@given(st.lists(TIMES, min_size=1))
def test_times_are_split_as_python_splits_them(times):
    found = Calendar("us").fit_transform(np.array([[microseconds(time)] for time in times]))
    assert found.tolist() == [of_time(time) for time in times]


@given(st.lists(DATES, min_size=1))
def test_dates_are_split_as_python_splits_them(dates):
    found = Calendar("D").fit_transform(np.array([[days(date)] for date in dates]))
    assert found.tolist() == [of_date(date) for date in dates]


@pytest.mark.parametrize(
    "day", [dt.date.min, dt.date(4, 2, 29), dt.date(1900, 2, 28), dt.date(2000, 2, 29), dt.date.max]
)
def test_the_ends_of_the_calendar_and_leap_days_are_right(day):
    assert Calendar("D").fit_transform([[days(day)]]).tolist() == [of_date(day)]


def test_what_is_missing_is_nan_in_every_part():
    assert np.isnan(Calendar("us").fit_transform([[MISSING_MOMENT]])).all()


def test_each_part_of_every_column_comes_before_the_next_part():
    calendar = Calendar("D").fit([[0, 400]])
    names = calendar.get_feature_names_out(["out", "back"]).tolist()
    assert names == [f"{column} {part}" for part in PARTS["D"] for column in ("out", "back")]
    shown = dict(zip(names, calendar.transform([[0, 400]])[0], strict=True))
    assert (shown["out month"], shown["back month"]) == (1, 2)


def test_no_rows_have_parts_too():
    assert Calendar("us").fit([[0]]).transform(np.zeros((0, 1), "int64")).shape == (0, 6)
