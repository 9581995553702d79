"""What every driver of rows or blobs must do: subclass a suite, give its fixture, and run pytest.

```python
class TestMyRows(RowsSuite, LedgerSuite):  # the second from bascule.testing.ledger
    @pytest.fixture
    def url(self):
        return "mydb://localhost/fresh"  # an empty database

class TestMyBlobs(BlobsSuite):
    @pytest.fixture
    def blobs(self):
        return open_blobs("myblobs://fresh")  # an empty store
```
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from bascule.errors import BasculeError, Conflict, NewerStore, NotFound, Unreadable, UsageError
from bascule.stores import schema
from bascule.stores.blobs import PIECE, Blobs
from bascule.stores.rows import Rows, open_rows
from bascule.testing.processes import at_once, forked

HERE = "bascule.testing.stores"


def _event(seq: int, **changed: Any) -> dict[str, Any]:
    row = {
        "seq": seq,
        "time": 2**52,
        "actor": "ö",
        "verb": "v",
        "subject": "s",
        "body": "{}",
        "previous": "",
        "hash": "",
    }
    return row | changed


def _insert(rows: Rows, seq: int, **changed: Any) -> None:
    with rows.write() as connection:
        connection.execute(sa.insert(schema.journal), _event(seq, **changed))


def _count(rows: Rows) -> int:
    with rows.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(schema.journal)).scalar_one()


def _migrate(url: str, _number: str) -> None:
    open_rows(url).migrate()


class Opened:
    """Opens the database of the `url` fixture."""

    @pytest.fixture
    def url(self) -> str:
        """Where an empty database is; the subclass gives it."""
        raise NotImplementedError

    @pytest.fixture
    def rows(self, url: str) -> Iterator[Rows]:
        """The database, with the present schema."""
        opened = open_rows(url)
        opened.migrate()
        yield opened
        opened.close()


class RowsSuite(Opened):
    """What every driver of rows must do."""

    def test_what_was_written_is_read_back(self, rows: Rows) -> None:
        body = '{"text":"' + "é\\u0000🛫" * 100_000 + '"}'
        _insert(rows, 1, time=2**62, body=body)
        with rows.read() as connection:
            row = connection.execute(sa.select(schema.journal)).one()
        assert (row.time, row.actor, row.body) == (2**62, "ö", body)

    def test_a_body_that_raises_leaves_nothing(self, rows: Rows) -> None:
        with pytest.raises(KeyError), rows.write() as connection:
            connection.execute(sa.insert(schema.journal), _event(1))
            raise KeyError
        assert _count(rows) == 0

    def test_a_snapshot_does_not_see_what_is_committed_meanwhile(self, rows: Rows) -> None:
        count = sa.select(sa.func.count()).select_from(schema.journal)
        with rows.read() as connection:
            before = connection.execute(count).scalar_one()
            _insert(rows, 1)
            after = connection.execute(count).scalar_one()
        assert (before, after, _count(rows)) == (0, 0, 1)

    def test_a_reader_cannot_write(self, rows: Rows) -> None:
        with pytest.raises((BasculeError, sa.exc.SQLAlchemyError)), rows.read() as connection:
            connection.execute(sa.insert(schema.journal), _event(1))
        assert _count(rows) == 0

    def test_the_same_key_twice_is_a_conflict(self, rows: Rows) -> None:
        _insert(rows, 1)
        with pytest.raises(Conflict):
            _insert(rows, 1)

    def test_a_reference_to_nothing_is_a_conflict(self, rows: Rows) -> None:
        with pytest.raises(Conflict), rows.write() as connection:
            connection.execute(sa.insert(schema.notes), {"seq": 7, "subject": "s"})

    def test_a_write_inside_a_write_is_refused_at_once(self, rows: Rows) -> None:
        with rows.write(), pytest.raises(UsageError), rows.write():
            pass
        _insert(rows, 1)  # and the thread may write again
        assert _count(rows) == 1

    def test_a_lock_is_held_by_one_transaction_at_a_time(self, rows: Rows) -> None:
        most, inside = [0], [0]

        def enter(_number: int) -> None:
            with rows.write(lock="door"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                threading.Event().wait(0.002)
                inside[0] -= 1

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(enter, range(24)))
        assert most == [1]

    def test_many_threads_read_at_once(self, rows: Rows) -> None:
        gate = threading.Barrier(24)

        def look(_number: int) -> int:
            with rows.read() as connection:
                gate.wait(30)
                return connection.execute(sa.select(sa.literal(1))).scalar_one()

        with ThreadPoolExecutor(24) as pool:
            assert sum(pool.map(look, range(24))) == 24

    def test_a_forked_child_writes_and_the_parent_goes_on(self, rows: Rows) -> None:
        _insert(rows, 1)
        assert forked(lambda: _insert(rows, 2)) == 0
        _insert(rows, 3)
        assert _count(rows) == 3

    def test_closed_rows_open_again(self, rows: Rows) -> None:
        rows.close()
        _insert(rows, 1)
        assert _count(rows) == 1

    def test_eight_processes_may_open_a_fresh_database_at_once(self, url: str) -> None:
        at_once(f"{HERE}:_migrate", url)
        rows = open_rows(url)
        with rows.read() as connection:
            assert schema.revision(connection) == schema.REVISION
        rows.close()

    def test_the_migrated_schema_is_the_declared_one(self, rows: Rows) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with rows.read() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, schema.metadata) == []

    def test_a_newer_schema_is_refused(self, rows: Rows) -> None:
        with rows.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(NewerStore, match="9999"):
            rows.migrate()


CONTENTS = [b"", b"x", b"\x00" * PIECE, bytes(range(256)) * (PIECE // 256 * 3) + b"end"]


class BlobsSuite:
    """What every driver of blobs must do."""

    @pytest.fixture
    def blobs(self) -> Blobs:
        """An empty store; the subclass gives it."""
        raise NotImplementedError

    @pytest.mark.parametrize("content", CONTENTS, ids=len)
    def test_get_returns_what_was_put(self, blobs: Blobs, content: bytes) -> None:
        digest = blobs.put(content)
        assert digest == hashlib.sha256(content).hexdigest()
        assert blobs.get(digest) == content

    @pytest.mark.parametrize("content", CONTENTS, ids=len)
    def test_bytes_a_file_and_pieces_are_stored_alike(self, blobs: Blobs, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "data"
        path.write_bytes(content)
        pieces = (content[start : start + 100_000] for start in range(0, len(content), 100_000))
        assert len({blobs.put(path), blobs.put(pieces), blobs.put(memoryview(content)), blobs.put(content)}) == 1
        assert [(blob.digest, blob.size) for blob in blobs.list()] == [
            (hashlib.sha256(content).hexdigest(), len(content))
        ]

    def test_what_is_there_is_not_written_again(self, blobs: Blobs) -> None:
        blobs.put(b"same")
        before = list(blobs.list())
        blobs.put(b"same")
        assert list(blobs.list()) == before

    def test_a_missing_blob_is_not_found_and_named(self, blobs: Blobs) -> None:
        digest = "0" * 64
        assert not blobs.has(digest)
        for read in (blobs.get, blobs.open):
            with pytest.raises(NotFound, match=digest):
                read(digest)

    def test_a_deleted_blob_is_gone_and_can_be_deleted_again(self, blobs: Blobs) -> None:
        kept, gone = blobs.put(b"kept"), blobs.put(b"gone")
        blobs.delete(gone)
        blobs.delete(gone)
        assert ([blob.digest for blob in blobs.list()], blobs.has(gone)) == ([kept], False)

    @pytest.mark.parametrize("name", ["", "../secret", "A" * 64, "0" * 63, "0" * 64 + "\n"])
    def test_what_is_no_hash_is_refused(self, blobs: Blobs, name: str) -> None:
        for call in (blobs.get, blobs.open, blobs.has, blobs.delete):
            with pytest.raises(UsageError):
                call(name)

    def test_an_open_blob_is_read_in_ranges(self, blobs: Blobs) -> None:
        content = os.urandom(3 * PIECE)
        with blobs.open(blobs.put(content)) as file:
            assert file.seek(-5, io.SEEK_END) == len(content) - 5
            assert file.read(100) == content[-5:]
            assert file.seek(PIECE - 1) == PIECE - 1
            assert file.read(3) == content[PIECE - 1 : PIECE + 2]
            assert (file.read(), file.read()) == (content[PIECE + 2 :], b"")

    def test_pyarrow_reads_parquet_from_an_open_blob(self, blobs: Blobs) -> None:
        table = pa.table({"a": range(10_000), "b": [str(number) for number in range(10_000)]})
        written = io.BytesIO()
        pq.write_table(table, written, row_group_size=1000)
        with blobs.open(blobs.put(written.getvalue())) as file:
            assert pq.ParquetFile(file).read_row_group(7, ["b"])["b"][0].as_py() == "7000"

    def test_the_same_content_may_be_put_by_many_at_once(self, blobs: Blobs) -> None:
        with ThreadPoolExecutor(8) as pool:
            digests = set(pool.map(lambda _turn: blobs.put(b"z" * 200_000), range(32)))
        assert [blob.digest for blob in blobs.list()] == list(digests)

    def test_pieces_that_raise_leave_nothing_and_the_error_is_theirs(self, blobs: Blobs) -> None:
        def broken() -> Iterator[bytes]:
            yield b"x" * PIECE
            raise OSError(28, "of the caller")

        with pytest.raises(OSError, match="of the caller"):
            blobs.put(broken())
        assert list(blobs.list()) == []

    def test_a_file_that_cannot_be_read_is_named(self, blobs: Blobs, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match="no-such-file"):
            blobs.put(tmp_path / "no-such-file")
