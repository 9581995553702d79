"""The verb `train`: candidates of a plan learn the same rows, and the best is registered with what was measured."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Annotated

from typing_extensions import Doc

from bascule.contract.contract import Contract
from bascule.contract.fields import Schema
from bascule.contract.model import Model, contract as contract_of
from bascule.contract.table import Table
from bascule.errors import ConstantColumns, DefinitionError, NotNeeded, NoTrainData, PlanError
from bascule.evidence import measurements
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Version
from bascule.models.export import export
from bascule.project import CONTRACT, Project
from bascule.registry.parity import parity
from bascule.registry.register import enter
from bascule.registry.save import pack
from bascule.runs.record import Recording, run
from bascule.training import plan as plans
from bascule.training.build import candidates
from bascule.training.compare import Comparison, chosen, compare
from bascule.training.findings import findings
from bascule.training.rows import constant, rows as rows_of
from bascule.training.split import part
from bascule.training.threads import threads
from bascule.training.trained import Sides, Trained


def train(project: Project, plan: Annotated[Path | str, Doc("the plan: a YAML file, see docs/plan.md")]) -> Trained:
    """Trains every candidate of a plan on the same rows, compares them, and registers the best as a new version.

    A plan that is no file from here is looked for in the project's folder. What can be known to be wrong is refused
    before anything learns; what fails later ends the run as failed, and nothing is registered. Where nothing beats all
    baselines a warning (`NotNeeded`) says so; the version is registered all the same, and its release asks for an
    override. The same plan, data and seed make the same version, byte for byte, under a new number.
    """
    asked, text = plans.read(_path(project, plan))
    module = project.contract()
    contract = _promised(module, asked.contract)
    rows = rows_of(project, asked, contract)
    parted = part(asked, rows, contract)
    taught = rows.X.take(parted.train)
    wanted = candidates(asked, contract, module, _differing(taught))
    metric = chosen(asked, rows, wanted)
    with run(project, asked.question, verb="train", plan=text, data=(rows.dataset.ref,), seed=asked.seed) as recording:
        source = (project.folder / CONTRACT).read_bytes()
        recording.artifact(CONTRACT, source)
        with threads(asked.threads):
            comparison = compare(wanted, rows, parted, metric, asked.seed)
            best = next(each.model for each in wanted if each.name == comparison.winner.name)
            exported = export(best, rows.X.take(parted.validate))
        _log(recording, comparison)
        packed = pack(project, best, taught, rows.y[parted.train], exported, source=source)
        inputs = {"data": rows.dataset.hash, "plan": hashlib.sha256(text).hexdigest(), "version": packed.hash}

        def conclude(tx: Transaction) -> Version:
            version = enter(tx, packed, recording.id)
            for found in findings(version, inputs, comparison, rows, parted):
                measurements.measure(tx, found)
            measurements.measure(tx, parity(exported, version))
            return version

        concluded = recording.conclude(conclude)
    trained = Trained(
        run=recording.id,
        version=concluded.value.ref,
        verdict="needed" if comparison.needed else "not needed",
        metrics=comparison.winner.metrics,
        baseline_metrics={each.name: each.metrics for each in comparison.scored if each.baseline},
        metric=metric.name,
        winner=comparison.winner.name,
        candidates=comparison.scored,
        rows=Sides.of(rows, parted),
        runtime=exported.runtime,
        reason=exported.reason,
    )
    if not comparison.needed:
        gained = f"{trained.winner} gains {comparison.lower:.4g} {metric.name} at least on the better baseline"
        warnings.warn(NotNeeded(f"Nothing beats every baseline for certain: {gained}, not more than 0."), stacklevel=2)
    return trained


def _path(project: Project, plan: Path | str) -> Path:
    beside = project.folder / plan
    return beside if beside.is_file() and not Path(plan).is_file() else Path(plan)


def _promised(module: ModuleType, name: str) -> Contract:
    """What the plan's class of contract.py promises."""
    found = getattr(module, name, None)
    if isinstance(found, type) and issubclass(found, Model):
        try:
            return contract_of(found)
        except DefinitionError as error:
            raise PlanError(f"contract is {name!r}: {error.message}", next_step=error.next_step) from error
    known = [key for key, value in vars(module).items() if _is_model(value, module)]
    raise PlanError(f"contract is {name!r}, no Model of {CONTRACT}.", next_step=plans.close(name, known))


def _is_model(value: object, module: ModuleType) -> bool:
    return isinstance(value, type) and issubclass(value, Model) and value.__module__ == module.__name__


def _differing(taught: Table) -> Schema:
    """The features of which something can be learnt; warns of the others (ConstantColumns)."""
    same = constant(taught)
    said = f"The same in all {len(taught)} rows that teach: {', '.join(map(repr, same))}."
    if len(same) == len(taught.schema):
        raise NoTrainData(f"No feature differs. {said}", next_step="Give rows in which some feature differs.")
    if same:
        warnings.warn(ConstantColumns(said, columns=same), stacklevel=3)
    return replace(taught.schema, fields=tuple(field for field in taught.schema if field.name not in same))


def _log(recording: Recording, comparison: Comparison) -> None:
    """The winner's metrics under their own names, and everybody's metric under the candidate's."""
    metric = comparison.metric.name
    recording.param(metric=metric, winner=comparison.winner.name)
    recording.log(**comparison.winner.metrics)
    for each in comparison.scored:
        recording.log(**{f"{each.name}/{metric}": each.validate.value, f"{each.name}/{metric} train": each.train})
