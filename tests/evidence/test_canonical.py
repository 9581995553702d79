"""Canonical JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bascule.errors import UsageError
from bascule.evidence.canonical import canonical

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
)


def read(text: str) -> Any:
    return json.loads(text, parse_int=float)  # JSON has one kind of number


@given(values)
def test_canonical_json_means_the_same_value(value: Any) -> None:
    assert read(canonical(value)) == value


@given(values)
def test_canonical_json_is_a_fixed_point(value: Any) -> None:
    assert canonical(read(canonical(value))) == canonical(value)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9)))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"metrics": {"auc": float("nan")}}, "value.metrics.auc is nan"),
        ({"a": [1, float("-inf")]}, r"value.a\[1\] is -inf"),
        ({"seed": 2**53}, "value.seed is 9007199254740992"),
        ({"a": "\ud800"}, "value.a is '\\\\ud800'"),
        ({"\ud800": 1}, "the key '\\\\ud800' of value"),
        ({1: "a"}, "the key 1 of value"),
        ({"a": {1, 2}}, "value.a is {1, 2}"),
        ({"a": b"bytes"}, "value.a is b'bytes'"),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(UsageError, match=where):
        canonical(value)
