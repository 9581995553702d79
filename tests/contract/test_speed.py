"""The column check keeps up with bare NumPy; the benchmark itself finds every planted fault."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "columns.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_columns", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_column_check_takes_at_most_twice_the_time_of_bare_numpy(benchmark: ModuleType) -> None:
    laps = benchmark.column_races(rows=100_000, laps=5)["columns"]
    assert min(ours / limit for ours, limit in laps) <= 2.0  # about 0.15 on an idle machine


def test_rows_are_decoded_within_a_small_multiple_of_bare_msgspec(benchmark: ModuleType) -> None:
    laps = benchmark.row_races(laps=15)["rows"]
    assert min(ours / limit for ours, limit in laps) <= 6.0  # about 2.6 on an idle machine
