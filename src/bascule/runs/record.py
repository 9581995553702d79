"""Records one execution: what it was given, what came of it, and how it ended, whatever way that was."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from bascule.errors import BasculeError, Coded, Conflict, UsageError
from bascule.evidence import datasets, notes, runs
from bascule.evidence.canonical import canonical
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import File, Note, Run, Status
from bascule.project import Project
from bascule.runs import interrupted
from bascule.runs.code import code
from bascule.runs.environment import environment
from bascule.runs.names import checked, checked_path
from bascule.stores.blobs import pieces

T = TypeVar("T")
LONGEST_NOTE = 1 << 20  # bytes; a journal is read by people
LONGEST_REASON = 10_000  # characters kept of an error's message


@contextmanager
def run(
    project: Project,
    question: str,
    *,
    verb: str = "run",
    plan: bytes | None = None,
    data: Sequence[str] = (),
    seed: int | None = None,
    command: Sequence[str] | None = None,
) -> Iterator[Recording]:
    """Records the body as a run that tries to answer a question; `data` names the datasets that it reads.

    The start is written at once, with the code, the environment and the plan, so that a run that is killed leaves a
    trace. The end is one transaction: metrics, parameters, artifacts and all that was concluded. A body that raises
    ends the run as failed, one that is interrupted as interrupted; then nothing is concluded. Runs whose process died
    on this host are ended first. `command` is by default the command line. Raises NotFound for unknown data.
    """
    interrupted.close_interrupted(project)
    begun = Run(
        question=question,
        verb=verb,
        code=code(project.folder, project.blobs),
        data=tuple(data),
        plan=None if plan is None else project.blobs.put(plan),
        environment=environment(project.blobs),
        seed=seed,
        host=interrupted.here(),
        pid=os.getpid(),
        command=tuple(sys.orig_argv if command is None else command),
    )
    interrupted.underway.add(begun.id)
    try:
        recording = _started(project, begun)
        try:
            yield recording
            recording._end("finished")
        except BaseException as error:
            recording._abandon(error)
            raise
    finally:
        interrupted.underway.discard(begun.id)


class Concluded(Generic[T]):
    """What a conclusion returned, once the run has ended."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._found: list[T] = []

    @property
    def value(self) -> T:
        """What the conclusion returned; raises UsageError before the run has finished."""
        if not self._found:
            raise UsageError(
                f"The run {self._run} has not concluded.", next_step="Ask after the `with` block, if the run finished."
            )
        return self._found[0]


class Recording:
    """A run under way; `id` is its name, 32 hex digits."""

    def __init__(self, project: Project, run: str) -> None:
        self.id = run
        self._project = project
        self._open = True
        self._metrics: dict[str, float] = {}
        self._params: dict[str, Any] = {}
        self._artifacts: dict[str, File] = {}
        self._conclusions: list[tuple[Callable[[Transaction], Any], Concluded[Any]]] = []

    def __repr__(self) -> str:
        return f"<Recording of run {self.id}>"

    def log(self, /, **metrics: float) -> None:
        """Keeps figures by name; the last value of a name counts. Raises UsageError for what is no finite number."""
        self._must_be_open()
        for name, value in metrics.items():
            self._metrics[checked(name, "a metric")] = _finite(name, value)

    def param(self, /, **params: Any) -> None:
        """Keeps settings by name, each set once. Raises UsageError for what is no JSON scalar, Conflict on a change."""
        self._must_be_open()
        for name, value in params.items():
            scalar = _plain(value)
            if not isinstance(scalar, str | int | float | bool | None):
                raise UsageError(
                    f"The parameter {name} is of type {type(value).__name__}.",
                    next_step="Give a text, a number, True, False or None; keep anything larger as an artifact.",
                )
            canonical({checked(name, "a parameter"): scalar})
            self._once("parameter", self._params, name, scalar)

    def note(self, text: str) -> None:
        """Writes down a remark, at once. Raises UsageError beyond 1 MiB."""
        self._must_be_open()
        size = len(text.encode(errors="replace"))
        if size > LONGEST_NOTE:
            raise UsageError(
                f"The note has {size} bytes, and a note has at most {LONGEST_NOTE}.",
                next_step="Keep it as an artifact.",
            )
        with self._project.ledger.write() as tx:
            notes.write(tx, Note(subject=self.id, text=text))

    def artifact(self, name: str, data: bytes | Path) -> File:
        """Stores bytes, or a file by its path, under a name such as `figures/roc.png`, and says where they are.

        Raises UsageError for a name that could leave a folder, Conflict where other bytes have it, Unreadable.
        """
        self._must_be_open()
        checked_path(name)
        sizes: list[int] = []

        def counted() -> Iterator[bytes]:
            for piece in pieces(data):
                sizes.append(len(piece))
                yield piece

        stored = File(hash=self._project.blobs.put(counted()), size=sum(sizes))
        self._once("artifact", self._artifacts, name, stored)
        return stored

    def conclude(self, append: Callable[[Transaction], T]) -> Concluded[T]:
        """Has further events written in the very transaction that ends the run, if it finishes; in the order given."""
        self._must_be_open()
        concluded: Concluded[T] = Concluded(self.id)
        self._conclusions.append((append, concluded))
        return concluded

    def _end(self, status: Status, reason: str = "") -> None:
        with self._project.ledger.write() as tx:
            runs.end(tx, self.id, status, params=self._params, metrics=self._metrics, artifacts=self._artifacts)
            if reason:
                notes.write(tx, Note(subject=self.id, text=reason))
            if status == "finished":
                found = [append(tx) for append, _ in self._conclusions]
        self._open = False
        if status == "finished":
            for (_, concluded), value in zip(self._conclusions, found, strict=True):
                concluded._found.append(value)

    def _abandon(self, error: BaseException) -> None:
        """Ends the run because of an error, which is on its way to the caller: what fails here is added to it."""
        said = f"{error.code}: {error.message}" if isinstance(error, Coded) else f"{type(error).__name__}: {error}"
        reason = said[:LONGEST_REASON].encode(errors="replace").decode()
        try:
            self._end("failed" if isinstance(error, Exception) else "interrupted", reason)
        except BasculeError as second:
            error.add_note(f"The ledger does not say so of the run {self.id}: {second}")
        self._open = False

    def _must_be_open(self) -> None:
        if not self._open:
            raise Conflict(f"The run {self.id} has ended.", next_step="Start a new run.")

    def _once(self, what: str, known: dict[str, Any], name: str, value: Any) -> None:
        """Two threads may set the same; what one of them sees is what is kept."""
        if known.setdefault(name, value) != value:
            raise Conflict(
                f"The {what} {name} is {known[name]!r:.100} already, and now {value!r:.100}.",
                next_step=f"Give the second {what} a name of its own.",
            )


def _started(project: Project, begun: Run) -> Recording:
    """The run, which the ledger knows from now on, with its data named as `name@N`."""
    with project.ledger.write() as tx:
        named = tuple(datasets.get(tx.connection, ref).ref for ref in begun.data)
        runs.start(tx, dataclasses.replace(begun, data=named))
    return Recording(project, begun.id)


def _plain(value: Any) -> Any:
    """A number of NumPy and its kin as Python's own."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def _finite(name: str, value: Any) -> float:
    number = _plain(value)
    try:
        if math.isfinite(number) and not isinstance(number, bool):
            return float(number)
    except (OverflowError, TypeError, ValueError):
        pass  # a whole number beyond every float, a text, an array
    raise UsageError(
        f"The metric {name} is {value!r:.100}; a metric is a finite number.",
        next_step="Log the last finite value, and say with note() what happened.",
    )
