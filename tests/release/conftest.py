"""A project whose clock is in the test's hands, and versions that were measured."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bascule import project as projects
from bascule.evidence import measurements, releases, versions
from bascule.evidence.nouns import Measurement, Release, Version
from bascule.project import Project
from bascule.testing import nouns


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty project; each event takes a second, from 1970-01-01T00:00:01Z on."""
    (tmp_path / "bascule.toml").touch()
    opened = projects.open(tmp_path, clock=itertools.count(1_000_000, 1_000_000).__next__)
    yield opened
    opened.close()


@pytest.fixture
def registered(project: Project) -> Callable[..., Version]:
    """Registers a version, of `late-arrival` where nothing else is said."""

    def register(**facts: object) -> Version:
        with project.ledger.write() as tx:
            return versions.register(tx, nouns.version(**facts))

    return register


@pytest.fixture
def measured(project: Project) -> Callable[..., Measurement]:
    """Records a measurement."""

    def measure(subject: str, probe: str, **facts: object) -> Measurement:
        with project.ledger.write() as tx:
            return measurements.measure(tx, nouns.measurement(subject, probe, **facts))

    return measure


@pytest.fixture
def released(project: Project) -> Callable[..., Release]:
    """Releases a version without asking the gate."""

    def release(version: Version, channel: str = "production", override: str = "") -> Release:
        with project.ledger.write() as tx:
            present = releases.find(tx.connection, version.model, channel)
            wanted = Release(model=version.model, channel=channel, number=version.number, override=override)
            return releases.promote(tx, wanted, seen=present.seq if present else 0)

    return release
