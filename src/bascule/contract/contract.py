"""The Contract: what a model is asked, what it answers, and what it may raise, whatever model stands behind it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from bascule.contract.fields import Field, Schema, canonical
from bascule.errors import DefinitionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One interface between the two trades: feature record, label, limits, version of the algorithm, declared errors.

    `algorithm` changes when what `fit` or `predict` compute changes; files made by another one are refused.
    `raises` holds the codes of errors that callers should expect beside the standard ones.
    """

    name: str
    definition: str
    features: Schema
    label: Field
    algorithm: str = "1"
    min_rows: int = 1
    max_rows: int | None = None
    raises: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.label.name in self.features:
            raise DefinitionError(
                f"{self.name}: {self.label.name!r} is both a feature and the label.",
                next_step="Leave the label out of the features; the record of the data set may extend them with it.",
            )
        if self.min_rows < 1 or (self.max_rows is not None and self.max_rows < self.min_rows):
            raise DefinitionError(f"{self.name}: {self.min_rows} to {self.max_rows} rows is no range of at least 1.")

    def document(self) -> dict[str, Any]:
        """The contract as JSON, as it is stored with every version."""
        return {
            "name": self.name,
            "definition": self.definition,
            "features": self.features.document(),
            "label": self.label.document(),
            "algorithm": self.algorithm,
            "min_rows": self.min_rows,
            "max_rows": self.max_rows,
            "raises": list(self.raises),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Contract:
        """The contract that `document` wrote."""
        return cls(
            **{
                **document,
                "features": Schema.from_document(document["features"]),
                "label": Field.from_document(document["label"]),
                "raises": tuple(document["raises"]),
            }
        )

    @property
    def hash(self) -> str:
        """Over everything the contract says (SHA-256 of its RFC 8785 form)."""
        return _digest(self.document())

    @property
    def shape_hash(self) -> str:
        """Over types, units, ranges and categories alone: evidence is void when it changes, not for a typo."""
        return _digest({"features": self.features.shape(), "label": self.label.shape()})


def _digest(document: Any) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()
