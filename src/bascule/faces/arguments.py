"""What a verb asks for: its parameters read from the signature, in types that a text can spell."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from typing_extensions import Doc

SPELT: tuple[type, ...] = (bool, int, float, Path, dt.datetime, str)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb: `kind` is a type of SPELT or an enumeration; `many` where it takes a list.

    `named` where it must be called by its name: as an option, even if it is required.
    """

    name: str
    kind: type
    many: bool
    required: bool
    named: bool
    default: Any
    meaning: str


def parameters(function: Callable[..., Any], *, opens: bool) -> list[Parameter]:
    """The parameters that a text can spell, without the project; those of other types keep their defaults."""
    hints = typing.get_type_hints(function, include_extras=True)
    found = []
    for place, parameter in enumerate(inspect.signature(function).parameters.values()):
        if place == 0 and opens:
            continue
        spelt = _spelt(hints[parameter.name])
        if spelt is None:
            if parameter.default is parameter.empty:
                raise TypeError(f"{function.__name__}: {parameter.name} can be spelt by no text.")
            continue
        kind, many = spelt
        required = parameter.default is parameter.empty
        default = None if required else parameter.default
        named = not required or parameter.kind is parameter.KEYWORD_ONLY
        found.append(Parameter(parameter.name, kind, many, required, named, default, _meaning(hints[parameter.name])))
    return found


def _spelt(hint: Any) -> tuple[type, bool] | None:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _spelt(inner[0])
    if origin in (typing.Union, types.UnionType):
        options = [found for option in inner if option is not type(None) and (found := _spelt(option))]
        rank = {kind: place for place, kind in enumerate(SPELT)}
        return min(options, key=lambda option: rank.get(option[0], -1), default=None)
    if origin is Literal:
        members = {value: value for value in inner}
        return cast("type", enum.StrEnum("Choice", members)), False
    if origin in (list, tuple) and inner:
        item = _spelt(inner[0])
        return None if item is None else (item[0], True)
    if isinstance(hint, type) and (hint in SPELT or issubclass(hint, enum.Enum)):
        return hint, False
    return None


def _meaning(hint: Any) -> str:
    marks = typing.get_args(hint)[1:] if typing.get_origin(hint) is typing.Annotated else ()
    return next((inspect.cleandoc(mark.documentation) for mark in marks if isinstance(mark, Doc)), "")
