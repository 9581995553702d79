"""What `score` costs over bare onnxruntime answering the same Parquet batches, in interleaved laps.

Run: `python benchmarks/score.py`, which prints a line of JSON for each model. The limit reads the file, runs the graph
and writes the answers with pyarrow, on one core or on all, whichever is faster; it checks no row, no answer and no
signature. A ratio of 0.8 means four fifths of the limit's rows a second.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from bascule import project as projects
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.contract.table import Table
from bascule.errors import SchemaError
from bascule.models.prepare import prepare
from bascule.models.sklearn import Estimator
from bascule.project import Project
from bascule.registry import load
from bascule.registry.register import register
from bascule.runs.record import run
from bascule.serving.score import score
from figures import Figure, told

ROWS = 1_000_000
TAUGHT = 20_000
BATCH = 65_536
LAPS = 7
THREADS = (1, os.cpu_count() or 1)
FIELDS = tuple(Field(name=f"x{number}", kind=Kind.FLOAT, ge=-10.0, le=10.0) for number in range(12))
LABEL = Field(name="arrival", kind=Kind.TEXT, categories=("on time", "late"))
MODELS = {
    "linear": (LogisticRegression(), True),
    "boosted": (HistGradientBoostingClassifier(max_iter=100, random_state=0), False),
}


def bare(graph: bytes, source: Path, output: Path, threads: int) -> float:
    """Seconds of the limit with that many threads."""
    begun = time.perf_counter()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are not ours alone
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    writer = None
    with pq.ParquetFile(source) as file:
        for batch in file.iter_batches(BATCH):
            columns = zip(batch.schema.names, batch.columns, strict=True)
            inputs = {name: column.to_numpy().astype("float32")[:, None] for name, column in columns}
            labels, shares = session.run(None, inputs)
            names = ("prediction", *(f"probability_{value}" for value in LABEL.categories or ()))
            answers = pa.table(dict(zip(names, (pa.array(labels, pa.string()), *shares.T), strict=True)))
            writer = writer or pq.ParquetWriter(output, answers.schema)
            writer.write_table(answers)
    if writer is not None:
        writer.close()
    return time.perf_counter() - begun


def figures() -> Iterator[Figure]:
    """Per model: million rows a second of `score` and of the limit."""
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        yield from measured(Path(folder))


def measured(folder: Path) -> Iterator[Figure]:
    """The figures, in a project of its own."""
    (folder / "bascule.toml").touch()
    os.environ["BASCULE_KEY"] = str(folder / "key")
    project = projects.open(folder)
    chance = np.random.default_rng(0)
    source, ours, limit = (folder / name for name in ("in.parquet", "ours.parquet", "limit.parquet"))
    table = pa.table({field.name: chance.normal(size=ROWS).clip(-9, 9) for field in FIELDS})
    pq.write_table(table, source)
    for name, (classifier, scale) in MODELS.items():
        graph = registered(project, name, classifier, scale, table.slice(0, TAUGHT))
        laps = []
        for _ in range(LAPS + 1):
            scored = score(project, f"{name}@1", source, output=ours)
            laps.append((scored.seconds, *(bare(graph, source, limit, threads) for threads in THREADS)))
            if scored.rows != ROWS or not pq.read_table(ours)["prediction"].equals(pq.read_table(limit)["prediction"]):
                raise SystemExit(f"{name}: the two do not answer the same.")
        mine, *theirs = zip(*laps[1:], strict=True)  # the first lap warms up
        best = min(theirs, key=statistics.median)
        rates = [(ROWS / one / 1e6, ROWS / other / 1e6) for one, other in zip(mine, best, strict=True)]
        yield Figure.of(f"score, {name}", "bare onnxruntime", "M rows/s", rates, 0.8)
    refuses_a_bad_row(project, table, folder)
    project.close()


def registered(project: Project, name: str, classifier: Any, scale: bool, rows: pa.Table) -> bytes:
    """Trains and registers a model, and returns its graph."""
    contract = Contract(name=name, definition="", features=Schema("Row", "", FIELDS), label=LABEL)
    X = Table.of(contract.features, rows)
    y = np.where(X["x0"] + X["x1"] * X["x2"] > 0, "late", "on time").astype(object)
    steps = [("prepare", prepare(X.schema, scale=scale)), ("classifier", classifier)]
    with run(project, "how fast is it?") as recording:
        version = register(project, Estimator(contract, Pipeline(steps)).fit(X, y), X, y, run=recording.id)
    return load.part(project, version, "model.onnx")


def refuses_a_bad_row(project: Project, table: pa.Table, folder: Path) -> None:
    """What is fast because it does not look would not be worth measuring."""
    bad = folder / "bad.parquet"
    pq.write_table(pa.concat_tables([table, pa.table({field.name: [11.0] for field in FIELDS})]), bad)
    try:
        score(project, "linear@1", bad, output=folder / "bad out.parquet")
    except SchemaError:
        return
    raise SystemExit("score answered a row that breaks the contract.")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    told(figures)
