"""Four times the rows take no more memory: a source streams, whatever it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

COMMIT = r"""
import re, sys, warnings
import bascule as bl
warnings.simplefilter("ignore")
project = bl.open(sys.argv[1])
bl.commit(project, "legs", sys.argv[2])
print(int(re.search(r"VmHWM:\s*(\d+) kB", open("/proc/self/status").read()).group(1)) // 1024)
"""


def peak(folder: Path, form: str, rows: int) -> int:
    """The MiB that a process needs at most to commit so many rows."""
    random = np.random.default_rng(1)
    table = pa.table(
        {
            "number": np.arange(rows),
            "miles": random.normal(size=rows),
            "to": np.array(["IAH", "ORD", "LAX"])[random.integers(0, 3, rows)],
            "late": random.random(rows) < 0.2,
        }
    )
    path = folder / f"{rows}.{form}"
    if form == "csv":
        pa.csv.write_csv(table, path)
    else:
        pq.write_table(table, path, row_group_size=rows)
    project = folder / f"project-{form}-{rows}"
    project.mkdir()
    (project / "bascule.toml").write_text("")
    command = [sys.executable, "-c", COMMIT, str(project), str(path)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process alone")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_four_times_the_rows_take_no_more_memory(tmp_path: Path, form: str) -> None:
    small, large = peak(tmp_path, form, 1_000_000), peak(tmp_path, form, 4_000_000)
    assert large < small + 100
    assert large < 600
