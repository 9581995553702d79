"""The verb `promote`: a version serves a channel from now on, if the gate lets it through."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Annotated

from typing_extensions import Doc

from bascule.errors import Conflict, GateClosed, NoEffect, UsageError
from bascule.evidence import measurements, releases, versions
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Release, Version
from bascule.evidence.refs import checked_channel
from bascule.project import Project
from bascule.release import measure
from bascule.release.current import CHANNEL, Channel, Serving
from bascule.release.findings import decided, findings
from bascule.release.rubric import Outcome


def promote(
    project: Project,
    version: Annotated[str, Doc("a version, late-arrival@2, or the latest, late-arrival")],
    to: Channel = CHANNEL,
    override: Annotated[str | None, Doc("why it shall serve though the gate is closed; stays on its card")] = None,
) -> Serving:
    """Releases a version to a channel, if the gate lets it through, or for the reason given by `override`.

    The contract is compared with the one that serves the channel, and every file with the signature; what is found is
    recorded, judged together with what was recorded before, and the release written, in one transaction. A refusal
    keeps what was measured. A damaged version is refused whatever the reason.

    Raises GateClosed with every condition that is not met, Conflict where the channel moved meanwhile, NotFound. Warns
    (NoEffect) where the version serves already, which writes nothing, and where no override was needed.
    """
    checked_channel(to)
    reason = _reason(override)
    with project.ledger.read() as connection:
        wanted = releases.resolve(connection, version)
        present = releases.find(connection, wanted.model, to)
        serving = None if present is None else versions.get(connection, present.ref)
    if present is not None and present.number == wanted.number:
        warnings.warn(NoEffect(f"{wanted.ref} serves {to} already; nothing was written."), stacklevel=2)
        return Serving.of(present)
    found = (measure.compatibility(project, wanted, serving), measure.signature(project, wanted))
    with project.ledger.write() as tx:
        if releases.find(tx.connection, wanted.model, to) != present:
            raise Conflict(f"{wanted.model}@{to} moved while {wanted.ref} was judged for it.")
        for measurement in found:
            measurements.measure(tx, measurement)
        outcomes = decided(findings(tx.connection, wanted, present))
        doubts = [outcome for outcome in outcomes if outcome.verdict != "pass"]
        through = not doubts or (reason and all(outcome.overridable for outcome in doubts))
        release = _released(tx, wanted, to, present, reason if doubts else "", outcomes) if through else None
    if release is None:
        raise _closed(wanted, to, doubts)
    if reason and not doubts:
        warnings.warn(NoEffect("The gate was open: the override was not needed and is not kept."), stacklevel=2)
    return Serving.of(release)


def _reason(override: str | None) -> str:
    reason = (override or "").strip()
    if override is not None and not reason:
        raise UsageError("An override needs a reason.", next_step='Write it: --override "why it shall serve".')
    return reason


def _released(
    tx: Transaction, version: Version, channel: str, present: Release | None, override: str, outcomes: Sequence[Outcome]
) -> Release:
    release = Release(
        model=version.model,
        channel=channel,
        number=version.number,
        override=override,
        card=tuple(outcome.seq for outcome in outcomes if outcome.seq is not None),
    )
    return releases.promote(tx, release, seen=0 if present is None else present.seq)


def _closed(version: Version, channel: str, doubts: Sequence[Outcome]) -> GateClosed:
    final = [outcome.condition for outcome in doubts if not outcome.overridable]
    return GateClosed(
        f"{version.ref} may not serve {channel}: {'; '.join(map(str, doubts))}.",
        next_step=f"Register the model again; no override opens {', '.join(final)}." if final else None,
        conditions=[dataclasses.asdict(outcome) for outcome in doubts],
    )
