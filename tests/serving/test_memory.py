"""Ten million rows are answered in less than a gibibyte."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bascule.project import Project

ROWS, PIECES = 10_000_000, 20
SCORE = """
import resource, sys
import bascule as bl
print(bl.score(bl.open(sys.argv[1]), "late-arrival", sys.argv[2], output=sys.argv[3]).rows)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("group", [1 << 20, ROWS])
def test_ten_million_rows_take_less_than_a_gibibyte(
    project: Project, flights: Callable[..., pa.Table], tmp_path: Path, group: int
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.concat_tables([flights(ROWS // PIECES)] * PIECES), source, row_group_size=group)
    command = [sys.executable, "-c", SCORE, str(project.folder), str(source), str(tmp_path / "out.parquet")]
    rows, peak_mib = map(int, subprocess.run(command, capture_output=True, check=True).stdout.split())
    assert rows == pq.read_metadata(tmp_path / "out.parquet").num_rows == ROWS
    assert peak_mib < 1024
