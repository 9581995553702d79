"""Python source for drafted files: literals and declarations, laid out as the formatter leaves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bascule.contract.fields import Field
from bascule.contract.kinds import PYTHON, Kind

WIDTH = 120


def quoted(text: str) -> str:
    """A text as a literal, in double quotes where they need no more escapes.

    >>> print(quoted('5" pipe'), quoted("it's"))
    '5" pipe' "it's"
    """
    mark = "'" if text.count('"') > text.count("'") else '"'
    escapes = {mark: f"\\{mark}", "\\": "\\\\"}
    return mark + "".join(escapes.get(one, one if one.isprintable() else repr(one)[1:-1]) for one in text) + mark


def literal(value: Any) -> str:
    """A value as an expression; times are UTC.

    >>> literal(dt.date(2013, 1, 31)), literal(-0.5), literal("a")
    ('dt.date(2013, 1, 31)', '-0.5', '"a"')
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dt.datetime):
        parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
        while parts[-1] == 0 and len(parts) > 3:
            parts.pop()
        return f"dt.datetime({', '.join(map(str, parts))}, tzinfo=dt.UTC)"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    return repr(value)


def declaration(field: Field, hint: str | None = None) -> str:
    """A field of a Record as it is declared in the class body; `hint` stands for a type of its own."""
    marks = [f"bl.Name({quoted(field.name)})"] if field.name != field.attribute else []
    marks += [f"bl.Timezone({quoted(field.zone)})"] if field.zone else []
    marks += ["bl.Personal()"] if field.personal else []
    marks += [f"bl.Example({literal(field.example)})"] if field.example is not None else []
    marks += [f"bl.Notes({quoted(field.notes)})"] if field.notes else []
    marks += [f"bl.Question({quoted(field.question)})"] if field.question else []
    return f"    {field.attribute}: {annotated(hint or type_of(field), field.nullable, marks, '    ', field.attribute)}"


def annotated(bare: str, nullable: bool, marks: Sequence[str], indent: str = "", before: str = "") -> str:
    """A type with its marks, on one line where it fits behind `before`, else each mark on a line of its own."""
    hint = f"{bare} | None" if nullable else bare
    if not marks:
        return hint
    line = f"Annotated[{', '.join((hint, *marks))}]"
    if len(indent) + len(before) + 2 + len(line) <= WIDTH:
        return line
    inner = "".join(f"{indent}    {part},\n" for part in (hint, *marks))
    return f"Annotated[\n{inner}{indent}]"


def type_of(field: Field) -> str:
    """The Python type of a field's values, as the drafted files spell it."""
    name = PYTHON[field.kind].__name__
    return f"dt.{name}" if field.kind in (Kind.TIME, Kind.DATE) else name
