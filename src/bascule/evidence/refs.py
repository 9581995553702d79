"""How things are named: `flights`, `flights@3`, `late-arrival@production`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bascule.errors import UsageError

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Ref:
    """A name, and after `@` the number of a version or a channel, where one is given."""

    name: str
    number: int | None = None
    channel: str | None = None

    def __str__(self) -> str:
        suffix = self.channel if self.number is None else self.number
        return self.name if suffix is None else f"{self.name}@{suffix}"


def checked_name(text: str, what: str = "name") -> str:
    """The text, if it can be a name: letters, digits, `-`, `_` and `.`, at most 100, not starting with `.` or `-`.

    Raises UsageError. A leading dot would hide a file, a leading dash would be read as an option.

    >>> checked_name("late-arrival")
    'late-arrival'
    """
    if len(text) > LONGEST or re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text) is None:
        raise UsageError(
            f"{text[: LONGEST + 1]!r} cannot be a {what}.",
            next_step=f"Use 1 to {LONGEST} letters (a to z), digits, - _ and . and do not start with . or -",
        )
    return text


def checked_channel(text: str) -> str:
    """The text, if it can be a channel: a name that is no number, so that `m@3` has one meaning. Raises UsageError."""
    if text.isdigit():
        raise UsageError(f"{text!r} cannot be a channel.", next_step="Use at least one letter; numbers name versions.")
    return checked_name(text, "channel")


def parse(text: str) -> Ref:
    """Reads `name`, `name@3` or `name@channel`; raises UsageError on anything else.

    >>> parse("flights@3")
    Ref(name='flights', number=3, channel=None)
    >>> str(parse("late-arrival@production"))
    'late-arrival@production'
    """
    name, at, suffix = text.partition("@")
    checked_name(name)
    if not at:
        return Ref(name)
    if not (suffix.isascii() and suffix.isdigit()):
        return Ref(name, channel=checked_channel(suffix))
    if re.fullmatch("[1-9][0-9]{0,8}", suffix) is None:
        raise UsageError(f"{text!r} names no version.", next_step="Versions count 1, 2, 3 …")
    return Ref(name, number=int(suffix))
