"""The semantic versions of a model's contract: what changed from each registered version to the next, as a number."""

from __future__ import annotations

from bascule.contract.compatibility import compare, next_version
from bascule.evidence import versions
from bascule.evidence.nouns import Version
from bascule.project import Project
from bascule.registry import load

FIRST = "1.0.0"


def contract_versions(project: Project, model: str) -> dict[int, str]:
    """The version of the contract (semver.org 2.0.0) by the number of the version of the model; the first is 1.0.0."""
    found: dict[int, str] = {}
    before: Version | None = None
    for version in reversed(_all(project, model)):
        said = FIRST if before is None else found[before.number]
        if before is not None and version.contract != before.contract:
            said = next_version(said, compare(load.contract(project, before), load.contract(project, version)))
        found[version.number], before = said, version
    return found


def _all(project: Project, model: str) -> list[Version]:
    """Every version of a model, newest first."""
    found: list[Version] = []
    with project.ledger.read() as connection:
        while page := versions.list_(connection, model, before=found[-1].seq if found else None):
            found += page
    return found
