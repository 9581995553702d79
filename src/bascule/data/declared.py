"""Which Record a file is committed under, where the caller names one, none, or one by its name in contract.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from bascule.contract.fields import Schema
from bascule.contract.records import Record, schema
from bascule.errors import NotFound
from bascule.evidence import datasets
from bascule.project import CONTRACT, Project

UNDECLARED = "No Record declares this column: what is it?"


def record_for(
    project: Project, name: str, given: str | type[Record] | Schema | None, columns: Sequence[str]
) -> Schema | None:
    """The rules for the rows of a dataset with these columns, or None where nobody has declared any.

    Without a `given` one: that of the dataset's latest version, as contract.py declares it today where it still does;
    else the widest Record of contract.py whose fields are all among the columns.
    """
    if isinstance(given, Schema):
        return given
    if isinstance(given, type):
        return schema(given)
    declared = records(project)
    if given is not None:
        if given not in declared:
            known = ", ".join(declared) or "none"
            raise NotFound(
                f"{CONTRACT} declares no Record {given!r}; there are: {known}.",
                next_step="Name one of these, or declare it.",
            )
        return declared[given]
    with project.ledger.read() as connection:
        latest = next(iter(datasets.list_(connection, name, limit=1)), None)
    if latest is not None:
        stored = Schema.from_document(latest.record)
        bound = tuple(field for field in stored if field.question != UNDECLARED)
        return declared.get(stored.name) or (replace(stored, fields=bound) if bound else None)
    fitting = [rules for rules in declared.values() if set(rules.names) <= set(columns)]
    return max(fitting, key=len, default=None)


def records(project: Project) -> dict[str, Schema]:
    """The Records that the project's contract.py declares, by name; none where there is no such file."""
    if not (project.folder / CONTRACT).is_file():
        return {}
    return declared_in(project.contract())


def declared_in(module: ModuleType) -> dict[str, Schema]:
    """The Records that a module declares itself, by name."""
    return {
        name: schema(value)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Record) and value.__module__ == module.__name__
    }
