"""Any sequence of promotions and rollbacks, held against the plainest model of it: a stack for each channel."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from bascule import project as projects
from bascule.errors import NoEffect, NotFound
from bascule.project import Project
from bascule.release.current import Serving, current
from bascule.release.history import history
from bascule.release.promote import promote
from bascule.release.rollback import rollback

CHANNELS = ("production", "staging", "canary-1")
MOVES = st.lists(
    st.tuples(st.sampled_from(CHANNELS), st.sampled_from((1, 2, 3, 4, None))), max_size=10
)  # None rolls back
TICK = dt.timedelta(microseconds=1)


def move(project: Project, channel: str, number: int | None, stack: list[int]) -> Serving | None:
    """Makes one move, and the same on the stack; what it wrote, None where it wrote nothing."""
    if number is None and len(stack) < 2:
        with pytest.raises(NotFound):
            rollback(project, "late-arrival", channel)
        return None
    if number is None:
        stack.pop()
        return rollback(project, "late-arrival", channel)
    written = stack[-1:] != [number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoEffect)
        moved = promote(project, f"late-arrival@{number}", channel, override="whatever the contract")
    if written:
        stack.append(number)
    return moved if written else None


@settings(max_examples=25, deadline=None)
@given(moves=MOVES)
def test_what_serves_is_the_top_of_the_stack_at_every_moment(model_shop: Path, moves: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(model_shop, Path(scratch) / "shop"))
        project = projects.open(folder)
        stacks: dict[str, list[int]] = {channel: [] for channel in CHANNELS}
        told: list[tuple[str, dt.datetime, str]] = []
        for channel, number in moves:
            written = move(project, channel, number, stacks[channel])
            if written is not None:
                told.append((channel, written.since, f"late-arrival@{stacks[channel][-1]}"))
        assert [(serving.channel, serving.since, serving.version) for serving in history(project, "late-arrival")] == (
            told[::-1]
        )
        for channel in CHANNELS:
            mine = [(since, version) for of, since, version in told if of == channel]
            for place, (since, version) in enumerate(mine):
                until = mine[place + 1][0] if place + 1 < len(mine) else since + dt.timedelta(days=1)
                for at in (since, until - TICK):
                    assert current(project, "late-arrival", channel, at).version == version
            assert bool(mine) is bool(stacks[channel])
        assert project.ledger.verify() == []
        project.close()
