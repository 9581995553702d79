"""The verb `rollback`: the way back."""

from __future__ import annotations

import warnings
from typing import Annotated

from typing_extensions import Doc

from bascule.errors import NoEffect
from bascule.evidence import releases, versions
from bascule.evidence.refs import checked_channel, checked_name
from bascule.project import Project
from bascule.release.current import CHANNEL, Channel, Serving


def rollback(
    project: Project,
    model: Annotated[str, Doc("the name of a model")],
    channel: Channel = CHANNEL,
    version: Annotated[str | None, Doc("the version to take back; where another serves, nothing is done")] = None,
) -> Serving:
    """Lets the version before serve a channel again, by one more release; no gate stands in the way back.

    Each rollback takes back the newest promotion that still stands, so a second one goes a step further. With `version`
    it can be repeated safely: it takes back that version, or warns (NoEffect) that it does not serve. Raises NotFound
    where there is nothing to go back to, Conflict where the channel moved meanwhile.
    """
    checked_name(model, "model")
    checked_channel(channel)
    with project.ledger.read() as connection:
        present = releases.current(connection, model, channel)
        unwanted = present.ref if version is None else versions.get(connection, version).ref
    if present.ref != unwanted:
        warnings.warn(NoEffect(f"{present.ref} serves {channel}, not {unwanted}; nothing was written."), stacklevel=2)
        return Serving.of(present)
    with project.ledger.write() as tx:
        return Serving.of(releases.rollback(tx, model, channel, seen=present.seq))
