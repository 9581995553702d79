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
            found[name] = unique(_made(name), used)
            used.add(found[name])
    return found


def class_name(text: str, default: str = "Data") -> str:
    """A name for a class.

    >>> class_name("late-arrival"), class_name("2nd try"), class_name("HTTPCalls"), class_name("🙂")
    ('LateArrival', 'Data2ndTry', 'HTTPCalls', 'Data')
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).replace("_", " "))
    made = "".join(word[0].upper() + word[1:] for word in words)
    made = made if made[:1].isalpha() else f"{default}{made}"
    return f"{made}_" if keyword.iskeyword(made) or made in SAID else made


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


def _made(name: str) -> str:
    made = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)).strip("_")
    if not made or not f"{made}".isidentifier():
        made = f"column_{made}".rstrip("_")
    if not made.isidentifier():  # letters of \w that start or continue no identifier
        made = f"column_{re.sub(r'[^A-Za-z0-9]+', '_', made)}".rstrip("_")
    return f"{made}_" if keyword.iskeyword(made) or made in SAID else made
