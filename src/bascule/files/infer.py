"""The narrowest kind that holds every value of a column, found over the whole source and not its first rows only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.fields import Field
from bascule.contract.kinds import INT64, Kind
from bascule.errors import Unreadable
from bascule.files.source import BLOCK, Source, regrouped
from bascule.files.texts import DAY, LOCAL, OFFSET, plainly, present_in, spelt

# A number that starts with a superfluous zero is a code, as in postal codes; a whole one of 16 digits or more that is
# no 64-bit integer is an identifier. Neither would survive being read as a number, so both stay texts.
_WHOLE = "[+-]?(0|[1-9][0-9]{0,17})"
_LONG = "[+-]?[1-9][0-9]{18}"
_NUMBER = (
    r"[+-]?((0|[1-9][0-9]{0,14})|(0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?[eE][+-]?[0-9]+"
    r"|(?i:inf(inity)?))"
)
_DIGIT = "[0-9]"  # a column of the word "inf" alone is one of texts


def inferred(source: Source, columns: Sequence[str]) -> tuple[Field, ...]:
    """A Field for each of these columns: its kind, and whether values are missing; reads the source once.

    Times without an offset are taken for UTC. Raises Unreadable for a type that no kind holds, such as a list.
    """
    seen = {name: _Seen() for name in columns}
    for table in regrouped(source.tables(columns), BLOCK) if columns else ():
        for name, one in seen.items():
            if source.spelt:
                one.look(table[name])
            else:
                one.count(table[name], name, source.origin)
    return tuple(one.field(name) for name, one in seen.items())


@dataclass(slots=True)
class _Seen:
    """What the values of one column allow so far."""

    kind: Kind | None = None
    local: bool = False  # a time without an offset
    large: bool = False  # a whole number that no float holds
    empty: bool = False
    absent: bool = False

    def field(self, name: str) -> Field:
        """The Field that holds every value seen; a column without any is a nullable text."""
        kind = self.kind or Kind.TEXT
        nullable = self.kind is None or self.empty or (kind is not Kind.TEXT and self.absent)
        return Field(name=name, kind=kind, nullable=nullable, zone="UTC" if kind is Kind.TIME and self.local else None)

    def look(self, texts: pa.ChunkedArray) -> None:
        """Takes in texts that spell values."""
        self.empty = self.empty or _any(pc.equal(texts, ""))
        if self.kind is Kind.TEXT:
            return
        present = present_in(pc.utf8_trim_whitespace(texts)).drop_null()
        self.absent = self.absent or len(present) < len(texts)
        if len(present):
            self._join(_narrowest(present, self.kind))
            if self.kind is Kind.INT:
                self.large = self.large or _any(pc.match_substring_regex(present, "[0-9]{16}"))
            if self.kind is Kind.TIME:
                self.local = self.local or not _all(present, LOCAL + OFFSET)

    def count(self, values: pa.ChunkedArray, name: str, origin: str) -> None:
        """Takes in values that have a type."""
        self.kind = _kind_of(values.type, name, origin)
        self.local = pa.types.is_timestamp(values.type) and values.type.tz is None
        self.empty = self.empty or values.null_count > 0 or absent(values) is not None

    def _join(self, kind: Kind) -> None:
        pair = {self.kind, kind} - {None}
        if len(pair) == 1:
            self.kind = kind
        elif pair == {Kind.INT, Kind.FLOAT} and not self.large:
            self.kind = Kind.FLOAT
        elif pair == {Kind.DATE, Kind.TIME}:
            self.kind = Kind.TIME
        else:
            self.kind = Kind.TEXT


def absent(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Which values say "missing" without being null: NaN and the empty text; None where there is none."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_floating(values.type):
        mask = pc.is_nan(values)
    elif values.type in (pa.string(), pa.large_string()):
        mask = pc.equal(values, "")
    else:
        return None
    return mask if _any(mask) else None


def _narrowest(present: pa.ChunkedArray, known: Kind | None) -> Kind:
    for kind in (known, Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DATE, Kind.TIME):
        if kind is not None and _HOLDS[kind](present):
            return kind
    return Kind.TEXT


def _whole(present: pa.ChunkedArray) -> bool:
    mask = pc.match_substring_regex(present, f"^{_WHOLE}$")
    rest = present.filter(pc.invert(mask))
    return not len(rest) or (_all(rest, _LONG) and all(INT64[0] <= int(text) <= INT64[1] for text in rest.to_pylist()))


def _day(present: pa.ChunkedArray) -> bool:
    return _all(present, DAY) and plainly(Kind.DATE, present) is not None


def _moment(present: pa.ChunkedArray) -> bool:
    return _all(present, f"{LOCAL}{OFFSET}?") and (
        plainly(Kind.TIME, present) is not None
        or all(isinstance(spelt(Kind.TIME, text), dt.datetime) for text in present.to_pylist())
    )


_HOLDS = {
    Kind.BOOL: lambda present: _all(present, "(?i:true|false)"),
    Kind.INT: _whole,
    Kind.FLOAT: lambda present: _all(present, _NUMBER) and _any(pc.match_substring_regex(present, _DIGIT)),
    Kind.DATE: _day,
    Kind.TIME: _moment,
}


def _kind_of(type_: pa.DataType, name: str, origin: str) -> Kind | None:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_null(type_):
        return None
    for kind, holds in _TYPES:
        if holds(type_):
            return kind
    raise Unreadable(
        f"{origin}: column {name!r} is of type {type_}, which no field holds.",
        next_step="Flatten or drop the column; fields are bool, int, float, text, time or date.",
    )


_TYPES = (
    (Kind.BOOL, pa.types.is_boolean),
    (Kind.INT, pa.types.is_integer),
    (Kind.FLOAT, lambda type_: pa.types.is_floating(type_) or pa.types.is_decimal(type_)),
    (Kind.TEXT, lambda type_: type_ in (pa.string(), pa.large_string())),
    (Kind.TIME, pa.types.is_timestamp),
    (Kind.DATE, pa.types.is_date),
)


def _all(texts: pa.ChunkedArray, form: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, f"^({form})$"), min_count=0).as_py())


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask, min_count=0).as_py())
