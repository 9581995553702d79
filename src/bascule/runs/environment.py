"""Where a run takes place: interpreter, machine, packages and how they compute; equal places look equal."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
from importlib import metadata

from bascule.evidence.canonical import canonical
from bascule.evidence.nouns import Environment
from bascule.stores.blobs import Blobs

# What an installer writes about itself into a package's folder, which says nothing about the package.
_INSTALLERS = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")


# Variables that choose how libraries compute: kernels, threads. Sums come otherwise by them in the last digit.
_ARITHMETIC = ("BLIS_", "GOTO_", "MKL_", "NPY_", "OMP_", "OPENBLAS_", "VECLIB_")


def environment(blobs: Blobs) -> Environment:
    """The present environment; its packages and variables are a blob that is the same for the same ones."""
    told = canonical({"packages": packages(), "variables": variables()})
    return Environment(
        python=platform.python_version(), platform=platform.platform(), packages=blobs.put(told.encode())
    )


def variables() -> dict[str, str]:
    """The variables of the environment that choose how libraries compute."""
    return {name: value for name, value in os.environ.items() if name.startswith(_ARITHMETIC)}


@functools.cache
def packages() -> dict[str, dict[str, str | None]]:
    """Every installed package by name: its version, and a hash of the files that its RECORD lists.

    Left out of that hash is what changes with the place rather than the package: scripts that name their interpreter,
    byte code, and the installer's notes. The hash is None for a package without a RECORD. Read once a process, in
    0.3 ms a package.
    """
    found: dict[str, dict[str, str | None]] = {}
    for distribution in metadata.distributions():
        head = (distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "").partition("\n\n")[0]
        name, version = (re.search(rf"(?mi)^{slot}:\s*(.*?)\s*$", head) for slot in ("name", "version"))
        if name is None or version is None:
            continue  # a folder that something else left behind
        record = distribution.read_text("RECORD")
        # The first on the path is the one that an import finds.
        found.setdefault(
            re.sub(r"[-_.]+", "-", name[1]).lower(),
            {"version": version[1], "files": None if record is None else _covered(record)},
        )
    return found


def _covered(record: str) -> str:
    lines = []
    for line in record.splitlines():
        path = line.split(",sha256=")[0]
        if path != line and not path.startswith("..") and not path.endswith(_INSTALLERS):
            lines.append(line)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
