"""Columns that travel beside those that are checked: read with them, and handed out row for row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from bascule.files.source import Source


class Aside:
    """A source that lays some columns aside, unchanged, while others are read."""

    def __init__(self, source: Source, columns: tuple[str, ...]) -> None:
        self.origin = source.origin
        self.names = source.names
        self.spelt = source.spelt
        self._source = source
        self._columns = columns
        self._laid: list[pa.Table] = []

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """See `Source.tables`."""
        for table in self._source.tables(list(dict.fromkeys((*columns, *self._columns)))):
            self._laid.append(table.select(list(self._columns)))
            yield table.select(list(columns))

    def take(self, rows: int) -> pa.Table:
        """What was laid aside of the next rows that were read."""
        laid = pa.concat_tables(self._laid)
        self._laid = [laid.slice(rows)]
        return laid.slice(0, rows)
