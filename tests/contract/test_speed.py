"""The column check keeps up with bare NumPy; the benchmark itself finds every planted fault."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def benchmark() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("columns")


def test_the_column_check_takes_at_most_twice_the_time_of_bare_numpy(benchmark: ModuleType) -> None:
    laps = benchmark.column_races(rows=100_000, laps=5)["columns"]
    assert min(ours / limit for ours, limit in laps) <= 2.0  # about 0.15 on an idle machine


def test_rows_are_decoded_within_a_small_multiple_of_bare_msgspec(benchmark: ModuleType) -> None:
    laps = benchmark.row_races(laps=15)["rows"]
    assert min(ours / limit for ours, limit in laps) <= 6.0  # about 2.6 on an idle machine
