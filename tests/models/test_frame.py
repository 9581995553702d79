"""What estimators see is what the ONNX signature carries, value by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bascule.contract.fields import Field, Kind, Schema
from bascule.contract.signature import feed
from bascule.contract.table import Table
from bascule.errors import SchemaError
from bascule.models.frame import frame
from bascule.testing.records import schemas, values_of

LARGEST = float(np.finfo("float32").max)


@st.composite
def tables(draw):
    schema = draw(schemas())
    columns = {}
    count = draw(st.integers(0, 4))
    for field in schema:
        held = values_of(field).filter(lambda value: not (type(value) is float and abs(value) > LARGEST))
        held = held | st.none() if field.nullable else held
        columns[field.name] = draw(st.lists(held, min_size=count, max_size=count))
    return Table.of(schema, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


@given(tables())
def test_the_frame_and_the_feed_agree_value_by_value(table):
    shown, fed = frame(table), feed(table.schema, table.columns)
    assert list(shown.columns) == list(fed)
    for name, tensor in fed.items():
        values = shown[name].to_numpy()
        np.testing.assert_array_equal(values.astype(tensor.dtype), tensor[:, 0])
        np.testing.assert_array_equal(tensor[:, 0].astype(values.dtype), values)


@pytest.mark.parametrize(
    ("kind", "dtype", "missing"),
    [
        (Kind.BOOL, "float64", np.nan),
        (Kind.INT, "float64", np.nan),
        (Kind.FLOAT, "float64", np.nan),
        (Kind.TEXT, "object", ""),
        (Kind.TIME, "int64", np.iinfo("int64").min),
        (Kind.DATE, "int64", np.iinfo("int64").min),
    ],
)
def test_what_is_missing_has_one_value_a_kind(kind, dtype, missing):
    schema = Schema("Row", "", (Field(name="x", kind=kind, nullable=True),))
    shown = frame(Table.of(schema, [{"x": None}]))["x"]
    assert shown.dtype == dtype
    np.testing.assert_array_equal(shown.to_numpy(), np.array([missing], dtype))


def test_a_number_beyond_float32_is_named_rather_than_made_infinite():
    schema = Schema("Row", "", (Field(name="x", kind=Kind.FLOAT),))
    with pytest.raises(SchemaError, match="float32"):
        frame(Table.of(schema, [{"x": 1e300}]))
