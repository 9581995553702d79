"""Random Records and rows, which every reader, built in or plugged in, must judge and understand alike.

`schemas` draws rule tables of every kind, `rows` draws rows for one, sound and unsound. `sound` says in plain Python
whether a value obeys a field, and `worth` what it is then worth: the oracle that readers are held against.
Needs hypothesis.
"""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from typing import Any

import numpy as np
from hypothesis import reject, strategies as st

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import EPOCH, INT64, ORDERED, WHOLE, Kind, Scalar
from bascule.errors import DefinitionError

ODD_NAMES = (
    *("class", "2nd", "dep time", 'say "hi"', "back\\slash", "größe", "🛫", "a.b", "tab\there", " ", "'", "%s"),
    *(
        "line\nbreak",
        "__index_level_0__",
        "__class__",
        "None",
        "f0",
        "\x7f",
        "A",
        "a",
        "é",
        "e\u0301",
        "$ref",
        "-",
        "0",
    ),
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Amsterdam")
PATTERNS = ("^[a-z]*$", "[0-9]", "^.{2,5}$", "é", "^(JFK|LGA|EWR)$")
WORDS = ("", " ", "a", "JFK", "LGA", "abc1", "é", "🛬", "nul\0in", "None", "true", "1", "ABC", "x" * 90)
Rows = list[dict[str, Any]]


def names() -> st.SearchStrategy[str]:
    """Names of columns: the odd ones, and any text that a column may be called."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.sampled_from(ODD_NAMES) | st.text(letters, min_size=1, max_size=8)


@st.composite
def fields(draw: st.DrawFn, name: str = "x", kind: Kind | None = None) -> Field:
    """One column of any kind, with rules that do not contradict each other, and prose."""
    kind = draw(st.sampled_from(Kind)) if kind is None else kind
    rules: dict[str, Any] = {"nullable": draw(st.booleans())}
    if kind is Kind.BOOL and draw(st.integers(0, 3)) == 0:
        rules["categories"] = draw(st.sampled_from([(True,), (False, True), (True, False)]))
    elif kind in (Kind.INT, Kind.TEXT) and draw(st.integers(0, 3)) == 0:
        values: Any = _texts() if kind is Kind.TEXT else st.integers(*INT64) | st.integers(-3, 3)
        rules["categories"] = tuple(draw(st.lists(values, min_size=1, max_size=4, unique=True)))
    elif kind in ORDERED:
        rules |= draw(_ranges(kind))
    elif kind is Kind.TEXT:
        rules |= draw(_lengths())
    if kind is Kind.TIME:
        rules["zone"] = draw(st.none() | st.sampled_from(ZONES))
    prose = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    rules |= {slot: draw(prose) for slot in ("definition", "notes", "question")}
    rules |= {"unit": draw(st.none() | prose), "personal": draw(st.booleans())}
    try:
        field = Field(name=name, kind=kind, **rules)
        example = draw(st.none() | values_of(field).filter(lambda value: not _local(value)))
        return field if example is None else Field(name=name, kind=kind, **rules, example=example)
    except DefinitionError:
        reject()


def schemas(most: int = 4, kind: Kind | None = None) -> st.SearchStrategy[Schema]:
    """Rule tables of one to `most` columns, under odd names."""
    called = st.lists(names(), min_size=1, max_size=most, unique=True)
    return called.flatmap(
        lambda found: st.tuples(*[fields(name, kind) for name in found]).map(lambda drawn: Schema("Row", "", drawn))
    )


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values that obey the field, in Python's own types; none are missing."""
    found: st.SearchStrategy[Any]
    if field.categories is not None:
        found = st.sampled_from(field.categories)
    elif field.kind is Kind.BOOL:
        found = st.booleans()
    elif field.kind is Kind.TEXT:
        drawn = _texts() if field.pattern is None else _texts() | st.from_regex(field.pattern)
        found = drawn.filter(field.admits)
    else:
        low, high = field.span
        edges = st.sampled_from([low, high])
        if field.kind is Kind.FLOAT:
            return edges | st.floats(low + 0.0, high + 0.0, allow_nan=False)  # no range from 0.0 to -0.0
        found = (edges | st.integers(low, high)).map(lambda stored: _unstored(field.kind, stored))
        if field.zone is not None:
            local = found.map(lambda value: value.replace(tzinfo=None))
            found = found | local.filter(lambda value: sound(field, value))
    return found


def strange_values() -> st.SearchStrategy[Any]:
    """Values of every type that a row may hold by mistake or by another library's habit."""
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 12) | st.integers(*INT64) | st.sampled_from([2**63, -(2**63) - 1, 10**30, -(10**400)]),
        st.floats() | st.sampled_from([3.0, -0.0, 2.0**63, -(2.0**63), 1e300]),
        st.text(max_size=3) | st.sampled_from([*WORDS, "\ud800", "2020-01-01", "2020-01-01T00:00:00Z"]),
        st.datetimes() | st.datetimes(timezones=st.just(dt.UTC)),
        st.dates(),
        st.decimals(places=2) | st.sampled_from([decimal.Decimal("3.00"), decimal.Decimal("sNaN")]),
        st.sampled_from([b"a", [1], {"a": 1}, object, 1j, np.int8(3), np.float32(0.5), np.bool_(True), np.str_("a")]),
        st.sampled_from([np.datetime64("2020-01-01T00:00:00.0000015"), np.datetime64("NaT"), np.timedelta64(3, "ns")]),
    )


