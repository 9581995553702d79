"""A sound project is called sound, and whatever is damaged is named."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from bascule import project as projects
from bascule.errors import Corrupt, UsageError
from bascule.evidence import datasets, runs, versions
from bascule.evidence.nouns import File, Version
from bascule.faces.render import document
from bascule.project import Project
from bascule.registry import sign
from bascule.release.promote import promote
from bascule.runs.record import run
from bascule.testing import nouns
from bascule.testing.processes import forked
from bascule.training.train import train
from bascule.workspace.init import init
from bascule.workspace.verify import verify


def departures(path: Path, rows: int = 800) -> Path:
    """Departures of which the long ones against the wind are late."""
    chance = np.random.default_rng(7)
    miles, wind = chance.gamma(4, 250, rows).round(1), chance.gamma(2, 60, rows).round(1)
    late = np.where(miles + 5 * wind + chance.normal(0, 200, rows) > 1600, "late", "on time")
    pa.csv.write_csv(pa.table({"miles": miles, "wind": wind, "arrival": late}), path)
    return path


def lived(folder: Path) -> None:
    """Makes a project with data, a run, a version and a release."""
    init(folder, departures(folder.parent / "departures.csv"), "arrival", name="late-arrival")
    plan = folder / "plan.yaml"
    plan.write_text(re.sub(r"  boosted:.*", "", plan.read_text(), flags=re.DOTALL))
    opened = projects.open(folder)
    promote(opened, train(opened, plan).version)
    opened.close()


@pytest.fixture(scope="module")
def airport(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has lived, for the tests to copy."""
    folder = tmp_path_factory.mktemp("airport") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASCULE_KEY", str(tmp_path_factory.mktemp("keys") / "ed25519"))
        lived(folder)
    return folder


