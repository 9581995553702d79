"""The verb `current`: which version serves a channel, now or at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from typing_extensions import Doc

from bascule.contract.kinds import EPOCH, microseconds
from bascule.errors import UsageError
from bascule.evidence import releases
from bascule.evidence.nouns import Release
from bascule.evidence.refs import checked_channel, checked_name
from bascule.project import Project

Channel = Annotated[str, Doc("a name for where a version serves, such as production or staging")]
CHANNEL = "production"


@dataclass(frozen=True, slots=True)
class Serving:
    """From `since` on, `version` serves a channel of a model; `seq` is the place of the release in the ledger."""

    model: str
    channel: str
    version: str
    since: dt.datetime
    action: Literal["promote", "rollback"]
    by: str
    override: str
    seq: int

    @classmethod
    def of(cls, release: Release) -> Serving:
        """What a release says."""
        return cls(
            model=release.model,
            channel=release.channel,
            version=release.ref,
            since=EPOCH + dt.timedelta(microseconds=release.created),
            action=release.action,
            by=release.by,
            override=release.override,
            seq=release.seq,
        )

    def text(self) -> str:
        """One line for people."""
        overridden = f", overriding the gate: {self.override}" if self.override else ""
        how = f"{self.action} by {self.by}{overridden}"
        return f"{self.version} serves {self.channel} since {self.since:%Y-%m-%d %H:%M:%S} UTC ({how})"


def current(
    project: Project,
    model: Annotated[str, Doc("the name of a model")],
    channel: Channel = CHANNEL,
    at: Annotated[dt.datetime | None, Doc("a time with its offset (RFC 3339), such as 2026-01-31T09:00:00Z")] = None,
) -> Serving:
    """Which version serves a channel, now or at a time as the ledger counts it.

    Raises NotFound where nothing served, naming what there is.
    """
    checked_name(model, "model")
    checked_channel(channel)
    if at is not None and at.tzinfo is None:
        raise UsageError(f"{at.isoformat()} names no instant.", next_step="Add the offset, or Z for UTC.")
    with project.ledger.read() as connection:
        return Serving.of(releases.current(connection, model, channel, None if at is None else microseconds(at)))
