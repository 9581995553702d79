"""What is recorded of an export: whether what serves answers as what was trained."""

from __future__ import annotations

import warnings

from bascule.errors import FlippedExport
from bascule.evidence.nouns import Measurement, Version
from bascule.models.export import Export

LIMIT = 0.001  # flips among real rows


def parity(export: Export, version: Version) -> Measurement:
    """The measurement `parity` of a version; warns (FlippedExport) where real rows flipped.

    A version that Python serves has no graph that could answer otherwise: no row flips, and `notes` says why there is
    none. `cuts` are rows placed at the cuts of trees and their float32 neighbours, `gaps` rows with values missing or
    never seen before.
    """
    numbers = {"flip_rate": 0.0}
    if export.onnx is not None and export.parity is not None:
        for where, found in (("real", export.parity.real), ("cuts", export.parity.cuts), ("gaps", export.parity.gaps)):
            numbers |= {f"{where}_rows": found.rows, f"{where}_flips": found.flips, f"{where}_moved": found.moved}
        real = export.parity.real
        numbers |= {"flip_rate": real.flip_rate, "difference": real.difference}
        if real.flips:
            warnings.warn(
                FlippedExport(f"{version.ref} answers {real.flips} of {real.rows} rows otherwise than it was trained."),
                stacklevel=3,
            )
    return Measurement(
        subject=version.ref,
        probe="parity",
        numbers=numbers,
        limits={"flip_rate": LIMIT},
        verdict="pass" if numbers["flip_rate"] <= LIMIT else "fail",
        inputs={"version": version.hash},
        run=version.run,
        notes=export.reason,
    )
