"""bascule: a typed bridge that carries a model from a notebook to production and back.

The names below are loaded when first used, so that `import bascule` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotated_types import Ge as Ge, Gt as Gt, Le as Le, Len as Len, Lt as Lt, Timezone as Timezone, Unit as Unit
    from typing_extensions import Doc as Doc

    from bascule.contract.contract import Contract as Contract
    from bascule.contract.model import Model as Model
    from bascule.contract.records import (
        Example as Example,
        Label as Label,
        Name as Name,
        Notes as Notes,
        Pattern as Pattern,
        Personal as Personal,
        Question as Question,
        Record as Record,
        TrainingData as TrainingData,
    )
    from bascule.contract.table import Table as Table
    from bascule.data.commit import commit as commit
    from bascule.data.describe import describe as describe
    from bascule.project import open as open
    from bascule.registry.register import register as register
    from bascule.release.current import current as current
    from bascule.release.history import history as history
    from bascule.release.judge import judge as judge
    from bascule.release.promote import promote as promote
    from bascule.release.rollback import rollback as rollback
    from bascule.runs.record import run as run
    from bascule.runs.reproduce import reproduce as reproduce
    from bascule.serving.score import score as score
    from bascule.serving.trace import trace as trace
    from bascule.training.train import train as train
    from bascule.workspace.init import init as init
    from bascule.workspace.verify import verify as verify


_NAMES = {
    **dict.fromkeys(("Ge", "Gt", "Le", "Len", "Lt", "Timezone", "Unit"), "annotated_types"),
    "Doc": "typing_extensions",
    "Contract": "bascule.contract.contract",
    "Model": "bascule.contract.model",
    **dict.fromkeys(
        ("Example", "Label", "Name", "Notes", "Pattern", "Personal", "Question", "Record", "TrainingData"),
        "bascule.contract.records",
    ),
    "Table": "bascule.contract.table",
    "commit": "bascule.data.commit",
    "describe": "bascule.data.describe",
    "open": "bascule.project",
    "register": "bascule.registry.register",
    "current": "bascule.release.current",
    "history": "bascule.release.history",
    "judge": "bascule.release.judge",
    "promote": "bascule.release.promote",
    "rollback": "bascule.release.rollback",
    "run": "bascule.runs.record",
    "reproduce": "bascule.runs.reproduce",
    "score": "bascule.serving.score",
    "trace": "bascule.serving.trace",
    "train": "bascule.training.train",
    "init": "bascule.workspace.init",
    "verify": "bascule.workspace.verify",
}

__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"bascule has no {name!r}; it offers {', '.join(__all__)}")
    value = getattr(importlib.import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