@pytest.fixture
def project(airport: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the airport."""
    opened = projects.open(shutil.copytree(airport, tmp_path / "project"))
    yield opened
    opened.close()


def place(project: Project, digest: str) -> Path:
    return project.folder / ".bascule" / "blobs" / digest[:2] / digest[2:]


def registered(project: Project) -> Version:
    with project.ledger.read() as connection:
        return versions.list_(connection)[0]


def edited(project: Project, statement: str) -> None:
    project.close()
    connection = sqlite3.connect(project.folder / ".bascule" / "rows.sqlite")
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_sound_project_is_called_sound(project: Project) -> None:
    found = verify(project)
    assert (found.sound, found.problems, found.exit_code, found.unreferenced) == (True, (), 0, 0)
    assert (found.versions, found.events) == (1, project.ledger.head().seq)
    assert found.blob_bytes == sum(blob.size for blob in project.blobs.list())
    assert found.text().startswith("Sound.\n")


def test_an_empty_project_is_sound(tmp_path: Path) -> None:
    (tmp_path / "bascule.toml").touch()
    found = verify(projects.open(tmp_path))
    assert (found.sound, found.events, found.blobs) == (True, 0, 0)


@pytest.mark.parametrize("fate", ["changed", "gone", "a folder"])
def test_whatever_happens_to_a_blob_is_named(project: Project, fate: str) -> None:
    owners = {}
    with project.ledger.read() as connection:
        owners[datasets.list_(connection)[0].manifest[0].hash] = "departures@1"
        finished = runs.list_(connection)[0]
        owners |= {str(finished.plan): finished.id, finished.environment.packages: finished.id}
        owners |= {file.hash: name for name, file in registered(project).files.items()}
    for digest in owners:
        lost = place(project, digest)
        kept = lost.read_bytes()
        lost.unlink()
        if fate == "a folder":
            lost.mkdir()
        elif fate == "changed":
            lost.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    found = verify(project)
    assert {problem.subject for problem in found.problems if problem.what == "blob"} == set(owners)
    assert all(owners[problem.subject] in problem.words for problem in found.problems)
    assert (found.sound, found.exit_code) == (False, Corrupt.exit_code)


def test_one_damaged_blob_is_one_problem(project: Project) -> None:
    manifest = place(project, registered(project).files["manifest.json"].hash)
    manifest.write_bytes(manifest.read_bytes() + b" ")
    (problem,) = verify(project).problems
    assert problem.words.endswith("; manifest.json of late-arrival@1")


def test_a_forged_signature_is_named(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "another"))
    known = registered(project)
    forged = sign.sign(project.blobs.get(known.files["manifest.json"].hash)).document()
    files = dict(known.files, signature=File(hash=project.blobs.put(forged), size=len(forged)))
    with project.ledger.write() as tx:
        versions.register(tx, nouns.version(hash=known.hash, contract=known.contract, files=files))
    (problem,) = verify(project).problems
    assert (problem.what, problem.subject) == ("signature", "late-arrival@2")
    assert "nobody trusts" in problem.words


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE journal SET body = replace(body, 'production', 'laboratory') WHERE verb = 'release.promote'",
        "DELETE FROM journal WHERE verb = 'measure'",
        "UPDATE journal SET time = time - 86400000000 WHERE seq = 2",
        "UPDATE journal SET body = 'no json' WHERE seq = 1",
    ],
)
def test_a_forged_event_is_named_and_nothing_else_is_touched(project: Project, forgery: str) -> None:
    edited(project, forgery)
    found = verify(project)
    assert [problem.what for problem in found.problems] == ["chain"]
    assert re.match(r"event \d+", found.problems[0].subject)
    assert (found.sound, found.blobs, found.interrupted) == (False, 0, ())


def test_a_forged_table_is_named(project: Project) -> None:
    edited(project, "UPDATE releases SET number = 7")
    (problem,) = verify(project).problems
    assert (problem.what, problem.subject) == ("table", "releases")


def test_a_database_that_is_none_is_named(project: Project) -> None:
    project.close()
    file = project.folder / ".bascule" / "rows.sqlite"
    file.write_bytes(b"no database " * 1000)
    for log in (file.with_name("rows.sqlite-wal"), file.with_name("rows.sqlite-shm")):
        log.unlink(missing_ok=True)
    (problem,) = verify(projects.open(project.folder)).problems
    assert (problem.what, problem.subject) == ("chain", "the ledger")


def test_a_head_that_was_kept_proves_that_nothing_was_written_anew(project: Project) -> None:
    kept = verify(project).head
    with project.ledger.write() as tx:
        tx.append("project.init", "later", {})
    assert verify(project, since=kept).sound
    assert verify(project, since=f"{kept.partition(':')[0]}:{'0' * 64}").problems[0].what == "chain"
    with pytest.raises(UsageError, match="no head"):
        verify(project, since="yesterday")


def test_a_run_whose_process_died_is_ended_and_told(project: Project) -> None:
    def work() -> None:
        with run(projects.open(project.folder), "will it live?"):
            os.kill(os.getpid(), 9)

    assert forked(work) == -9
    found = verify(project)
    assert (found.sound, len(found.interrupted)) == (True, 1)
    assert found.interrupted[0] in found.text()
    assert verify(project).interrupted == ()


def test_blobs_that_nobody_needs_are_counted(project: Project) -> None:
    project.blobs.put(b"left by a command that was interrupted")
    found = verify(project)
    assert (found.sound, found.unreferenced, found.unreferenced_bytes) == (True, 1, 38)
    assert "1 more (38 bytes) belong to nothing" in found.text()


def test_programs_read_sound_and_problems(project: Project) -> None:
    manifest = place(project, registered(project).files["manifest.json"].hash)
    manifest.unlink()
    said = document(verify(project))
    assert said["sound"] is False
    assert [problem["what"] for problem in said["problems"]] == ["blob"]
    assert {"subject", "words"} <= said["problems"][0].keys()


def test_a_project_on_postgresql_is_verified_alike(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASCULE_ROWS", postgresql_url)
    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "key"))
    lived(tmp_path / "project")
    opened = projects.open(tmp_path / "project")
    digest = registered(opened).files["model.onnx"].hash
    assert (verify(opened).sound, (opened.folder / ".bascule" / "rows.sqlite").exists()) == (True, False)
    place(opened, digest).unlink()
    assert [problem.subject for problem in verify(opened).problems] == [digest]
    opened.close()
