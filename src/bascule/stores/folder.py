"""Blobs in a folder: plain files, written beside their place, synced, and renamed into it.

Not on obstore like the other blob stores: its runtime is dead in a forked process, where every call waits for ever, and
its LocalStore does not sync, so that a power cut could take a blob that the ledger already refers to.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bascule.errors import ConfigurationError
from bascule.stores.blobs import Blob, Data, altered, checked, missing, named, pieces

ABANDONED_S = 24 * 3600
"""A file that arrives is touched by every piece; one untouched for a day belongs to a process that died."""


class FolderBlobs:
    """Blobs as `ab/cdef…` in the folder of a `file:///path` URL, nothing in it escaped; its parent must exist."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.root = Path(url.partition("://")[2])
        if not self.root.is_absolute():
            raise ConfigurationError(f"{url!r} is not absolute.", next_step="Write file:///path/to/folder.")
        self._arriving = self.root / "arriving"
        with named(self.root):
            _make(self.root)
            _make(self._arriving)
            for left in self._arriving.iterdir():
                with suppress(FileNotFoundError):
                    if left.stat().st_mtime < time.time() - ABANDONED_S:
                        left.unlink()

    def put(self, data: Data) -> str:
        """Stores the bytes, see `Blobs.put`; what is there already is read and, where damaged, replaced."""
        if isinstance(data, bytes | bytearray | memoryview | Path):
            covered = hashlib.sha256()
            for piece in pieces(data):
                covered.update(piece)
            if self._intact(covered.hexdigest()):
                return covered.hexdigest()
        path = self._arriving / uuid.uuid4().hex
        try:
            digest = self._write(path, data)
            place = self._place(digest)
            with named(place):
                _make(place.parent)
                path.replace(place)
                _sync(place.parent)
        finally:
            path.unlink(missing_ok=True)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, hashed again, see `Blobs.get`."""
        with self.open(digest) as file, named(self.root):
            data = file.read()
        if (found := hashlib.sha256(data).hexdigest()) != digest:
            raise altered(digest, found)
        return data

    def open(self, digest: str) -> BinaryIO:
        """A seekable file, see `Blobs.open`."""
        place = self._place(digest)
        with named(place):
            try:
                return place.open("rb")
            except FileNotFoundError:
                raise missing(digest) from None

    def has(self, digest: str) -> bool:
        """Whether something is stored under this name."""
        with named(self.root):
            return self._place(digest).exists()

    def delete(self, digest: str) -> None:
        """Removes the bytes, see `Blobs.delete`."""
        with named(self.root):
            self._place(digest).unlink(missing_ok=True)

    def list(self) -> Iterator[Blob]:
        """Every blob, see `Blobs.list`."""
        with named(self.root):
            for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
                for place in folder.glob("[0-9a-f]" * 62):
                    try:
                        facts = place.stat()
                    except FileNotFoundError:
                        continue  # deleted since the folder was read
                    yield Blob(folder.name + place.name, facts.st_size, facts.st_mtime_ns // 1000)

    def _place(self, digest: str) -> Path:
        checked(digest)
        return self.root / digest[:2] / digest[2:]

    def _intact(self, digest: str) -> bool:
        place = self._place(digest)
        with named(place):
            try:
                with place.open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest() == digest
            except FileNotFoundError:
                return False

    def _write(self, path: Path, data: Data) -> str:
        covered = hashlib.sha256()
        with named(path):
            file = path.open("xb", buffering=0)
        with file:
            for piece in pieces(data):
                covered.update(piece)
                with named(path):
                    rest = memoryview(piece)
                    while rest:
                        rest = rest[file.write(rest) :]
            with named(path):
                os.fsync(file.fileno())
        return covered.hexdigest()


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """A rename is durable once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
