"""An exported model that answers: columns in, checked answers out, by onnxruntime alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from bascule.contract.columns import DTYPES, Array, Column
from bascule.contract.contract import Contract
from bascule.contract.fields import INT64, Field, Kind
from bascule.contract.rules import check
from bascule.contract.signature import feed, onnx_type
from bascule.errors import Incompatible, OutputError, Unreadable

BATCH = 8192  # rows that run together: what a graph computes on its way stays in the cache
SHAPE = "bascule.shape"  # the metadata under which an export keeps the hash of its contract's shape
NOISE = 1e-6  # how far float32 arithmetic may carry a number past its limit, relative to the limit
SUM = 1e-4  # float32 probabilities of many classes add up to 1 within this


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says to some rows: labels or numbers, and shares of shape (rows, classes) where it has them."""

    values: Array
    probabilities: Array | None


class Session:
    """An ONNX graph under a contract; it never answers outside it.

    The graph has one input of shape (rows, 1) a field, as `contract.signature` says, and the outputs `label` and, where
    known, `probabilities` in the label's order, or `value`. Raises Unreadable for bytes that are no such graph,
    Incompatible for a graph exported under a contract of another shape. `threads` is what one call may use.
    """

    def __init__(self, contract: Contract, onnx: bytes, threads: int = 1) -> None:
        self.contract = contract
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4  # what matters of it is raised
        try:
            self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors have no common root
            raise Unreadable(f"The {len(onnx)} bytes are no ONNX graph that runs here: {error}.") from error
        _refuse_other(contract, self._session)
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def offers_probabilities(self) -> bool:
        """Whether answers come with the classes' probabilities."""
        return len(self._outputs) > 1

    def answer(self, columns: Mapping[str, Column], rows: int) -> Answer:
        """The answers to that many checked rows; raises OutputError rather than an answer outside the contract."""
        label = self.contract.label
        if not rows:  # some operators fail on nothing
            none = np.zeros((0, len(label.categories or ())), "float32") if self.offers_probabilities else None
            return Answer(np.zeros(0, object if label.kind is Kind.TEXT else DTYPES[label.kind]), none)
        inputs = feed(self.contract.features, columns)
        found = self._run(inputs) if rows <= BATCH else self._in_batches(inputs, rows)
        values = found[0].reshape(-1)
        if len(values) != rows:
            raise OutputError(f"The graph answered {len(values)} values for {rows} rows.")
        checked = _numbers(label, values) if label.categories is None else _labels(label, values)
        return Answer(checked, _probabilities(label, found[1]) if self.offers_probabilities else None)

    def _in_batches(self, inputs: dict[str, Array], rows: int) -> list[Array]:
        parts = [
            self._run({name: whole[start : start + BATCH] for name, whole in inputs.items()})
            for start in range(0, rows, BATCH)
        ]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _run(self, inputs: dict[str, Array]) -> list[Array]:
        try:
            return list(self._session.run(self._outputs, inputs))
        except Exception as error:  # as above
            raise OutputError(f"The graph failed: {error}.") from error


def _refuse_other(contract: Contract, session: Any) -> None:
    asked = {given.name: given.type for given in session.get_inputs()}
    promised = {field.name: f"tensor({onnx_type(field)})" for field in contract.features}
    shape = session.get_modelmeta().custom_metadata_map.get(SHAPE, contract.shape_hash)
    if asked != promised or shape != contract.shape_hash:
        raise Incompatible(
            f"The graph was exported for inputs {asked} and shape {shape[:12]}; the contract {contract.name} has "
            f"{promised} and {contract.shape_hash[:12]}.",
            next_step="Export the model again under this contract.",
        )


def _labels(field: Field, found: Array) -> Array:
    """Labels as the contract holds them: texts as objects, whole numbers as int64, yes and no as bool."""
    allowed = field.categories or ()
    strangers = set(found.tolist()) - set(allowed)
    if strangers:
        raise OutputError(f"The graph answered {min(strangers)!r}, which is none of {allowed}.")
    return found.astype(bool) if field.kind is Kind.BOOL else found


def _numbers(field: Field, found: Array) -> Array:
    """Numbers as the contract holds them, whole ones rounded; what float32 carried just past a limit lies on it."""
    values = found.astype("float64")
    if field.kind is Kind.INT:
        if not (abs(values) < INT64[1]).all():
            raise OutputError(f"The graph answered no whole numbers: {values[~(abs(values) < INT64[1])][0]}.")
        values = np.rint(values).astype("int64")
    else:
        for limit, beyond in ((field.ge, np.less), (field.le, np.greater)):
            if isinstance(limit, float):
                near = abs(values - limit) <= NOISE * max(1.0, abs(limit))
                values = np.where(beyond(values, limit) & near, limit, values)
    faults = check(field, Column(values))
    if faults:
        raise OutputError(f"The graph answered outside the contract: {'; '.join(map(str, faults))}.")
    return values


def _probabilities(field: Field, found: Array) -> Array:
    """Shares of at least 0 that add up to 1, as far as float32 tells; so none is more than 1, and none is NaN."""
    off = abs(np.add.reduce(found, axis=1) - 1)
    least = np.minimum.reduce(found, axis=None)
    if found.shape[1] != len(field.categories or ()) or not (least >= -NOISE and np.maximum.reduce(off) <= SUM):
        row = int((~(found.min(axis=1) >= -NOISE) | ~(off <= SUM)).argmax())
        raise OutputError(
            f"The graph answered no probabilities of {len(field.categories or ())} classes, such as "
            f"{found[row].tolist()} in row {row}."
        )
    return np.clip(found, 0, 1) if least < 0 or np.maximum.reduce(found, axis=None) > 1 else found
