"""Who serves, who served, and what a rollback restores."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bascule.errors import Conflict, NotFound, UsageError
from bascule.evidence import releases, versions
from bascule.evidence.ledger import Ledger
from bascule.evidence.nouns import Release
from bascule.stores.rows import Rows
from bascule.testing import nouns

actions = st.lists(st.sampled_from([1, 2, 3, "rollback"]), max_size=12)
fresh = (f"model-{number}" for number in itertools.count())


@pytest.fixture
def ledger(rows: Rows) -> Ledger:
    """Its clock counts 1, 2, 3 …"""
    return Ledger(rows, clock=iter(itertools.count(1)).__next__, actor="tester")


def model(ledger: Ledger) -> str:
    """A new model with three versions."""
    name = next(fresh)
    with ledger.write() as tx:
        for _ in range(3):
            versions.register(tx, nouns.version(name))
    return name


def act(ledger: Ledger, name: str, action: int | str, channel: str = "live") -> Release:
    with ledger.write() as tx:
        present = releases.find(tx.connection, name, channel)
        seen = present.seq if present else 0
        if action == "rollback":
            return releases.rollback(tx, name, channel, seen=seen)
        return releases.promote(tx, Release(model=name, channel=channel, number=int(action)), seen=seen)


def serving(ledger: Ledger, name: str, at: int | None = None) -> int:
    with ledger.read() as connection:
        return releases.current(connection, name, "live", at).number


@given(actions=actions)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_what_serves_is_the_top_of_a_stack(ledger: Ledger, actions: list[int | str]) -> None:
    name, stack = model(ledger), []
    for action in actions:
        if action != "rollback":
            stack.append(action)
        elif len(stack) < 2:
            with pytest.raises(NotFound):
                act(ledger, name, action)
            continue
        else:
            stack.pop()
        assert act(ledger, name, action).number == stack[-1]
        assert serving(ledger, name) == stack[-1]
    with ledger.read() as connection:
        history = releases.history(connection, name, "live")
    assert [release.number for release in releases.fold(history)] == stack[::-1]


@given(actions=actions)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
def test_what_served_at_a_time_never_changes(ledger: Ledger, actions: list[int | str]) -> None:
    name, told = model(ledger), {}
    for action in [1, *actions]:
        if action != "rollback":
            release = act(ledger, name, action)
            told[release.created] = release.number
    assert {at: serving(ledger, name, at) for at in told} == told


def test_a_rollback_restores_the_release_before(ledger: Ledger) -> None:
    name = model(ledger)
    for action in (1, 2, 3, "rollback"):
        act(ledger, name, action)
    assert serving(ledger, name) == 2


def test_a_rollback_over_many_pages_finds_the_release_before(ledger: Ledger) -> None:
    name = model(ledger)
    act(ledger, name, 1)
    for _ in range(120):
        act(ledger, name, 2)
        act(ledger, name, "rollback")
    act(ledger, name, 3)
    assert act(ledger, name, "rollback").number == 1


def test_nothing_is_before_the_only_release(ledger: Ledger) -> None:
    name = model(ledger)
    act(ledger, name, 1)
    with pytest.raises(NotFound, match="first release on live"):
        act(ledger, name, "rollback")


def test_a_promotion_decided_on_an_old_state_is_refused(ledger: Ledger) -> None:
    name = model(ledger)
    seen = act(ledger, name, 1)
    act(ledger, name, 2)
    with pytest.raises(Conflict, match=f"{name}@2 serves it now"), ledger.write() as tx:
        releases.promote(tx, Release(model=name, channel="live", number=3), seen=seen.seq)
    with pytest.raises(Conflict), ledger.write() as tx:
        releases.rollback(tx, name, "live", seen=seen.seq)


def test_channels_do_not_touch_each_other(ledger: Ledger) -> None:
    name = model(ledger)
    act(ledger, name, 1)
    act(ledger, name, 2, "shadow")
    with ledger.read() as connection:
        assert {(live.channel, live.ref) for live in releases.live(connection, name)} == {
            ("live", f"{name}@1"),
            ("shadow", f"{name}@2"),
        }


def test_before_the_first_release_nothing_served(ledger: Ledger) -> None:
    name = model(ledger)
    release = act(ledger, name, 1)
    with pytest.raises(NotFound, match="yet"):
        serving(ledger, name, release.created - 1)


def test_an_unknown_channel_is_answered_with_those_there_are(ledger: Ledger) -> None:
    name = model(ledger)
    act(ledger, name, 1)
    with ledger.read() as connection, pytest.raises(NotFound, match="there are: live"):
        releases.current(connection, name, "production")


def test_a_model_without_release_is_answered_with_what_to_do(ledger: Ledger) -> None:
    name = model(ledger)
    with ledger.read() as connection, pytest.raises(NotFound, match=f"promote {name}@3 --to live"):
        releases.current(connection, name, "live")


def test_what_is_not_registered_cannot_be_released(ledger: Ledger) -> None:
    name = model(ledger)
    with pytest.raises(NotFound, match="from 1 to 3"):
        act(ledger, name, 4)
    with pytest.raises(UsageError):
        act(ledger, name, 1, "3")


def test_a_name_a_number_and_a_channel_each_find_a_version(ledger: Ledger) -> None:
    name = model(ledger)
    act(ledger, name, 2)
    with ledger.read() as connection:
        found = [releases.resolve(connection, ref).number for ref in (name, f"{name}@1", f"{name}@live")]
    assert found == [3, 1, 2]


def test_a_release_keeps_what_was_judged_and_why_the_gate_was_overridden(ledger: Ledger) -> None:
    name = model(ledger)
    with ledger.write() as tx:
        draft = Release(model=name, channel="live", number=1, override="demo", card=(7, 8))
        release = releases.promote(tx, draft, seen=0)
    with ledger.read() as connection:
        assert releases.history(connection, name) == [release]
    assert (release.override, release.card, release.by) == ("demo", (7, 8), "tester")
