"""The logical hash of a dataset: the same content under the same Record has the same name, whatever wrote the file.

It is the SHA-256 of the canonical JSON (RFC 8785) of `{"covers", "schema", "rows", "blocks"}`: the shape of the schema
and the hash of each block of 65,536 rows (the last may be shorter). The hash of a block is the SHA-256 over the number
of its rows in decimal digits and its columns in the order of their names. A column is `["name", "kind"]` in JSON, then
`!` where no value is missing, else `?` and a bit for each row that has one, then its values, zero where missing. All is
little-endian: 64 bits for numbers, microseconds and days, one bit for booleans, 32-bit lengths and then the UTF-8 bytes
for texts.

Bits count: -0.0 is another value than 0.0. NaN does not occur, since a checked float is finite and a missing one null.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.fields import Field, Kind, Schema, canonical

COVERS = "bascule dataset 1: schema shape, then values by column in blocks of 65536 rows"


def dataset_hash(schema: Schema, rows: int, blocks: Iterable[str]) -> str:
    """The hash of a dataset from the hashes of its blocks."""
    document = {"covers": COVERS, "schema": schema.shape(), "rows": rows, "blocks": list(blocks)}
    return hashlib.sha256(canonical(document)).hexdigest()


def block_hash(schema: Schema, arrow: pa.Table) -> str:
    """The hash of one block: checked columns in the types of the schema.

    >>> from bascule.contract.table import Table
    >>> legs = Schema("Leg", "", (Field(name="miles", kind=Kind.FLOAT),))
    >>> once = Table.of(legs, {"miles": [1, 2]}).arrow
    >>> block_hash(legs, once) == block_hash(legs, pa.concat_tables([once[:1], once[1:]]))
    True
    """
    digest = hashlib.sha256(str(arrow.num_rows).encode())
    for field in sorted(schema, key=lambda field: field.name):
        digest.update(json.dumps([field.name, str(field.kind)]).encode())
        for part in _bytes(field, arrow[field.name].combine_chunks()):
            digest.update(part)
    return digest.hexdigest()


def _bytes(field: Field, array: pa.Array) -> Iterable[Any]:
    """The canonical bytes of one column: which rows are there (nothing where all are), then the values."""
    if array.null_count:
        yield b"?"
        yield np.packbits(np.asarray(array.is_valid()), bitorder="little")
        array = array.fill_null(_ZERO[field.kind])
    else:
        yield b"!"
    match field.kind:
        case Kind.TEXT:
            yield np.asarray(pc.binary_length(array)).astype("<i4", copy=False)
            yield from _text(array)
        case Kind.BOOL:
            yield np.packbits(np.asarray(array), bitorder="little")
        case Kind.FLOAT:
            yield np.asarray(array).astype("<f8", copy=False)
        case _:
            stored = array.view(pa.int32()) if field.kind is Kind.DATE else array.view(pa.int64())
            yield np.asarray(stored).astype("<i8", copy=False)


def _text(array: pa.Array) -> Iterable[Any]:
    """The UTF-8 bytes of all values, one after the other, where Arrow keeps them."""
    if len(array):
        offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
        yield memoryview(array.buffers()[2] or b"")[offsets[0] : offsets[-1]]


_ZERO: dict[Kind, Any] = {
    Kind.BOOL: False,
    Kind.INT: 0,
    Kind.FLOAT: 0.0,
    Kind.TEXT: "",
    Kind.TIME: pa.scalar(0, pa.timestamp("us", "UTC")),
    Kind.DATE: pa.scalar(0, pa.date32()),
}
