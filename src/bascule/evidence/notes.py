"""What people wrote down about runs."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bascule.evidence import pages, runs
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Note
from bascule.stores import schema


def write(tx: Transaction, note: Note) -> Note:
    """Records a note about a run, which may have ended; raises NotFound where there is no such run."""
    runs.get(tx.connection, note.subject)
    return pages.written(Note, tx.append("run.note", note.subject, note.body()))


def list_(connection: Connection, subject: str, *, before: int | None = None, limit: int = 100) -> list[Note]:
    """Notes about a subject, newest first; go on with `before` the last one's `seq`."""
    return pages.page(connection, Note, schema.notes, schema.notes.c.subject == subject, before=before, limit=limit)
