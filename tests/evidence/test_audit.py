"""What an audit finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bascule.evidence import journal, releases, versions
from bascule.evidence.journal import Head
from bascule.evidence.ledger import Ledger
from bascule.evidence.nouns import Release
from bascule.stores import schema
from bascule.testing import nouns

EVENTS = 1050  # more than a page
J = schema.journal


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """A long chain of events that no table refers to."""
    with ledger.write() as tx:
        for number in range(EVENTS):
            tx.append("project.init", f"p{number}", {"number": number})
    return ledger


def execute(ledger: Ledger, *statements: Any) -> None:
    with ledger.rows.write() as connection:
        for statement in statements:
            connection.execute(statement)


def forge(ledger: Ledger, first: int, time: Callable[[int], int] = lambda time: time) -> None:
    """Writes the chain anew from an event on, as somebody would who knows how."""
    with ledger.rows.write() as connection:
        old = list(journal.events(connection, first - 2))
        head = old[0].head
        for event in old[1:]:
            new = journal.sealed(head, time(event.time), "mallory", event.verb, event.subject, event.text)
            changed = {"time": new.time, "actor": new.actor, "previous": new.previous, "hash": new.hash}
            connection.execute(sa.update(J).where(J.c.seq == new.seq).values(**changed))
            head = new.head


def edit(ledger: Ledger, **changed: Any) -> None:
    execute(ledger, sa.update(J).where(J.c.seq == 1034).values(**changed))


def swap(ledger: Ledger) -> None:
    moves = [(1034, -1), (1035, 1034), (-1, 1035)]
    execute(ledger, *[sa.update(J).where(J.c.seq == before).values(seq=after) for before, after in moves])


TAMPERINGS: dict[str, tuple[Callable[[Ledger], None], str]] = {
    "edited body": (lambda ledger: edit(ledger, body='{"number":0}'), "edited"),
    "edited actor": (lambda ledger: edit(ledger, actor="mallory"), "edited"),
    "edited time": (lambda ledger: edit(ledger, time=1), "edited"),
    "body that is no JSON": (lambda ledger: edit(ledger, body="{"), "edited"),
    "edited hash": (lambda ledger: edit(ledger, hash="0" * 64), "edited"),
    "edited previous": (lambda ledger: edit(ledger, previous="0" * 64), "does not follow"),
    "edited time, out of range": (lambda ledger: edit(ledger, time=2**62), "edited"),
    "removed row": (lambda ledger: execute(ledger, sa.delete(J).where(J.c.seq == 1034)), "not the next"),
    "removed rows": (lambda ledger: execute(ledger, sa.delete(J).where(J.c.seq.between(1034, 1040))), "not the next"),
    "swapped rows": (swap, "does not follow"),
    "time going back": (lambda ledger: forge(ledger, 1034, lambda time: time - 10**9), "back in time"),
}


@pytest.mark.parametrize(("tamper", "why"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found_at_its_place(written: Ledger, tamper: Callable[[Ledger], None], why: str) -> None:
    tamper(written)
    (problem,) = written.verify()
    assert (problem.where, problem.seq) == ("journal", 1034)
    assert why in problem.why


def test_a_first_event_that_is_missing_is_found(written: Ledger) -> None:
    execute(written, sa.delete(J).where(J.c.seq == 1))
    assert [problem.seq for problem in written.verify()] == [1]


def test_a_row_before_the_first_is_found(written: Ledger) -> None:
    execute(written, sa.update(J).where(J.c.seq == EVENTS).values(seq=-7))
    assert [problem.seq for problem in written.verify()] == [1]


def test_a_forged_tail_is_found_by_an_exported_head(written: Ledger) -> None:
    exported = written.head()
    forge(written, EVENTS - 10)
    assert written.verify() == []  # nothing inside tells
    assert [problem.seq for problem in written.verify(since=exported)] == [EVENTS]


def test_a_cut_tail_is_found_by_an_exported_head(written: Ledger) -> None:
    exported = written.head()
    execute(written, sa.delete(J).where(J.c.seq > EVENTS - 10))
    assert written.verify() == []
    assert [problem.seq for problem in written.verify(since=exported)] == [EVENTS - 9]


def test_an_exported_head_stays_good_while_the_ledger_grows(written: Ledger) -> None:
    exported = Head(*written.head())
    with written.write() as tx:
        tx.append("project.init", "more", {})
    assert written.verify(since=exported) == []


@pytest.fixture
def released(ledger: Ledger) -> Iterator[Ledger]:
    """Two versions, the second in production."""
    with ledger.write() as tx:
        for number in (1, 2):
            versions.register(tx, nouns.version())
            seen = releases.find(tx.connection, "late-arrival", "production")
            release = Release(model="late-arrival", channel="production", number=number)
            releases.promote(tx, release, seen=seen.seq if seen else 0)
    yield ledger
    ledger.rebuild()
    assert ledger.verify() == []


@pytest.mark.parametrize(
    ("statement", "table", "seq"),
    [
        (sa.update(schema.releases).where(schema.releases.c.number == 2).values(number=1), "releases", 4),
        (sa.delete(schema.releases).where(schema.releases.c.number == 1), "releases", 2),
        (sa.delete(schema.versions).where(schema.versions.c.number == 2), "versions", 3),
        (sa.insert(schema.keys).values(fingerprint="mallory", seq=1), "keys", 1),
    ],
)
def test_a_table_that_does_not_follow_from_the_journal_is_found_and_mended(
    released: Ledger, statement: Any, table: str, seq: int
) -> None:
    execute(released, statement)
    (problem,) = released.verify()
    assert (problem.where, problem.seq) == (f"table {table}", seq)


@pytest.mark.parametrize(
    ("verb", "body", "why"),
    [
        ("paint", "{}", "no verb 'paint'"),
        ("data.commit", "{}", "lacks 'name'"),
        ("data.commit", "[]", "cannot be replayed"),
        ("model.register", '{"model":"late-arrival","number":1,"hash":"","run":""}', "cannot be replayed"),
    ],
)
def test_a_well_sealed_event_that_means_nothing_is_a_problem(ledger: Ledger, verb: str, body: str, why: str) -> None:
    with ledger.write() as tx:
        versions.register(tx, nouns.version())
    with ledger.rows.write() as connection:
        head, time = journal.end(connection)
        forged = journal.sealed(head, time + 1, "mallory", verb, "s", body)
        row = dict(
            zip(
                [column.name for column in J.columns], [getattr(forged, name) for name in forged.__slots__], strict=True
            )
        )
        connection.execute(sa.insert(J), row)
    (problem,) = ledger.verify()
    assert why in problem.why
    assert problem.seq in (1, 2)
