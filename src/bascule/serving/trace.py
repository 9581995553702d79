"""The verb `trace`: one example followed through every step of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pyarrow as pa
from typing_extensions import Doc

from bascule.contract.arrow import arrow_of
from bascule.contract.decode import Decoder
from bascule.contract.fields import Schema
from bascule.contract.kinds import plain
from bascule.contract.table import Table
from bascule.contract.trace import Trace
from bascule.errors import Unreadable
from bascule.project import Project
from bascule.registry import load
from bascule.serving.served import Target, served

SHOWN = 12  # values of a step that are shown before those that are 0 are left out


@dataclass(frozen=True, slots=True)
class Traced(Trace):
    """A Trace, and the version that answered."""

    version: str

    def text(self) -> str:
        """The record, what every step made of it, and the answer, a line for each value."""
        lines = ["record", *_lines(self.record), ""]
        for stage in self.stages:
            lines += [stage.step, *_told(stage.values), ""]
        return "\n".join([*lines, f"{self.version} answers {_cell(self.answer)}", *_lines(self.probabilities or {})])


def trace(
    project: Project,
    target: Target,
    *,
    row: Annotated[str, Doc("the example as a JSON object, or @FILE that holds one")],
) -> Traced:
    """Follows one example through every step between the record and the answer.

    The steps are those of the trained form, the answer is what the version serves. Raises NotFound, Corrupt,
    Unreadable where the row is no JSON object, SchemaError with all its faults, OutputError.
    """
    model = served(project, target)
    example = _example(model.contract.features, row)
    answer = model.answer(example)
    shares = None if answer.probabilities is None else answer.probabilities[0].tolist()
    return Traced(
        record=example.rows()[0],
        stages=tuple(load.trainable(project, model.version).stages(example)),
        answer=answer.values.tolist()[0],
        probabilities=shares and dict(zip(model.classes, shares, strict=True)),
        version=model.version.ref,
    )


def _example(features: Schema, row: str) -> Table:
    text = row
    if row.startswith("@"):
        try:
            text = Path(row[1:]).read_text("utf-8")
        except (OSError, ValueError) as error:
            raise Unreadable(f"{row[1:]} cannot be read: {error}.") from error
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Unreadable(f"The row is no JSON: {error}.", next_step='Write it as {"name": value, …}.') from error
    if not isinstance(found, dict):
        raise Unreadable(f"The row is {type(found).__name__}, not an object.", next_step='Write {"name": value, …}.')
    columns = Decoder(features).rows(f"[{text}]".encode())
    return Table(features, pa.table({field.name: arrow_of(field, columns[field.name]) for field in features}))


def _told(values: Mapping[str, Any]) -> Iterator[str]:
    """The values of a step; of many, as one-hot columns are, those that are not 0."""
    shown = values if len(values) <= SHOWN else {name: value for name, value in values.items() if value != 0}
    yield from _lines(shown)
    if len(shown) < len(values):
        yield f"  and {len(values) - len(shown)} that are 0"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    width = max(map(len, values), default=0)
    return (f"  {name:<{width}}  {_cell(value)}" for name, value in values.items())


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(plain(value))
