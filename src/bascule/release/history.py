"""The verb `history`: the releases of a model."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Doc

from bascule.evidence import releases, versions
from bascule.evidence.refs import checked_channel, checked_name
from bascule.project import Project
from bascule.release.current import Serving


def history(
    project: Project,
    model: Annotated[str, Doc("the name of a model")],
    channel: Annotated[str | None, Doc("only this channel; without it, all")] = None,
    *,
    before: Annotated[int | None, Doc("go on after the release with this seq")] = None,
    limit: Annotated[int, Doc("how many at most")] = 100,
) -> tuple[Serving, ...]:
    """The releases of a model, newest first; none where it was never released. Raises NotFound for no such model."""
    checked_name(model, "model")
    with project.ledger.read() as connection:
        versions.get(connection, model)
        where = None if channel is None else checked_channel(channel)
        return tuple(map(Serving.of, releases.history(connection, model, where, before=before, limit=limit)))
