"""Runs every benchmark and prints one table; `--readme` also writes it into README.md with the date and the machine."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import platform
import sys
import warnings
from pathlib import Path

from figures import HEADER, Figure

HERE = Path(__file__).parent
ALL = ("start", "columns", "ledger", "session", "score")
BEGIN, END = "<!-- benchmarks -->\n", "<!-- /benchmarks -->\n"


def main() -> None:
    """Prints the table; exits with 1 where a goal is missed."""
    warnings.simplefilter("ignore")
    found: list[Figure] = []
    print(HEADER)
    for name in ALL:
        for figure in importlib.import_module(name).figures():
            print(figure.row(), flush=True)
            found.append(figure)
    if "--readme" in sys.argv:
        write("\n".join([heading(), "", HEADER, *(figure.row() for figure in found), ""]))
    missed = [figure.name for figure in found if figure.met is False]
    sys.exit(f"goals missed: {', '.join(missed)}" if missed else 0)


def heading() -> str:
    """When and on what."""
    cores = len(os.sched_getaffinity(0))
    names = (
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    )
    return (
        f"`make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {cores} cores of {next(names, platform.machine())}, "
        f"Python {platform.python_version()}. Read the ratios: each is ours over the limit, in interleaved laps."
    )


def write(table: str) -> None:
    """Puts the table between its marks in README.md."""
    path = HERE.parent / "README.md"
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    path.write_text(f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
