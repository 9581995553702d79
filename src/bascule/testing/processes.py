"""Real processes that start at the same moment, and children that are forked to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable


def at_once(function: str, *arguments: str, count: int = 8) -> None:
    """Calls `module:function(*arguments, number)` in `count` new processes at once; raises what went wrong in them."""
    module, _, name = function.partition(":")
    code = f"import sys; from {module} import {name}; print(flush=True); sys.stdin.readline(); {name}(*sys.argv[1:])"
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *arguments, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for process in processes:  # each has imported what it needs
        process.stdout.readline()  # type: ignore[union-attr]
    for process in processes:
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    said = [process.communicate()[1] for process in processes]
    if any(process.returncode for process in processes):
        raise AssertionError("\n".join(said))


def forked(work: Callable[[], object]) -> int:
    """Forks a child that does the work, and returns its exit status: 0, 1 after an error, or minus the signal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child calls nothing that the parent's threads hold
        child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # nothing of the child may reach the parent's test runner
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
