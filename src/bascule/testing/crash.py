"""Faults at every transition: wrappers of the stores that end the process, or fill the disk, at a chosen one.

A transition is what others can see or what a power cut could lose: the commit of a write transaction, a blob put, a
blob deleted. Run the work once with a fuse that never blows, and `fuse.count` says how many there are to try.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import BinaryIO, Literal

from sqlalchemy.engine import Connection

from bascule.errors import StoreFull
from bascule.stores.blobs import Blob, Blobs, Data
from bascule.stores.rows import Rows

Moment = Literal["before", "after"]


def kill() -> None:
    """Ends this process at once, as `kill -9` does: nothing is flushed, closed or rolled back."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill() -> None:
    """Raises what a full disk raises."""
    raise StoreFull("The disk is full.")


class Fuse:
    """Blows before or after the transition number `at`, counted from 1 over every store that shares it; 0 never."""

    def __init__(self, at: int = 0, moment: Moment = "before", blow: Callable[[], None] = kill) -> None:
        self.count = 0
        self._at = at
        self._moment = moment
        self._blow = blow

    @contextmanager
    def transition(self) -> Iterator[None]:
        """Around one transition."""
        self.count += 1
        mine = self.count == self._at
        if mine and self._moment == "before":
            self._blow()
        yield
        if mine and self._moment == "after":
            self._blow()


class FusedRows:
    """Rows whose commits are transitions."""

    def __init__(self, rows: Rows, fuse: Fuse) -> None:
        self.url = rows.url
        self._rows = rows
        self._fuse = fuse

    @contextmanager
    def write(self, lock: str = "") -> Iterator[Connection]:
        """See `Rows.write`."""
        with ExitStack() as outer, self._rows.write(lock) as connection:
            yield connection
            outer.enter_context(self._fuse.transition())

    def read(self) -> AbstractContextManager[Connection]:
        """See `Rows.read`."""
        return self._rows.read()

    def migrate(self) -> None:
        """See `Rows.migrate`."""
        self._rows.migrate()

    def close(self) -> None:
        """See `Rows.close`."""
        self._rows.close()


class FusedBlobs:
    """Blobs whose puts and deletions are transitions."""

    def __init__(self, blobs: Blobs, fuse: Fuse) -> None:
        self.url = blobs.url
        self._blobs = blobs
        self._fuse = fuse

    def put(self, data: Data) -> str:
        """See `Blobs.put`."""
        with self._fuse.transition():
            return self._blobs.put(data)

    def delete(self, digest: str) -> None:
        """See `Blobs.delete`."""
        with self._fuse.transition():
            self._blobs.delete(digest)

    def get(self, digest: str) -> bytes:
        """See `Blobs.get`."""
        return self._blobs.get(digest)

    def open(self, digest: str) -> BinaryIO:
        """See `Blobs.open`."""
        return self._blobs.open(digest)

    def has(self, digest: str) -> bool:
        """See `Blobs.has`."""
        return self._blobs.has(digest)

    def list(self) -> Iterator[Blob]:
        """See `Blobs.list`."""
        return self._blobs.list()
