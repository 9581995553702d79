"""CSV and its kin (RFC 4180): the dialect found by looking, the values kept as the texts they are."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from bascule.errors import Unreadable
from bascule.files.source import SAMPLE

DELIMITERS = ",;\t|"
BLOCK = 2 << 20  # bytes parsed at a time, and Arrow reads 32 of them ahead; the longest row that can be read
LOOKED_AT = 100  # rows on which a delimiter must prove itself


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file with a header, one row of values after the other."""

    origin: str
    names: tuple[str, ...]
    delimiter: str
    before: int  # lines before the first row of data: blank ones and the header
    bare: bool  # the header is all there is
    spelt: bool = True

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """These columns as texts, see `Source.tables`."""
        if self.bare:
            return
        broken: list[Any] = []

        def refuse(row: Any) -> str:
            broken.append(row)
            return "error"

        last = None
        try:
            # One thread, because only then does Arrow know which row it is in.
            with pa.csv.open_csv(
                self.origin,
                pa.csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK,
                    column_names=list(self.names),
                    skip_rows_after_names=self.before,
                ),
                pa.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=refuse),
                pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()),
                    include_columns=[*columns, *{self.names[-1]}.difference(columns)],
                    strings_can_be_null=False,
                ),
            ) as batches:
                for batch in batches:
                    last = batch[self.names[-1]][-1].as_py() if batch.num_rows else last
                    yield pa.table(batch).select(list(columns))
        except pa.ArrowInvalid as error:
            raise self._meaning(error, broken) from error
        except OSError as error:
            raise Unreadable(f"{self.origin} cannot be read: {error}.") from error
        if last is not None and self._open(last):
            raise Unreadable(
                f"{self.origin} ends inside a quoted value.",
                next_step="Check that the file was written to its end, and that every quote is closed.",
            )

    def _meaning(self, error: pa.ArrowInvalid, broken: Sequence[Any]) -> Unreadable:
        said = str(error)
        if broken:
            row = broken[0].number - self.before - 1
            return Unreadable(
                f"{self.origin}: row {row} has {broken[0].actual_columns} values, the header {len(self.names)}: "
                f"{broken[0].text[:80]!r}.",
                next_step=f"Quote values that hold {self.delimiter!r}, or mend the row; the first row is row 0.",
            )
        if "UTF8" in said:
            return _undecodable(Path(self.origin))
        if "straddling" in said or "out of sync" in said:
            return Unreadable(
                f"{self.origin}: a row is longer than {BLOCK >> 20} MiB, or a quote is never closed.",
                next_step="Close the quote, or drop the column that holds such values.",
            )
        return Unreadable(f"{self.origin} cannot be read as CSV: {said}.")

    def _open(self, last: str) -> bool:
        """Whether the file ends inside a quote: Arrow takes the rest of the file for the last value."""
        value = last.replace('"', '""').encode()
        with Path(self.origin).open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - len(value) - 3))
            end = file.read()
        return end.endswith(b'"' + value) and not end.rstrip(b"\r\n").endswith(value + b'"')


def delimited(path: Path, sample: bytes) -> Delimited:
    """The dialect of a text file, from its first bytes. Raises Unreadable for a header that names no columns."""
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(sample)
    except UnicodeDecodeError:
        raise _undecodable(path) from None
    whole = len(sample) < SAMPLE
    text = text if whole else text[: text.rfind("\n") + 1] or text  # the last line may be cut
    if not text.strip("\r\n"):
        raise Unreadable(f"{path} holds blank lines only.", next_step="Give a header and rows.")
    found = [(delimiter, *_parsed(text, delimiter)) for delimiter in DELIMITERS]
    # The delimiter that cuts every row alike, else the one that cuts the header into most: its rows will be refused.
    delimiter, rows, before, ended = max(found, key=lambda one: (_alike(one[1]), len(one[1][0]) if one[1] else 0))
    if not _alike(rows) and not all(one[1] for one in found):
        raise Unreadable(f"{path}: a quote in the header is never closed.", next_step="Close it, or double it.")
    _refuse_unnamed(path, rows[0])
    return Delimited(str(path), tuple(rows[0]), delimiter, before, bare=whole and ended and len(rows) == 1)


def _parsed(text: str, delimiter: str) -> tuple[list[list[str]], int, bool]:
    """The first rows, blank lines left out; the lines up to the end of the header; whether the text ended there."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    blank = 0
    try:
        for row in reader:
            if len(rows) == LOOKED_AT:
                return rows, blank + 1, False
            if row:
                rows.append(row)
            elif not rows:
                blank += 1
    except csv.Error:
        return rows, blank + 1, False  # what was seen before tells enough; what is wrong is told by who reads it all
    return rows, blank + 1, True


def _alike(rows: Sequence[Sequence[str]]) -> bool:
    return bool(rows) and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1


def _refuse_unnamed(path: Path, names: Sequence[str]) -> None:
    for place, name in enumerate(names, 1):
        if not name.strip():
            raise Unreadable(
                f"{path}: column {place} of {len(names)} has no name.",
                next_step="Name it in the header; a data frame's index is left out by to_csv(…, index=False).",
            )
        if names.index(name) != place - 1:
            raise Unreadable(
                f"{path}: columns {names.index(name) + 1} and {place} are both called {name!r}.",
                next_step="Give every column a name of its own.",
            )


def _undecodable(path: Path) -> Unreadable:
    """The error that names the first byte which is no UTF-8, and its line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read, lines = 0, 0
    with path.open("rb") as file:
        while piece := file.read(SAMPLE):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                at = read - held + error.start
                line = lines + 1 + error.object[: error.start].count(b"\n")
                return Unreadable(
                    f"{path} is no UTF-8: byte {at} (line {line}) is 0x{error.object[error.start]:02x}.",
                    next_step=f"Write it in UTF-8, for example: iconv -f LATIN1 -t UTF-8 {path.name}",
                )
            read += len(piece)
            lines += piece.count(b"\n")
    return Unreadable(f"{path} ends inside a character.", next_step="Check that the file was written to its end.")
