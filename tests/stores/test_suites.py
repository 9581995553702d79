"""The published suites, on every store that we ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from bascule.stores.blobs import Blobs, open_blobs
from bascule.testing.ledger import LedgerSuite
from bascule.testing.stores import BlobsSuite, RowsSuite


class TestSQLite(RowsSuite, LedgerSuite):
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url


class TestPostgreSQL(RowsSuite, LedgerSuite):
    @pytest.fixture
    def url(self, postgresql_url: str) -> str:
        return postgresql_url


class TestFolder(BlobsSuite):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Blobs:
        return open_blobs(f"file://{tmp_path}/blobs")


class TestMemory(BlobsSuite):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return open_blobs("memory://")
