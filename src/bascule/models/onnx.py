"""The Model that an exported graph is."""

from __future__ import annotations

from typing import Any, NoReturn

from bascule.contract.columns import Array
from bascule.contract.contract import Contract
from bascule.contract.model import Model
from bascule.errors import NotOffered
from bascule.models.session import Session


class Onnx(Model[Any, Any]):
    """An ONNX graph under a contract; it answers, and learns nothing.

    Without a graph it is an empty shell, into which a saved one can be loaded. Raises what `Session` raises.
    """

    def __init__(self, contract: Contract, graph: bytes | None = None, threads: int = 1) -> None:
        self.under(contract)
        self.threads = threads
        if graph is not None:
            self._open(graph)

    def fit(self, X: Any, y: Any = None) -> NoReturn:
        """Raises NotOffered: what a graph knows is fixed."""
        raise NotOffered("An exported graph cannot learn.", next_step="Train the model that it was exported from.")

    def predict(self, X: Any) -> Array:
        """The label of each row."""
        return self.session.answer(X.columns, len(X)).values

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class in the label's order, float32."""
        found = self.session.answer(X.columns, len(X)).probabilities
        if found is None:
            raise NotOffered(f"The graph of {self.contract.name} has no probabilities.")
        return found

    def offers(self, operation: str) -> bool:
        """Whether the graph has an output for it."""
        return operation == "predict_proba" and self.fitted and self.session.offers_probabilities

    def __getstate__(self) -> dict[str, Any]:
        return {"graph": self.graph, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.threads = state["threads"]
        self._open(state["graph"])

    def _open(self, graph: bytes) -> None:
        self.graph = graph
        self.session = Session(self.contract, graph, self.threads)
        self.restored()
