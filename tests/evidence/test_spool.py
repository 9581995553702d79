"""What is appended is there, whole and in order, whatever happens to the process, its threads, its forks, its disk."""

from __future__ import annotations

import fcntl
import resource
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bascule.errors import StoreFull, StoreUnavailable
from bascule.evidence.spool import Spool
from bascule.testing.crash import kill
from bascule.testing.processes import forked


def lines(folder: Path) -> list[bytes]:
    """Every line, the oldest file first."""
    return [line for path in sorted(folder.iterdir()) for line in path.read_bytes().splitlines(keepends=True)]


def test_lines_are_kept_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "new" / "folder")
    for number in range(100):
        spool.append(b"%d\n" % number)
    assert lines(spool.folder) == [b"%d\n" % number for number in range(100)]


def test_a_process_that_is_killed_loses_no_line(tmp_path: Path) -> None:
    def work() -> None:
        spool = Spool(tmp_path)
        for number in range(1000):
            spool.append(b"%d\n" % number)
        kill()

    assert forked(work) == -signal.SIGKILL
    assert lines(tmp_path) == [b"%d\n" % number for number in range(1000)]


def test_a_file_that_is_large_enough_is_followed_by_another(tmp_path: Path) -> None:
    spool = Spool(tmp_path, turn=100)
    for number in range(30):
        spool.append(b"%09d\n" % number)
    assert [path.stat().st_size for path in sorted(tmp_path.iterdir())] == [100, 100, 100]
    assert lines(tmp_path) == [b"%09d\n" % number for number in range(30)]


def test_threads_never_mix_their_lines(tmp_path: Path) -> None:
    spool = Spool(tmp_path, turn=5000)

    def work(name: int) -> None:
        for number in range(500):
            spool.append(b"%d %d\n" % (name, number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(lines(tmp_path)) == sorted(b"%d %d\n" % (name, number) for name in range(4) for number in range(500))


def test_a_fork_writes_a_file_of_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(b"parent\n")
    assert forked(lambda: spool.append(b"child\n")) == 0
    spool.append(b"parent\n")
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"child\n", b"parent\nparent\n"]


def test_a_fork_while_another_thread_appends_does_not_hang(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with spool._lock:
        assert forked(lambda: spool.append(b"child\n")) == 0


def unlocked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_file_is_locked_as_long_as_its_process_may_write(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(b"line\n")
    (path,) = tmp_path.iterdir()
    held = unlocked(path)
    forked(lambda: None)
    subprocess.run(["true"], check=True)
    still = unlocked(path)
    spool.close()
    assert (held, still, unlocked(path)) == (False, False, True)


def test_a_closed_spool_goes_on_in_a_new_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(2):
        spool.append(b"line\n")
        spool.close()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"line\n", b"line\n"]


@pytest.mark.parametrize("line", [b"", b"no newline"])
def test_what_is_no_line_is_refused(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(ValueError, match="newline"):
        Spool(tmp_path).append(line)


def confined(folder: Path, bytes_: int) -> Spool:
    """A spool whose disk has room for that many bytes; ends its process in the end."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))
    return Spool(folder)


def test_a_full_disk_is_told_and_nothing_of_the_line_is_kept(tmp_path: Path) -> None:
    def work() -> None:
        spool = confined(tmp_path, 25)
        spool.append(b"1234567890\n")
        spool.append(b"1234567890\n")
        for _ in range(3):
            with pytest.raises(StoreFull):
                spool.append(b"1234567890\n")
        spool.append(b"12\n")

    assert forked(work) == 0
    assert lines(tmp_path) == [b"1234567890\n", b"1234567890\n", b"12\n"]


def test_a_spool_that_blocks_waits_until_there_is_room(tmp_path: Path) -> None:
    def work() -> None:
        confined(tmp_path, 15)
        spool = Spool(tmp_path, when_full="block")
        spool.append(b"1234567890\n")
        room = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        threading.Timer(0.2, resource.setrlimit, (resource.RLIMIT_FSIZE, room)).start()
        began = time.monotonic()
        spool.append(b"later\n" * 2)
        if time.monotonic() - began < 0.1:
            raise AssertionError("it did not wait")

    assert forked(work) == 0
    assert lines(tmp_path) == [b"1234567890\n", b"later\n", b"later\n"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="file/spool"):
        Spool(tmp_path / "file" / "spool").append(b"line\n")


def test_nobody_else_may_read_what_is_spooled(tmp_path: Path) -> None:
    Spool(tmp_path).append(b"line\n")
    (path,) = tmp_path.iterdir()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
