"""The verb `models show`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from typing_extensions import Doc

from bascule.contract.fields import Field
from bascule.contract.kinds import EPOCH
from bascule.contract.specs import allowed
from bascule.evidence import measurements, releases, runs
from bascule.evidence.nouns import File, Verdict
from bascule.project import Project
from bascule.registry import load
from bascule.registry.semantic import contract_versions


@dataclass(frozen=True, slots=True)
class Input:
    """A field of the contract: a feature, or the label."""

    name: str
    type: str
    unit: str | None
    allowed: str
    may_be_missing: bool
    definition: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The newest finding of a probe."""

    probe: str
    verdict: Verdict
    numbers: dict[str, float]
    notes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A version: what it answers under which contract, what it is made of, where it comes from, where it serves.

    `contract` is the semantic version of the contract; `kind` the class of the model; `trusted` the types beyond the
    usual that its trainable form is made of; `key` the fingerprint of the key that signed it.
    """

    model: str
    version: str
    definition: str
    contract: str
    label: Input
    features: tuple[Input, ...]
    runtime: Literal["onnx", "python"]
    kind: str
    channels: tuple[str, ...]
    findings: tuple[Finding, ...]
    created: dt.datetime
    by: str
    run: str
    data: tuple[str, ...]
    parents: tuple[str, ...]
    libraries: dict[str, str]
    trusted: tuple[str, ...]
    files: dict[str, File]
    hash: str
    key: str

    def text(self) -> str:
        """The version for people."""
        lines = [
            f"{self.version}: {self.definition.partition(chr(10))[0]}".rstrip(": "),
            f"registered {self.created:%Y-%m-%d %H:%M} UTC by {self.by}",
            f"serves    {', '.join(self.channels) or 'nowhere'}",
            f"runtime   {self.runtime}",
            f"class     {self.kind}",
            f"contract  {self.contract}: {_told(self.label)}",
            *(f"          from {_told(feature)}" for feature in self.features),
            f"run       {self.run} on {', '.join(self.data) or 'no registered data'}",
            f"parents   {', '.join(self.parents) or 'none'}",
            f"hash      {self.hash}, signed by the key {self.key[:16]}",
            f"made by   {', '.join(f'{name} {version}' for name, version in self.libraries.items())}",
        ]
        if self.findings:
            lines += ["", "Findings:", *(f"  {each.probe}  {each.verdict}  {each.notes}" for each in self.findings)]
        lines += ["", "Files:", *(f"  {name}  {file.size:,} bytes" for name, file in self.files.items())]
        return "\n".join(lines)


def show(
    project: Project,
    version: Annotated[str, Doc("late-arrival@2, late-arrival@production, or the latest, late-arrival")],
) -> Shown:
    """A version: its contract, its files, where it comes from, what was found of it. Raises NotFound, Corrupt."""
    found = load.version(project, version)
    signed = load.manifest(project, found)
    contract = load.contract(project, found)
    with project.ledger.read() as connection:
        served = releases.live(connection, found.model)
        measured = measurements.latest(connection, found.ref)
        data = runs.get(connection, found.run).data
    return Shown(
        model=found.model,
        version=found.ref,
        definition=contract.definition,
        contract=contract_versions(project, found.model)[found.number],
        label=_input(contract.label),
        features=tuple(map(_input, contract.features)),
        runtime=found.runtime,
        kind=signed.form.kind,
        channels=tuple(release.channel for release in served if release.ref == found.ref),
        findings=tuple(Finding(each.probe, each.verdict, each.numbers, each.notes) for each in measured.values()),
        created=EPOCH + dt.timedelta(microseconds=found.created),
        by=found.by,
        run=found.run,
        data=data,
        parents=found.parents,
        libraries=signed.libraries,
        trusted=signed.trusted,
        files=found.files,
        hash=found.hash,
        key=load.signer(project, found).fingerprint,
    )


def _input(field: Field) -> Input:
    return Input(field.name, str(field.kind), field.unit, allowed(field), field.nullable, field.definition)


def _told(field: Input) -> str:
    unit = f" in {field.unit}" if field.unit else ""
    missing = ", may be missing" if field.may_be_missing else ""
    return f"{field.name}: {field.type}{unit}, {field.allowed}{missing}"
