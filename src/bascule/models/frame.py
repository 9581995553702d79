"""The frame that estimators learn from and answer: the very numbers that the ONNX signature carries."""

from __future__ import annotations

from bascule.contract.columns import Array, Column
from bascule.contract.fields import Field
from bascule.contract.signature import tensor
from bascule.contract.table import Table
from bascule.errors import MissingExtra

try:
    import pandas as pd
except ImportError as error:
    raise MissingExtra.naming("pandas", "lab") from error


def frame(table: Table) -> pd.DataFrame:
    """The rows of a Table as estimators see them, in training as in the exported graph.

    By kind: bool, int and float as float64, rounded through float32, so that the cuts learnt lie between values that
    the graph can tell apart, NaN where missing; text as str objects, "" where missing; time as int64 microseconds and
    date as int64 days since 1970, the least int64 where missing.

    >>> from bascule.contract.records import Record
    >>> class Leg(Record):
    ...     miles: float | None
    >>> frame(Table.of(Leg, [{"miles": 0.1}, {"miles": None}]))["miles"].tolist()
    [0.10000000149011612, nan]
    """
    seen = {field.name: _seen(field, table.columns[field.name]) for field in table.schema}
    return pd.DataFrame({name: pd.Series(values, dtype=values.dtype, copy=False) for name, values in seen.items()})


def _seen(field: Field, column: Column) -> Array:
    fed = tensor(field, column)[:, 0]
    return fed.astype("float64") if fed.dtype == "float32" else fed
