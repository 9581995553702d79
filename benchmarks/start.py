"""What starting costs over starting Python: import, help, a contract, a verb that reads the ledger.

Run: `python benchmarks/start.py`, which prints a line of JSON for each. Byte code is written first: without it every
start of anything is three times slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from figures import Figure, told

LAPS = 21
# name, what runs, and the greatest number of milliseconds above the start of Python that it may take
STARTS = (
    ("import bascule", ("-c", "import bascule"), 60),
    ("bascule --help", ("-m", "bascule", "--help"), 150),
    ("load a contract", ("-c", "import bascule as bl; bl.open('.').contract()"), 200),
    ("bascule data list", ("-m", "bascule", "data", "list"), None),
)


def figures() -> Iterator[Figure]:
    """Milliseconds of each start beside those of `python -c pass`; the goals are of milliseconds, told as a ratio."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:

        def milliseconds(*arguments: str) -> float:
            begun = time.perf_counter()
            subprocess.run((sys.executable, *arguments), cwd=folder, env=environment, capture_output=True, check=True)
            return (time.perf_counter() - begun) * 1000

        milliseconds("-m", "bascule", "init", ".")
        for name, arguments, most in STARTS:
            milliseconds(*arguments)
            laps = [(milliseconds(*arguments), milliseconds("-c", "pass")) for _ in range(LAPS)]
            found = Figure.of(name, "python -c pass", "ms", laps)
            goal = None if most is None else most / found.limit
            yield Figure.of(name, "python -c pass", "ms", laps, goal)


if __name__ == "__main__":
    told(figures)
