"""The nouns."""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.errors import UsageError
from bascule.evidence import nouns
from bascule.evidence.canonical import canonical
from bascule.evidence.nouns import Dataset, Key, Measurement, Note, Noun, Release, Run, Version
from bascule.testing import nouns as examples

KINDS = [Dataset, Run, Version, Measurement, Release, Note, Key]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
WHOLE = st.integers(0, 2**53 - 1)
SIMPLE = {
    str: TEXT,
    int: WHOLE,
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Any: WHOLE | TEXT | st.lists(TEXT),
    type(None): st.none(),
}


def drawn(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type that a noun uses; never `st.from_type`, whose registry all tests share."""
    if hint in SIMPLE:
        return SIMPLE[hint]
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: drawn(part) for name, part in typing.get_type_hints(hint).items()})
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin is tuple:
        return st.lists(drawn(parts[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(drawn(parts[0]), drawn(parts[1]), max_size=3)
    return st.one_of([drawn(part) for part in parts])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_noun_reads_back_from_its_json(kind: type[Noun], data: Any) -> None:
    noun = data.draw(drawn(kind))
    assert nouns.read(kind, json.loads(canonical(noun.document()))) == noun


@pytest.mark.parametrize(
    ("noun", "ref"),
    [
        (examples.dataset(number=2), "flights@2"),
        (examples.version(number=3), "late-arrival@3"),
        (examples.run(id="ab" * 16), "ab" * 16),
        (Release(model="m", channel="c", number=4), "m@4"),
    ],
)
def test_a_noun_names_itself(noun: Any, ref: str) -> None:
    assert noun.ref == ref


def test_two_runs_never_share_an_id() -> None:
    ids = [examples.run().id for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(run) for run in ids} == {32}


def test_a_body_leaves_out_what_the_journal_says() -> None:
    assert not {"seq", "created", "by"} & set(examples.dataset(seq=7, created=8, by="me").body())


def test_a_value_that_is_not_json_is_refused() -> None:
    with pytest.raises(UsageError, match="of type object"):
        examples.measurement(numbers={"auc": object()}).body()


@pytest.mark.parametrize(("number", "text"), [(np.float64(0.5), "0.5"), (np.float32(0.5), "0.5"), (np.int64(7), "7")])
def test_the_numbers_of_numpy_are_numbers(number: Any, text: str) -> None:
    assert canonical(examples.measurement(numbers={"auc": number}).body()["numbers"]["auc"]) == text
