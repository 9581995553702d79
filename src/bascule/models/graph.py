"""Values in an ONNX graph under construction: nodes written as Python arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto

from bascule.contract.columns import Array

WHOLE_AND_TEXT = {"i": TensorProto.INT64, "O": TensorProto.STRING}


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor by its name, and what skl2onnx hands a converter: the scope that names, the container that collects."""

    scope: Any
    container: Any
    name: str

    def then(self, op: str, *others: Value | list[Any], out: str | None = None, domain: str = "", **how: Any) -> Value:
        """What an operator makes of this tensor and others; a list is a constant. ONNX operators by their own names."""
        name = self.scope.get_unique_variable_name(op.lower()) if out is None else out
        inputs = [self, *(other if isinstance(other, Value) else self.constant(other) for other in others)]
        self.container.add_node(
            op,
            [value.name for value in inputs],
            name,
            op_domain=domain,
            name=self.scope.get_unique_operator_name(op),
            **how,
        )
        return Value(self.scope, self.container, name)

    def constant(self, values: Any, number: int = TensorProto.FLOAT) -> Value:
        """A constant: whole numbers as int64, others as float32 (or the `number` type given), texts as strings."""
        stored = np.asarray(values)
        kind = {"b": "i", "U": "O"}.get(stored.dtype.kind, stored.dtype.kind)
        flat = [value.encode() for value in stored.ravel()] if kind == "O" else stored.ravel().tolist()
        name = self.scope.get_unique_variable_name("constant")
        self.container.add_initializer(name, WHOLE_AND_TEXT.get(kind, number), list(stored.shape), flat)
        return Value(self.scope, self.container, name)

    def repeated(self, row: Array, out: str) -> Value:
        """One row, of shape (1, …), for each row of this tensor."""
        rows = self.then("Shape", start=0, end=1)
        if row.ndim > 1:
            rows = rows.then("Concat", list(row.shape[1:]), axis=0)
        return self.constant(row).then("Expand", rows, out=out)

    @staticmethod
    def joined(values: list[Value], out: str) -> Value:
        """Tensors of equally many rows side by side."""
        return values[0].then("Concat", *values[1:], axis=1, out=out)

    def __add__(self, other: Any) -> Value:
        return self.then("Add", _operand(other))

    def __sub__(self, other: Any) -> Value:
        return self.then("Sub", _operand(other))

    def __mul__(self, other: Any) -> Value:
        return self.then("Mul", _operand(other))

    def __floordiv__(self, other: Any) -> Value:
        """ONNX rounds towards zero: the same for what is not negative."""
        return self.then("Div", _operand(other))


def _operand(other: Any) -> Value | list[Any]:
    return other if isinstance(other, Value) else [other]
