"""What a Session costs over bare onnxruntime running the same graph over inputs that lie ready, in interleaved laps.

Run: `python benchmarks/session.py`. A ratio of 0.9 means nine tenths of the limit's rows a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import onnxruntime

from bascule.contract.signature import feed
from bascule.contract.table import Table
from bascule.models.convert import converted
from bascule.models.session import Session
from bascule.models.sklearn import Estimator
from bascule.testing.models import MODELS, departures
from figures import Figure, told

LAPS = 15
ROWS = {1: 400, 1_000: 20, 100_000: 1}  # rows a call, and calls a lap


def bare(graph: bytes) -> onnxruntime.InferenceSession:
    """The limit: one thread, no spinning, as a Session is set."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def lap(call: Callable[[], object], calls: int) -> float:
    """Seconds a call."""
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def figures() -> Iterator[Figure]:
    """Per model and number of rows: million rows a second."""
    whole, _ = departures(100_000)
    X, _ = departures(5_000)
    for name in ("linear", "boosted", "forest", "histogram", "rule", "trivial"):
        yield from compared(name, X, whole)


def compared(name: str, X: Table, whole: Table) -> Iterator[Figure]:
    """One figure for each number of rows."""
    label, make = MODELS[name]
    model = make()
    if not isinstance(model, Estimator):
        raise TypeError(f"{name} has no graph.")
    graph = converted(model.fit(X, departures(len(X))[1][label]))
    session, limit = Session(model.contract, graph), bare(graph)
    for rows, calls in ROWS.items():
        columns = Table(whole.schema, whole.arrow.slice(0, rows)).columns
        inputs = feed(whole.schema, columns)
        pair = partial(session.answer, columns, rows), partial(limit.run, None, inputs)
        rates = [tuple(rows / lap(call, calls) / 1e6 for call in pair) for _ in range(LAPS)]
        yield Figure.of(f"session, {name}, {rows:,} rows", "bare onnxruntime", "M rows/s", rates)


if __name__ == "__main__":
    told(figures)
