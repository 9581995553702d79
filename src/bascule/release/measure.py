"""What a promotion measures itself: the contract against the one that serves, and every file against the signature."""

from __future__ import annotations

from bascule.contract.compatibility import Verdict, compare
from bascule.errors import Corrupt, NotFound
from bascule.evidence.nouns import Measurement, Version
from bascule.project import Project
from bascule.registry import load
from bascule.release.findings import AGAINST, NOTHING


def compatibility(project: Project, version: Version, serving: Version | None) -> Measurement:
    """How many changes of the contract break who relies on the version that serves; `notes` names them.

    Where one of the two contracts cannot be read there is no number, and `notes` says why.
    """
    breaking: list[str] = []
    numbers: dict[str, float] = {}
    try:
        changes = [] if serving is None else compare(load.contract(project, serving), load.contract(project, version))
    except (Corrupt, NotFound) as error:
        words = error.message
    else:
        breaking = [str(change) for change in changes if change.verdict is Verdict.BREAKING]
        numbers = {"breaking": len(breaking), "changes": len(changes)}
        words = "; ".join(breaking)
    return Measurement(
        subject=version.ref,
        probe="contract",
        numbers=numbers,
        limits={"breaking": 0},
        verdict="pass" if numbers and not breaking else "fail",
        inputs={"contract": version.contract, AGAINST: NOTHING if serving is None else serving.contract},
        notes=words,
    )


def signature(project: Project, version: Version) -> Measurement:
    """How many files of a version are damaged, gone, or not those that a trusted key signed for; `notes` says how."""
    damaged: dict[str, str] = {}
    for name, file in version.files.items():
        try:
            project.blobs.get(file.hash)
        except (Corrupt, NotFound) as error:
            damaged[name] = error.message
    if not damaged:
        try:
            load.manifest(project, version)
        except Corrupt as error:
            damaged["signature"] = error.message
    return Measurement(
        subject=version.ref,
        probe="signature",
        numbers={"damaged": len(damaged), "files": len(version.files)},
        limits={"damaged": 0},
        verdict="fail" if damaged else "pass",
        inputs={"version": version.hash},
        notes="; ".join(f"{name}: {words}" for name, words in damaged.items()),
    )
