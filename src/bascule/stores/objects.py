"""Blobs in an object store, by obstore: process memory now; S3, Azure and Google by registering their schemes."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from bascule.errors import Conflict, StoreUnavailable
from bascule.stores.blobs import PIECE, Blob, Data, altered, checked, missing, named, pieces

_users: list[int] = []
"""The process that started obstore's runtime. Its threads do not cross a fork, and calls there would wait for ever."""


class ObjectBlobs:
    """Blobs in the store of a URL, under the keys `ab/cdef…` that a folder uses too. `memory://` is empty each time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._store = from_url(url)

    def put(self, data: Data) -> str:
        """Stores the bytes, see `Blobs.put`; an object of the right size is taken to be intact."""
        if isinstance(data, bytes | bytearray | memoryview):
            digest = hashlib.sha256(data).hexdigest()
            if self._size(digest) != len(data):
                with self._named(digest):
                    obstore.put(self._store, _key(digest), bytes(data), use_multipart=False)
        elif isinstance(data, Path):
            digest = self._put_file(data)
        else:
            with tempfile.NamedTemporaryFile() as spooled:  # the name is known only when the last piece is
                for piece in data:
                    with named(Path(spooled.name)):
                        spooled.write(piece)
                with named(Path(spooled.name)):
                    spooled.flush()
                digest = self._put_file(Path(spooled.name))
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, hashed again, see `Blobs.get`."""
        with self._named(digest):
            data = bytes(obstore.get(self._store, _key(digest)).bytes())
        if (found := hashlib.sha256(data).hexdigest()) != digest:
            raise altered(digest, found)
        return data

    def open(self, digest: str) -> BinaryIO:
        """A seekable file, see `Blobs.open`."""
        size = self._size(digest)
        if size is None:
            raise missing(digest)
        return cast("BinaryIO", io.BufferedReader(_Ranges(self, digest, size), PIECE))

    def has(self, digest: str) -> bool:
        """Whether something is stored under this name."""
        return self._size(digest) is not None

    def delete(self, digest: str) -> None:
        """Removes the bytes, see `Blobs.delete`."""
        with suppress(FileNotFoundError), self._named():
            obstore.delete(self._store, _key(digest))

    def list(self) -> Iterator[Blob]:
        """Every blob, see `Blobs.list`."""
        with self._named():
            for page in obstore.list(self._store):
                for item in page:
                    modified = int(item["last_modified"].timestamp() * 1_000_000)
                    yield Blob(item["path"].replace("/", ""), item["size"], modified)

    def part(self, digest: str, start: int, length: int) -> bytes:
        """Some of the bytes, not hashed."""
        with self._named(digest):
            return bytes(obstore.get_range(self._store, _key(digest), start=start, length=length))

    def _put_file(self, path: Path) -> str:
        digest, size = hashlib.sha256(), 0
        for piece in pieces(path):
            digest.update(piece)
            size += len(piece)
        name = digest.hexdigest()
        if self._size(name) != size:
            with self._named(name):
                obstore.put(self._store, _key(name), _unchanged(path, name), use_multipart=True)
        return name

    def _size(self, digest: str) -> int | None:
        try:
            with self._named():
                return int(obstore.head(self._store, _key(digest))["size"])
        except FileNotFoundError:
            return None

    @contextmanager
    def _named(self, digest: str | None = None) -> Iterator[None]:
        if not _users:
            _users.append(os.getpid())
        if _users[0] != os.getpid():
            raise StoreUnavailable(
                f"{self.url} was used by process {_users[0]} before it forked this one, {os.getpid()}.",
                next_step="Start processes with spawn instead of fork, or fork before the first use.",
            )
        try:
            yield
        except FileNotFoundError:
            if digest is None:
                raise
            raise missing(digest) from None
        except BaseError as error:
            raise StoreUnavailable(f"{self.url}: {str(error).partition(chr(10))[0]}") from error


class _Ranges(io.RawIOBase):
    """A file whose reads are range requests."""

    def __init__(self, blobs: ObjectBlobs, digest: str, size: int) -> None:
        self._blobs, self._digest, self._length, self._at = blobs, digest, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        if origin + offset < 0:
            raise ValueError(f"cannot seek to {origin + offset}")
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), max(self._length - self._at, 0))
        if length:
            buffer[:length] = self._blobs.part(self._digest, self._at, length)
            self._at += length
        return length


def _key(digest: str) -> str:
    checked(digest)
    return f"{digest[:2]}/{digest[2:]}"


def _unchanged(path: Path, digest: str) -> Iterator[bytes]:
    """The file's pieces once more; raising before the end abandons the upload."""
    covered = hashlib.sha256()
    for piece in pieces(path):
        covered.update(piece)
        yield piece
    if covered.hexdigest() != digest:
        raise Conflict(f"{path} changed while it was read.", next_step="Run the command again once the file rests.")
