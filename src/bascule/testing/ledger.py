"""What the ledger must do on every driver of rows: subclass the suite and give the `url` of an empty database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from bascule.errors import Conflict
from bascule.evidence import measurements, releases, runs, versions
from bascule.evidence.journal import GENESIS
from bascule.evidence.ledger import Ledger
from bascule.evidence.nouns import Release
from bascule.stores import schema
from bascule.stores.rows import Rows, open_rows
from bascule.testing import nouns
from bascule.testing.processes import at_once
from bascule.testing.stores import Opened


def _append(url: str, number: str) -> None:
    ledger = Ledger(open_rows(url), actor=f"writer-{number}")
    for turn in range(150):
        with ledger.write() as tx:
            tx.append("project.init", f"{number}:{turn}", {})


def _open_append_close(url: str, number: str) -> None:
    for turn in range(20):
        rows = open_rows(url)
        rows.migrate()
        with Ledger(rows, actor="cli").write() as tx:
            tx.append("project.init", f"{number}:{turn}", {})
        rows.close()


class LedgerSuite(Opened):
    """What the ledger must do on every driver of rows."""

    @pytest.fixture
    def ledger(self, rows: Rows) -> Ledger:
        """An empty ledger."""
        return Ledger(rows, actor="tester")

    def test_the_head_of_an_empty_ledger_is_genesis(self, ledger: Ledger) -> None:
        assert (ledger.head(), ledger.verify()) == (GENESIS, [])

    def test_every_event_carries_the_hash_of_the_one_before(self, ledger: Ledger) -> None:
        with ledger.write() as tx:
            first = tx.append("project.init", "flights", {"answer": 42})
            second = tx.append("project.init", "flights", {"text": "é🛫"})
        assert (second.seq, second.previous, ledger.head()) == (2, first.hash, (2, second.hash))
        assert ledger.verify() == []

    def test_a_transaction_that_raises_leaves_no_event(self, ledger: Ledger) -> None:
        with pytest.raises(KeyError), ledger.write() as tx:
            tx.append("project.init", "flights", {})
            raise KeyError
        assert ledger.head() == GENESIS

    def test_rebuilding_gives_the_same_tables(self, ledger: Ledger) -> None:
        self._live(ledger)
        before = self._tables(ledger)
        ledger.rebuild()
        assert self._tables(ledger) == before
        assert ledger.verify() == []

    def test_two_promotions_race_and_one_is_refused(self, ledger: Ledger) -> None:
        with ledger.write() as tx:
            versions.register(tx, nouns.version())
        gate, refused = threading.Barrier(2), []

        def promote(_number: int) -> None:
            gate.wait(30)
            try:
                with ledger.write() as tx:
                    releases.promote(tx, Release(model="late-arrival", channel="production", number=1), seen=0)
            except Conflict as error:
                refused.append(error)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(promote, range(2)))
        with ledger.read() as connection:
            assert (len(refused), len(releases.history(connection, "late-arrival"))) == (1, 1)

    def test_numbers_given_at_once_are_all_different(self, ledger: Ledger) -> None:
        def register(_number: int) -> int:
            with ledger.write() as tx:
                return versions.register(tx, nouns.version()).number

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(register, range(32))) == list(range(1, 33))

    def test_eight_processes_lose_nothing(self, ledger: Ledger) -> None:
        at_once("bascule.testing.ledger:_append", ledger.rows.url)
        with ledger.read() as connection:
            subjects = set(connection.execute(sa.select(schema.journal.c.subject)).scalars())
        assert subjects == {f"{number}:{turn}" for number in range(8) for turn in range(150)}
        assert (ledger.head().seq, ledger.verify()) == (1200, [])

    def test_eight_processes_that_open_and_close_each_time_lose_nothing(self, url: str) -> None:
        at_once("bascule.testing.ledger:_open_append_close", url)
        rows = open_rows(url)
        assert (Ledger(rows).head().seq, Ledger(rows).verify()) == (160, [])
        rows.close()

    def _live(self, ledger: Ledger) -> None:
        """One event of every kind that moves a table."""
        with ledger.write() as tx:
            run = runs.start(tx, nouns.run())
            runs.end(tx, run.id, "finished", metrics={"auc": 0.71, "loss": 1e-300})
            version = versions.register(tx, nouns.version(run=run.id))
            measurements.measure(tx, nouns.measurement(version.ref))
            draft = Release(model=version.model, channel="production", number=1)
            seen = releases.promote(tx, draft, seen=0)
            seen = releases.promote(tx, draft, seen=seen.seq)
            releases.rollback(tx, version.model, "production", seen=seen.seq)

    def _tables(self, ledger: Ledger) -> list[list[Any]]:
        with ledger.read() as connection:
            return [
                list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))
                for table in schema.projections
            ]
