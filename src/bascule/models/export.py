"""A trained model as ONNX, if the graph answers as the model does; else the reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import DataSize, MissingExtra, NotFitted
from bascule.models.parity import Parity, parity
from bascule.models.session import Session
from bascule.models.sklearn import Estimator

LIMIT = 1e-3  # answers that may move: one in a thousand, of real rows and rows with gaps


@dataclass(frozen=True, slots=True)
class Export:
    """A graph, or None and the reason; and how it agrees with the trained model, where it came so far."""

    onnx: bytes | None
    reason: str
    parity: Parity | None

    @property
    def runtime(self) -> str:
        """What can serve the model: `onnx`, or `python` where there is no graph."""
        return "python" if self.onnx is None else "onnx"


def export(model: Model[Any, Any], X: Table) -> Export:
    """The model as a graph, compared with it on rows such as X; a graph that answers otherwise is refused.

    Refused is a graph under which more than LIMIT of the answers move, on real rows or with values missing or never
    seen before. At the cuts of trees flips are counted only, since no real row may ever stand there.
    Raises NotFitted, and DataSize where X has no rows.
    """
    if not model.fitted:
        raise NotFitted(f"{model.contract.name} has not been fitted.")
    if not len(X):
        raise DataSize("There are no rows to compare the graph on.", next_step="Give some that the model can answer.")
    if not isinstance(model, Estimator):
        return Export(None, f"{type(model).__name__} is written by hand; graphs are made of estimators.", None)
    try:
        from bascule.models.convert import converted
        from bascule.models.edges import edges
    except ImportError as error:
        raise MissingExtra.naming(error.name or "skl2onnx", "lab") from error
    try:
        graph = converted(model)
        session = Session(model.contract, graph)
    except Exception as error:  # converters raise whatever they like; each is a reason why there is no graph
        return Export(None, f"No graph can be made: {type(error).__name__}: {str(error)[:500]}", None)
    found = parity(model, session, X, edges(model.answering, X))
    expected = found.real + found.gaps
    if expected.moved_rate > LIMIT:
        reason = (
            f"The graph answers otherwise in {expected.moved} of {expected.rows} rows "
            f"({found.real.moved} of {found.real.rows} real ones); the limit is {LIMIT:.1%}."
        )
        return Export(None, reason, found)
    return Export(graph, "", found)
