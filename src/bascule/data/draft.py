"""A Draft: what a file suggests about its columns, and the files of a project that follow from it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bascule.contract.fields import Field, Schema
from bascule.contract.records import snake
from bascule.data.naming import class_name, unique
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


@dataclass(frozen=True, slots=True)
class Classes:
    """What the drafted classes are called; `answer` is what a row answers, the label under the name of its column."""

    model: str
    features: str
    row: str
    label: str
    answer: str


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

    @property
    def classes(self) -> Classes:
        """Names for the classes, none of them that of a field, which would hide it in the class body."""
        used = {guess.field.attribute for guess in self.columns}

        def free(name: str) -> str:
            found = unique(name, used)
            used.add(found)
            return found

        model = free(class_name(self.name, "Model"))
        features, row = free(f"{model}Features"), free(f"{class_name(self.dataset)}Row")
        if self.label is None:
            return Classes(model, features, row, "", "")
        base = class_name(self.label, "Label")
        label = free(f"{base}Label" if base in used else base)
        named = self.task == "classification" and snake(label) != self.label
        return Classes(model, features, row, label, free(f"{base}Answer") if named else label)

    def schema(self) -> Schema:
        """The Record of one row of the file, as contract.py declares it: the features first, then what is beside."""
        beside = "" if self.label is None else ": the features, and what is known beside them or later"
        fields = (*self.features, *(guess.field for guess in self.beside))
        return Schema(self.classes.row, f"One row of {self.dataset}{beside}.", fields)

    def text(self) -> str:
        """The contract, and the plan where there is a label, as they would be written."""
        shown: Iterable[str] = (name for name in ("contract.py", "plan.yaml") if name in self.files)
        return "\n".join(f"# -- {name} --\n{self.files[name]}" for name in shown)
