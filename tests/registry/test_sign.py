"""Signatures count where a trusted key made them, and the key is nobody else's."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from bascule.errors import ConfigurationError, Corrupt
from bascule.evidence import keys
from bascule.project import Project
from bascule.registry.sign import Signature, key_file, sign, verify

PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8


@pytest.fixture
def project(flights: Any) -> Project:
    return flights.project


def trusting(project: Project, public: str) -> None:
    with project.ledger.write() as tx:
        keys.trust(tx, public)


def verified(project: Project, message: bytes, document: bytes) -> str:
    with project.ledger.read() as connection:
        return verify(connection, message, document, "late-arrival@1").public


def test_a_key_is_made_on_first_use_and_kept(key: Path) -> None:
    assert sign(b"one").public == sign(b"two").public
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["ed25519"]


def test_the_key_lives_in_the_users_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BASCULE_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert key_file() == tmp_path / "config" / "bascule" / "ed25519"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert key_file() == tmp_path / ".config" / "bascule" / "ed25519"


def test_first_uses_at_once_end_up_with_one_key() -> None:
    code = "from bascule.registry.sign import sign; print(sign(b'').public)"
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(subprocess.check_output, [sys.executable, "-W", "error", "-c", code]) for _ in range(6)]
    assert len({each.result() for each in asked}) == 1


def test_what_a_trusted_key_signed_names_that_key(project: Project) -> None:
    signed = sign(b"manifest")
    trusting(project, signed.public)
    assert verified(project, b"manifest", signed.document()) == signed.public


def test_a_key_that_nobody_trusts_does_not_count(project: Project) -> None:
    with pytest.raises(Corrupt, match="which nobody trusts"):
        verified(project, b"manifest", sign(b"manifest").document())


def test_a_signature_covers_its_message_alone(project: Project) -> None:
    signed = sign(b"manifest")
    trusting(project, signed.public)
    with pytest.raises(Corrupt, match="late-arrival@1 does not cover"):
        verified(project, b"manifesto", signed.document())


def test_a_stranger_cannot_sign_in_the_name_of_a_trusted_key(project: Project) -> None:
    trusting(project, sign(b"").public)
    forged = Signature(public=sign(b"").public, signature=Ed25519PrivateKey.generate().sign(b"manifest").hex())
    with pytest.raises(Corrupt, match="does not cover"):
        verified(project, b"manifest", forged.document())


@pytest.mark.parametrize("document", [b"", b"{}", b"\xff", b"[]", b'{"public":"zz","signature":"00"}'])
def test_what_is_no_signature_is_refused(project: Project, document: bytes) -> None:
    with pytest.raises(Corrupt, match="is no signature"):
        verified(project, b"manifest", document)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(key: Path, mode: int) -> None:
    sign(b"")
    key.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"mode {mode:o}.*chmod 600"):
        sign(b"")


RSA = generate_private_key(65537, 2048).private_bytes(PEM, PKCS8, NoEncryption())
LOCKED = Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize("content", [b"", b"no key", RSA, LOCKED, b"\x00" * 32])
def test_a_file_that_holds_no_such_key_is_refused_and_kept(key: Path, content: bytes) -> None:
    key.parent.mkdir()
    key.write_bytes(content)
    key.chmod(0o600)
    with pytest.raises(ConfigurationError, match="holds no Ed25519 private key"):
        sign(b"")
    assert key.read_bytes() == content


def test_a_place_where_no_key_can_be_is_named(key: Path) -> None:
    key.parent.write_text("a file where the folder should be")
    with pytest.raises(ConfigurationError, match=r"ed25519 cannot be used.*BASCULE_KEY"):
        sign(b"")


def test_a_folder_is_no_key(key: Path) -> None:
    key.mkdir(mode=0o700, parents=True)
    with pytest.raises(ConfigurationError, match="cannot be used: Is a directory"):
        sign(b"")
