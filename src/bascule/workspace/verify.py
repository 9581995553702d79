"""The verb `verify`: is everything as it was written? The chain, the tables, every blob, every signature."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from sqlalchemy.engine import Connection
from typing_extensions import Doc

from bascule import progress
from bascule.errors import Corrupt, NotFound, StoreUnavailable, UsageError
from bascule.evidence import datasets, runs, versions
from bascule.evidence.journal import GENESIS, Head
from bascule.evidence.nouns import Noun, Version
from bascule.project import Project
from bascule.registry import load
from bascule.registry.manifest import MANIFEST, SIGNATURE
from bascule.runs.interrupted import close_interrupted
from bascule.stores.blobs import PIECE

N = TypeVar("N", bound=Noun)
SHOWN = 3  # owners named of a damaged blob


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written."""

    what: Literal["chain", "table", "blob", "signature"]
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether all is sound, and what was looked at.

    `head` is the end of the chain: kept elsewhere, and given as `since` later, it proves that nothing before it was
    changed. `interrupted` are runs whose process was found dead, and which were ended. `unreferenced` blobs belong to
    nothing: interrupted commands leave them, and they do no harm.
    """

    sound: bool
    problems: tuple[Problem, ...]
    head: str
    events: int
    versions: int
    blobs: int
    blob_bytes: int
    interrupted: tuple[str, ...]
    unreferenced: int
    unreferenced_bytes: int

    @property
    def exit_code(self) -> int:
        """What a command line answers."""
        return 0 if self.sound else Corrupt.exit_code

    def text(self) -> str:
        """Every problem, then what was looked at."""
        lines = [
            "Sound." if self.sound else f"Not sound ({len(self.problems)}):",
            *(f"  {problem.what} {problem.subject}: {problem.words}" for problem in self.problems),
            f"events    {self.events:,}, head {self.head}",
            f"versions  {self.versions:,}",
            f"blobs     {self.blobs:,} ({self.blob_bytes:,} bytes)",
        ]
        if self.unreferenced:
            lines.append(f"          {self.unreferenced:,} more ({self.unreferenced_bytes:,} bytes) belong to nothing")
        if self.interrupted:
            lines.append(f"ended as interrupted, their process being gone: {', '.join(self.interrupted)}")
        return "\n".join(lines)


def verify(
    project: Project,
    since: Annotated[str | None, Doc("a head that an earlier verify gave; the chain must still contain it")] = None,
) -> Verified:
    """Checks the audit chain, the tables against a replay of it, the hash of every blob, and every signature.

    Nothing is mended; only runs whose process is gone are ended. Where the chain is broken nothing else is looked at,
    since it is what says what there should be. Raises UsageError for a `since` that is no head.
    """
    head, problems = _ledger(project, None if since is None else _head(since))
    whole = not any(problem.what == "chain" for problem in problems)
    interrupted = [run.id for run in close_interrupted(project)] if whole else []
    owners, registered = _references(project) if whole else ({}, [])
    strangers = [blob.size for blob in project.blobs.list() if blob.digest not in owners] if whole else []
    damaged, size = _blobs(project, owners)
    problems += [Problem("blob", digest, f"{words}; {', '.join(owners[digest])}") for digest, words in damaged.items()]
    problems += [problem for version in registered for problem in _signature(project, version, damaged)]
    return Verified(
        sound=not problems,
        problems=tuple(problems),
        head=f"{head.seq}:{head.hash}",
        events=head.seq,
        versions=len(registered),
        blobs=len(owners),
        blob_bytes=size,
        interrupted=tuple(interrupted),
        unreferenced=len(strangers),
        unreferenced_bytes=sum(strangers),
    )


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != len(GENESIS.hash):
        raise UsageError(f"{text!r} is no head.", next_step="Give NUMBER:HASH, as an earlier verify printed it.")
    return Head(int(seq), digest)


def _ledger(project: Project, since: Head | None) -> tuple[Head, list[Problem]]:
    """The end of the chain, and what the ledger finds wrong with itself."""
    try:
        head = project.ledger.head()
        found = project.ledger.verify(since)
    except Corrupt as error:  # the database itself cannot be read
        return GENESIS, [Problem("chain", "the ledger", error.message)]
    problems = []
    for problem in found:
        if problem.where == "journal":
            problems.append(Problem("chain", f"event {problem.seq}", problem.why))
        else:
            problems.append(Problem("table", problem.where.removeprefix("table "), problem.why))
    return head, problems


def _references(project: Project) -> tuple[dict[str, list[str]], list[Version]]:
    """Whose each blob is that the ledger names (a few owners each), and every version."""
    owners: dict[str, list[str]] = defaultdict(list)

    def own(digest: str | None, owner: str) -> None:
        if digest is not None and len(owners[digest]) < SHOWN:
            owners[digest].append(owner)

    with project.ledger.read() as connection:
        registered = list(_every(versions.list_, connection))
        for version in registered:
            for name, file in version.files.items():
                own(file.hash, f"{name} of {version.ref}")
        for dataset in _every(datasets.list_, connection):
            for chunk in dataset.manifest:
                own(chunk.hash, dataset.ref)
        for run in _every(runs.list_, connection):
            for digest in (run.plan, run.code.diff, run.environment.packages):
                own(digest, f"run {run.id}")
            for name, file in run.artifacts.items():
                own(file.hash, f"{name} of run {run.id}")
    return dict(owners), registered


def _every(list_: Callable[..., list[N]], connection: Connection) -> Iterator[N]:
    before = None
    while page := list_(connection, before=before):
        yield from page
        before = page[-1].seq


def _blobs(project: Project, owners: dict[str, list[str]]) -> tuple[dict[str, str], int]:
    """What is wrong with which blob, and how many bytes were read."""
    damaged: dict[str, str] = {}
    size = 0
    with progress.bar("blobs", len(owners)) as advance:
        for digest in owners:
            covered = hashlib.sha256()
            try:
                with project.blobs.open(digest) as file:
                    while piece := file.read(PIECE):
                        covered.update(piece)
                        size += len(piece)
            except NotFound:
                damaged[digest] = "is missing"
            except (StoreUnavailable, OSError) as error:
                damaged[digest] = f"cannot be read: {getattr(error, 'message', error)}"
            else:
                if covered.hexdigest() != digest:
                    damaged[digest] = f"now hashes to {covered.hexdigest()}"
            advance(1)
    return damaged, size


def _signature(project: Project, version: Version, damaged: dict[str, str]) -> Iterator[Problem]:
    """What is wrong with the signature of a version, unless damage to its blobs says so already."""
    if any(version.files[name].hash in damaged for name in (MANIFEST, SIGNATURE)):
        return
    try:
        load.manifest(project, version)
    except Corrupt as error:
        yield Problem("signature", version.ref, error.message)
