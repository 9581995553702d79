"""Signatures under manifests: Ed25519 (RFC 8032), by a private key that lives outside every project."""

from __future__ import annotations

import hashlib
import os
import stat
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.engine import Connection

from bascule.contract.fields import canonical
from bascule.errors import ConfigurationError, Corrupt
from bascule.evidence import keys
from bascule.evidence.nouns import Key

if TYPE_CHECKING:  # the library takes 30 ms to import, and most verbs neither sign nor verify
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "BASCULE_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, by public key, and the signature; both in hex."""

    public: str
    signature: str

    def document(self) -> bytes:
        """The signature as it is stored beside what it covers."""
        return canonical({"algorithm": "Ed25519", "public": self.public, "signature": self.signature})


def key_file() -> Path:
    """Where the private key is: BASCULE_KEY, else `bascule/ed25519` in the user's configuration folder."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if home := os.environ.get("XDG_CONFIG_HOME"):
        return Path(home) / "bascule" / "ed25519"
    try:
        return Path.home() / ".config" / "bascule" / "ed25519"
    except RuntimeError as error:
        raise ConfigurationError(
            "This user has no home folder to keep a signing key in.", next_step=f"Set {VARIABLE} to the key's path."
        ) from error


def sign(message: bytes) -> Signature:
    """Signs with this user's key, which is made on first use. Raises ConfigurationError where it cannot be used."""
    private = _private(key_file())
    public = private.public_key().public_bytes_raw().hex()
    return Signature(public=public, signature=private.sign(message).hex())


def verify(connection: Connection, message: bytes, document: bytes, subject: str) -> Key:
    """The trusted key that signed the message; raises Corrupt, naming the subject, where none did."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        found = msgspec.json.decode(document, type=Signature)
        public, signature = bytes.fromhex(found.public), bytes.fromhex(found.signature)
    except ValueError as error:
        raise Corrupt(f"The signature of {subject} is no signature: {error}.") from error
    fingerprint = hashlib.sha256(public).hexdigest()
    key = keys.find(connection, fingerprint)
    if key is None:
        raise Corrupt(
            f"The signature of {subject} was made with the key {fingerprint[:16]}, which nobody trusts here.",
            next_step="Do not use it; register the model again from a run that you trust.",
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise Corrupt(f"The signature of {subject} does not cover its manifest.") from error
    return key


def _private(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        if not path.exists():
            _make(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigurationError(
                f"The signing key {path} can be read by others (mode {mode:o}).", next_step=f"Run: chmod 600 {path}"
            )
        held = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The signing key {path} cannot be used: {error.strerror}.",
            next_step=f"Mend its folder and rights, or set {VARIABLE} to another path.",
        ) from error
    try:
        private = load_pem_private_key(held, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError(
            f"{path} holds no Ed25519 private key in PEM without a password.",
            next_step="Restore it from a copy, or move it away: a new key is made on next use.",
        )
    return private


def _make(path: Path) -> None:
    """A new key. It gets its name when it is whole, so that two first uses at once end up with one key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return  # another process was first
    finally:
        draft.unlink(missing_ok=True)
