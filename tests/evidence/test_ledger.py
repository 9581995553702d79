"""The ledger: time, actors, refusals."""

from __future__ import annotations

import getpass
import os
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bascule.errors import Conflict, StoreFull, UsageError
from bascule.evidence import journal, runs
from bascule.evidence.ledger import Ledger, who
from bascule.stores.rows import Rows
from bascule.testing import nouns
from bascule.testing.crash import Fuse, FusedRows, fill


@given(readings=st.lists(st.integers(0, 2**50), min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_time_always_rises_whatever_the_clock_does(rows: Rows, readings: list[int]) -> None:
    start = Ledger(rows).head().seq
    clock = iter(readings)
    with Ledger(rows, clock=lambda: next(clock)).write() as tx:
        for _ in readings:
            tx.append("project.init", "flights", {})
    with rows.read() as connection:
        written = list(journal.events(connection, max(start - 1, 0)))
    assert all(before.time < after.time for before, after in pairwise(written))
    assert all(event.time >= reading for event, reading in zip(written[-len(readings) :], readings, strict=True))


def test_the_clock_tells_the_time_where_it_runs_forward(rows: Rows) -> None:
    with Ledger(rows, clock=lambda: 1_700_000_000_000_000).write() as tx:
        assert tx.append("project.init", "flights", {}).time == 1_700_000_000_000_000


@pytest.mark.parametrize(("variable", "name"), [("ci-bot", "ci-bot"), ("", getpass.getuser())])
def test_the_actor_is_the_variable_or_else_the_user(monkeypatch: Any, variable: str, name: str) -> None:
    monkeypatch.setenv("BASCULE_ACTOR", variable)
    assert who() == name


def test_a_user_without_a_name_acts_by_number(monkeypatch: Any) -> None:
    for variable in ("BASCULE_ACTOR", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert who() == f"uid:{os.getuid()}"


@pytest.mark.parametrize(
    ("verb", "body", "why"),
    [
        ("paint", {}, "no verb 'paint'; it knows project.init"),
        ("measure", {"probe": "auc"}, "lacks 'verdict'"),
        ("measure", {"auc": float("nan")}, "value.auc is nan"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_trace(ledger: Ledger, verb: str, body: Any, why: str) -> None:
    with ledger.write() as tx:
        tx.append("project.init", "flights", {})
        with pytest.raises(UsageError, match=why):
            tx.append(verb, "flights", body)
    assert (ledger.head().seq, ledger.verify()) == (1, [])


def test_an_event_after_the_end_of_its_transaction_is_refused(ledger: Ledger) -> None:
    with ledger.write() as tx:
        pass
    with pytest.raises(UsageError, match="has ended"):
        tx.append("project.init", "flights", {})


def test_an_event_that_does_not_fit_the_tables_is_a_conflict(ledger: Ledger) -> None:
    body = {"status": "finished", "params": {}, "metrics": {}, "artifacts": {}}
    with pytest.raises(Conflict), ledger.write() as tx:
        tx.append("run.end", "no-such-run", body)
    assert ledger.head() == journal.GENESIS


def test_a_failed_transaction_cannot_be_kept_by_catching_its_error(ledger: Ledger) -> None:
    def catch_and_go_on() -> None:
        with ledger.write() as tx:
            tx.append("project.init", "flights", {})
            tx.append("run.note", "a-run", {"subject": "a-run"})
            tx.append("run.end", "no-such-run", {"status": "finished", "metrics": {}})
            with pytest.raises(Conflict):
                _ = tx.connection

    with pytest.raises(UsageError, match="failed"):
        catch_and_go_on()
    assert ledger.head() == journal.GENESIS


def test_a_transaction_sees_its_own_events(ledger: Ledger) -> None:
    with ledger.write() as tx:
        run = runs.start(tx, nouns.run())
        assert runs.get(tx.connection, run.id) == run
        assert tx.next_number("dataset", "flights") == 1


def test_events_of_many_kinds_travel_together(ledger: Ledger) -> None:
    with ledger.write() as tx:
        for _ in range(30):
            runs.end(tx, runs.start(tx, nouns.run()).id, "failed", metrics={"loss": 1.0, "auc": 0.5})
    assert (ledger.head().seq, ledger.verify()) == (60, [])


def test_a_disk_that_fills_at_the_commit_leaves_the_ledger_as_it_was(rows: Rows) -> None:
    full = Ledger(FusedRows(rows, Fuse(at=1, blow=fill)))
    for kept in (0, 1):
        try:
            with full.write() as tx:
                tx.append("project.init", "flights", {})
        except StoreFull:
            pass
        assert (full.head().seq, full.verify()) == (kept, [])
