"""kill -9 at every transition, and at every statement, of the ledger's transactions."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bascule.evidence import runs
from bascule.evidence.ledger import Ledger
from bascule.stores.rows import Rows
from bascule.testing import nouns
from bascule.testing.crash import Fuse, FusedRows, Moment
from bascule.testing.processes import forked

TURNS, EVENTS = 3, 3


def work(rows: Rows) -> None:
    """Three transactions of three events each."""
    for _ in range(TURNS):
        with Ledger(rows, actor="worker").write() as tx:
            run = runs.start(tx, nouns.run())
            tx.append("run.note", run.id, {"subject": run.id, "text": "it runs"})
            runs.end(tx, run.id, "finished", metrics={"auc": 0.7})


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(1, TURNS + 1))
def test_kill_at_every_commit_leaves_a_sound_chain(rows: Rows, at: int, moment: Moment) -> None:
    assert forked(lambda: work(FusedRows(rows, Fuse(at, moment)))) == -signal.SIGKILL
    committed = at if moment == "after" else at - 1
    assert (Ledger(rows).head().seq, Ledger(rows).verify()) == (committed * EVENTS, [])


def dying(rows: Rows, statement: int) -> Callable[[], None]:
    """The work, ended before its statement of this number."""

    def work_until_killed() -> None:
        left = iter(range(statement))

        def count(*_: object) -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        for moment in ("before_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, moment, count)
        work(rows)

    return work_until_killed


def test_kill_at_every_statement_leaves_a_sound_chain_and_the_work_can_be_done_again(rows: Rows) -> None:
    seen, statement = set(), 0
    while forked(dying(rows, statement)) == -signal.SIGKILL:
        ledger = Ledger(rows)
        seen.add(ledger.head().seq % (TURNS * EVENTS))
        assert ledger.head().seq % EVENTS == 0
        assert ledger.verify() == []
        statement += 1
    assert statement > TURNS * 5
    assert len(seen) > 1
    assert Ledger(rows).verify() == []
