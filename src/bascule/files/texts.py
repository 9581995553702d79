"""What the texts of a CSV column spell: the same values that the column would hold in a file with types.

Surrounding blanks count only in texts. In every other kind of column the words of `MISSING` say that a value is
missing, which they cannot say in a column of texts, where only the empty text does.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bascule.contract.kinds import Kind

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
WHOLE = r"[+-]?[0-9]+(\.0*)?"
DECIMAL = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # Python's calendar has no year 0
DAY = YEAR + "-[0-9]{2}-[0-9]{2}"
LOCAL = DAY + r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?"
OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
_SPELLINGS = {
    Kind.BOOL: re.compile("true|false", re.IGNORECASE),
    Kind.INT: re.compile(f"{WHOLE}|{DECIMAL}"),
    Kind.FLOAT: re.compile(f"{DECIMAL}|[+-]?inf(inity)?", re.IGNORECASE),
    Kind.TIME: re.compile(f"{LOCAL}{OFFSET}?"),
    Kind.DATE: re.compile(DAY),
}
# Spellings that Arrow reads exactly as we do, and what it reads them into; a column all of one is read by Arrow.
# Data frames write whole numbers as 3.0 where some are missing; up to 15 digits a float holds them exactly.
_PLAIN: dict[Kind, tuple[tuple[str, pa.DataType], ...]] = {
    Kind.INT: (("-?[0-9]{1,18}", pa.int64()), (r"-?[0-9]{1,15}(\.0*)?", pa.float64())),
    Kind.FLOAT: ((DECIMAL, pa.float64()),),
    Kind.TIME: (
        (LOCAL.replace("{1,9}", "{1,6}"), pa.timestamp("us")),
        (LOCAL.replace("{1,9}", "{1,6}") + OFFSET, pa.timestamp("us", "UTC")),
    ),
    Kind.DATE: ((DAY, pa.date32()),),
}
_MISSING = pa.array(MISSING)
_BOOLEANS = pa.array(["true", "false", None])
LONGEST = 400  # letters of a number; no longer one is spelt but by mistake


def values(kind: Kind, texts: pa.ChunkedArray) -> pa.ChunkedArray | list[Any]:
    """What a column of texts spells: an Arrow column where all is spelt plainly, else one Python value for each text.

    A text that spells no value of the kind stays as it is, for the check to name.

    >>> values(Kind.INT, pa.chunked_array([["12", "3.0", "NA", "far"]]))
    [12, 3, None, 'far']
    """
    found = plainly(kind, texts)
    return [spelt(kind, text) for text in texts.to_pylist()] if found is None else found


def plainly(kind: Kind, texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The values, read by Arrow where every text is spelt in one plain way; None where some are not."""
    if kind is Kind.TEXT:
        return texts
    found = _plainly(kind, texts)
    return _plainly(kind, pc.utf8_trim_whitespace(texts)) if found is None else found


def present_in(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts with every word for "missing" made null."""
    return pc.if_else(pc.is_in(texts, _MISSING), pa.scalar(None, pa.string()), texts)


def spelt(kind: Kind, text: str | None) -> Any:
    """The Python value that one text spells, None where it says "missing", the text itself where it spells none.

    >>> spelt(Kind.TIME, "2013-01-01 05:15Z")
    datetime.datetime(2013, 1, 1, 5, 15, tzinfo=datetime.timezone.utc)
    """
    if kind is Kind.TEXT or text is None:
        return text
    tidy = text.strip()
    if tidy in MISSING:
        return None
    if len(tidy) > LONGEST or not _SPELLINGS[kind].fullmatch(tidy):
        return text
    match kind:
        case Kind.BOOL:
            return tidy.lower() == "true"
        case Kind.INT:
            return int(tidy.partition(".")[0]) if re.fullmatch(WHOLE, tidy) else float(tidy)
        case Kind.FLOAT:
            return float(tidy)
    try:
        return (dt.datetime if kind is Kind.TIME else dt.date).fromisoformat(tidy)
    except ValueError:
        return text


def _plainly(kind: Kind, texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    present = present_in(texts)
    if kind is Kind.BOOL:
        lower = pc.utf8_lower(present)
        return pc.equal(lower, "true") if _all(pc.is_in(lower, _BOOLEANS)) else None
    for spelling, target in _PLAIN[kind]:
        if _all(pc.match_substring_regex(present, f"^({spelling})$")):
            try:
                return pc.cast(present, target)
            except pa.ArrowInvalid:  # such as 30 February: told value by value
                return None
    return None


def _all(mask: Any) -> bool:
    return bool(pc.all(mask, min_count=0).as_py())
