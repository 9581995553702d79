"""What a model keeps comes back exactly: value, type and shape."""

from __future__ import annotations

import datetime as dt
import json
import math
import zoneinfo
from collections import Counter, namedtuple
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.linear_model import LogisticRegression

from bascule.contract.model import Model
from bascule.errors import NotStorable, Unreadable
from bascule.models.state import Reader, Writer
from bascule.testing.models import Arrival, Departure


class Holder(Model[Departure, Arrival]):
    """Keeps whatever it is given."""

    def __init__(self, kept=None):
        self.kept = kept

    def fit(self, X, y=None):
        """Learns nothing."""

    def predict(self, X):
        """Answers nothing."""
        return []


def again(value, fresh=None):
    writer = Writer()
    document = json.loads(json.dumps(writer.model(Holder(value)), allow_nan=False))
    return Reader(writer.arrays, list(writer.estimators.values())).model(document, Holder(fresh)).kept


def same(one, other) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(*keys) and same(*values)
            for keys, values in ((zip(*pair, strict=True)) for pair in zip(one.items(), other.items(), strict=True))
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return math.copysign(1, one) == math.copysign(1, other) and (one == other or one != one)
    if isinstance(one, dt.datetime):
        return (one, one.fold, one.utcoffset()) == (other, other.fold, other.utcoffset())
    return one == other


ZONES = st.sampled_from(
    [None, dt.UTC, dt.timezone(dt.timedelta(hours=-3, seconds=7)), zoneinfo.ZoneInfo("Europe/Berlin")]
)
ATOMS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    *(st.datetimes(timezones=ZONES), st.dates(), st.timedeltas()),
    hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_side=3)),
    hnp.scalar_dtypes().flatmap(lambda dtype: hnp.from_dtype(dtype)),
)
KEYS = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.tuples(st.text(), st.booleans()), st.dates())
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner) | st.frozensets(KEYS),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_comes_back_as_it_was(value):
    assert same(again(value), value)


@given(VALUES)
def test_the_same_value_is_written_the_same(value):
    def written():
        writer = Writer()
        return json.dumps(writer.model(Holder(value))), [array.tobytes() for array in writer.arrays]

    assert written() == written()


def test_arrays_of_texts_keep_their_shape():
    texts = np.array([["a", None], ["", "é"]], object)
    found = again(texts)
    assert (found.dtype, found.tolist()) == (object, texts.tolist())


def test_what_is_kept_twice_is_one_thing_again():
    part, array = LogisticRegression(), np.arange(3)
    found = again([part, {"again": part}, array, (array,)])
    assert found[0] is found[1]["again"]
    assert found[2] is found[3][0]


@pytest.mark.parametrize(
    ("value", "path", "kind"),
    [
        (Decimal(1), "kept", "decimal.Decimal"),
        ({"a": [1, Counter("aab")]}, r"kept\['a'\]\[1\]", "collections.Counter"),
        (({1: object()},), r"kept\[0\]\[1\]", "builtins.object"),
        (namedtuple("Pair", "a b")(1, 2), "kept", "Pair"),
        (Arrival.LATE, "kept", "Arrival"),
        (np.ma.array([1]), "kept", "MaskedArray"),
        (np.array([(1, None)], [("a", "i4"), ("b", object)]), "kept", "numpy.ndarray"),
        (LogisticRegression, "kept", "builtins.type|abc.ABCMeta"),
        (print, "kept", "builtin_function"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused_by_path_and_type(value, path, kind):
    with pytest.raises(NotStorable, match=f"{path} is a .*({kind})"):
        Writer().model(Holder(value))


def test_what_holds_itself_is_refused():
    circle = []
    circle.append([circle])
    with pytest.raises(NotStorable, match=r"kept\[0\]\[0\] holds itself"):
        Writer().model(Holder(circle))


def test_a_model_inside_a_model_is_put_into_the_fresh_one_at_its_place():
    fresh = Holder()
    found = again({"parts": (1, Holder("inner"))}, fresh={"parts": (None, fresh)})
    assert found["parts"][1] is fresh
    assert fresh.kept == "inner"


def test_a_model_inside_a_model_needs_a_fresh_one_at_its_place():
    with pytest.raises(Unreadable, match=r"no fresh Holder at kept\[0\]") as refused:
        again([Holder()])
    assert "constructor" in refused.value.next_step


class Connected(Holder):
    """Keeps a part that is of this process alone."""

    def __getstate__(self):
        return {"kept": self.kept}


def test_a_part_left_out_of_the_state_stays_that_of_the_fresh_model():
    saved, fresh = Connected(5), Connected()
    saved.service, fresh.service = object(), "injected anew"
    Reader([], []).model(Writer().model(saved), fresh)
    assert (fresh.kept, fresh.service) == (5, "injected anew")
