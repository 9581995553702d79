"""The text of plan.yaml: what to train, on what, and how it is judged."""

from __future__ import annotations

import re
from typing import Any

import yaml

from bascule.contract.kinds import Kind
from bascule.data.draft import Draft, Role

LEARNERS = {
    "classification": (
        "sklearn.linear_model.LogisticRegression\n        max_iter: 1000",
        "sklearn.ensemble.HistGradientBoostingClassifier",
    ),
    "regression": ("sklearn.linear_model.Ridge", "sklearn.ensemble.HistGradientBoostingRegressor"),
}


def plan_text(draft: Draft) -> str:
    """The text of plan.yaml for a draft with a label."""
    linear, boosted = LEARNERS[draft.task or "classification"]
    split = "the last quarter by time" if draft.time else "a quarter, drawn by the seed"
    return f"""\
# What to train, on what, and how it is judged. Every key is explained in docs/plan.md.
question: {scalar(_question(draft))}
contract: {draft.classes.model}  # a Model of contract.py
data: {draft.dataset}  # the latest version; {draft.dataset}@1 pins one
label: {scalar(draft.label)}
{_time(draft)}split: {{validate: 0.25}}  # {split}
metric: {_metric(draft)}
seed: 1
candidates:
  # A guess: of all features alone, this one told the label best.
  rule: {{class: bascule.models.baseline.rule, feature: {scalar(draft.rule)}}}
  trivial: {{class: bascule.models.baseline.trivial}}
  linear:
    steps:
      - prepare: {{scale: true}}
      - class: {linear}
  boosted:
    steps:
      - prepare
      - class: {boosted}
        max_iter: 200
"""


def scalar(value: Any) -> str:
    """A text as YAML writes it, on one line and safe inside braces.

    >>> print(scalar("distance"), scalar("yes"), scalar("dep time, local"))
    distance "yes" "dep time, local"
    """
    text = str(value)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", text) and yaml.safe_load(text) == text:
        return text
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return dumped.strip()


def _question(draft: Draft) -> str:
    categories = _label(draft).categories
    if categories is None:
        return f"How large is {draft.label}?"
    return f"Is {draft.label} {categories[-1]!r}?" if len(categories) == 2 else f"Which {draft.label} is it?"


def _metric(draft: Draft) -> str:
    categories = _label(draft).categories
    if categories is None:
        return "rmse  # rmse, mae, r2"
    return f"{'roc_auc' if len(categories) == 2 else 'log_loss'}  # roc_auc, log_loss, accuracy, macro_f1"


def _label(draft: Draft) -> Any:
    return next(guess.field for guess in draft.columns if guess.role is Role.LABEL)


def _time(draft: Draft) -> str:
    if draft.time is not None:
        return f"time: {scalar(draft.time)}  # the rows are split by it and never shuffled\n"
    for field in draft.features:
        if field.kind in (Kind.TIME, Kind.DATE):
            return f"# time: {scalar(field.name)}  # if later rows are to be predicted from earlier ones\n"
    return ""
