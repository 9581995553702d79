"""The verb `describe`: drafts the contract and the plan of a file, every guess marked as a question."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
from typing_extensions import Doc

from bascule.contract.arrow import column_of
from bascule.contract.faults import Fault, merge, refuse
from bascule.contract.fields import Schema
from bascule.data import onerule
from bascule.data.draft import Draft, Guess, Role, Task
from bascule.data.draft_files import draft_files
from bascule.data.guess import feature, guessed, label_guess, time_guess
from bascule.data.naming import attributes, slug
from bascule.data.profile import Profile
from bascule.errors import NoTrainData, UsageError
from bascule.evidence.refs import checked_name
from bascule.files.infer import inferred
from bascule.files.read import batches, open_source
from bascule.files.source import BLOCK, Source
from bascule.progress import bar

MEASURED = 100_000  # rows, evenly spread, on which the features are compared
# What is taken for features after all where nothing better is left, in this order.
SPARE = (Role.IDENTIFIER, Role.PROSE, Role.CONSTANT)


def describe(
    source: Annotated[Path | Any, Doc("file with the rows: Parquet, CSV or Arrow")],
    label: Annotated[str | None, Doc("column to be predicted")] = None,
    time: Annotated[str | None, Doc("column that orders the rows in time")] = None,
    name: Annotated[str | None, Doc("name of the model; by default made of the file's name and the label")] = None,
) -> Draft:
    """Drafts the contract, the plan and the tests that a file suggests, and writes nothing.

    Reads the whole source: a kind, a range or a missing value may show in the last row only. Raises Unreadable;
    UsageError for a column that is not there or cannot be what it is named for; NoTrainData, OneClass; SchemaError for
    values that no record may hold, such as infinity.
    """
    opened = open_source(source)
    for what, column in (("label", label), ("time column", time)):
        _refuse_unknown(opened, what, column)
    if label is not None and label == time:
        raise UsageError(f"{label!r} cannot be the label and the time of the rows at once.")
    profiles, rows = _profiles(opened)
    columns = tuple(_guess(profile, label, time) for profile in profiles.values())
    columns = columns if label is None else _with_features(columns, profiles, opened.origin)
    stem = Path(opened.origin).stem if isinstance(source, str | Path) else "data"
    draft = Draft(
        name=slug(f"{stem}-{label}" if label else stem) if name is None else checked_name(name, "model"),
        dataset=slug(stem),
        source=Path(opened.origin).name,
        rows=rows,
        task=None if label is None else _task(columns),
        label=label,
        time=time,
        rule=None,
        columns=columns,
    )
    draft = draft if label is None else replace(draft, rule=_rule(opened, draft))
    return replace(draft, files=draft_files(draft))


def _refuse_unknown(source: Source, what: str, column: str | None) -> None:
    if column is not None and column not in source.names:
        near = difflib.get_close_matches(column, source.names, 1)
        raise UsageError(
            f"{source.origin} has no column {column!r} for the {what}; it has "
            f"{', '.join(map(repr, source.names[:30]))}{' …' if len(source.names) > 30 else ''}.",
            next_step=f"Did you mean {near[0]!r}?" if near else "Name one of these.",
        )


def _profiles(source: Source) -> tuple[dict[str, Profile], int]:
    called = attributes(source.names)
    schema = Schema(
        "the file",
        "",
        tuple(replace(field, attribute=called[field.name]) for field in inferred(source, source.names)),
    )
    profiles = {field.name: Profile(field) for field in schema}
    faults: list[Fault] = []
    rows = 0
    with bar("describing rows") as advance:
        for part in batches(source, schema):
            faults = merge([*faults, *part.faults])
            for column, profile in profiles.items():
                profile.add(part.arrow[column])
            rows += len(part.arrow)
            advance(len(part.arrow))
    if faults:
        refuse(schema, faults, rows)
    if not rows:
        raise NoTrainData(f"{source.origin} has no rows.", next_step="Give a source with at least one row.")
    return profiles, rows


def _guess(profile: Profile, label: str | None, time: str | None) -> Guess:
    if profile.field.name == label:
        return label_guess(profile)
    return time_guess(profile) if profile.field.name == time else guessed(profile)


def _with_features(columns: tuple[Guess, ...], profiles: Mapping[str, Profile], origin: str) -> tuple[Guess, ...]:
    """The same columns, where none is a feature with the best of what was set aside as features."""
    for role in (Role.FEATURE, *SPARE):
        if any(guess.role is role for guess in columns):
            return tuple(
                feature(profiles[guess.field.name]) if guess.role is role is not Role.FEATURE else guess
                for guess in columns
            )
    raise NoTrainData(
        f"{origin} has no column to learn from beside the label and the time.",
        next_step="Add columns that are known when the question is asked.",
    )


def _task(columns: Sequence[Guess]) -> Task:
    label = next(guess.field for guess in columns if guess.role is Role.LABEL)
    return "regression" if label.categories is None else "classification"


def _rule(source: Source, draft: Draft) -> str:
    """The feature for the rule baseline, found on rows spread over the whole source."""
    label = next(guess.field for guess in draft.beside if guess.role is Role.LABEL)
    wanted = Schema("the file", "", (*draft.features, label))
    step = -(-draft.rows // MEASURED)
    taken = [
        part.arrow.take(pa.array(range(0, len(part.arrow), step)))
        for part in batches(source, wanted, step * max(1, BLOCK // step))
    ]
    rows = pa.concat_tables(taken)
    return onerule.best(draft.features, label, {field.name: column_of(field, rows[field.name]) for field in wanted})
