"""Two processes that promote to one channel at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bascule import project as projects
from bascule.release.current import current
from bascule.release.history import history
from bascule.release.rollback import rollback
from bascule.workspace.verify import verify

ROUNDS = 40
PROMOTER = """
import sys
from bascule import project as projects
from bascule.errors import Conflict
from bascule.release.promote import promote

project = projects.open(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    try:
        print(promote(project, line.strip(), override="a race").version, flush=True)
    except Conflict:
        print("conflict", flush=True)
"""


@contextmanager
def promoter(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that promotes each version it is told."""
    command = [sys.executable, "-W", "ignore", "-c", PROMOTER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.slow
def test_of_two_promotions_at_once_one_wins_or_both_in_order(released: Path, copied: Callable[[Path], Path]) -> None:
    folder = copied(released)
    project = projects.open(folder)
    known = history(project, "late-arrival")
    with ExitStack() as both:
        racers = [both.enter_context(promoter(folder)) for _ in range(2)]
        for turn in range(ROUNDS):
            serving = int(known[0].version[-1])
            wanted = [f"late-arrival@{number}" for number in (1, 2, 3) if number != serving][:: 1 if turn % 2 else -1]
            for racer, version in zip(racers, wanted, strict=True):
                racer.stdin.write(f"{version}\n")
            said = [racer.stdout.readline().strip() for racer in racers]
            written = history(project, "late-arrival")[: -len(known)]
            assert sorted(release.version for release in written) == sorted(set(said) - {"conflict"})
            assert written
            assert current(project, "late-arrival") == written[0]
            known = (*written, *known)
    for release in known[1:]:
        assert rollback(project, "late-arrival").version == release.version
    assert verify(project).sound
    project.close()
