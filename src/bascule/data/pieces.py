"""How rows rest: Parquet pieces of fixed row counts, so that an appended file re-uses the pieces before.

Equal rows make equal bytes with the same pyarrow: columns in the order of their names, one row group, no metadata.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from bascule.contract.fields import Schema
from bascule.errors import Corrupt


def encoded(arrow: pa.Table) -> bytes:
    """One piece as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    plain = arrow.select(sorted(arrow.column_names)).replace_schema_metadata(None).combine_chunks()
    pq.write_table(plain, sink, compression="zstd", row_group_size=max(1, len(plain)))
    return bytes(sink.getvalue())


def decoded(schema: Schema, data: bytes, digest: str) -> pa.Table:
    """The rows of one piece, its columns in the order of the schema; `digest` names it where it cannot be read."""
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:
            return file.read().select(schema.names)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise Corrupt(f"The blob {digest} holds no rows of {schema.name}: {error}.", blob=digest) from error
