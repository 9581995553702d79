"""The limit that serving is held against: bare granian, msgspec and onnxruntime, with no check, log, counter or id.

Run: `python benchmarks/serving_limit.py GRAPH NAMES PORT`. The graph has one input of shape (rows, columns), float32,
and an output `probabilities`; NAMES is a JSON file of the columns' names. granian serves it as it comes: its own
master, one worker, its default loop and scheduler. A request is a POST of

- `/rows`   `{"rows": [{"mean radius": 17.99, …}, …]}`, decoded into bare structs,
- `/flat`   `{"inputs": [[17.99, …], …]}`, lists of numbers,
- `/raw`    the float32 values themselves, row by row,

and the answer `{"predictions": [0.01, …]}`, the probability of the last class; to `/raw` those float32 values
themselves.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime

GRAPH, NAMES = "BENCH_GRAPH", "BENCH_NAMES"
JSON = [("content-type", "application/json")]
BYTES = [("content-type", "application/octet-stream")]


class Flat(msgspec.Struct):
    """A request of lists of numbers."""

    inputs: list[list[float]]


def application() -> Any:
    """The RSGI callable."""
    names = msgspec.json.decode(Path(os.environ[NAMES]).read_bytes())
    slots = [f"f{number}" for number in range(len(names))]
    row: Any = msgspec.defstruct(
        "Row", [(slot, float) for slot in slots], rename=dict(zip(slots, names, strict=True)), gc=False
    )
    rows = msgspec.json.Decoder(msgspec.defstruct("Rows", [("rows", list[row])]))
    flat, encode, values = msgspec.json.Decoder(Flat), msgspec.json.Encoder().encode, msgspec.structs.astuple
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(os.environ[GRAPH], options, providers=["CPUExecutionProvider"])
    run, given = session.run, session.get_inputs()[0].name

    async def answer(scope: Any, proto: Any) -> None:
        body = await proto()
        path = scope.path
        if path == "/raw":
            x = np.frombuffer(body, "float32").reshape(-1, len(names))
            found = run(["probabilities"], {given: x})[0]
            proto.response_bytes(200, BYTES, np.ascontiguousarray(found[:, -1]).tobytes())
            return
        if path == "/rows":
            x = np.array([values(row) for row in rows.decode(body).rows], "float32")
        else:
            x = np.array(flat.decode(body).inputs, "float32")
        found = run(["probabilities"], {given: x})[0]
        proto.response_bytes(200, JSON, encode({"predictions": found[:, -1].tolist()}))

    return answer


if __name__ == "__main__":
    from granian import Granian

    os.environ[GRAPH], os.environ[NAMES] = sys.argv[1:3]
    sys.path.insert(0, str(Path(__file__).parent))
    Granian(
        "serving_limit:application",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[3]),
        interface="rsgi",
        backpressure=1024,
        log_enabled=False,
    ).serve()
