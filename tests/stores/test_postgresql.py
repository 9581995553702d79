"""PostgreSQL: what its errors mean, and what happens when the server goes."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from bascule.errors import BasculeError, Conflict, Corrupt, StoreFull, StoreUnavailable
from bascule.stores.rows import Rows, open_rows


@pytest.fixture
def rows(postgresql_url: str) -> Any:
    opened = open_rows(postgresql_url)
    opened.migrate()
    yield opened
    opened.close()


def ask(rows: Rows) -> Any:
    with rows.read() as connection:
        return connection.exec_driver_sql("SELECT 1").scalar()


def closing(url: str) -> Any:
    return contextlib.closing(open_rows(url))


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("53100", StoreFull),
        ("53300", StoreUnavailable),
        ("57P01", StoreUnavailable),
        ("58030", StoreUnavailable),
        ("55P03", StoreUnavailable),
        ("XX001", Corrupt),
        ("40001", Conflict),
        ("40P01", Conflict),
        ("23505", Conflict),
    ],
)
def test_what_the_server_says_is_named(rows: Rows, state: str, meaning: type[BasculeError]) -> None:
    with pytest.raises(meaning), rows.write() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")


def test_a_server_that_stops_is_unavailable_and_answers_again_when_it_is_back(own_postgresql_server: Any) -> None:
    with closing(own_postgresql_server.url("postgres")) as rows:
        assert ask(rows) == 1
        own_postgresql_server.stop()
        with pytest.raises(StoreUnavailable):
            ask(rows)
        own_postgresql_server.start()
        assert ask(rows) == 1


def test_a_connection_that_is_cut_inside_a_transaction_is_unavailable(rows: Rows) -> None:
    with pytest.raises(StoreUnavailable), rows.write() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert ask(rows) == 1


def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_shown() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_rows("postgresql://me:secret@127.0.0.1:1/nothing").migrate()
    assert "secret" not in str(caught.value)


def test_a_database_that_is_not_there_is_unavailable(postgresql_server: Any) -> None:
    with pytest.raises(StoreUnavailable, match="nonesuch"):
        open_rows(postgresql_server.url("nonesuch")).migrate()


def test_the_driver_may_be_named_in_the_url(postgresql_url: str) -> None:
    with closing(postgresql_url.replace("postgresql://", "postgresql+psycopg://")) as rows:
        assert ask(rows) == 1


def test_a_writer_that_hangs_is_named_when_patience_ends(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bascule.stores.postgresql.PATIENCE_S", 1)
    rows, leave, inside = open_rows(postgresql_url), threading.Event(), threading.Event()

    def hang() -> None:
        with rows.write(lock="door"):
            inside.set()
            leave.wait(30)

    thread = threading.Thread(target=hang)
    thread.start()
    inside.wait(30)
    with pytest.raises(StoreUnavailable, match="lock timeout"), rows.write(lock="door"):
        pass
    leave.set()
    thread.join()
    rows.close()
