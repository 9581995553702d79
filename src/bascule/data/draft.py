"""A Draft: what a file suggests about its columns, and the files of a project that follow from it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bascule.contract.fields import Field, Schema
from bascule.data.profile import Statistics

Task = Literal["classification", "regression"]


class Role(enum.StrEnum):
    """What a column is good for; only features are learnt from."""

    FEATURE = "feature"
    LABEL = "label"
    TIME = "time"
    IDENTIFIER = "identifier"
    PERSONAL = "personal"
    PROSE = "free text"
    CONSTANT = "constant"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Guess:
    """What is guessed of one column: its role and its Field, the guess itself as the Field's question."""

    role: Role
    field: Field
    statistics: Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a file suggests: a guess for each column, the task, and the feature for which one rule does best.

    `name` is the model's, `dataset` the data's. `files` holds the text of the project's files by name.
    """

    name: str
    dataset: str
    source: str
    rows: int
    task: Task | None
    label: str | None
    time: str | None
    rule: str | None
    columns: tuple[Guess, ...]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> tuple[Field, ...]:
        """The fields that the model is asked with."""
        return tuple(guess.field for guess in self.columns if guess.role is Role.FEATURE)

    @property
    def beside(self) -> tuple[Guess, ...]:
        """The columns of the data that are no features."""
        return tuple(guess for guess in self.columns if guess.role is not Role.FEATURE)

    def schema(self) -> Schema:
        """The rules of one row of the file: the features first, as a Record extends another."""
        return Schema(self.dataset, "", (*self.features, *(guess.field for guess in self.beside)))

    def text(self) -> str:
        """The contract, and the plan where there is a label, as they would be written."""
        shown: Iterable[str] = (name for name in ("contract.py", "plan.yaml") if name in self.files)
        return "\n".join(f"# -- {name} --\n{self.files[name]}" for name in shown)
