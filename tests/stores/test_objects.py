"""Blobs in an object store."""

from __future__ import annotations

import hashlib
from pathlib import Path

import obstore
import pytest

from bascule.errors import Conflict, Corrupt, StoreUnavailable
from bascule.stores.blobs import PIECE
from bascule.stores.objects import ObjectBlobs
from bascule.testing.processes import forked


@pytest.fixture
def blobs() -> ObjectBlobs:
    return ObjectBlobs("memory://")


def test_a_damaged_blob_is_named(blobs: ObjectBlobs) -> None:
    digest = blobs.put(b"right")
    obstore.put(blobs._store, f"{digest[:2]}/{digest[2:]}", b"wrong")
    with pytest.raises(Corrupt, match=digest):
        blobs.get(digest)


def test_put_replaces_an_object_of_another_size(blobs: ObjectBlobs) -> None:
    digest = blobs.put(b"right")
    obstore.put(blobs._store, f"{digest[:2]}/{digest[2:]}", b"cut")
    blobs.put(b"right")
    assert blobs.get(digest) == b"right"


def test_a_file_that_changes_while_it_is_read_is_not_stored(blobs: ObjectBlobs, tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x" * 3 * PIECE)
    size = blobs._size

    def change(digest: str) -> int | None:
        path.write_bytes(b"y" * 3 * PIECE)
        return size(digest)

    blobs._size = change  # between the two readings
    with pytest.raises(Conflict, match="growing"):
        blobs.put(path)
    assert list(blobs.list()) == []


def test_a_child_of_a_process_that_used_it_is_refused_instead_of_waiting_for_ever(blobs: ObjectBlobs) -> None:
    digest = blobs.put(b"parent")

    def use() -> None:
        with pytest.raises(StoreUnavailable, match="fork"):
            blobs.get(digest)

    assert forked(use) == 0


def test_a_store_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    store = ObjectBlobs("memory://")
    store._store = obstore.store.HTTPStore(
        "http://127.0.0.1:1", client_options={"allow_http": True}, retry_config={"max_retries": 0}
    )
    with pytest.raises(StoreUnavailable):
        store.get(hashlib.sha256(b"").hexdigest())
