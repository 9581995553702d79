"""The file that answers are written to: there whole at the end, or as it was before."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from bascule.errors import UsageError
from bascule.stores.blobs import named


def checked(path: Path, source: Path) -> Path:
    """The path, if answers to the rows of `source` can be written there; raises UsageError."""
    if path.suffix.lower() not in _WRITERS:
        raise UsageError(f"The suffix of {path} names no format.", next_step=f"Use one of {', '.join(_WRITERS)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", next_step="Name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", next_step="Make it, or name another.")
    if path.exists() and source.exists() and path.samefile(source):
        raise UsageError(f"{path} is the file that is read.", next_step="Write the answers to another file.")
    return path.resolve()


@contextmanager
def replacing(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    """Takes tables of one schema, and puts them in the place of `path` in one step when the body ends.

    Until then they are in a file beside it, which is removed when the body raises. Raises StoreFull, StoreUnavailable,
    and UsageError where the format cannot hold the schema.
    """
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    writer: Any = None

    def write(table: pa.Table) -> None:
        with _told(path):
            writer.write_table(table)

    try:
        with _told(path):
            writer = _WRITERS[path.suffix.lower()](part, schema)
        yield write
        with _told(path):
            writer.close()
            _sync(part)
            part.replace(path)
            _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            if writer is not None:
                writer.close()
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        with named(path):
            yield
    except pa.ArrowException as error:
        raise UsageError(
            f"{path} cannot hold it: {error}.", next_step="Write Parquet, or keep fewer columns."
        ) from error


def _sync(path: Path) -> None:
    """What was written, or renamed, is durable from now on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parquet(path: Path, schema: pa.Schema) -> Any:
    # Probabilities hardly ever repeat: a dictionary of them costs time and space.
    repeating = [field.name for field in schema if not pa.types.is_floating(field.type)]
    return pq.ParquetWriter(path, schema, use_dictionary=repeating)


_WRITERS: dict[str, Callable[[Path, pa.Schema], Any]] = {
    ".parquet": _parquet,
    ".pq": _parquet,
    ".csv": pa.csv.CSVWriter,
}
