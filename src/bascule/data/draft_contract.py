"""The text of contract.py: records, label and model, every guess as a Question."""

from __future__ import annotations

import re

from bascule.contract.fields import Field
from bascule.contract.records import snake
from bascule.data.draft import Classes, Draft, Role
from bascule.data.naming import identifier, unique
from bascule.data.python_text import annotated, declaration, literal, quoted, type_of


def contract_text(draft: Draft) -> str:
    """The text of contract.py."""
    called = draft.classes
    body = _records(draft, called)
    imports = ["import datetime as dt"] if re.search(r"\bdt\.", body) else []
    imports += ["from typing import Annotated"] if "Annotated[" in body else []
    head = [_heading(draft), "from __future__ import annotations"]
    head += ["\n".join(imports)] if imports else []
    return "\n\n".join([*head, f"import bascule as bl\n{body}"])


def _heading(draft: Draft) -> str:
    about = f"The contract of {draft.name}: what the model is asked, and what it answers."
    if draft.label is None:
        about = f"The record of {draft.dataset}: what one row holds."
    origin = re.sub(r"[^\w .,()+-]", "?", draft.source)
    return (
        f'"""{about}\n\nDrafted from {origin}. Each Question is a guess or a gap: answer it in a `bl.Doc(…)`, a '
        '`bl.Unit(…)`\nor a limit such as `bl.Ge(0)`, and delete it.\n"""'
    )


def _records(draft: Draft, called: Classes) -> str:
    fields = [declaration(field) for field in draft.features]
    if draft.label is None:
        fields += [declaration(guess.field) for guess in draft.beside]
        return _class(f"{called.row}(bl.Record)", draft.schema().definition, fields)
    label = next(guess.field for guess in draft.beside if guess.role is Role.LABEL)
    beside = [declaration(guess.field, called.answer if guess.field is label else None) for guess in draft.beside]
    return "".join(
        (
            _label(label, called) if label.categories is None else _classes(label, called),
            _class(f"{called.features}(bl.Record)", "What is known of a row when the model is asked.", fields),
            _class(f"{called.row}({called.features})", draft.schema().definition, beside),
            _class(_model(draft, called), f"Predicts {label.attribute}. What learns it stands in plan.yaml.", []),
        )
    )


def _model(draft: Draft, called: Classes) -> str:
    named = snake(called.model).replace("_", "-") == draft.name
    name = "" if named else f", name={quoted(draft.name)}"
    return f"{called.model}(bl.Model[{called.features}, {called.answer}]{name})"


def _classes(label: Field, called: Classes) -> str:
    taken: set[str] = set()
    members = [f"    {_member(value, taken)} = {literal(value)}" for value in label.categories or ()]
    text = _class(f"{called.label}(bl.Label)", f"What {label.attribute} may turn out to be.", members)
    if called.answer == called.label:
        return text
    return f"{text}\n\n{called.answer} = Annotated[{called.label}, bl.Name({quoted(label.name)})]\n"


def _label(label: Field, called: Classes) -> str:
    marks = [f"bl.Name({quoted(label.name)})", f"bl.Question({quoted(label.question)})"]
    return f"\n{called.answer} = {annotated(type_of(label), False, marks, before=called.answer)}\n"


def _class(head: str, meaning: str, lines: list[str]) -> str:
    body = f"\n{chr(10).join(lines)}\n" if lines else ""
    return f'\n\nclass {head}:\n    """{meaning}"""\n{body}'


def _member(value: object, taken: set[str]) -> str:
    """The name of a member of the label, all different."""
    if isinstance(value, int) and not isinstance(value, bool):
        made = f"VALUE_{'MINUS_' if value < 0 else ''}{abs(value)}"
    else:
        made = identifier(str(value).upper(), "CLASS")
    found = unique(made, taken)
    taken.add(found)
    return found
