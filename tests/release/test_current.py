"""Which version serves, now and then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bascule.contract.kinds import EPOCH
from bascule.errors import NoEffect, NotFound, UsageError
from bascule.evidence.nouns import Release, Version
from bascule.project import Project
from bascule.release.current import Serving, current
from bascule.release.history import history
from bascule.release.rollback import rollback

Register, Releasing = Callable[..., Version], Callable[..., Release]


def test_the_newest_release_serves(project: Project, registered: Register, released: Releasing) -> None:
    released(registered())
    newest = released(registered())
    found = current(project, "late-arrival")
    assert (found.model, found.channel, found.version) == ("late-arrival", "production", "late-arrival@2")
    assert found.since == EPOCH + dt.timedelta(microseconds=newest.created)


def test_every_past_moment_has_its_answer(project: Project, registered: Register, released: Releasing) -> None:
    first, second = released(registered()), released(registered())
    moments = [
        (at, current(project, "late-arrival", at=EPOCH + dt.timedelta(microseconds=at)).version)
        for at in (first.created, second.created - 1, second.created, second.created + 10**9)
    ]
    assert [version for _, version in moments] == [first.ref, first.ref, second.ref, second.ref]


def test_before_the_first_release_nothing_served(project: Project, registered: Register, released: Releasing) -> None:
    first = released(registered())
    with pytest.raises(NotFound, match="Nothing served late-arrival@production yet"):
        current(project, "late-arrival", at=EPOCH + dt.timedelta(microseconds=first.created - 1))


def test_a_time_may_be_told_in_any_zone(project: Project, registered: Register, released: Releasing) -> None:
    released(registered())
    summer = dt.timezone(dt.timedelta(hours=2))
    assert current(project, "late-arrival", at=dt.datetime(1970, 1, 1, 3, tzinfo=summer)).version == "late-arrival@1"
    with pytest.raises(UsageError, match="names no instant"):
        current(project, "late-arrival", at=dt.datetime(1970, 1, 1, 3))  # noqa: DTZ001


@pytest.mark.parametrize(("model", "channel"), [("nothing", "production"), ("late-arrival", "staging")])
def test_an_unknown_model_or_channel_is_named(
    project: Project, registered: Register, released: Releasing, model: str, channel: str
) -> None:
    released(registered())
    with pytest.raises(NotFound, match=f"{model if model == 'nothing' else channel}.*there are"):
        current(project, model, channel)


def test_a_model_without_a_release_says_how_to_make_one(project: Project, registered: Register) -> None:
    registered()
    with pytest.raises(NotFound, match="bascule promote late-arrival@1 --to production"):
        current(project, "late-arrival")


@pytest.mark.parametrize("model", ["late-arrival@1", "", "../x", "-h"])
def test_a_name_that_is_none_is_refused(project: Project, model: str) -> None:
    for verb in (current, history, rollback):
        with pytest.raises(UsageError, match="cannot be a model"):
            verb(project, model)


def test_a_rollback_restores_the_release_before(project: Project, registered: Register, released: Releasing) -> None:
    for _ in range(3):
        released(registered())
    assert [rollback(project, "late-arrival").version for _ in range(2)] == ["late-arrival@2", "late-arrival@1"]
    assert current(project, "late-arrival").action == "rollback"


def test_there_is_nothing_before_the_first_release(project: Project, registered: Register, released: Releasing) -> None:
    released(registered())
    with pytest.raises(NotFound, match="first release on production"):
        rollback(project, "late-arrival")
    assert current(project, "late-arrival").version == "late-arrival@1"


def test_history_is_newest_first_and_goes_on(project: Project, registered: Register, released: Releasing) -> None:
    for channel in ("staging", "production", "staging"):
        released(registered(), channel)
    everything = history(project, "late-arrival")
    assert [(entry.channel, entry.version[-1]) for entry in everything] == [
        ("staging", "3"),
        ("production", "2"),
        ("staging", "1"),
    ]
    assert history(project, "late-arrival", "staging", before=everything[0].seq) == everything[2:]
    assert history(project, "late-arrival", limit=2) == everything[:2]


def test_a_model_that_was_never_released_has_no_history(project: Project, registered: Register) -> None:
    registered()
    assert history(project, "late-arrival") == ()
    with pytest.raises(NotFound, match="no model nothing"):
        history(project, "nothing")


def test_what_serves_is_one_line(project: Project, registered: Register, released: Releasing) -> None:
    release = released(registered(), override="no other model yet")
    assert Serving.of(release).text() == (
        f"late-arrival@1 serves production since 1970-01-01 00:00:02 UTC "
        f"(promote by {release.by}, overriding the gate: no other model yet)"
    )


def test_a_rollback_of_a_version_can_be_repeated(project: Project, registered: Register, released: Releasing) -> None:
    for _ in range(3):
        released(registered())
    back = rollback(project, "late-arrival", version="late-arrival@3")
    with pytest.warns(NoEffect, match="late-arrival@2 serves production, not late-arrival@3"):
        assert rollback(project, "late-arrival", version="late-arrival@3") == back
    with pytest.raises(NotFound, match="late-arrival@9"):
        rollback(project, "late-arrival", version="late-arrival@9")
