"""One text for one value: canonical JSON (RFC 8785) and the hash over it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import rfc8785

from bascule.errors import UsageError


def canonical(value: Any) -> str:
    """The canonical JSON of a value (RFC 8785): keys sorted, no spaces, one way to write each number.

    Raises UsageError naming what JSON cannot hold: NaN, infinities, integers beyond 2**53, half of a character pair.

    >>> canonical({"b": 1.0, "a": [True, None, "é"]})
    '{"a":[true,null,"é"],"b":1}'
    """
    try:
        return rfc8785.dumps(value).decode()
    except ValueError as error:
        path, culprit = next(_refused(value, "value"), ("value", value))
        raise UsageError(
            f"{path} is {culprit!r:.100}, which canonical JSON cannot hold: {error}.",
            next_step="Leave it out, or write it as text.",
        ) from error


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refused(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The innermost parts that cannot be written, each with the way to it."""
    if isinstance(value, dict):
        for key, part in value.items():
            if isinstance(key, str):
                yield from _refused(key, f"the key {key!r:.100} of {path}")
                yield from _refused(part, f"{path}.{key}")
            else:
                yield f"the key {key!r:.100} of {path}", key
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _refused(part, f"{path}[{place}]")
    else:
        try:
            rfc8785.dumps(value)
        except ValueError:
            yield path, value
