"""SQLite: what its errors mean, and what it promises."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from bascule.errors import ConfigurationError, Conflict, Corrupt, StoreFull, StoreUnavailable
from bascule.evidence.ledger import Ledger
from bascule.stores import schema
from bascule.stores.rows import Rows, open_rows
from bascule.testing.processes import forked


@pytest.fixture
def rows(sqlite_url: str) -> Rows:
    opened = open_rows(sqlite_url)
    opened.migrate()
    return opened


def file(rows: Rows) -> Path:
    return Path(rows.url.removeprefix("sqlite:///"))


def fill(rows: Rows, events: int = 50) -> None:
    with Ledger(rows).write() as tx:
        for number in range(events):
            tx.append("project.init", f"s{number}", {"text": "x" * 1000})


def test_a_file_that_is_no_database_is_corrupt(sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"not a database at all" * 1000)
    with pytest.raises(Corrupt, match="copy"):
        open_rows(sqlite_url).migrate()


def test_a_truncated_file_is_corrupt(rows: Rows) -> None:
    fill(rows)
    rows.close()
    os.truncate(file(rows), file(rows).stat().st_size // 2)
    with pytest.raises(Corrupt, match="copy"):
        Ledger(open_rows(rows.url)).verify()


def test_an_overwritten_page_is_corrupt(rows: Rows) -> None:
    fill(rows)
    rows.close()
    with file(rows).open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xff" * 200_000)
    with pytest.raises(Corrupt):
        Ledger(open_rows(rows.url)).verify()


def test_text_that_is_no_utf8_is_corrupt(rows: Rows) -> None:
    fill(rows)
    with rows.write() as connection:
        connection.exec_driver_sql("UPDATE journal SET body = CAST(X'ff' AS TEXT) WHERE seq = 7")
    with pytest.raises(Corrupt, match="body"):
        Ledger(rows).verify()


def test_a_full_disk_is_named_and_nothing_is_half_written(rows: Rows) -> None:
    fill(rows)
    rows.close()

    def write_past_the_limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        with pytest.raises(StoreFull):
            fill(rows)

    assert forked(write_past_the_limit) == 0
    assert (Ledger(rows).head().seq, Ledger(rows).verify()) == (50, [])
    fill(rows)  # and the same command works once there is room
    assert Ledger(rows).head().seq == 100


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        open_rows(f"sqlite:///{tmp_path}/nowhere/ledger.db").migrate()


def test_a_writer_that_hangs_is_named_when_patience_ends(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    hung = sqlite3.connect(file(rows), isolation_level=None)
    hung.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("bascule.stores.sqlite.PATIENCE_S", 0.05)
    impatient = open_rows(rows.url)
    with pytest.raises(StoreUnavailable, match="hangs"), impatient.write():
        pass
    hung.close()
    with impatient.write():
        pass


def test_threads_that_wait_for_a_hung_thread_are_told(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bascule.stores.sqlite.PATIENCE_S", 0.05)
    impatient = open_rows(rows.url)
    held = impatient.write()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(held.__enter__).result()
    with pytest.raises(StoreUnavailable, match="never ends"), impatient.write():
        pass


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_rows_that_cannot_be_shared_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="names no file"):
        open_rows(url)


def test_the_path_may_contain_anything(tmp_path: Path) -> None:
    folder = tmp_path / "50% of 'é' #1?&a=b @:"
    folder.mkdir()
    rows = open_rows(f"sqlite:///{folder}/ledger.db")
    rows.migrate()
    assert (folder / "ledger.db").exists()
    open_rows(rows.url).migrate()


def test_a_relative_path_survives_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = open_rows("sqlite:///ledger.db")
    monkeypatch.chdir("/")
    rows.migrate()
    assert (tmp_path / "ledger.db").exists()


def test_what_is_committed_survives_a_power_cut(rows: Rows) -> None:
    with rows.write() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


def test_a_row_that_evidence_rests_on_cannot_be_deleted(rows: Rows) -> None:
    with Ledger(rows).write() as tx:
        tx.append("key.trust", "f", {"fingerprint": "f"})
    with pytest.raises(Conflict), rows.write() as connection:
        connection.execute(sa.delete(schema.journal))


def test_opening_a_current_project_does_not_load_alembic(rows: Rows) -> None:
    code = f"""
import sys
from bascule.stores.rows import open_rows
assert "sqlalchemy" not in sys.modules, "the seam is light"
open_rows({rows.url!r}).migrate()
assert "alembic" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
