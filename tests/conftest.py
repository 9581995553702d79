"""Real servers and empty stores for every test that asks."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bascule.stores.rows import Rows, open_rows


def missing(reason: str) -> None:
    """Skips a test whose server is not installed; where CI promises every server, fails it."""
    if os.environ.get("CI_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{reason}, and CI_REQUIRE_SERVERS=1 promises it", pytrace=False)
    pytest.skip(reason)


class PostgreSQL:
    """A PostgreSQL server of our own in a temporary folder, reached by a Unix socket only."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="bascule-pg-"))
        # The server refuses to run as root, so root lends the folder to somebody who has no rights elsewhere.
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        initdb = ["initdb", "-D", "data", "-U", "bascule", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._spawn(*initdb, "--locale=C.UTF-8").communicate()
        self.start()

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        owner = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.programs / program, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **(owner if os.geteuid() == 0 else {}),
            )

    def start(self) -> None:
        """Starts, and waits until it answers."""
        quick = [f"-c{setting}=off" for setting in ("fsync", "full_page_writes", "synchronous_commit")]
        self.process = self._spawn("postgres", "-D", "data", "-k", str(self.folder), "-clisten_addresses=", *quick)
        deadline = time.monotonic() + 30
        while not (self.folder / ".s.PGSQL.5432").exists() or not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "log").read_text()
                self.remove()
                raise RuntimeError(log)
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(f"host={self.folder} user=bascule dbname=postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stops at once; clients see their connections closed."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def remove(self) -> None:
        """Stops and leaves nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://bascule@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a fresh database, dropped afterwards."""
        import psycopg

        name = f"d{uuid.uuid4().hex}"
        with psycopg.connect(f"host={self.folder} user=bascule dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
            try:
                yield self.url(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start_postgresql() -> PostgreSQL:
    """A server, or a skip that says what is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        missing("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin)")
    return PostgreSQL(found[-1])


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """One server for the whole session."""
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture
def own_postgresql_server() -> Iterator[PostgreSQL]:
    """A server that the test may stop and start."""
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQL) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def rows_url(request: pytest.FixtureRequest) -> str:
    """An empty database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def rows(rows_url: str) -> Iterator[Rows]:
    """Rows with the present schema and nothing in them, once of each kind."""
    opened = open_rows(rows_url)
    opened.migrate()
    yield opened
    opened.close()
