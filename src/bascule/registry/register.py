"""Gives packed models their numbers; `register` is all of it for a model that is at hand, as in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bascule.contract.answers import labels
from bascule.contract.model import Model
from bascule.contract.table import Table
from bascule.errors import NotFitted, NoTrainData
from bascule.evidence import keys, measurements, runs, versions
from bascule.evidence.ledger import Transaction, who
from bascule.evidence.nouns import Version
from bascule.models.export import export
from bascule.project import CONTRACT, Project
from bascule.registry.parity import parity
from bascule.registry.save import Packed, pack


def enter(tx: Transaction, packed: Packed, run: str) -> Version:
    """Writes a packed model down as the next version of its name, made by this run; its key is trusted from now on."""
    keys.trust(tx, packed.public, who())
    version = Version(
        model=packed.manifest.model,
        hash=packed.hash,
        contract=packed.manifest.contract,
        shape=packed.manifest.shape,
        run=runs.get(tx.connection, run).id,
        files=packed.files,
        runtime=packed.manifest.runtime,
        parents=packed.parents,
    )
    return versions.register(tx, version)


def register(
    project: Project, model: Model[Any, Any], X: Any, y: Any, *, run: str, parents: Sequence[str] = ()
) -> Version:
    """Registers a fitted model with the rows and labels that it learnt from: exported, compared, packed, signed.

    `run` is the id of the run that made it: `with bl.run(project, "…") as run: … bl.register(…, run=run.id)`; `parents`
    are the versions that it was made from. The version is there at once, whatever becomes of the run. Raises NotFitted,
    SchemaError, NotStorable for a model that cannot be kept, NotFound for an unknown run.
    """
    if not model.fitted:
        raise NotFitted(f"{model.contract.name} has not been fitted.")
    table = Table.of(model.contract.features, X)
    if not len(table):
        raise NoTrainData(f"{model.contract.name} was given no rows that it learnt from.")
    found = export(model, table)
    file = project.folder / CONTRACT
    source = file.read_bytes() if file.is_file() else None
    known = labels(model.contract.label, y, len(table))
    packed = pack(project, model, table, known, found, parents=parents, source=source)
    with project.ledger.write() as tx:
        version = enter(tx, packed, run)
        measurements.measure(tx, parity(found, version))
    return version
