"""A run whose process is gone is interrupted, and nobody else's is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bascule.evidence import runs
from bascule.evidence.nouns import Run
from bascule.project import Project
from bascule.runs import interrupted
from bascule.runs.interrupted import close_interrupted, here, status
from bascule.runs.list import list as list_runs
from bascule.runs.record import run
from bascule.runs.show import show
from bascule.testing import nouns

UNDER_WAY = """
import sys
from bascule.project import open
from bascule.runs.record import run
with run(open(sys.argv[1]), "shall I live?") as recording:
    print(recording.id, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(project: Project) -> Iterator[subprocess.Popen[str]]:
    """A process with a run under way; its first line of output is the run's id."""
    command = [sys.executable, "-W", "error", "-c", UNDER_WAY, str(project.folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def name(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def started(project: Project, **facts: object) -> Run:
    with project.ledger.write() as tx:
        return runs.start(tx, nouns.run(**facts))


def test_a_killed_run_leaves_its_start_and_is_shown_as_interrupted(
    project: Project, other: subprocess.Popen[str]
) -> None:
    killed = name(other)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert show(project, killed).status == "interrupted"
    assert [(each.run, each.status) for each in list_runs(project)] == [(killed, "interrupted")]


def test_the_next_run_ends_the_killed_one(project: Project, other: subprocess.Popen[str]) -> None:
    killed = name(other)
    other.send_signal(signal.SIGKILL)
    other.wait()
    with run(project, "next"), project.ledger.read() as connection:
        found = runs.get(connection, killed)
    assert (found.status, found.ended is None) == ("interrupted", False)


def test_a_process_that_nobody_waited_for_is_gone(project: Project, other: subprocess.Popen[str]) -> None:
    killed = name(other)
    other.send_signal(signal.SIGKILL)
    while os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT) is None:
        time.sleep(0.01)
    assert [closed.id for closed in close_interrupted(project)] == [killed]


def test_a_run_under_way_is_left_alone(project: Project, other: subprocess.Popen[str]) -> None:
    running = name(other)
    assert close_interrupted(project) == []
    other.communicate("")
    assert show(project, running).status == "finished"


def test_an_interrupted_process_says_so_itself(project: Project, other: subprocess.Popen[str]) -> None:
    stopped = name(other)
    other.send_signal(signal.SIGINT)
    other.wait()
    found = show(project, stopped)
    assert (found.status, found.notes[0].text) == ("interrupted", "KeyboardInterrupt: ")


def test_another_host_is_not_judged(project: Project) -> None:
    elsewhere = started(project, host="another", pid=2**22 + 1)
    assert (status(elsewhere), close_interrupted(project)) == ("running", [])


def test_a_number_that_went_to_a_later_process_is_no_sign_of_life(project: Project) -> None:
    mine = started(project, host=here(), pid=os.getppid())
    long_ago = nouns.run(host=here(), pid=os.getppid(), created=1_000_000)
    assert (status(mine), status(long_ago)) == ("running", "interrupted")


def test_a_run_that_this_process_has_left_is_gone(project: Project) -> None:
    left = started(project, host=here(), pid=os.getpid())
    assert status(left) == "interrupted"


def test_every_interrupted_run_is_closed_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupted, "PAGE", 2)
    left = {started(project, host=here(), pid=os.getpid()).id for _ in range(5)}
    assert {closed.id for closed in close_interrupted(project)} == left
    assert close_interrupted(project) == []
