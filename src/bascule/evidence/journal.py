"""The journal: an append-only list of events in which each carries the hash of the one before."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.evidence.canonical import canonical, digest
from bascule.stores.schema import journal
from bascule.stores.statement import Statement

PAGE = 1000
"""Events held in memory at a time while the journal is walked."""


class Head(NamedTuple):
    """The end of the chain. Exported and kept elsewhere, it later proves that nothing up to it was changed."""

    seq: int
    hash: str


GENESIS = Head(0, "0" * 64)
"""What the first event follows."""


_END = Statement(
    sa.select(journal.c.seq, journal.c.hash, journal.c.time).where(
        journal.c.seq == sa.select(sa.func.max(journal.c.seq)).scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Event:
    """One fact: at `time` (microseconds since 1970, UTC, always rising) `actor` did `verb` to `subject`."""

    seq: int
    time: int
    actor: str
    verb: str
    subject: str
    text: str
    """The body as canonical JSON. Never personal data, only references to them, so that they can be erased."""
    previous: str
    hash: str

    @property
    def body(self) -> dict[str, Any]:
        """The body, decoded."""
        return msgspec.json.decode(self.text, type=dict[str, Any])

    @property
    def head(self) -> Head:
        """The end of the chain as of this event."""
        return Head(self.seq, self.hash)


@functools.lru_cache(1024)
def _quoted(text: str) -> str:
    return canonical(text)


def sealed(before: Head, time: int, actor: str, verb: str, subject: str, text: str) -> Event:
    """The event that follows `before`; its hash is SHA-256 over the canonical JSON (RFC 8785) of all its other parts.

    The body is canonical already, so it stands in the covered object as it is stored.
    """
    covered = (
        f'{{"actor":{_quoted(actor)},"body":{text},"previous":"{before.hash}","seq":{before.seq + 1},'
        f'"subject":{_quoted(subject)},"time":{time},"verb":{_quoted(verb)}}}'
    )
    return Event(before.seq + 1, time, actor, verb, subject, text, before.hash, digest(covered))


def end(connection: Connection) -> tuple[Head, int]:
    """The end of the chain, and when it was written; `GENESIS` and 0 where there is no event yet."""
    row = _END.execute(connection).first()
    return (GENESIS, 0) if row is None else (Head(row.seq, row.hash), row.time)


def events(connection: Connection, after: int = 0) -> Iterator[Event]:
    """Every event after a place in the journal, in order, read in pages."""
    page = sa.select(journal).order_by(journal.c.seq).limit(PAGE)
    while rows := connection.execute(page.where(journal.c.seq > after)).all():
        for row in rows:
            yield Event(*row)
        after = rows[-1].seq
