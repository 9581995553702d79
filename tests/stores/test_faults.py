"""The wrappers that fail at a chosen transition."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bascule.errors import StoreFull
from bascule.stores.blobs import Blobs, open_blobs
from bascule.testing.crash import Fuse, FusedBlobs, Moment, fill
from bascule.testing.processes import forked
from bascule.testing.stores import BlobsSuite


class TestFusedBlobs(BlobsSuite):
    """A fuse that does not blow changes nothing."""

    @pytest.fixture
    def blobs(self) -> Blobs:
        return FusedBlobs(open_blobs("memory://"), Fuse())


def work(blobs: Blobs) -> None:
    """Three transitions."""
    first = blobs.put(b"first")
    blobs.put(b"second")
    blobs.delete(first)


def test_an_unlimited_fuse_counts_the_transitions() -> None:
    fuse = Fuse()
    work(FusedBlobs(open_blobs("memory://"), fuse))
    assert fuse.count == 3


@pytest.mark.parametrize(
    ("at", "moment", "left"),
    [
        (1, "before", []),
        (1, "after", [b"first"]),
        (2, "before", [b"first"]),
        (2, "after", [b"first", b"second"]),
        (3, "before", [b"first", b"second"]),
        (3, "after", [b"second"]),
    ],
)
def test_a_fuse_blows_at_its_transition_and_at_no_other(at: int, moment: Moment, left: list[bytes]) -> None:
    blobs = open_blobs("memory://")
    with pytest.raises(StoreFull):
        work(FusedBlobs(blobs, Fuse(at, moment, fill)))
    assert sorted(blobs.get(blob.digest) for blob in blobs.list()) == left


def test_a_fuse_kills_the_process_by_itself(tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    assert forked(lambda: work(FusedBlobs(blobs, Fuse(2)))) == -signal.SIGKILL
    assert [blobs.get(blob.digest) for blob in blobs.list()] == [b"first"]
