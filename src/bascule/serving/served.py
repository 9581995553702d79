"""What a target such as `late-arrival@staging` means: a version, its contract, and whoever answers for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from typing_extensions import Doc

from bascule.contract.contract import Contract
from bascule.contract.table import Table
from bascule.evidence import refs
from bascule.evidence.nouns import Version
from bascule.models.session import Answer
from bascule.project import Project
from bascule.registry import load
from bascule.release.current import CHANNEL

Target = Annotated[str, Doc("late-arrival is what serves production; or late-arrival@staging, late-arrival@2")]
MOST = 8  # threads; each holds a part of the rows


@dataclass(frozen=True, slots=True)
class Served:
    """A version that answers; `classes` are those it gives probabilities of, as texts; `threads` may ask at a time."""

    version: Version
    contract: Contract
    classes: tuple[str, ...]
    answer: Callable[[Table], Answer]
    threads: int


def served(project: Project, target: str) -> Served:
    """The version that a target names, loaded and ready: NAME is what serves production, NAME@CHANNEL, NAME@VERSION.

    Raises NotFound, naming what there is, and Corrupt where a file or the signature is not what was registered.
    """
    ref = refs.parse(target)
    named = ref.number is not None or ref.channel is not None
    version = load.version(project, target if named else f"{ref}@{CHANNEL}")
    contract = load.contract(project, version)
    # Truth is spelt as in files.
    categories = tuple(
        str(value).lower() if isinstance(value, bool) else str(value) for value in contract.label.categories or ()
    )
    if version.runtime == "onnx":
        # One thread a call, whatever the machine, so that the same rows have the same answers to the last digit.
        session = load.session(project, version, threads=1)
        classes = categories if session.offers_probabilities else ()
        threads = min(os.cpu_count() or 1, MOST)
        return Served(version, contract, classes, lambda table: session.answer(table.columns, len(table)), threads)
    model = load.model(project, version)
    known = model.offers("predict_proba")

    def answer(table: Table) -> Answer:
        return Answer(model.predict(table), model.predict_proba(table) if known else None)

    return Served(version, contract, categories if known else (), answer, threads=1)
