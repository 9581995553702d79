from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from bascule.contract.kinds import Kind
from bascule.files.texts import MISSING, plainly, spelt

DAY = "[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9]"
FORMS = st.one_of(
    st.from_regex(r"[ ]?[+-]?[0-9]{1,20}(\.[0-9]{0,3})?([eE][+-]?[0-9]{1,3})?[ ]?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9]([ T][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?)?Z?",
        fullmatch=True,
    ),
    st.sampled_from(["true", "False", "TRUE", "1", "inf", "-Infinity", "0x1F", "1_000", "x", "0000-01-01", *MISSING]),
)


@given(kind=st.sampled_from(Kind), texts=st.lists(FORMS, min_size=1, max_size=5))
def test_arrow_reads_plain_spellings_as_they_are_read_one_by_one(kind: Kind, texts: list[str]) -> None:
    found = plainly(kind, pa.chunked_array([texts]))
    if found is not None:
        local = [
            value.replace(tzinfo=None) if isinstance(value, dt.datetime) and found.type.tz is None else value
            for value in (spelt(kind, text) for text in texts)
        ]
        assert found.to_pylist() == local


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.INT, " 007 ", 7),
        (Kind.INT, "3.0", 3),
        (Kind.INT, "12e2", 1200.0),
        (Kind.INT, "9" * 500, "9" * 500),
        (Kind.INT, "1,000", "1,000"),
        (Kind.FLOAT, "+.5", 0.5),
        (Kind.FLOAT, "1e400", float("inf")),
        (Kind.FLOAT, "0x1p3", "0x1p3"),
        (Kind.BOOL, "True", True),
        (Kind.BOOL, "1", "1"),
        (Kind.BOOL, "yes", "yes"),
        (Kind.TEXT, " NA ", " NA "),
        (Kind.TIME, "2013-01-31 05:15:00.123456789Z", dt.datetime(2013, 1, 31, 5, 15, 0, 123456, dt.UTC)),
        (Kind.TIME, "2013-01-31T05:15+0530", dt.datetime.fromisoformat("2013-01-31T05:15+05:30")),
        (Kind.TIME, "31.1.2013", "31.1.2013"),
        (Kind.DATE, "2013-02-30", "2013-02-30"),
        (Kind.DATE, "20130131", "20130131"),
    ],
)
def test_a_text_spells_one_value_or_stays_as_it_is(kind: Kind, text: str, value: object) -> None:
    assert spelt(kind, text) == value
    assert type(spelt(kind, text)) is type(value)


@pytest.mark.parametrize("word", MISSING)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
def test_words_for_missing_are_missing_in_every_kind_but_text(kind: Kind, word: str) -> None:
    assert spelt(kind, word) is None
    assert spelt(Kind.TEXT, word) == word
