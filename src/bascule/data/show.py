"""The verb `data show`: a version with its dictionary, its figures and what nobody has explained yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from typing_extensions import Doc

from bascule.contract.fields import Schema
from bascule.contract.kinds import EPOCH, plain
from bascule.contract.specs import dictionary
from bascule.data.load import dataset_of, parts
from bascule.data.profile import Statistics, profiled
from bascule.project import Project


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the dictionary with the figures of its column, see `Statistics`."""

    field: str
    type: str
    definition: str
    unit: str | None
    allowed: str
    may_be_missing: bool
    example: Any
    personal: bool
    notes: str
    question: str
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of a dataset, its dictionary, and the open questions to its owner as (field, question)."""

    dataset: str
    version: str
    hash: str
    rows: int
    bytes_total: int
    committed: dt.datetime
    by: str
    source: str
    record: str
    definition: str
    dictionary: tuple[Entry, ...]
    questions: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """The version for people: what it is, a paragraph for each field, the open questions."""
        lines = [
            f"{self.version}: {self.rows:,} rows of {self.record}, {self.bytes_total:,} bytes",
            f"committed {self.committed:%Y-%m-%d %H:%M} UTC by {self.by} from {self.source}",
            f"hash {self.hash}",
        ]
        lines += [self.definition] if self.definition else []
        for entry in self.dictionary:
            lines += ["", *_paragraph(entry)]
        if self.questions:
            lines += ["", f"Open questions ({len(self.questions)}):"]
            lines += [f"  {field}: {question}" for field, question in self.questions]
        return "\n".join(lines)


def show(project: Project, ref: Annotated[str, Doc("a version, flights@2, or the latest, flights")]) -> Shown:
    """A version of a dataset: its dictionary with statistics over all its rows, and its open questions.

    Reads every row, and every byte is checked against its hash. Raises NotFound, Corrupt.
    """
    dataset = dataset_of(project, ref)
    schema = Schema.from_document(dataset.record)
    profiles = profiled(schema, (part.arrow for part in parts(project, dataset.ref)))
    entries = []
    for told in dictionary(schema):
        del told["table"]
        entries.append(Entry(**told, statistics=profiles[told["field"]].statistics()))
    return Shown(
        dataset=dataset.name,
        version=dataset.ref,
        hash=dataset.hash,
        rows=dataset.rows,
        bytes_total=dataset.bytes,
        committed=EPOCH + dt.timedelta(microseconds=dataset.created),
        by=dataset.by,
        source=dataset.source,
        record=schema.name,
        definition=schema.definition,
        dictionary=tuple(entries),
        questions=tuple((entry.field, entry.question) for entry in entries if entry.question),
    )


def _paragraph(entry: Entry) -> list[str]:
    figures = entry.statistics
    unit = f" in {entry.unit}" if entry.unit else ""
    missing = f", {figures.missing:,} missing" if figures.missing else ""
    lines = [f"{entry.field}  {entry.type}{unit}{missing}" + (f": {entry.definition}" if entry.definition else "")]
    if figures.least is not None:
        mean = "" if figures.mean is None else f", mean {figures.mean:.6g}"
        lines.append(f"  from {plain(figures.least)} to {plain(figures.greatest)}{mean}")
    if figures.top:
        of = "" if figures.distinct is None else f"{figures.distinct:,} values: "
        lines.append(f"  {of}" + ", ".join(f"{plain(value)} ({count:,})" for value, count in figures.top))
    lines += [f"  {text}" for text in (entry.notes,) if text]
    return lines
