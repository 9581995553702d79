"""Who serves: releases are only ever added, and the present one follows from those that came before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.errors import Conflict, NotFound
from bascule.evidence import pages, refs, versions
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Release, Version
from bascule.stores.schema import journal, releases


def fold(newest_first: Iterable[Release]) -> Iterator[Release]:
    """The promotions of one channel that are not rolled back, the one that serves first.

    A rollback takes back the newest promotion that still stands. Only as many events are read as the answer needs.
    """
    taken_back = 0
    for event in newest_first:
        if event.action == "rollback":
            taken_back += 1
        elif taken_back:
            taken_back -= 1
        else:
            yield event


def promote(tx: Transaction, release: Release, *, seen: int) -> Release:
    """Records that a version serves a channel from now on.

    `seen` is the `seq` of the release that the decision was made against, 0 where there was none: raises Conflict when
    another has come since. Raises NotFound when there is no such version.
    """
    refs.checked_channel(release.channel)
    versions.get(tx.connection, release.ref)
    _unmoved(tx, release.model, release.channel, seen)
    return _append(tx, dataclasses.replace(release, action="promote"))


def rollback(tx: Transaction, model: str, channel: str, *, seen: int) -> Release:
    """Records that the version before serves again; returns this release, whose `number` is that version's.

    Raises Conflict as `promote` does, and NotFound when there is no release before the present one.
    """
    present = current(tx.connection, model, channel)
    _unmoved(tx, model, channel, seen)
    standing = fold(_walk(tx.connection, model, channel))
    next(standing, None)
    before = next(standing, None)
    if before is None:
        raise NotFound(
            f"{present.ref} is the first release on {channel}; there is none before it.",
            next_step="Promote another version instead.",
        )
    return _append(tx, Release(model=model, channel=channel, number=before.number, action="rollback"))


def find(connection: Connection, model: str, channel: str, at: int | None = None) -> Release | None:
    """The release that serves a channel, now or at a time (microseconds since 1970, UTC), if there is one."""
    where = [releases.c.model == model, releases.c.channel == channel]
    if at is not None:
        where.append(journal.c.time <= at)
    return next(iter(pages.page(connection, Release, releases, *where, limit=1)), None)


def current(connection: Connection, model: str, channel: str, at: int | None = None) -> Release:
    """The release that serves a channel, now or at a time; raises NotFound naming the channels there are."""
    if found := find(connection, model, channel, at):
        return found
    if channels := [release.channel for release in live(connection, model)]:
        if channel in channels:
            raise NotFound(f"Nothing served {model}@{channel} yet at that time.")
        raise pages.absent(f"release of {model} on", channel, channels)
    newest = versions.get(connection, model)
    raise NotFound(
        f"{model} has {newest.number} versions and no release.",
        next_step=f"Run: bascule promote {newest.ref} --to {channel}",
    )


def resolve(connection: Connection, ref: str) -> Version:
    """The version that `m@3`, `m@channel` (the one that serves now) or `m` (the newest) names; raises NotFound."""
    named = refs.parse(ref)
    if named.channel is not None:
        ref = current(connection, named.name, named.channel).ref
    return versions.get(connection, ref)


def history(
    connection: Connection, model: str, channel: str | None = None, *, before: int | None = None, limit: int = 100
) -> list[Release]:
    """Releases of a model, newest first, on one channel or on all; go on with `before` the last one's `seq`."""
    where = [releases.c.model == model]
    if channel is not None:
        where.append(releases.c.channel == channel)
    return pages.page(connection, Release, releases, *where, before=before, limit=limit)


def live(connection: Connection, model: str | None = None) -> list[Release]:
    """What serves now, on every channel of a model or of all, newest first."""
    newest = sa.select(sa.func.max(releases.c.seq)).group_by(releases.c.model, releases.c.channel)
    if model is not None:
        newest = newest.where(releases.c.model == model)
    return pages.page(connection, Release, releases, releases.c.seq.in_(newest), limit=None)


def _walk(connection: Connection, model: str, channel: str) -> Iterator[Release]:
    """Every release on a channel, newest first, read in pages."""
    before = None
    while page := history(connection, model, channel, before=before):
        yield from page
        before = page[-1].seq


def _unmoved(tx: Transaction, model: str, channel: str, seen: int) -> None:
    present = find(tx.connection, model, channel)
    if (present.seq if present else 0) != seen:
        raise Conflict(f"{model}@{channel} moved meanwhile: {present.ref if present else 'nothing'} serves it now.")


def _append(tx: Transaction, release: Release) -> Release:
    subject = f"{release.model}@{release.channel}"
    return pages.written(Release, tx.append(f"release.{release.action}", subject, release.body()))
