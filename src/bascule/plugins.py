"""Opens drivers by name: a URL's scheme or a plain word picks an entry point of the group `bascule.<kind>`.

The built-in drivers are registered in the same way, in pyproject.toml, so that a plug-in is never second class.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from bascule.errors import ConfigurationError


def names(kind: str) -> list[str]:
    """The names under which drivers of this kind are registered, sorted.

    >>> "sqlite" in names("rows")
    True
    """
    return sorted({point.name for point in entry_points(group=f"bascule.{kind}")})


def find(kind: str, url: str) -> Any:
    """The driver registered for a URL's scheme (`sqlite:///…`) or for a plain name.

    Raises ConfigurationError with the known names when there is none.
    """
    scheme = url.partition("://")[0].partition("+")[0]
    points = entry_points(group=f"bascule.{kind}", name=scheme)
    if not points:
        known = ", ".join(names(kind)) or "none"
        raise ConfigurationError(
            f"No {kind} driver is called {scheme!r}; known here: {known}.",
            next_step="Correct the URL, or install the package that brings the driver.",
        )
    return next(iter(points)).load()
