"""A recorded training, repeated in a project of its own from what the record holds."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bascule.errors import NotFound, NotReproducible
from bascule.evidence import datasets, runs
from bascule.evidence.nouns import Dataset, Run
from bascule.progress import bar
from bascule.project import CONTRACT, FILE, Project, Settings
from bascule.stores.blobs import PIECE

PLAN = "plan.yaml"
SEEN = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")  # of this process's environment: where programs and libraries are


@contextlib.contextmanager
def repeated(project: Project, run: Run, folder: Path) -> Iterator[tuple[Project, Run]]:
    """The repetition of a run and the project in which it took place, made in an empty folder.

    It has rows, blobs and a signing key of its own: nothing is written to the project. Raises NotReproducible where
    something that the run was made of is gone, or where the repetition fails.
    """
    settings = Settings(name="again", rows=f"sqlite:///{folder}/rows.sqlite", blobs=f"file://{folder}/blobs")
    again = Project(folder, settings)
    with contextlib.closing(again):
        _rebuilt(project, run, again)
        with bar("training again"):
            _train(folder, json.loads(project.blobs.get(run.environment.packages))["variables"])
        with again.ledger.read() as connection:
            yield again, runs.list_(connection, limit=1)[0]


def _rebuilt(project: Project, run: Run, again: Project) -> None:
    """Contract, plan and data as they were recorded; the data under the numbers that they had."""
    if run.status != "finished" or run.verb != "train":
        raise NotReproducible(
            f"The run {run.id} is a {run.verb} that is {run.status}.",
            next_step="Only a training that finished can be repeated from its record.",
        )
    if run.plan is None or CONTRACT not in run.artifacts:
        raise NotReproducible(f"The run {run.id} was recorded without its plan or contract.")
    settings = {"name": again.settings.name, "rows": again.settings.rows, "blobs": again.settings.blobs}
    (again.folder / FILE).write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    with _present("plan"):
        (again.folder / PLAN).write_bytes(project.blobs.get(run.plan))
    with _present("contract"):
        (again.folder / CONTRACT).write_bytes(project.blobs.get(run.artifacts[CONTRACT].hash))
    for ref in run.data:
        with project.ledger.read() as connection:
            dataset = datasets.get(connection, ref)
        with _present(ref):
            _copied(project, dataset, again)
        with again.ledger.write() as tx:
            tx.append("data.commit", dataset.ref, dataset.body())


def _copied(project: Project, dataset: Dataset, again: Project) -> None:
    """The pieces of a dataset, hashed on the way."""
    for chunk in dataset.manifest:
        with project.blobs.open(chunk.hash) as file:
            found = again.blobs.put(_read(file))
        if found != chunk.hash:
            project.blobs.get(chunk.hash)  # raises Corrupt, unless it was damaged on the way only
            raise NotReproducible(f"The blob {chunk.hash} could not be copied whole.", next_step="Try again.")


def _read(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


@contextlib.contextmanager
def _present(what: str) -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise NotReproducible(f"The {what} of the run is gone: {error.message}") from error


def _train(folder: Path, variables: dict[str, str]) -> None:
    """Trains in a process that knows nothing of this one, and computes as the recorded variables say."""
    known = variables | {key: os.environ[key] for key in SEEN if key in os.environ}
    own = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "BASCULE_KEY": str(folder / "key")}
    command = [sys.executable, "-P", "-m", "bascule", "train", PLAN, "--json", "--project", str(folder)]
    done = subprocess.run(  # noqa: S603, our own interpreter
        command, cwd=folder, env=known | own, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotReproducible(f"The repetition failed: {_reason(done.stdout) or done.stderr.strip()[-500:]}")


def _reason(printed: str) -> str:
    """What the error's document says, if there is one."""
    try:
        document = json.loads(printed)
    except ValueError:
        return ""
    return f"{document['code']}: {document['message']}"
