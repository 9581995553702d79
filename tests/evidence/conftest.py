"""A ledger on every database."""

from __future__ import annotations

import pytest

from bascule.evidence.ledger import Ledger
from bascule.stores.rows import Rows


@pytest.fixture
def ledger(rows: Rows) -> Ledger:
    return Ledger(rows, actor="tester")
