"""Runs that ended without a word: their process is gone, so they will never say more."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from bascule.errors import Conflict
from bascule.evidence import runs
from bascule.evidence.nouns import Run, Status
from bascule.project import Project

SLACK_S = 60  # between a process's start as the kernel tells it and the ledger's time
PAGE = 100

underway: set[str] = set()
"""The runs of this very process that have not ended."""

FIRST_SPACE = "pid:[4026531836]"  # of Linux itself, outside every container


def here() -> str:
    """The place in which a process number has one meaning: the host, and the container where it is one."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # no Linux
        space = FIRST_SPACE
    return socket.gethostname() if space == FIRST_SPACE else f"{socket.gethostname()}/{space}"


def status(run: Run) -> Status:
    """How a run stands; a running one whose process is gone is interrupted, whether the ledger knows already or not."""
    return "interrupted" if run.status == "running" and _gone(run) else run.status


def close_interrupted(project: Project) -> list[Run]:
    """Ends the runs whose process on this host is gone, and returns them as they ended."""
    dead: list[str] = []
    before = None
    with project.ledger.read() as connection:
        while page := runs.list_(connection, "running", before=before, limit=PAGE):
            dead += [run.id for run in page if _gone(run)]
            before = page[-1].seq
    closed = []
    for run in dead:
        with suppress(Conflict), project.ledger.write() as tx:  # another process may close it first
            closed.append(runs.end(tx, run, "interrupted"))
    return closed


def _gone(run: Run) -> bool:
    if run.host != here():
        return False  # nobody here can tell
    if run.pid == os.getpid():
        return run.id not in underway
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it is there, and somebody else's
    return _began_s(run.pid) > run.created / 1e6 + SLACK_S


def _began_s(pid: int) -> float:
    """When the process of this number began, in seconds since 1970; never where it has ended, 0 where unknown."""
    try:
        state, *facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    if state in "ZX":
        return float("inf")  # ended, and nobody has fetched its exit code yet
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(facts[18]) / os.sysconf("SC_CLK_TCK")
    return time.time() - age
