"""One seed in the plan; every consumer derives its own from it and the consumer's name."""

from __future__ import annotations

import hashlib

import numpy as np


def derived(seed: int, name: str) -> int:
    """A seed of 31 bits for a named consumer; SHA-256 makes the seeds of different names independent.

    >>> derived(1, "split") == derived(1, "split") != derived(1, "intervals")
    True
    """
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big") >> 1


def generator(seed: int, name: str) -> np.random.Generator:
    """The random numbers of a named consumer."""
    return np.random.default_rng(derived(seed, name))
