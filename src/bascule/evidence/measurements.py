"""What the probes found."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bascule.evidence import pages
from bascule.evidence.ledger import Transaction
from bascule.evidence.nouns import Measurement
from bascule.stores.schema import measurements


def measure(tx: Transaction, measurement: Measurement) -> Measurement:
    """Records a measurement, and returns it with its `seq`, time and author."""
    return pages.written(Measurement, tx.append("measure", measurement.subject, measurement.body()))


def list_(
    connection: Connection,
    subject: str | None = None,
    probe: str | None = None,
    *,
    before: int | None = None,
    limit: int = 100,
) -> list[Measurement]:
    """Measurements, newest first, of one subject or of all; go on with `before` the last one's `seq`."""
    where = []
    if subject is not None:
        where.append(measurements.c.subject == subject)
    if probe is not None:
        where.append(measurements.c.probe == probe)
    return pages.page(connection, Measurement, measurements, *where, before=before, limit=limit)


def latest(connection: Connection, subject: str) -> dict[str, Measurement]:
    """The newest measurement of a subject by each probe, expired or not, by the name of the probe."""
    newest = (
        sa.select(sa.func.max(measurements.c.seq))
        .where(measurements.c.subject == subject)
        .group_by(measurements.c.probe)
    )
    found = pages.page(connection, Measurement, measurements, measurements.c.seq.in_(newest), limit=None)
    return {measurement.probe: measurement for measurement in found}
