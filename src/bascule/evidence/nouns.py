"""The nouns of the evidence: frozen facts that name themselves.

Each is written once as the body of an event in the journal. What the journal itself says of it (`seq`, `created`, `by`)
is not in the body: before a noun is written these are empty, and the writing function returns it with them filled in.
Numbers of versions are given in the same way.
"""

from __future__ import annotations

import dataclasses
import numbers
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec
import uuid_utils

from bascule.errors import UsageError

N = TypeVar("N", bound="Noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """What every noun says of its own writing."""

    seq: int = 0
    """Its place in the journal; also the cursor for paging."""
    created: int = 0
    """Ledger time, microseconds since 1970, UTC."""
    by: str = ""
    """Who wrote it."""

    def body(self) -> dict[str, Any]:
        """The noun as JSON, without what the journal says of it."""
        return {key: value for key, value in self.document().items() if key not in STAMPS}

    def document(self) -> dict[str, Any]:
        """The noun as JSON, whole. Raises UsageError on a value that JSON does not know."""
        document: dict[str, Any] = msgspec.to_builtins(self, enc_hook=_plain)
        return document


STAMPS = frozenset(entry.name for entry in dataclasses.fields(Noun))


def _plain(value: Any) -> int | float:
    """NumPy's numbers as Python's own, without importing NumPy."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise UsageError(f"{value!r:.100} is of type {type(value).__name__}, which JSON does not know.")


def read(kind: type[N], document: dict[str, Any]) -> N:
    """The noun from its JSON; `read(type(noun), noun.document()) == noun`."""
    return msgspec.convert(document, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Stored bytes: the name of the blob, and its size in bytes."""

    hash: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(File):
    """A blob that holds some of a dataset's rows."""

    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Noun):
    """A versioned, content-addressed Table with its dictionary."""

    name: str
    number: int = 0
    hash: str
    """Logical: covers the Record and the values, not how they are stored."""
    record: dict[str, Any]
    """The Record as JSON Schema."""
    rows: int
    bytes: int
    manifest: tuple[Chunk, ...]
    source: str
    notes: str = ""

    @property
    def ref(self) -> str:
        """`name@N`."""
        return f"{self.name}@{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The code that ran: the Git commit, and the blob of the difference where the tree was not clean."""

    sha: str | None = None
    dirty: bool = False
    diff: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where it ran; `packages` is the blob that lists every package with version and hash."""

    python: str
    platform: str
    packages: str


Status = Literal["running", "finished", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Noun):
    """One execution that produced something; `created` is when it started."""

    id: str = field(default_factory=lambda: uuid_utils.uuid7().hex)
    """32 hex digits, UUIDv7: sorts by time."""
    question: str
    verb: str
    code: Code
    data: tuple[str, ...]
    """The datasets that were read, as `name@N`."""
    plan: str | None = None
    """The blob of the plan."""
    environment: Environment
    seed: int | None = None
    host: str
    pid: int
    command: tuple[str, ...]
    status: Status = "running"
    ended: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    artifacts: dict[str, File] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Noun):
    """An immutable registered model: contract, files by hash, and the run that made it."""

    model: str
    number: int = 0
    hash: str
    """Of the canonical JSON (RFC 8785) of its manifest."""
    contract: str
    """Hash of the whole contract."""
    shape: str
    """Hash of what evidence depends on: types, units, ranges, categories."""
    run: str
    files: dict[str, File]
    runtime: Literal["onnx", "python"]
    parents: tuple[str, ...] = ()
    """The versions that it was made from, as `name@N`."""

    @property
    def ref(self) -> str:
        """`name@N`."""
        return f"{self.model}@{self.number}"


Verdict = Literal["pass", "fail", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Noun):
    """What a Probe found about a subject."""

    subject: str
    probe: str
    numbers: dict[str, float]
    limits: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict
    inputs: dict[str, str] = field(default_factory=dict)
    """What was looked at, by hash; the finding is void for anything else."""
    expires: int | None = None
    run: str | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Noun):
    """From `created` on, version `number` serves this channel of this model."""

    model: str
    channel: str
    number: int
    action: Literal["promote", "rollback"] = "promote"
    override: str = ""
    """Why the gate was overridden, where it was."""
    card: tuple[int, ...] = ()
    """The measurements that were judged, by `seq`."""

    @property
    def ref(self) -> str:
        """The version that serves, `name@N`."""
        return f"{self.model}@{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Noun):
    """What somebody wrote down about a subject."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Noun):
    """A public key (Ed25519, hex) whose signatures count here; `fingerprint` is its SHA-256."""

    fingerprint: str
    public: str
    name: str = ""
