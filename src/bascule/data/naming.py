"""Names that Python and the ledger accept, made of whatever columns and files are called."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

# What the body of a drafted class says itself; a field of the same name would hide it there.
SAID = frozenset({"Annotated", "bl", "dt", *dir(builtins)})


def attributes(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """An attribute for each column, all different: the column's own name where Python allows it.

    >>> attributes(["carrier", "dep time", "class", "2nd", "größe", "dep_time", "🙂"])
    {'carrier': 'carrier', 'größe': 'größe', 'dep_time': 'dep_time', 'dep time': 'dep_time_2', 'class': 'class_', \
'2nd': 'column_2nd', '🙂': 'column'}
    """
    columns = list(names)
    used = {*taken, *SAID}
    found: dict[str, str] = {}
    for name in columns:
        if _proper(name) and name not in used:
            found[name] = name
            used.add(name)
    for name in columns:
        if name not in found:
            made = identifier(name, "column")
            found[name] = unique(f"{made}_" if keyword.iskeyword(made) or made in SAID else made, used)
            used.add(found[name])
    return found


def class_name(text: str, default: str = "Data") -> str:
    """A name for a class.

    >>> class_name("late-arrival"), class_name("2nd try"), class_name("HTTPCalls"), class_name("🙂")
    ('LateArrival', 'Data2ndTry', 'HTTPCalls', 'Data')
    """
    words = _letters(text).replace("_", " ").split()
    made = unicodedata.normalize("NFKC", "".join(word[0].upper() + word[1:] for word in words))
    made = made if made.isidentifier() else f"{default}{made}"
    return f"{made}_" if keyword.iskeyword(made) or made in SAID else made


def identifier(text: str, default: str) -> str:
    """The words of a text joined by underscores, behind the default word where they start no identifier.

    >>> identifier("dep time", "column"), identifier("2nd", "column"), identifier("🙂", "column")
    ('dep_time', 'column_2nd', 'column')
    """
    made = "_".join(_letters(text).replace("_", " ").split())
    return made if made.isidentifier() else f"{default}_{made}".rstrip("_")


def slug(text: str, default: str = "data") -> str:
    """A name for the ledger: ASCII letters, digits and dashes.

    >>> slug("Größe (2013)"), slug("航班")
    ('Grosse-2013', 'data')
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:80] or default


def unique(name: str, used: Collection[str]) -> str:
    """The name, or the name with the first number that makes it a new one."""
    found, number = name, 1
    while found in used:
        number += 1
        found = f"{name.rstrip('_')}_{number}"
    return found


def _proper(name: str) -> bool:
    # Python compares identifiers in NFKC, and mangles or hides those that start with an underscore.
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and unicodedata.normalize("NFKC", name) == name
    )


def _letters(text: str) -> str:
    """The text with blanks for all that cannot stand within an identifier."""
    return "".join(one if f"a{one}".isidentifier() else " " for one in unicodedata.normalize("NFKC", text))
