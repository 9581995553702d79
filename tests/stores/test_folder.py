"""Blobs in a folder: damage, kill -9 and full disks."""

from __future__ import annotations

import hashlib
import itertools
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from bascule.errors import ConfigurationError, Corrupt, StoreFull, StoreUnavailable
from bascule.stores.blobs import PIECE
from bascule.stores.folder import ABANDONED_S, FolderBlobs
from bascule.testing.processes import forked

CONTENT = b"forty-two " * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(f"file://{tmp_path}/blobs")


def place(blobs: FolderBlobs) -> Path:
    return blobs.root / DIGEST[:2] / DIGEST[2:]


def files(blobs: FolderBlobs) -> list[Path]:
    return [path for path in blobs.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], b"X" + CONTENT[1:], CONTENT + b"X"])
def test_a_damaged_blob_is_named_and_put_mends_it(blobs: FolderBlobs, damage: bytes) -> None:
    blobs.put(CONTENT)
    place(blobs).write_bytes(damage)
    with pytest.raises(Corrupt, match=DIGEST):
        blobs.get(DIGEST)
    blobs.put(CONTENT)
    assert blobs.get(DIGEST) == CONTENT


def die_at(step: int) -> None:
    """Kills this process before the step number `step` that Python takes on files, counted from 0."""
    taken = itertools.count()

    def watch(event: str, _arguments: object) -> None:
        if event in ("open", "os.mkdir", "os.rename", "os.remove") and next(taken) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def test_kill_at_every_step_of_a_put_leaves_all_or_nothing(blobs: FolderBlobs) -> None:
    statuses = []
    while 0 not in statuses:
        blobs.delete(DIGEST)
        statuses.append(forked(lambda: (die_at(len(statuses)), blobs.put(CONTENT))))
        assert not blobs.has(DIGEST) or blobs.get(DIGEST) == CONTENT
    assert len(statuses) > 4
    assert set(statuses) == {-signal.SIGKILL, 0}


def test_kill_between_two_pieces_leaves_nothing_readable(blobs: FolderBlobs) -> None:
    def pieces():
        yield CONTENT
        os.kill(os.getpid(), signal.SIGKILL)

    assert forked(lambda: blobs.put(pieces())) == -signal.SIGKILL
    assert list(blobs.list()) == []


def test_what_dead_writers_left_is_removed_after_a_day_and_not_before(blobs: FolderBlobs) -> None:
    for name, age in (("dead", ABANDONED_S + 60), ("alive", ABANDONED_S - 60)):
        left = blobs.root / "arriving" / name
        left.write_bytes(b"x")
        os.utime(left, (left.stat().st_mtime - age,) * 2)
    FolderBlobs(blobs.url)
    assert [path.name for path in files(blobs)] == ["alive"]


def test_a_full_disk_is_named_and_leaves_nothing(blobs: FolderBlobs) -> None:
    def put_past_the_limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (PIECE + 10,) * 2)
        with pytest.raises(StoreFull):
            blobs.put(b"x" * 3 * PIECE)

    assert forked(put_past_the_limit) == 0
    assert files(blobs) == []


def test_a_child_uses_the_blobs_of_its_parent(blobs: FolderBlobs) -> None:
    blobs.put(b"parent")
    assert forked(lambda: blobs.get(blobs.put(CONTENT))) == 0
    assert blobs.get(DIGEST) == CONTENT


def test_other_files_in_the_folder_are_not_listed(blobs: FolderBlobs) -> None:
    blobs.put(CONTENT)
    place(blobs).with_name(".DS_Store").write_bytes(b"")
    (blobs.root / "README").write_bytes(b"")
    assert [(blob.digest, blob.size) for blob in blobs.list()] == [(DIGEST, len(CONTENT))]


def test_a_listing_tells_when_a_blob_was_written(blobs: FolderBlobs) -> None:
    blobs.put(CONTENT)
    os.utime(place(blobs), ns=(0, 1_700_000_000_123_456_000))
    assert [blob.modified for blob in blobs.list()] == [1_700_000_000_123_456]


def test_a_folder_whose_parent_is_missing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unmounted"):
        FolderBlobs(f"file://{tmp_path}/unmounted/blobs")


def test_a_folder_that_vanished_is_unavailable(blobs: FolderBlobs) -> None:
    blobs.root.rename(blobs.root.with_name("elsewhere"))
    with pytest.raises(StoreUnavailable):
        blobs.put(CONTENT)


@pytest.mark.parametrize("url", ["file://", "file://blobs", "file:///"[:-1] + "./blobs"])
def test_a_folder_must_be_absolute(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not absolute"):
        FolderBlobs(url)
