"""The spool: facts too many for the ledger, appended line by line, so that even `kill -9` of the process loses none.

Every process writes a file of its own and holds a lock on it, which ends with the process. `evidence/fold.py` moves
what the files hold into the stores. A line is as durable as the page cache: the death of a process loses nothing, a
power cut may lose the last seconds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Literal, NoReturn

import uuid_utils

from bascule.stores.blobs import FULL, named

SUFFIX = ".spool"
TURN = 16 << 20  # bytes after which a process goes on in a new file
PAUSE_S = 0.05  # between two attempts at a full disk

WhenFull = Literal["shed", "block"]


class Spool:
    r"""Appends lines to files in a folder; safe to share between threads and to carry over a fork.

    A new file is begun after `turn` bytes. Where the disk cannot follow, `when_full` says "shed": `append` raises
    StoreFull and nothing of the line is kept; or "block": it waits until there is room. Any other failure of the disk
    raises StoreUnavailable.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Spool(Path(folder)).append(b'{"loss": 0.2}\n')
    ...     [path.read_bytes() for path in Path(folder).iterdir()]
    [b'{"loss": 0.2}\n']
    """

    def __init__(self, folder: Path, *, turn: int = TURN, when_full: WhenFull = "shed") -> None:
        self.folder = folder
        self._turn = turn
        self._patient = when_full == "block"
        self._file, self._size = -1, 0
        self._lock = threading.Lock()
        _spools.add(self)

    def append(self, line: bytes) -> None:
        """Appends one line, which ends with its only newline; once this returns, no death of a process loses it."""
        if line[-1:] != b"\n":
            raise ValueError(f"A line ends with a newline: {line!r:.100}")
        with self._lock:
            while True:
                if self._file < 0 or self._size >= self._turn:
                    self._next()
                try:
                    written = os.write(self._file, line)
                    if written == len(line):
                        self._size += written
                        return
                    self._take_back(written)
                except OSError as error:
                    if not (self._patient and error.errno in FULL):
                        with named(self.folder):
                            raise
                time.sleep(PAUSE_S)

    def close(self) -> None:
        """Lets the present file go, to be folded to its end; a later line begins another."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def _next(self) -> None:
        """Begins a new file, locked before anybody else could take it for one whose process has died."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with named(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            while self._file < 0:
                path = self.folder / f"{uuid_utils.uuid7().hex}{SUFFIX}"
                file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file).st_nlink:
                    self._file, self._size = file, 0
                else:  # found unlocked and empty, and cleared away
                    os.close(file)

    def _take_back(self, written: int) -> NoReturn:
        """Removes the part of a line that still found room, and raises why the rest did not."""
        try:
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
        except OSError:  # no line may follow the torn one
            os.close(self._file)
            self._file = -1
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _forget(self) -> None:
        """Begins anew, as a child does after a fork: its parent's file and lock are not its own."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._size = -1, 0
        self._lock = threading.Lock()


_spools: weakref.WeakSet[Spool] = weakref.WeakSet()


def _forked() -> None:
    for spool in _spools:
        spool._forget()


os.register_at_fork(after_in_child=_forked)
