"""Names and references."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bascule.errors import UsageError
from bascule.evidence.refs import Ref, checked_channel, checked_name, parse

names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", fullmatch=True)
channels = names.filter(lambda name: not name.isdigit())
refs = (
    st.builds(Ref, names) | st.builds(Ref, names, st.integers(1, 10**9 - 1)) | st.builds(Ref, names, channel=channels)
)


@given(refs)
def test_a_reference_reads_back_as_it_was_written(ref: Ref) -> None:
    assert parse(str(ref)) == ref


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".hidden",
        "-option",
        "a b",
        "a/b",
        "..",
        "a@b",
        "ü",
        "٣",
        "a\n",
        "a\0",
        "x" * 101,
        "'; DROP TABLE runs",
        "🛫",
    ],
)
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        checked_name(name)


@pytest.mark.parametrize("text", ["", "@", "@3", "a@", "a@0", "a@03", "a@-1", "a@b@c", "a@1 ", "a@" + "9" * 10, "a@٣"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


def test_a_number_cannot_be_a_channel() -> None:
    with pytest.raises(UsageError, match="numbers name versions"):
        checked_channel("3")
