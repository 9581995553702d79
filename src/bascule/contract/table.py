"""Tables: Arrow data known to satisfy a Record."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from bascule.contract.arrow import column_of
from bascule.contract.columns import Array, Column
from bascule.contract.faults import refuse
from bascule.contract.fields import Schema
from bascule.contract.intake import Extra, conformed
from bascule.contract.kinds import Kind
from bascule.contract.records import Record, schema


class Table:
    """Rows that satisfy a Record: made by `Table.of`, which checks; trusted ever after.

    >>> class Leg(Record):
    ...     miles: float
    >>> len(Table.of(Leg, [{"miles": 12.0}, Leg(miles=3.0)]))
    2
    """

    __slots__ = ("__dict__", "arrow", "schema")

    def __init__(self, schema: Schema, arrow: pa.Table) -> None:
        """Takes what has been checked already; `Table.of` is the border."""
        self.schema = schema
        self.arrow = arrow

    @classmethod
    def of(cls, record: type[Record] | Schema, data: Any, *, extra: Extra = "refuse") -> Table:
        """A Table of anything: a Table, an object with the Arrow PyCapsule interface, columns by name, or rows.

        Rows are records, dataclasses or mappings. Columns the Record does not name are refused, or left out where
        `extra` says "ignore". Raises SchemaError with every broken rule.
        """
        rules = _schema(record)
        if isinstance(data, Table):
            if data.schema is rules or data.schema == rules:
                return data
            data = data.arrow
        arrow, faults = conformed(rules, data, extra=extra)
        if faults:
            refuse(rules, faults, len(arrow))
        return cls(rules, arrow)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Table of {self.schema.name}: {len(self)} rows × {len(self.schema)} columns>"

    @functools.cached_property
    def columns(self) -> dict[str, Column]:
        """Every column as arrays, by name."""
        return {field.name: column_of(field, self.arrow[field.name]) for field in self.schema}

    def __getitem__(self, name: str) -> Array:
        """One column as NumPy shows it: numbers with NaN for missing, texts as objects, times as datetime64."""
        field, column = self.schema[name], self.columns[name]
        match field.kind:
            case Kind.TEXT:
                shown: Array = np.array([*column.texts, None], object)
                return shown[column.values if column.valid is None else np.where(column.valid, column.values, -1)]
            case Kind.TIME | Kind.DATE:
                moments = column.values.astype("datetime64[us]" if field.kind is Kind.TIME else "datetime64[D]")
                return moments if column.valid is None else np.where(column.valid, moments, np.datetime64("NaT"))
        if column.valid is None:
            return column.values
        return np.where(column.valid, column.values.astype("float64"), np.nan)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of Python values."""
        return list(self.arrow.to_pylist())

    def parts(self, rows: int) -> Iterator[Table]:
        """The table in consecutive parts of at most `rows` rows."""
        for start in range(0, len(self), rows):
            yield Table(self.schema, self.arrow.slice(start, rows))

    def take(self, rows: Array) -> Table:
        """The rows at these positions, or where this mask is True."""
        if rows.dtype == bool:
            return Table(self.schema, self.arrow.filter(pa.array(rows)))
        return Table(self.schema, self.arrow.take(pa.array(rows)))

    def of_record(self, record: type[Record] | Schema) -> Table:
        """The same rows under a Record that asks for some of these columns, checked where its rules differ."""
        rules = _schema(record)
        known = [field.name for field in rules if field.name in self.schema]
        if all(field.name in known and self.schema[field.name].shape() == field.shape() for field in rules):
            return Table(rules, self.arrow.select(known))
        return Table.of(rules, self.arrow.select(known))

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame."""
        return self.arrow.to_pandas()


def _schema(record: type[Record] | Schema) -> Schema:
    return record if isinstance(record, Schema) else schema(record)