@st.composite
def rows(draw: st.DrawFn, schema: Schema, most: int = 3, *, strange: bool = True) -> Rows:
    """Rows for a schema: a column is all sound or, where they may be `strange`, mixed with or made of strange values.

    A missing value is None, or its name is left out. Unknown names are left to the test that asks for them.
    """
    count = draw(st.integers(0, most))
    found: Rows = [{} for _ in range(count)]
    for field in schema:
        whole = values_of(field) | st.none() if field.nullable else values_of(field)
        way = draw(st.sampled_from(["sound", "sound", "mixed", "strange"])) if strange else "sound"
        values = whole if way == "sound" else strange_values() | (whole if way == "mixed" else st.none())
        for row in found:
            value = draw(values)
            if value is not None or draw(st.booleans()):
                row[field.name] = value
    return found


def tables(most: int = 3, *, strange: bool = True) -> st.SearchStrategy[tuple[Schema, Rows]]:
    """A schema, and rows for it."""
    return schemas().flatmap(lambda schema: st.tuples(st.just(schema), rows(schema, most, strange=strange)))


def sound(field: Field, value: Any) -> bool:
    """Whether a Python value obeys the field: of its type, by its rules, missing only where it may be."""
    value = _worth(field, value)
    return field.nullable if value is None else value is not _NOTHING and field.admits(value)


def worth(field: Field, value: Any) -> Scalar | None:
    """What a sound value is worth: in the Python type of the kind, a time in UTC and rounded to the microsecond."""
    found: Scalar | None = _worth(field, value)
    if found is _NOTHING:
        raise ValueError(f"{value!r} is no {field.kind}.")
    return found


_NOTHING = object()  # the worth of a value that is none of the kind


def _worth(field: Field, value: Any) -> Any:
    if isinstance(value, np.datetime64) and not np.isnat(value):
        nanoseconds = int(value.astype("datetime64[ns]").astype("int64"))
        value = EPOCH.replace(tzinfo=None) + dt.timedelta(microseconds=(nanoseconds + 500) // 1000)
    elif isinstance(value, np.generic) and not isinstance(value, np.timedelta64):
        value = value.item()
    if value is None:
        return None
    numeric = isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool)
    finite = numeric and (isinstance(value, int) or decimal.Decimal(value).is_finite())
    match field.kind:
        case Kind.BOOL if isinstance(value, bool):
            return value
        case Kind.INT if finite and value == int(value) and INT64[0] <= value <= INT64[1]:
            return int(value)
        case Kind.FLOAT if finite and abs(value) <= WHOLE[Kind.FLOAT][1]:
            return float(value)
        case Kind.TEXT if isinstance(value, str) and value.encode(errors="replace").decode() == value:
            return value
        case Kind.DATE if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        case Kind.TIME if isinstance(value, dt.datetime):
            return _instant(field, value)
    return _NOTHING


def _instant(field: Field, value: dt.datetime) -> Any:
    """The one instant that a time names; a local one must name the same before and after a change of the clock."""
    if value.tzinfo is None and field.zone is None:
        return _NOTHING
    zone = value.tzinfo or zoneinfo.ZoneInfo(field.zone or "UTC")
    try:
        found = {value.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    except OverflowError:
        return _NOTHING
    return found.pop() if len(found) == 1 else _NOTHING


def _local(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.tzinfo is None


def _texts() -> st.SearchStrategy[str]:
    return st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def _unstored(kind: Kind, stored: int) -> Any:
    """The Python value that a stored number stands for."""
    if kind is Kind.TIME:
        return EPOCH + dt.timedelta(microseconds=stored)
    return EPOCH.date() + dt.timedelta(days=stored) if kind is Kind.DATE else stored


@st.composite
def _ranges(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    if kind is Kind.FLOAT:
        one, other = (draw(st.floats(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)) for _ in range(2))
    else:
        one, other = (_unstored(kind, draw(st.integers(-5, 5) | st.integers(*WHOLE[kind]))) for _ in range(2))
    low, high = sorted((one, other))
    lower, upper = draw(st.sampled_from(["ge", "gt", ""])), draw(st.sampled_from(["le", "lt", ""]))
    return {rule: limit for rule, limit in ((lower, low), (upper, high)) if rule}


@st.composite
def _lengths(draw: st.DrawFn) -> dict[str, Any]:
    least, more = draw(st.none() | st.integers(0, 3)), draw(st.none() | st.integers(0, 4))
    most = None if more is None else (least or 1) + more
    pattern = draw(st.none() | st.none() | st.sampled_from(PATTERNS))
    return {"min_length": least, "max_length": most, "pattern": pattern}
