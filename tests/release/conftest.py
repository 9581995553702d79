"""A project whose clock is in the test's hands, with versions that only the ledger knows, or that are really there."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bascule import project as projects
from bascule.contract.contract import Contract
from bascule.contract.fields import Field, Schema
from bascule.contract.kinds import Kind
from bascule.evidence import measurements, releases, runs, versions
from bascule.evidence.nouns import Measurement, Release, Version
from bascule.models.baseline import trivial
from bascule.project import Project
from bascule.registry.register import register
from bascule.testing import nouns

MILES = Field(name="miles", kind=Kind.FLOAT, ge=0.0)
ARRIVAL = Field(name="arrival", kind=Kind.TEXT, categories=("on time", "late"))
CONTRACTS = {
    1: (MILES,),
    2: (MILES,),
    3: (MILES, Field(name="wind", kind=Kind.FLOAT, nullable=True)),  # which 1 and 2 do not mind
    4: (MILES, Field(name="seats", kind=Kind.INT)),  # which breaks who serves 1, 2 or 3
}
"""What the versions of `late-arrival` ask for, by number."""


def clock() -> Callable[[], int]:
    """Each event takes a second, from 1970-01-01T00:00:01Z on."""
    return itertools.count(1_000_000, 1_000_000).__next__


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty project."""
    (tmp_path / "bascule.toml").touch()
    opened = projects.open(tmp_path, clock=clock())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def model_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the versions of CONTRACTS, trained, signed, and found to beat the baselines."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "bascule.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASCULE_KEY", str(tmp_path_factory.mktemp("keys") / "ed25519"))
        opened = projects.open(folder, clock=clock())
        for fields in CONTRACTS.values():
            contract = Contract(
                name="late-arrival", definition="", features=Schema("Flight", "", fields), label=ARRIVAL
            )
            X = {field.name: [1, 2, 3, 4] for field in fields}
            y = ["on time", "late", "late", "late"]
            with opened.ledger.write() as tx:
                run = runs.start(tx, nouns.run())
            version = register(opened, trivial(contract).fit(X, y), X, y, run=run.id)
            with opened.ledger.write() as tx:
                found = nouns.measurement(version.ref, "baselines", numbers={"lower": 0.01})
                measurements.measure(tx, dataclasses.replace(found, inputs={"version": version.hash}))
        opened.close()
    return folder


@pytest.fixture
def shop(model_shop: Path, tmp_path: Path) -> Iterator[Project]:
    """A project of the test's own with the versions of CONTRACTS, none of them released."""
    folder = tmp_path / "shop"
    shutil.copytree(model_shop, folder)
    opened = projects.open(folder, clock=clock())
    yield opened
    opened.close()


@pytest.fixture
def registered(project: Project) -> Callable[..., Version]:
    """Registers a version of `late-arrival` that only the ledger knows."""

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
