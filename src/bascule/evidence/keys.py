"""The public keys whose signatures count in a project."""

from __future__ import annotations

import hashlib

from sqlalchemy.engine import Connection

from bascule.evidence import pages
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Key
from bascule.stores.schema import keys


def trust(tx: Transaction, public: str, name: str = "") -> Key:
    """Records that signatures by this key (Ed25519, hex) count from now on; a key that counts already is returned."""
    fingerprint = hashlib.sha256(bytes.fromhex(public)).hexdigest()
    if known := find(tx.connection, fingerprint):
        return known
    key = Key(fingerprint=fingerprint, public=public, name=name)
    return pages.written(Key, tx.append("key.trust", fingerprint, key.body()))


def find(connection: Connection, fingerprint: str) -> Key | None:
    """The trusted key with this fingerprint, if there is one."""
    return next(iter(pages.page(connection, Key, keys, keys.c.fingerprint == fingerprint, limit=1)), None)


def list_(connection: Connection, *, before: int | None = None, limit: int = 100) -> list[Key]:
    """Trusted keys, newest first; go on with `before` the last one's `seq`."""
    return pages.page(connection, Key, keys, before=before, limit=limit)
