"""The seam between bascule and its files: bytes that are named by their own SHA-256."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from bascule import plugins
from bascule.errors import Corrupt, NotFound, StoreFull, StoreUnavailable, Unreadable, UsageError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

PIECE = 1 << 20
"""Bytes that are held in memory at a time while a file streams through."""

Data = bytes | bytearray | memoryview | Path | Iterable[bytes]
"""What can be stored: bytes, a file by its path, or pieces that are streamed (a file opened as binary is one)."""


class Blob(NamedTuple):
    """What a listing says of one blob; `modified` in microseconds since 1970, UTC."""

    digest: str
    size: int
    modified: int


class Blobs(Protocol):
    """A place for immutable bytes, each named by its SHA-256 in lower-case hex; safe to share between threads.

    Raises, whatever the place: StoreFull, StoreUnavailable, Corrupt, NotFound.
    """

    url: str
    """Where it is, as given."""

    def put(self, data: Data) -> str:
        """Stores the bytes and returns their name; once it returns, they survive the death of process and machine.

        Bytes that are there already are not written again; a damaged copy is replaced as far as the store notices.
        Interrupted at any point it leaves nothing readable under the name.
        """
        ...

    def get(self, digest: str) -> bytes:
        """The bytes, hashed again. Raises NotFound, and Corrupt when they are no longer what was stored."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """A seekable file for reading ranges of a large blob; what it gives is not hashed. Raises NotFound."""
        ...

    def has(self, digest: str) -> bool:
        """Whether something is stored under this name."""
        ...

    def delete(self, digest: str) -> None:
        """Removes the bytes; nothing happens when they are gone already."""
        ...

    def list(self) -> Iterator[Blob]:
        """Every blob, in no particular order; one put or deleted meanwhile may or may not appear."""
        ...


def open_blobs(url: str) -> Blobs:
    """The blobs behind a URL: `file:///absolute/folder`, `memory://`, or a plug-in's scheme.

    >>> blobs = open_blobs("memory://")
    >>> blobs.get(blobs.put(b"forty-two"))
    b'forty-two'
    """
    blobs: Blobs = plugins.find("blobs", url)(url)
    return blobs


def checked(digest: str) -> str:
    """The digest, if it is one; a name from outside must not become a path. Raises UsageError."""
    if re.fullmatch("[0-9a-f]{64}", digest) is None:
        raise UsageError(f"{digest!r} is not the name of a blob.", next_step="Give 64 lower-case hexadecimal digits.")
    return digest


def missing(digest: str) -> NotFound:
    """The error for a name under which nothing is stored."""
    return NotFound(f"There is no blob {digest}.", next_step="Restore it from a copy; `bascule verify` lists the rest.")


def altered(digest: str, found: str) -> Corrupt:
    """The error for bytes that no longer have the hash that they were stored under."""
    return Corrupt(f"The blob {digest} now hashes to {found}.", blob=digest)


def pieces(data: Data) -> Iterator[bytes]:
    """The data in pieces of bounded size. Raises Unreadable when a path cannot be read."""
    if isinstance(data, bytes | bytearray | memoryview):
        yield bytes(data)
    elif isinstance(data, Path):
        try:
            with data.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise Unreadable(f"{data}: {error.strerror}.") from error
    else:
        yield from data


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turns a failure of our own disk into StoreFull or StoreUnavailable."""
    try:
        yield
    except OSError as error:
        said = f"{path}: {error.strerror}."
        if error.errno in FULL:
            raise StoreFull(said) from error
        raise StoreUnavailable(said, next_step="Check the folder, its rights and its disk.") from error
