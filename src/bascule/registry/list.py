"""The verb `models list`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from typing_extensions import Doc

from bascule.contract.kinds import EPOCH
from bascule.evidence import measurements, refs, releases, versions
from bascule.evidence.nouns import Verdict
from bascule.project import Project
from bascule.registry.semantic import contract_versions


@dataclass(frozen=True, slots=True)
class Listed:
    """One version: `contract` is the semantic version of its contract, `channels` are those it serves.

    `findings` are the verdicts of the newest measurement of each probe; `seq` is its place in the ledger, from which
    the list can be continued.
    """

    model: str
    version: str
    contract: str
    runtime: Literal["onnx", "python"]
    channels: tuple[str, ...]
    findings: dict[str, Verdict]
    created: dt.datetime
    by: str
    run: str
    seq: int


def list(
    project: Project,
    model: Annotated[str | None, Doc("only the versions of this model")] = None,
    *,
    before: Annotated[int | None, Doc("go on after the version with this seq")] = None,
    limit: Annotated[int, Doc("how many at most")] = 20,
) -> tuple[Listed, ...]:
    """The registered versions, newest first. Raises NotFound for a model that is not there."""
    with project.ledger.read() as connection:
        if model is not None:
            versions.get(connection, refs.checked_name(model, "model"))
        found = versions.list_(connection, model, before=before, limit=limit)
        served = releases.live(connection, model)
        measured = {version.ref: measurements.latest(connection, version.ref) for version in found}
    contracts = {name: contract_versions(project, name) for name in {version.model for version in found}}
    return tuple(
        Listed(
            model=version.model,
            version=version.ref,
            contract=contracts[version.model][version.number],
            runtime=version.runtime,
            channels=tuple(release.channel for release in served if release.ref == version.ref),
            findings={probe: finding.verdict for probe, finding in measured[version.ref].items()},
            created=EPOCH + dt.timedelta(microseconds=version.created),
            by=version.by,
            run=version.run,
            seq=version.seq,
        )
        for version in found
    )
