"""What the column check and the JSON decoder cost over bare NumPy and bare msgspec, in interleaved laps.

Run: `python benchmarks/columns.py`, which prints a line of JSON for each.

- `columns`: an Arrow table of 1M rows and 12 columns is conformed to its Record. The limit makes the same checks by
  hand on NumPy arrays that were laid out beforehand, texts as objects.
- `columns, texts coded`: the same against a harsher limit, which was given the texts as small integers; what is left
  of the ratio is the look-up of each text.
- `rows`: 1000 JSON rows of 12 columns are decoded into checked columns. The limit decodes the same bytes into structs
  of the same plain types, and checks nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from bascule.contract.decode import Decoder
from bascule.contract.fields import Field, Schema
from bascule.contract.intake import conformed
from bascule.contract.kinds import PYTHON, Kind, microseconds
from figures import Figure, told

ROWS, LAPS = 1_000_000, 15
CARRIERS = ("AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV", "9E")
ORIGINS = ("EWR", "JFK", "LGA")
FIRST, LAST = dt.datetime(2013, 1, 1, tzinfo=dt.UTC), dt.datetime(2014, 1, 1, tzinfo=dt.UTC)

FLIGHT = Schema(
    "Flight",
    "",
    (
        Field(name="distance", kind=Kind.FLOAT, ge=0.0, le=10_000.0),
        Field(name="temperature", kind=Kind.FLOAT, ge=-60.0, le=60.0, nullable=True),
        Field(name="wind", kind=Kind.FLOAT, ge=0.0, lt=200.0, nullable=True),
        Field(name="pressure", kind=Kind.FLOAT, gt=850.0, lt=1100.0, nullable=True),
        Field(name="visibility", kind=Kind.FLOAT, ge=0.0, le=10.0),
        Field(name="seats", kind=Kind.INT, ge=1, le=900, nullable=True),
        Field(name="hour", kind=Kind.INT, ge=0, lt=24),
        Field(name="number", kind=Kind.INT, gt=0),
        Field(name="carrier", kind=Kind.TEXT, categories=CARRIERS),
        Field(name="origin", kind=Kind.TEXT, categories=ORIGINS),
        Field(name="scheduled", kind=Kind.TIME, ge=FIRST, lt=LAST),
        Field(name="holiday", kind=Kind.BOOL),
    ),
)


def flights(rows: int) -> pa.Table:
    """Sound rows, with five in a hundred missing where they may be."""
    random = np.random.default_rng(1)

    def column(field: Field) -> pa.Array:
        missing = random.random(rows) < 0.05 if field.nullable else None
        if field.kind is Kind.TEXT:
            return pa.array(np.array(field.categories)[random.integers(0, len(field.categories or ()), rows)])
        if field.kind is Kind.BOOL:
            return pa.array(random.random(rows) < 0.03)
        if field.kind is Kind.TIME:
            moments = random.integers(microseconds(FIRST), microseconds(LAST), rows)
            return pa.array(moments).view(pa.timestamp("us", "UTC"))
        low, high = (max(-1e4, field.span[0]), min(1e4, field.span[1]))
        drawn = random.integers(low, high, rows) if field.kind is Kind.INT else random.uniform(low, high, rows)
        return pa.array(drawn, mask=missing)

    return pa.table({field.name: column(field) for field in FLIGHT})


def laid_out(table: pa.Table, *, coded: bool) -> Callable[[], int]:
    """The limit: the same checks on arrays that are there already; it answers with the number of broken rules."""
    checks: list[Callable[[], Any]] = []
    for field in FLIGHT:
        given = table[field.name].combine_chunks()
        valid = np.asarray(given.is_valid()) if given.null_count else np.True_
        if field.kind is Kind.TEXT:
            values, allowed = np.asarray(given.to_pylist(), object), np.array(field.categories, object)
            if coded:
                encoded = given.dictionary_encode()
                values, allowed = np.asarray(encoded.indices), np.arange(len(encoded.dictionary), dtype="int32")
            checks.append(partial(_breaks, valid, np.isin, values, allowed, invert=True))
        elif field.kind is not Kind.BOOL:
            values = np.asarray((given.view(pa.int64()) if field.kind is Kind.TIME else given).fill_null(0))
            if field.kind is Kind.FLOAT:
                checks.append(partial(_breaks, valid, lambda values: ~np.isfinite(values), values))
            for rule, limit in field.bounds:
                stop = microseconds(limit) if isinstance(limit, dt.datetime) else limit
                checks.append(partial(_breaks, valid, BREAKS[rule], values, stop))
    return lambda: sum(check() for check in checks)


BREAKS: dict[str, Any] = {"ge": np.less, "gt": np.less_equal, "le": np.greater, "lt": np.greater_equal}


def _breaks(valid: Any, rule: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    broken = rule(*arguments, **options)
    return bool(np.count_nonzero(broken if valid is np.True_ else broken & valid))


def planted(table: pa.Table) -> dict[tuple[str, str], Any]:
    """For each rule a row that breaks it: the last row of the table with that one value exchanged."""
    hour, never = dt.timedelta(hours=1), pa.scalar(2**62, pa.timestamp("us", "UTC"))
    return {
        ("distance", "finite"): float("nan"),
        ("distance", "ge"): -1.0,
        ("distance", "le"): 1e5,
        ("distance", "missing"): None,
        ("pressure", "gt"): 850.0,
        ("pressure", "lt"): 1100.0,
        ("seats", "ge"): 0,
        ("hour", "lt"): 24,
        ("carrier", "categories"): "XX",
        ("scheduled", "ge"): FIRST - hour,
        ("scheduled", "lt"): LAST,
        ("scheduled", "type"): never,
        ("holiday", "missing"): None,
    }


def assert_faults_are_found(table: pa.Table) -> None:
    """Every planted fault is found in its row, and nothing else but what follows from it."""
    last = table.num_rows - 1
    for (name, rule), value in planted(table).items():
        kind = table.schema.field(name).type
        scalar = value if isinstance(value, pa.Scalar) else pa.scalar(value, kind)
        column = pa.chunked_array([*table[name].slice(0, last).chunks, pa.array([scalar], kind)])
        faults = conformed(FLIGHT, table.set_column(table.column_names.index(name), name, column))[1]
        found = {(fault.column, fault.rule, fault.rows, fault.examples[0][0]) for fault in faults}
        if (name, rule, 1, last) not in found or any(column != name for column, *_ in found):
            raise SystemExit(f"planted a value that breaks {rule} of {name}, found {found}")


def bodies(rows: int) -> bytes:
    """JSON rows, times as RFC 3339, what is missing left out in one row and null in the next."""
    found = flights(rows).to_pylist()
    for row in found[::2]:
        for name in [name for name, value in row.items() if value is None]:
            del row[name]
    return json.dumps(found, default=lambda moment: moment.isoformat().replace("+00:00", "Z")).encode()


def bare_decoder() -> msgspec.json.Decoder[Any]:
    """The limit: structs of the same plain types, without a rule."""
    slots = [f"f{number}" for number in range(len(FLIGHT))]
    fields: list[Any] = [
        (slot, PYTHON[field.kind] | None, None) if field.nullable else (slot, PYTHON[field.kind])
        for slot, field in zip(slots, FLIGHT, strict=True)
    ]
    names = dict(zip(slots, FLIGHT.names, strict=True))
    return msgspec.json.Decoder(list[msgspec.defstruct("Row", fields, rename=names, kw_only=True, gc=False)])  # type: ignore[misc]


def raced(ours: Callable[[], Any], limit: Callable[[], Any], laps: int) -> list[tuple[float, float]]:
    """Seconds of both in turn, lap by lap, after one lap that does not count."""
    found = []
    for _ in range(laps + 1):
        times = []
        for call in (ours, limit):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        found.append((times[0], times[1]))
    return found[1:]


def column_races(rows: int, laps: int) -> dict[str, list[tuple[float, float]]]:
    """The laps of the column check against both limits; every planted fault was found before."""
    table = flights(rows)
    assert_faults_are_found(table)
    if conformed(FLIGHT, table)[1]:
        raise SystemExit("sound rows were found faulty")
    return {
        name: raced(lambda: conformed(FLIGHT, table), laid_out(table, coded=coded), laps)
        for name, coded in (("columns", False), ("columns, texts coded", True))
    }


def row_races(laps: int) -> dict[str, list[tuple[float, float]]]:
    """The laps of the row decoder against bare msgspec."""
    body, decoder, bare = bodies(1000), Decoder(FLIGHT), bare_decoder()
    return {"rows": raced(lambda: decoder.rows(body), lambda: bare.decode(body), laps)}


def figures() -> Iterator[Figure]:
    """Columns of a table, and rows of JSON."""
    goals = {"columns": 2.0}
    limits = {"columns": "bare NumPy", "columns, texts coded": "bare NumPy on codes", "rows": "bare msgspec"}
    for name, laps in (column_races(ROWS, LAPS) | row_races(50 * LAPS)).items():
        yield Figure.of(f"check {name}", limits[name], "s", laps, goals.get(name))


if __name__ == "__main__":
    told(figures)
