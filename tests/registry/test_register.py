"""Registering gives the next number, with the evidence of what was registered."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bascule.errors import DataSize, FlippedExport, NotFitted, NotFound, NoTrainData, SchemaError
from bascule.evidence import keys, measurements, runs, versions
from bascule.evidence.nouns import Measurement, Version
from bascule.registry.parity import parity
from bascule.registry.register import enter, register
from bascule.testing import nouns


def begun(flights: Any) -> str:
    with flights.project.ledger.write() as tx:
        return runs.start(tx, nouns.run()).id


def found(flights: Any, version: Version) -> dict[str, Measurement]:
    with flights.project.ledger.read() as connection:
        return measurements.latest(connection, version.ref)


def test_a_model_at_hand_becomes_a_version_of_its_run(flights: Any) -> None:
    run = begun(flights)
    version = register(flights.project, flights.by_hand(), flights.X, flights.y, run=run)
    assert (version.ref, version.run, version.runtime) == ("late-arrival@1", run, "python")
    assert version.contract == flights.contract.hash


def test_rows_and_labels_are_taken_as_fit_takes_them(flights: Any) -> None:
    rows = flights.X.rows()
    version = register(flights.project, flights.by_hand(), rows, list(flights.y), run=begun(flights))
    assert version.hash == flights.pack().hash


def test_a_graph_is_made_where_one_can_be(flights: Any, linear: Any) -> None:
    version = register(flights.project, linear[0], flights.X, flights.y, run=begun(flights))
    assert (version.runtime, version.hash) == ("onnx", flights.pack(*linear).hash)


def test_parity_is_measured_of_the_version_that_serves(flights: Any, linear: Any) -> None:
    version = register(flights.project, linear[0], flights.X, flights.y, run=begun(flights))
    measured = found(flights, version)["parity"]
    assert (measured.verdict, measured.numbers["flip_rate"], measured.numbers["real_rows"]) == ("pass", 0.0, 300)
    assert (measured.inputs, measured.run) == ({"version": version.hash}, version.run)


def test_what_python_serves_flips_nothing_and_says_why_there_is_no_graph(flights: Any) -> None:
    version = register(flights.project, flights.by_hand(), flights.X, flights.y, run=begun(flights))
    measured = found(flights, version)["parity"]
    assert (measured.verdict, measured.numbers) == ("pass", {"flip_rate": 0.0})
    assert "written by hand" in measured.notes


def test_flips_are_a_failure_and_a_warning(flights: Any, linear: Any) -> None:
    _, export = linear
    real = replace(export.parity.real, flips=3)
    version = flights.enter(flights.pack(*linear))
    with pytest.warns(FlippedExport, match="late-arrival@1 answers 3 of 300 rows otherwise"):
        measured = parity(replace(export, parity=replace(export.parity, real=real)), version)
    assert (measured.verdict, measured.numbers["flip_rate"]) == ("fail", 0.01)


def test_a_retraining_is_a_new_number_even_if_identical(flights: Any) -> None:
    packed = flights.pack()
    first, second = flights.enter(packed), flights.enter(packed)
    assert (first.ref, second.ref, first.hash == second.hash) == ("late-arrival@1", "late-arrival@2", True)


def test_the_key_is_trusted_from_the_first_signature_on(flights: Any) -> None:
    packed = flights.pack()
    flights.enter(packed)
    flights.enter(packed)
    with flights.project.ledger.read() as connection:
        assert [key.public for key in keys.list_(connection)] == [packed.public]


def test_a_version_needs_a_run_that_is_there(flights: Any) -> None:
    with pytest.raises(NotFound, match="There is no run"), flights.project.ledger.write() as tx:
        enter(tx, flights.pack(), "f" * 32)
    with flights.project.ledger.read() as connection:
        assert versions.list_(connection) == []


def test_a_model_that_has_not_learnt_is_refused(flights: Any) -> None:
    with pytest.raises(NotFitted):
        register(flights.project, flights.module.LateArrival(), flights.X, flights.y, run=begun(flights))


@pytest.mark.parametrize(
    ("rows", "labels", "error"), [(0, 0, NoTrainData), (2, 3, DataSize), (2, ["never", "late"], SchemaError)]
)
def test_rows_that_nothing_was_learnt_from_are_refused(
    flights: Any, rows: int, labels: Any, error: type[Exception]
) -> None:
    X = next(flights.X.parts(rows)) if rows else []
    y = flights.y[:labels] if isinstance(labels, int) else labels
    with pytest.raises(error):
        register(flights.project, flights.by_hand(), X, y, run=begun(flights))


REGISTER = """
import sys
from bascule.contract.table import Table
from bascule.project import open
from bascule.registry.register import enter
from bascule.registry.save import pack
project = open(sys.argv[1])
rows = [{"carrier": "AA", "distance": float(mile), "wind": None, "passenger": mile} for mile in range(10)]
labels = ["on time", "late"] * 5
model = project.contract().LateArrival().fit(rows, labels)
source = (project.folder / "contract.py").read_bytes()
packed = pack(project, model, Table.of(model.contract.features, rows), labels, None, source=source)
for _ in range(10):
    with project.ledger.write() as tx:
        enter(tx, packed, sys.argv[2])
"""


def test_processes_that_register_at_once_are_given_numbers_without_gaps(flights: Any) -> None:
    command = [sys.executable, "-W", "error", "-c", REGISTER, flights.project.folder, begun(flights)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: subprocess.run(command, check=True), range(4)))
    with flights.project.ledger.read() as connection:
        numbers = [version.number for version in versions.list_(connection)]
    assert numbers == list(range(40, 0, -1))
    assert flights.project.ledger.verify() == []
