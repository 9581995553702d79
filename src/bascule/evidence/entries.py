"""The prediction log line by line: what a server writes for every request that it answered, and what is read of it.

A line is one JSON object of `Entry`. A server puts it together from bytes that it has at hand: the request as it came
and the answer as it went.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

FOLDER = Path(".bascule") / "spool" / "predictions"
"""Where servers spool it, below the folder of the project."""


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The inputs that are kept of a large batch: `rows` are their places in it, `columns` their values by name."""

    rows: list[int]
    columns: msgspec.Raw


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request that was answered: when, for whom, what was asked, what was answered.

    Inputs stand in `body` as in a request (`{"rows": [{…}, …]}` or `{"columns": {"name": […], …}}`), without what may
    not be kept; or, of a large batch, in `sample`; or nowhere. `out` is the answer as REST gives it, whatever the
    protocol: `{"id", "model", "version", "predictions"}`, predictions as rows or as columns. Row n of it is the
    prediction `id:n`.
    """

    t: int
    """When it was asked, microseconds since 1970, UTC."""
    us: int
    """How long the answer took, microseconds."""
    ch: str
    """The channel that was asked, empty where a version was."""
    out: msgspec.Raw
    by: str = ""
    """The id of the caller's token, empty where none was asked for."""
    body: msgspec.Raw | None = None
    sample: Sample | None = None
    hash: str = ""
    """The SHA-256 of a large request as it came, in hex."""
    shadow: bool = False
    """Whether the answer was only kept, never given."""
    error: str = ""
    """The code of the error where a shadow failed; there are no predictions then."""


class Answered(msgspec.Struct, frozen=True):
    """The answer of an entry."""

    id: str
    version: str
    predictions: msgspec.Raw
    model: str = ""
