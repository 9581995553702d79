"""kill -9, and a full disk, at every transition of every verb that writes.

What is left is sound and lacks nothing that was there before; the same command, given again, ends like one that nothing
disturbed.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bascule import project as projects
from bascule.contract.model import contract
from bascule.data.commit import commit
from bascule.data.load import table
from bascule.errors import BasculeWarning, StoreFull
from bascule.models.baseline import trivial
from bascule.project import Project
from bascule.registry import load
from bascule.registry.register import register
from bascule.release.current import current
from bascule.release.promote import promote
from bascule.release.rollback import rollback
from bascule.runs.record import run
from bascule.testing.crash import Fuse, FusedBlobs, FusedRows, Moment, fill
from bascule.testing.processes import forked
from bascule.training.train import train
from bascule.workspace.verify import verify

Copied = Callable[[Path], Path]


def committing(project: Project, departures: Path) -> Any:
    """A dataset of several pieces."""
    found = commit(project, "more", departures)
    return found.hash, found.rows, table(project, found.version).arrow.num_rows


def training(project: Project, _: Path) -> Any:
    """All candidates of the plan, and the winner's version."""
    found = train(project, project.folder / "plan.yaml")
    return load.version(project, found.version).hash, found.metrics


def registering(project: Project, _: Path) -> Any:
    """A model that was trained by hand."""
    late = contract(project.contract().LateArrival)
    rows = table(project, "departures")
    with run(project, "by hand") as recording:
        X, y = rows.of_record(late.features), rows[late.label.name]
        return register(project, trivial(late).fit(X, y), X, y, run=recording.id).hash


def promoting(project: Project, _: Path) -> Any:
    """The third version, after the second."""
    promote(project, "late-arrival@3", override="a trial, whatever the gate says")
    return serving(project)


def rolling_back(project: Project, _: Path) -> Any:
    """The first version, after the second."""
    rollback(project, "late-arrival", version="late-arrival@2")
    return serving(project)


def serving(project: Project) -> Any:
    found = current(project, "late-arrival")
    return found.version, found.action, found.override


VERBS = {
    "commit": ("committed", committing),
    "train": ("committed", training),
    "register": ("committed", registering),
    "promote": ("released", promoting),
    "rollback": ("released", rolling_back),
}


@pytest.fixture(params=VERBS)
def verb(request: pytest.FixtureRequest) -> tuple[Path, Callable[[Project, Path], Any]]:
    """A project, and work to be done in it."""
    stage, work = VERBS[request.param]
    return request.getfixturevalue(stage), work


@pytest.fixture(autouse=True)
def quiet() -> Any:
    """Some of the work warns, which is no matter here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BasculeWarning)
        yield


def opened(folder: Path, fuse: Fuse) -> Project:
    """A project whose stores burn a fuse."""
    project = projects.open(folder)
    vars(project).update(rows=FusedRows(project.rows, fuse), blobs=FusedBlobs(project.blobs, fuse))
    return project


@pytest.fixture
def undisturbed(verb: Any, copied: Copied, departures: Path) -> tuple[int, Any]:
    """How many transitions the work has, and what comes of it when nothing happens."""
    fuse = Fuse()
    project = opened(copied(verb[0]), fuse)
    outcome = verb[1](project, departures)
    project.close()
    return fuse.count, outcome


def mended(folder: Path, head: str, work: Callable[[Project, Path], Any], departures: Path) -> Any:
    """What comes of doing it again, after a look at what was left."""
    project = projects.open(folder)
    left = verify(project, since=head)
    assert left.problems == ()
    outcome = work(project, departures)
    assert verify(project, since=head).problems == ()
    project.close()
    return outcome


def head(folder: Path) -> str:
    project = projects.open(folder)
    found = verify(project).head
    project.close()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_transition_leaves_it_sound_and_it_can_be_done_again(
    verb: Any, undisturbed: tuple[int, Any], moment: Moment, copied: Copied, departures: Path
) -> None:
    stage, work = verb
    count, outcome = undisturbed
    before = head(copied(stage))
    for at in range(1, count + 1):
        folder = copied(stage)
        status = forked(lambda folder=folder, at=at: work(opened(folder, Fuse(at, moment)), departures))
        assert status == -signal.SIGKILL
        assert mended(folder, before, work, departures) == outcome


@pytest.mark.slow
def test_a_full_disk_at_any_transition_is_told_and_it_can_be_done_again(
    verb: Any, undisturbed: tuple[int, Any], copied: Copied, departures: Path
) -> None:
    stage, work = verb
    count, outcome = undisturbed
    before = head(copied(stage))
    for at in range(1, count + 1):
        folder = copied(stage)
        project = opened(folder, Fuse(at, "before", fill))
        with pytest.raises(StoreFull):
            work(project, departures)
        project.close()
        assert mended(folder, before, work, departures) == outcome


@pytest.mark.slow
@pytest.mark.parametrize("limit", [4096, 40_000, 100_000])
def test_a_file_that_may_not_grow_is_a_full_disk_and_it_can_be_done_again(
    verb: Any, undisturbed: tuple[int, Any], limit: int, copied: Copied, departures: Path
) -> None:
    stage, work = verb
    before = head(copied(stage))
    folder = copied(stage)

    def confined() -> None:
        project = projects.open(folder)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        # Beyond the smallest limit it depends on the verb whether there is room enough.
        with pytest.raises(StoreFull) if limit == 4096 else contextlib.suppress(StoreFull):
            work(project, departures)

    assert forked(confined) == 0
    assert mended(folder, before, work, departures) == undisturbed[1]
