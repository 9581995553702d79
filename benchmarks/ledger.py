"""What the ledger costs over bare sqlite3 writing the same rows with the same pragmas, in interleaved laps.

Run: `python benchmarks/ledger.py`. A ratio of 2 means that the ledger takes twice the time of the limit.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bascule.evidence.canonical import canonical
from bascule.evidence.journal import GENESIS, Event, sealed
from bascule.evidence.ledger import Ledger, now
from bascule.stores.rows import open_rows
from bascule.stores.sqlite import PRAGMAS
from bascule.testing import nouns
from figures import Figure, told

LAPS = 15
BODY = nouns.measurement(numbers={"auc": 0.7134, "rows": 20000.0}, inputs={"data": "5" * 64}).body()
JOURNAL = "INSERT INTO journal (seq, time, actor, verb, subject, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
TABLE = "INSERT INTO measurements (seq, subject, probe, verdict) VALUES (?, ?, ?, ?)"


class Bare:
    """The limit: the same two rows for every event, sealed beforehand."""

    def __init__(self, path: Path) -> None:
        rows = open_rows(f"sqlite:///{path}")
        rows.migrate()
        rows.close()
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._head = GENESIS

    def write(self, events: int) -> float:
        """Seconds for one transaction."""
        sealed_events = [self._seal() for _ in range(events)]
        journal = [tuple(getattr(event, name) for name in Event.__slots__) for event in sealed_events]
        table = [(event.seq, event.subject, "auc", "pass") for event in sealed_events]
        start = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(JOURNAL, journal)
        self._connection.executemany(TABLE, table)
        self._connection.execute("COMMIT")
        return time.perf_counter() - start

    def _seal(self) -> Event:
        event = sealed(self._head, now(), "bench", "measure", "late-arrival@1", canonical(BODY))
        self._head = event.head
        return event


class Recorded:
    """The ledger."""

    def __init__(self, path: Path) -> None:
        rows = open_rows(f"sqlite:///{path}")
        rows.migrate()
        self.ledger = Ledger(rows, actor="bench")

    def write(self, events: int) -> float:
        """Seconds for one transaction."""
        start = time.perf_counter()
        with self.ledger.write() as tx:
            for _ in range(events):
                tx.append("measure", "late-arrival@1", BODY)
        return time.perf_counter() - start


def lap(write: Callable[[int], float], events: int, transactions: int) -> float:
    """Microseconds an event."""
    return sum(write(events) for _ in range(transactions)) / (events * transactions) * 1e6


def figures() -> Iterator[Figure]:
    """Per size of transaction: microseconds an event of the ledger and of the limit."""
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        yield from measured(Path(folder))


def measured(folder: Path) -> Iterator[Figure]:
    """The figures, on databases in a folder."""
    bare, recorded = Bare(folder / "bare.db"), Recorded(folder / "ledger.db")
    for name, events, transactions in (("1 per transaction", 1, 200), ("1000 per transaction", 1000, 1)):
        laps = [(lap(recorded.write, events, transactions), lap(bare.write, events, transactions)) for _ in range(LAPS)]
        yield Figure.of(f"ledger, {name}", "bare sqlite3", "µs an event", laps)
    if problems := recorded.ledger.verify():
        raise SystemExit(f"the ledger that was measured is not sound: {problems}")


def profile(folder: Path) -> None:
    """Where the time of single events goes."""
    import cProfile
    import pstats

    recorded = Recorded(folder / "profile.db")
    recorded.write(1)
    with cProfile.Profile() as profiler:
        lap(recorded.write, 1, 2000)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    if "--profile" in sys.argv:
        with tempfile.TemporaryDirectory(prefix="bascule-bench-") as name:
            profile(Path(name))
    else:
        told(figures)
