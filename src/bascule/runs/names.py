"""What metrics, parameters and artifacts may be called."""

from __future__ import annotations

import unicodedata

from bascule.errors import UsageError

LONGEST_NAME = 250  # characters


def checked(name: str, what: str) -> str:
    """The name, if every store can hold it."""
    if not 0 < len(name) <= LONGEST_NAME or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise UsageError(
            f"{name[:LONGEST_NAME]!r} cannot be the name of {what}.",
            next_step=f"Use 1 to {LONGEST_NAME} characters, none of them a control character.",
        )
    return name


def checked_path(name: str) -> None:
    """The name of an artifact may become a path on any system, and must stay below the folder it is written to."""
    checked(name, "an artifact")
    parts = name.split("/")
    if any(part in ("", ".", "..") or part != part.strip() for part in parts) or any(sign in name for sign in "\\:"):
        raise UsageError(
            f"{name!r} cannot be the name of an artifact.",
            next_step="Name a file as figures/roc.png: no / at either end, no empty part, no .., no \\ and no colon.",
        )
