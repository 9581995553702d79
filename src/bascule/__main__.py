"""`python -m bascule` is the command `bascule`."""

from __future__ import annotations

from bascule.faces.cli import main

if __name__ == "__main__":
    main()
