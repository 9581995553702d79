"""How far long work has come: verbs report it, a face may show it, and nothing happens where none does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar

Advance = Callable[[int], None]
Display = Callable[[str, int | None], AbstractContextManager[Advance]]


@contextlib.contextmanager
def _silent(_: str, __: int | None) -> Iterator[Advance]:
    yield lambda _: None


Teller = Callable[[str], None]

_teller: ContextVar[Teller] = ContextVar("teller", default=lambda _: None)
_display: ContextVar[Display] = ContextVar("display", default=_silent)


def bar(what: str, total: int | None = None) -> AbstractContextManager[Advance]:
    """A bar for work of `total` units (None: unknown); call what it yields with the units done since the last call.

    >>> with bar("counting", 3) as advance:
    ...     advance(3)
    """
    return _display.get()(what, total)


def tell(line: str) -> None:
    """One finished step of long work, in a line; shown at once where somebody listens."""
    _teller.get()(line)


@contextlib.contextmanager
def told(teller: Teller) -> Iterator[None]:
    """Gives the lines of the work inside to `teller`."""
    token = _teller.set(teller)
    try:
        yield
    finally:
        _teller.reset(token)


@contextlib.contextmanager
def shown(display: Display) -> Iterator[None]:
    """Shows the bars of the work inside by `display`."""
    token = _display.set(display)
    try:
        yield
    finally:
        _display.reset(token)
