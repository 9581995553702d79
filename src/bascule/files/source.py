"""What holds rows, in tables of any size or of one, and what the first bytes of a file look like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

BLOCK = 65_536  # rows of a part, of a block of the identity, and of a stored piece
SAMPLE = 1 << 20  # bytes of a file that are looked at to tell what it is
# pandas writes an index without a name into columns called so; it is no column of the data.
INDEX = "__index_level_"


class Source(Protocol):
    """Rows that can be read more than once, in tables of bounded size."""

    @property
    def origin(self) -> str:
        """Where the rows come from, as messages name it."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in order, each once."""
        ...

    @property
    def spelt(self) -> bool:
        """Whether the values are texts that spell what they mean, as in CSV."""
        ...

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns of all rows, in order. Raises Unreadable with the row where the source breaks off."""
        ...


def look(sample: bytes) -> str:
    """What the first bytes of a file look like.

    >>> look(b"%PDF-1.7")
    'a PDF document'
    """
    for magic, name in _MAGIC:
        if sample.startswith(magic):
            return name
    if b"\0" in sample:
        return "binary data of no known kind"
    start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:512]
    if re.match(rb"<(!doctype|html|\?xml)", start, re.IGNORECASE):
        return "a web page or XML"
    if re.match(rb"[{\[]\s*[{\[\]}\"]", start):
        return "JSON"
    return "text"


def regrouped(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `rows` rows each, but for the last."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        if count >= rows:
            whole = pa.concat_tables(held)
            full = count - count % rows
            yield from (whole.slice(start, rows) for start in range(0, full, rows))
            held, count = [whole.slice(full)], count - full
    if count:
        yield pa.concat_tables(held)


_MAGIC = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow file"),
    (b"\xff\xff\xff\xff", "Arrow stream"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (an Excel workbook is one)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "gzip; unpack it first"),
    (b"BZh", "bzip2; unpack it first"),
    (b"\xfd7zXZ", "xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd; unpack it first"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89HDF", "HDF5"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"\x7fELF", "a program"),
    (b"\x80\x04\x95", "a pickle, which is never loaded here"),
    (b"\xff\xfe", "text in UTF-16; write it in UTF-8"),
    (b"\xfe\xff", "text in UTF-16; write it in UTF-8"),
)
