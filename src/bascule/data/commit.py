"""The verb `data commit`: checks a file against its record and keeps it as a version."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from sqlalchemy.engine import Connection
from typing_extensions import Doc

from bascule.contract.faults import Fault, merge, refuse
from bascule.contract.fields import Schema
from bascule.contract.records import Record
from bascule.data.declared import UNDECLARED, record_for
from bascule.data.identity import block_hash, dataset_hash
from bascule.data.naming import attributes, class_name
from bascule.data.pieces import encoded
from bascule.errors import Conflict, NoTrainData, Unexplained
from bascule.evidence import datasets, refs
from bascule.evidence.nouns import Chunk, Dataset
from bascule.files.infer import inferred
from bascule.files.read import batches, open_source
from bascule.files.source import Source
from bascule.progress import bar
from bascule.project import Project

NAMED = 10  # undeclared columns that a warning names


@dataclass(frozen=True, slots=True)
class Committed:
    """A version of a dataset: its logical hash, its rows, its stored bytes, and how many of those were not there.

    `new` is False where the same content under the same Record was committed before: that version is named, and
    nothing was added.
    """

    dataset: str
    version: str
    hash: str
    rows: int
    bytes_total: int
    bytes_new: int
    new: bool


def commit(
    project: Project,
    name: Annotated[str, Doc("name of the dataset")],
    source: Annotated[Path | Any, Doc("file with the rows: Parquet, CSV or Arrow")],
    record: Annotated[
        str | type[Record] | Schema | None,
        Doc("Record of contract.py that one row is; by default that of the version before, or the widest that fits"),
    ] = None,
) -> Committed:
    """Checks every row of a file, or of a table or data frame, against its Record and keeps it as a new version.

    Columns that the Record does not name are kept as well, as open questions, with a warning (`Unexplained`). Raises
    Unreadable; SchemaError with every rule broken anywhere in the source; NoTrainData where there are no rows. Nothing
    is stored before the last row was checked, and nothing is visible before everything is stored.
    """
    refs.checked_name(name, "dataset")
    opened = open_source(source)
    rules = _schema(project, name, opened, record)
    blocks, rows = _checked(opened, rules)
    digest = dataset_hash(rules, rows, blocks)
    with project.ledger.read() as connection:
        known = _known(connection, name, digest, rules)
    if known is not None:
        return _committed(known, 0, new=False)
    manifest, added = _stored(project, opened, rules, blocks)
    dataset = Dataset(
        name=name,
        hash=digest,
        record=rules.document(),
        rows=rows,
        bytes=sum(chunk.size for chunk in manifest),
        manifest=manifest,
        source=opened.origin,
    )
    with project.ledger.write() as tx:
        known = _known(tx.connection, name, digest, rules)  # somebody may have committed the same meanwhile
        kept = datasets.commit(tx, dataset) if known is None else known
    return _committed(kept, added, new=known is None)


def _schema(project: Project, name: str, source: Source, record: str | type[Record] | Schema | None) -> Schema:
    """The Record, extended by what it does not name: in the order of the names, since the file's order says nothing."""
    base = record_for(project, name, record, source.names)
    known = () if base is None else base.fields
    strangers = sorted({*source.names}.difference(field.name for field in known))
    if not strangers:
        return Schema(class_name(name), "", known) if base is None else base
    by = "" if base is None else f" by {base.name}"
    warnings.warn(
        Unexplained(
            f"Not declared{by}, but kept: {', '.join(map(repr, strangers[:NAMED]))}"
            f"{f' and {len(strangers) - NAMED} more' if len(strangers) > NAMED else ''}.",
            columns=strangers,
        ),
        stacklevel=3,
    )
    called = attributes(strangers, [field.attribute for field in known])
    found = [replace(field, attribute=called[field.name], question=UNDECLARED) for field in inferred(source, strangers)]
    if base is None:
        return Schema(class_name(name), "", tuple(found))
    return replace(base, fields=(*known, *found))


def _checked(source: Source, rules: Schema) -> tuple[list[str], int]:
    """The hash of every block, and the number of rows; raises SchemaError with every fault of the whole source."""
    blocks: list[str] = []
    faults: list[Fault] = []
    rows = 0
    with bar("checking rows") as advance:
        for part in batches(source, rules):
            faults = merge([*faults, *part.faults])
            if not faults:
                blocks.append(block_hash(rules, part.arrow))
            rows += len(part.arrow)
            advance(len(part.arrow))
    if faults:
        refuse(rules, faults, rows)
    if not rows:
        raise NoTrainData(f"{source.origin} has no rows.", next_step="Commit a source with at least one row.")
    return blocks, rows


def _stored(project: Project, source: Source, rules: Schema, blocks: list[str]) -> tuple[tuple[Chunk, ...], int]:
    """The pieces in the blob store, and how many bytes of them were not there; refused if the source moved meanwhile.

    Each was checked before: a block with the hash of a sound one is sound.
    """
    chunks: list[Chunk] = []
    added = 0
    with bar("storing rows") as advance:
        for part in batches(source, rules):
            if len(chunks) == len(blocks) or block_hash(rules, part.arrow) != blocks[len(chunks)]:
                break
            data = encoded(part.arrow)
            digest = hashlib.sha256(data).hexdigest()
            added += 0 if project.blobs.has(digest) else len(data)
            chunks.append(Chunk(hash=project.blobs.put(data), size=len(data), rows=len(part.arrow)))
            advance(len(part.arrow))
        else:
            if len(chunks) == len(blocks):
                return tuple(chunks), added
    raise Conflict(f"{source.origin} changed while it was read.", next_step="Commit it again once the file rests.")


def _known(connection: Connection, name: str, digest: str, rules: Schema) -> Dataset | None:
    """The version with this content under this very Record; new prose makes a new version of the same data."""
    found = datasets.find(connection, name, digest)
    return found if found is not None and found.record == rules.document() else None


def _committed(dataset: Dataset, added: int, *, new: bool) -> Committed:
    return Committed(dataset.name, dataset.ref, dataset.hash, dataset.rows, dataset.bytes, added, new)
