from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.contract.table import Table
from bascule.data.identity import block_hash, dataset_hash

MILES = Field(name="miles", kind=Kind.FLOAT, nullable=True)
LEG = Schema("Leg", "One leg.", (MILES, Field(name="to", kind=Kind.TEXT, nullable=True)))


def leg(**columns: list[object]) -> pa.Table:
    found = {"miles": [1.0, None, 3.0], "to": ["IAH", "ORD", None], **columns}
    return Table.of(LEG, found).arrow


@pytest.mark.parametrize(
    "other",
    [
        leg(miles=[1.0, 2.0, 3.0]),
        leg(miles=[1.0, 0.0, 3.0]),
        leg(miles=[None, 1.0, 3.0]),
        leg(to=["IAH", "OR", "D"]),
        leg(to=["IAHO", "RD", None]),
        leg(to=["IAH", None, "ORD"]),
        leg()[:2],
        leg().take([2, 1, 0]),
    ],
)
def test_other_values_make_another_hash(other: pa.Table) -> None:
    assert block_hash(LEG, other) != block_hash(LEG, leg())


def test_what_lies_under_a_missing_value_does_not_count() -> None:
    hidden = pa.table(
        {
            "miles": pa.array([1.0, 99.0, 3.0], mask=np.array([False, True, False])),
            "to": pa.Array.from_buffers(
                pa.string(),
                3,
                [pa.py_buffer(b"\x03"), pa.py_buffer(np.array([0, 3, 6, 9], np.int32)), pa.py_buffer(b"IAHORDxyz")],
            ),
        }
    )
    assert hidden.equals(leg())
    assert block_hash(LEG, hidden) == block_hash(LEG, leg())


def test_slices_and_chunks_do_not_count() -> None:
    whole = pa.concat_tables([leg(), leg(), leg()])
    pieces = pa.concat_tables([whole[:2], whole[2:7], whole[7:]])
    assert block_hash(LEG, pieces) == block_hash(LEG, whole.combine_chunks())
    assert block_hash(LEG, whole[3:6]) == block_hash(LEG, leg())


def test_the_sign_of_zero_counts() -> None:
    assert block_hash(LEG, leg(miles=[1.0, None, 0.0])) != block_hash(LEG, leg(miles=[1.0, None, -0.0]))


def test_the_order_and_the_prose_of_the_fields_do_not_count_but_a_limit_does() -> None:
    turned = Schema("Hop", "Another word.", LEG.fields[::-1])
    narrowed = Schema("Leg", "One leg.", (Field(name="miles", kind=Kind.FLOAT, nullable=True, ge=0.0), LEG["to"]))
    assert block_hash(turned, leg()) == block_hash(LEG, leg())
    assert dataset_hash(turned, 3, ["ab"]) == dataset_hash(LEG, 3, ["ab"])
    assert dataset_hash(narrowed, 3, ["ab"]) != dataset_hash(LEG, 3, ["ab"])


def test_the_hash_covers_the_bytes_that_the_docs_name() -> None:
    covered = b'3["miles", "float"]?' + struct.pack("<Bddd", 0b101, 1.0, 0.0, 3.0)
    covered += b'["to", "text"]?' + struct.pack("<Biii", 0b011, 3, 3, 0) + b"IAHORD"
    assert block_hash(LEG, leg()) == hashlib.sha256(covered).hexdigest()


def test_the_hash_stays_as_it_was_published() -> None:
    published = "29ca3e1571ef70f20f006627de134e3e4e89f2f231b11677458d9c44067e92f8"
    assert dataset_hash(LEG, 3, [block_hash(LEG, leg())]) == published


def test_hashing_costs_little_more_than_sha256_of_the_same_bytes() -> None:
    schema = Schema("Row", "", tuple(Field(name=f"x{number}", kind=Kind.FLOAT) for number in range(20)))
    values = np.random.default_rng(1).normal(size=65_536)
    arrow = pa.table(dict.fromkeys(schema.names, values))
    raw = values.tobytes() * 20

    def seconds(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    laps = [(seconds(lambda: block_hash(schema, arrow)), seconds(lambda: hashlib.sha256(raw))) for _ in range(7)]
    assert min(ours for ours, _ in laps) < 2 * min(limit for _, limit in laps)
