"""The verb `score`: an answer for every row of a file."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from typing_extensions import Doc

from bascule import progress
from bascule.contract.arrow import ARROW
from bascule.contract.faults import Fault, merge, refuse
from bascule.contract.intake import conformed
from bascule.contract.table import Table
from bascule.errors import Ignored, UsageError
from bascule.files.read import batches, open_source
from bascule.files.source import Source
from bascule.models.session import Answer
from bascule.project import Project
from bascule.serving.aside import Aside
from bascule.serving.output import checked, replacing
from bascule.serving.served import Served, Target, served
from bascule.serving.spread import spread


@dataclass(frozen=True, slots=True)
class Scored:
    """How many rows were answered by which version, how long it took, and which columns of the file were left out."""

    rows: int
    seconds: float
    output: str
    ignored: tuple[str, ...]
    model: str
    version: str

    def text(self) -> str:
        """One line for people."""
        return (
            f"{self.rows:,} rows answered by {self.version} in {self.seconds:.2f} s "
            f"({self.rows / self.seconds:,.0f} a second): {self.output}"
        )


def score(
    project: Project,
    target: Target,
    file: Annotated[Path | str, Doc("the rows: Parquet, CSV or Arrow")],
    *,
    output: Annotated[Path | str, Doc("where the answers go: .parquet or .csv")],
    keep: Annotated[tuple[str, ...], Doc("a column of the file to write beside the answers; may be repeated")] = (),
) -> Scored:
    """Answers every row of a file, in its order: the column `prediction`, and `probability_CLASS` where known.

    Columns that the contract does not name are left out, with a warning. Where any row breaks the contract the whole
    file is refused, and the error names the faults of all rows. The output is there whole, or as it was before; a
    Parquet file names the version in its metadata, as `bascule.version`.

    Raises NotFound, Corrupt, Unreadable, SchemaError, OutputError, UsageError, StoreFull.
    """
    begun = time.perf_counter()
    place = checked(Path(output), Path(file))
    source = open_source(file)
    model = served(project, target)
    kept = _kept(keep, source, model)
    ignored = tuple(name for name in source.names if name not in model.contract.features and name not in kept)
    if ignored:
        warnings.warn(Ignored(f"Left out of {file}: {', '.join(ignored)}."), stacklevel=2)
    tables = _answered(source, model, kept)
    first = next(tables)  # nothing is opened for a file that is refused at once
    marks = {"bascule.version": model.version.ref, "bascule.hash": model.version.hash}
    rows = 0
    with progress.bar("scoring") as advance, replacing(place, first.schema.with_metadata(marks)) as write:
        for table in itertools.chain([first], tables):
            write(table)
            rows += table.num_rows
            advance(table.num_rows)
    return Scored(
        rows=rows,
        seconds=time.perf_counter() - begun,
        output=str(output),
        ignored=ignored,
        model=model.version.model,
        version=model.version.ref,
    )


def _kept(keep: tuple[str, ...], source: Source, model: Served) -> tuple[str, ...]:
    """The columns to keep, each once; raises UsageError for one that the file lacks, or that an answer is called."""
    for name in keep:
        if name not in source.names:
            raise UsageError(f"{source.origin} has no column {name!r} to keep; it has {', '.join(source.names)}.")
        if name in _headings(model):
            raise UsageError(
                f"The column {name!r} cannot be kept: an answer is called so.", next_step="Rename it in the file."
            )
    return tuple(dict.fromkeys(keep))


def _headings(model: Served) -> list[str]:
    """What the columns of the answers are called."""
    return ["prediction", *(f"probability_{name}" for name in model.classes)]


def _answered(source: Source, model: Served, kept: tuple[str, ...]) -> Iterator[pa.Table]:
    """The answers part by part; after the first broken row the rest is only checked, and the end is a refusal."""
    features = model.contract.features
    aside = Aside(source, tuple(name for name in kept if name not in features))
    faults: list[Fault] = []
    rows = 0

    def sound() -> Iterator[tuple[Table, dict[str, pa.ChunkedArray]]]:
        nonlocal faults, rows
        for part in batches(aside, features):
            rows += part.arrow.num_rows
            faults = merge([*faults, *part.faults])
            beside = aside.take(part.arrow.num_rows)
            if not faults:
                yield (
                    Table(features, part.arrow),
                    {name: (part.arrow if name in features else beside)[name] for name in kept},
                )

    yield from spread(lambda part: _written(model, model.answer(part[0]), part[1]), sound(), model.threads)
    if not rows:
        arrow, faults = conformed(features, {name: [] for name in source.names}, extra="ignore")
        if not faults:
            shares = np.empty((0, len(model.classes)), "float32") if model.classes else None
            known = {name: arrow[name] if name in features else pa.nulls(0, pa.string()) for name in kept}
            yield _written(model, Answer(np.empty(0, object), shares), known)
    if faults:
        refuse(features, faults, rows)


def _written(model: Served, answer: Answer, kept: dict[str, pa.ChunkedArray]) -> pa.Table:
    """What is written for some rows: what was kept, the prediction, and the probability of each class."""
    answers = [pa.array(answer.values, ARROW[model.contract.label.kind])]
    if answer.probabilities is not None:
        answers += map(pa.array, answer.probabilities.T)
    return pa.table(kept | dict(zip(_headings(model), answers, strict=True)))
