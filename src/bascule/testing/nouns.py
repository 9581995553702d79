"""Small, valid nouns for tests: name what matters to the test, the rest is filled in."""

from __future__ import annotations

from typing import Any

from bascule.evidence.nouns import Chunk, Code, Dataset, Environment, File, Measurement, Run, Version

HASH = "5" * 64


def dataset(name: str = "flights", **facts: Any) -> Dataset:
    """A dataset of two rows."""
    manifest = (Chunk(hash=HASH, size=10, rows=2),)
    known: dict[str, Any] = {
        "hash": HASH,
        "record": {},
        "rows": 2,
        "bytes": 10,
        "manifest": manifest,
        "source": "f.csv",
    }
    return Dataset(name=name, **(known | facts))


def run(**facts: Any) -> Run:
    """A run that has just started."""
    environment = Environment(python="3.11.7", platform="linux", packages=HASH)
    known: dict[str, Any] = {
        "question": "does weather help?",
        "verb": "train",
        "code": Code(sha="c" * 40),
        "data": ("flights@1",),
        "environment": environment,
        "host": "laptop",
        "pid": 1,
        "command": ("bascule", "train", "plan.yaml"),
    }
    return Run(**(known | facts))


def version(model: str = "late-arrival", **facts: Any) -> Version:
    """A version with one file."""
    files = {"model.onnx": File(hash=HASH, size=10)}
    known: dict[str, Any] = {"hash": HASH, "contract": HASH, "shape": HASH, "run": "0" * 32, "files": files}
    return Version(model=model, runtime="onnx", **(known | facts))


def measurement(subject: str = "late-arrival@1", probe: str = "auc", **facts: Any) -> Measurement:
    """A measurement that passed."""
    known: dict[str, Any] = {"numbers": {"auc": 0.71}, "limits": {"auc": {"min": 0.7}}, "verdict": "pass"}
    return Measurement(subject=subject, probe=probe, **(known | facts))
