"""What a column's values and name suggest: a role, and a Field that says as questions what is only guessed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bascule.contract.fields import Field
from bascule.contract.kinds import EXACT, Kind, plain
from bascule.contract.records import snake
from bascule.data.draft import Guess, Role
from bascule.data.profile import Profile
from bascule.errors import NoTrainData, OneClass, UsageError
from bascule.files.texts import MISSING

CLASSES = 200  # most classes that a text may have to be drafted as a label
FEW = 20  # most values that a whole number may have to be drafted as classes
CLOSED = 50  # most values of a text of which it is asked whether there are no others
ENOUGH = 20  # rows from which on unique values suggest an identifier; rows a value must have to suggest a closed set
LEGIBLE = 40  # letters of an example; the first value no longer than this is taken
PERSONAL_WORDS = frozenset(
    [
        *("email", "mail", "phone", "mobile", "telephone", "address", "street", "dob", "birthday", "birthdate"),
        *("surname", "firstname", "lastname", "fullname", "passport", "ssn", "iban"),
    ]
)
PERSONAL_PHRASES = ("first name", "last name", "full name", "given name", "family name", "date of birth")
IDENTIFIER_WORDS = frozenset(["id", "ids", "key", "uuid", "guid", "nr", "no", "number", "index", "idx"])
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"[+(]?(\d[ ()/.-]{0,3}){8,14}\d")  # more digits than a date has
SEPARATED = re.compile(r"[+ ()/-]")  # without any of these it is a mere number


def guessed(profile: Profile) -> Guess:
    """The guess for a column of which nothing is said."""
    role, question = _set_aside(profile)
    if role is Role.FEATURE:
        return feature(profile)
    field = replace(profile.field, question=f"{question} Not taken for a feature.", personal=role is Role.PERSONAL)
    statistics = profile.statistics()
    return Guess(role, field, statistics.hidden() if field.personal else statistics)


def feature(profile: Profile) -> Guess:
    """The column as a feature."""
    field = profile.field
    question = "What is it, and in which unit?" if field.kind in (Kind.INT, Kind.FLOAT) else "What is it?"
    if field.kind is Kind.TEXT and profile.counter is not None:
        if len(profile.counter) <= CLOSED and profile.count >= ENOUGH * len(profile.counter):
            question += " Are there other values?"
        if word := next((word for word in MISSING[1:] if word in profile.counter), ""):
            question += f" Does {word!r} mean that it is missing?"
    return Guess(Role.FEATURE, _illustrated(profile, question + _zone(field)), profile.statistics())


def time_guess(profile: Profile) -> Guess:
    """The guess for the column that orders the rows in time. Raises UsageError where it holds no order."""
    if profile.field.kind in (Kind.TEXT, Kind.BOOL):
        raise UsageError(
            f"The time column {profile.field.name!r} holds {profile.field.kind} values, such as {profile.first[:1]!r}.",
            next_step="Name a column of times, dates (2013-01-31) or numbers.",
        )
    question = f"What happens at this moment?{_zone(profile.field)}"
    return Guess(Role.TIME, _illustrated(profile, question), profile.statistics())


def label_guess(profile: Profile) -> Guess:
    """The guess for the label: classes or a number.

    Classes are texts, booleans, or few whole numbers; of two classes the rarer one comes last, as the one in question.
    Raises UsageError where the column cannot be a label, OneClass where there is one value only.
    """
    field = profile.field
    values = None if profile.counter is None else list(profile.counter)
    if not profile.count:
        raise NoTrainData(f"The label {field.name!r} is missing in every row.", next_step="Name another column.")
    if values is not None and len(values) == 1:
        raise OneClass(f"The label {field.name!r} has one value only: {plain(values[0])!r}.")
    if field.kind in (Kind.TIME, Kind.DATE):
        raise UsageError(
            f"The label {field.name!r} holds {field.kind}s; a label is classes or a number.",
            next_step="Turn it into a number of days or hours, or name another column.",
        )
    if field.kind is Kind.TEXT and (values is None or len(values) > CLASSES):
        raise UsageError(
            f"The label {field.name!r} has more than {CLASSES} different texts in {profile.count} rows.",
            next_step="Name a column of fewer classes, or of numbers.",
        )
    question = "In which unit?"
    if values is not None and _classes(profile, values):
        kind = Kind.INT if field.kind is Kind.FLOAT else field.kind
        ordered = sorted(int(value) if kind is Kind.INT else value for value in values)
        if kind is Kind.TEXT and len(ordered) == 2:
            ordered = sorted(ordered, key=lambda value: (-profile.counter[value], value))  # type: ignore[index]
        field = replace(field, kind=kind, categories=tuple(ordered))
        question = "What do the classes mean, and are there others?"
    return Guess(Role.LABEL, replace(field, question=question), profile.statistics())


def _classes(profile: Profile, values: list[Any]) -> bool:
    if profile.field.kind in (Kind.TEXT, Kind.BOOL):
        return True
    few = len(values) == 2 or (len(values) <= FEW and len(values) * 5 <= profile.count)
    return few and all(value == int(value) and abs(value) <= EXACT for value in values)


def _set_aside(profile: Profile) -> tuple[Role, str]:
    """Why a column should not be learnt from, and what to ask about it; a feature where nothing speaks against it."""
    field = profile.field
    if not profile.count:
        return Role.EMPTY, "Missing in every row: what belongs here?"
    if profile.counter is not None and len(profile.counter) == 1 and not profile.missing:
        return Role.CONSTANT, f"Always {_short(profile.first[0])}: can it be anything else?"
    if reason := _personal(profile):
        return Role.PERSONAL, f"{reason}: may it be kept?"
    many = profile.novelty > 0.5 and profile.count >= ENOUGH
    if field.kind is Kind.TEXT and many:
        if profile.words >= 4 * profile.counted:
            return Role.PROSE, "Free text: what can be drawn from it?"
        return Role.IDENTIFIER, "Different in most rows: does it identify the row?"
    named = bool(IDENTIFIER_WORDS.intersection(_words(field.name)[-1:]))
    if field.kind is Kind.INT and ((many and named) or _numbered(profile)):
        return Role.IDENTIFIER, "Does it identify the row?"
    return Role.FEATURE, ""


def _zone(field: Field) -> str:
    return " The file gives no time zone: is it UTC?" if field.zone else ""


def _illustrated(profile: Profile, question: str) -> Field:
    """The field with an example and, as notes, what was seen; no limit follows from what was seen."""
    example = min(profile.first, key=lambda value: max(LEGIBLE, len(str(value))), default=None)
    return replace(profile.field, example=example, notes=_seen(profile), question=question)


def _seen(profile: Profile) -> str:
    figures = profile.statistics()
    if figures.least is not None:
        return f"Seen from {plain(figures.least)} to {plain(figures.greatest)}."
    if profile.field.kind is Kind.TEXT and figures.distinct is not None:
        shown = [_short(value) for value, _ in profile.top(3)]
        often = f", most often {', '.join(shown)}" if shown else ""
        return f"{figures.distinct} different texts{often}."
    return ""


def _personal(profile: Profile) -> str:
    """Why a column looks personal, empty where it does not."""
    field = profile.field
    words = _words(field.name)
    spoken = " ".join(words)
    if field.kind not in (Kind.FLOAT, Kind.BOOL) and (
        PERSONAL_WORDS.intersection(words) or any(phrase in spoken for phrase in PERSONAL_PHRASES)
    ):
        return "Personal by its name"
    if field.kind is not Kind.TEXT:
        return ""
    if "name" in words[-1:] and profile.novelty > 0.5:
        return "Perhaps the name of a person"
    for form, what in ((EMAIL, "E-mail addresses"), (PHONE, "Perhaps phone numbers")):
        matching = sum(form.fullmatch(text) is not None for text in profile.first)
        if matching * 2 > len(profile.first) and (form is EMAIL or any(map(SEPARATED.search, profile.first))):
            return what
    return ""


def _numbered(profile: Profile) -> bool:
    """Whether whole numbers count the rows: each once, without large gaps."""
    figures = profile.statistics()
    once = profile.rising or figures.distinct == profile.count
    return profile.count >= ENOUGH and once and figures.greatest - figures.least < 2 * profile.count


def _short(value: Any) -> str:
    text = repr(plain(value))
    return text if len(text) <= 20 else f"{text[:16]}…{text[-1]}"


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", snake(name).lower())
