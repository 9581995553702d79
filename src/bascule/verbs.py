"""The table of verbs: every face is derived from it and from the signature of the function it names."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its name as typed, where its function is, whether it changes no state, and one line about it."""

    name: str
    function: str  # "module:function", imported when the verb is called
    safe: bool
    line: str
    opens: bool = True  # its first parameter is the open project

    def load(self) -> Callable[..., Any]:
        """The function of the verb."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found


VERBS = (
    Verb("init", "bascule.workspace.init:init", False, "Start a project, from nothing or from a file of data.", False),
    Verb("describe", "bascule.data.describe:describe", True, "Draft a contract from a file and print it.", False),
    Verb(
        "demo",
        "bascule.workspace.demo:demo",
        False,
        "Carry a model of real flights from data to release and back.",
        False,
    ),
    Verb(
        "data commit", "bascule.data.commit:commit", False, "Check a file against its record and keep it as a version."
    ),
    Verb("data list", "bascule.data.list:list", True, "List the data sets."),
    Verb("data show", "bascule.data.show:show", True, "Show a data set, its dictionary and its open questions."),
    Verb("train", "bascule.training.train:train", False, "Train the candidates of a plan and register the best."),
    Verb("runs list", "bascule.runs.list:list", True, "List the runs, latest first."),
    Verb("runs show", "bascule.runs.show:show", True, "Show a run: what went in and what came out."),
    Verb("runs compare", "bascule.runs.compare:compare", True, "Show in what two runs differ."),
    Verb("models list", "bascule.registry.list:list", True, "List the registered versions."),
    Verb("models show", "bascule.registry.show:show", True, "Show a version: contract, files, lineage."),
    Verb(
        "judge",
        "bascule.release.judge:judge",
        True,
        "Print the card of a version: what was measured, what the gate says.",
    ),
    Verb("promote", "bascule.release.promote:promote", False, "Release a version to a channel, if the gate opens."),
    Verb("rollback", "bascule.release.rollback:rollback", False, "Return a channel to the release before."),
    Verb("current", "bascule.release.current:current", True, "Say which version serves a channel, now or at a time."),
    Verb("history", "bascule.release.history:history", True, "List the releases of a model."),
    Verb("score", "bascule.serving.score:score", False, "Predict every row of a file."),
    Verb("trace", "bascule.serving.trace:trace", True, "Follow one example through every step of a model."),
    Verb("reproduce", "bascule.runs.reproduce:reproduce", False, "Run a recorded run again and compare."),
    Verb("verify", "bascule.workspace.verify:verify", False, "Check every hash, every signature and the audit chain."),
)


def find(name: str) -> Verb | None:
    """The verb of this name, None where there is none.

    >>> find("data commit").safe
    False
    """
    return next((verb for verb in VERBS if verb.name == name), None)
