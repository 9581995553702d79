"""The rows that a plan names: features under the contract, labels, and the time by which they are parted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bascule.contract.columns import Array, Column
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import ORDERED, Kind
from bascule.contract.table import Table
from bascule.data import load
from bascule.errors import NoTrainData, OneClass, PlanError
from bascule.evidence.nouns import Dataset
from bascule.project import Project
from bascule.training.plan import Plan, close


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that have a label (and a time, where the plan names one); the others are counted.

    `y` holds bare labels, as `contract.answers` does; `truth` the places of the classes in the label's order (int64),
    or the numbers as float64; `times` the numbers by which the time column is stored.
    """

    dataset: Dataset
    label: Field
    X: Table
    y: Array
    truth: Array
    time: Field | None
    times: Array | None
    unlabelled: int
    undated: int

    @property
    def classes(self) -> bool:
        """Whether labels are classes."""
        return self.label.categories is not None


def rows(project: Project, plan: Plan, contract: Contract) -> Rows:
    """Reads the rows and checks them under the contract and its label.

    Raises PlanError for columns that are not there, SchemaError for foreign values, NoTrainData where no row has a
    label, OneClass where all have the same.
    """
    dataset = load.dataset_of(project, plan.data)
    own = Schema.from_document(dataset.record)
    label = _label(plan, contract, own)
    time = None if plan.time is None else _time(plan.data, plan.time, own)
    missing = [name for name in contract.features.names if name not in own]
    if missing:
        raise PlanError(
            f"{dataset.ref} lacks what {contract.name} learns from: {', '.join(map(repr, missing))}.",
            next_step="Commit data with these columns, or leave them out of the contract.",
        )
    beside = [field for field in (label, time) if field is not None and field.name not in contract.features]
    asked = Schema(contract.features.name, "", (*contract.features, *beside))
    table = load.table(project, dataset.ref, asked)
    labelled = _present(table.columns[label.name])
    dated = np.ones(len(table), bool) if time is None else _present(table.columns[time.name])
    table = table.take(labelled & dated)
    if not len(table):
        raise NoTrainData(
            f"None of the {dataset.rows} rows of {dataset.ref} has a label in {label.name!r}"
            f"{'' if time is None else f' and a time in {time.name!r}'}."
        )
    column = table.columns[label.name]
    y, truth = _labels(label, column)
    if label.categories is not None and len(present := np.unique(truth)) == 1:
        raise OneClass(f"All {len(table)} labelled rows of {dataset.ref} are {label.categories[present[0]]!r}.")
    return Rows(
        dataset=dataset,
        label=label,
        X=Table(contract.features, table.arrow.select(contract.features.names)),
        y=y,
        truth=truth,
        time=time,
        times=None if time is None else table.columns[time.name].values,
        unlabelled=int((~labelled).sum()),
        undated=int((labelled & ~dated).sum()),
    )


def constant(X: Table) -> list[str]:
    """The columns that hold one value only, or none at all."""
    return [field.name for field in X.schema if _constant(X.columns[field.name])]


def _label(plan: Plan, contract: Contract, own: Schema) -> Field:
    if plan.label not in own:
        raise PlanError(
            f"{plan.data} has no column {plan.label!r} for the label.", next_step=close(plan.label, own.names)
        )
    if plan.label in contract.features:
        raise PlanError(
            f"{plan.label!r} is the label, and {contract.name} is asked with it.",
            next_step="Leave it out of the features.",
        )
    return replace(contract.label, name=plan.label, attribute=plan.label, nullable=own[plan.label].nullable)


def _time(data: str, name: str, own: Schema) -> Field:
    ordered = [field.name for field in own if field.kind in ORDERED]
    if name not in ordered:
        found = f"is a {own[name].kind}" if name in own else "is no column of it"
        raise PlanError(
            f"The rows of {data} cannot be ordered by {name!r}: it {found}.",
            next_step=close(name, ordered),
        )
    return own[name]


def _present(column: Column) -> Array:
    return np.ones(len(column), bool) if column.valid is None else column.valid


def _labels(label: Field, column: Column) -> tuple[Array, Array]:
    """The labels bare, and as places of classes or float64."""
    if label.categories is None:
        return column.values, column.values.astype("float64")
    if label.kind is Kind.TEXT:
        places = np.array([label.categories.index(text) for text in column.texts])
        return np.array(column.texts, object)[column.values], places[column.values]
    ranked = np.argsort(np.array(label.categories))
    return column.values, ranked[np.searchsorted(np.array(label.categories)[ranked], column.values)]


def _constant(column: Column) -> bool:
    if column.valid is not None and not column.valid.all():
        return not column.valid.any()
    return bool((column.values == column.values[0]).all())
