"""The verb `rollback`: the way back."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Doc

from bascule.evidence import releases
from bascule.evidence.refs import checked_channel, checked_name
from bascule.project import Project
from bascule.release.current import CHANNEL, Channel, Serving


def rollback(
    project: Project, model: Annotated[str, Doc("the name of a model")], channel: Channel = CHANNEL
) -> Serving:
    """Lets the version before serve a channel again, by one more release; no gate stands in the way back.

    Each rollback takes back the newest promotion that still stands, so that a second one goes a step further. Raises
    NotFound where there is nothing to go back to, Conflict where the channel moved meanwhile.
    """
    checked_name(model, "model")
    checked_channel(channel)
    with project.ledger.read() as connection:
        present = releases.current(connection, model, channel)
    with project.ledger.write() as tx:
        return Serving.of(releases.rollback(tx, model, channel, seen=present.seq))
