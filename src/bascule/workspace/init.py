"""The verb `init`: starts a project, from nothing or from a file of data."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from typing_extensions import Doc

from bascule import project as projects
from bascule.data.commit import Committed, commit
from bascule.data.describe import describe
from bascule.data.draft import Draft
from bascule.data.draft_files import SETTINGS
from bascule.errors import Conflict, UsageError

CONFIGURATION = """\
# Where this project keeps things. {project} is this folder; see docs/configuration.md for PostgreSQL and S3.
rows = "sqlite:///{project}/.bascule/rows.sqlite"
blobs = "file://{project}/.bascule/blobs"
"""


@dataclass(frozen=True, slots=True)
class Initialised:
    """A project that was started: its folder, the files written, the data committed, and the open questions."""

    folder: str
    files: tuple[str, ...]
    data: Committed | None
    questions: tuple[str, ...]

    def text(self) -> str:
        """What was made, what is not known yet, and what to do next."""
        lines = [f"{self.folder}: {', '.join(self.files)}"]
        if self.data is not None:
            lines.append(f"{self.data.version}: {self.data.rows} rows committed")
        if self.questions:
            lines += ["", f"{len(self.questions)} questions in contract.py, answer them when you can:"]
            lines += [f"  {question}" for question in self.questions]
        steps = "bascule train plan.yaml"
        if self.data is None:
            steps = "write your own contract.py, then: bascule data commit NAME FILE"
        elif "plan.yaml" not in self.files:
            steps = "bascule data show " + self.data.dataset
        return "\n".join([*lines, "", f"Next: cd {self.folder}; {steps}"])


def init(
    folder: Annotated[Path, Doc("folder of the project; made where it is missing")],
    data: Annotated[Path | None, Doc("file with rows, from which all is drafted: Parquet, CSV or Arrow")] = None,
    label: Annotated[str | None, Doc("column to be predicted")] = None,
    time: Annotated[str | None, Doc("column that orders the rows in time")] = None,
    name: Annotated[str | None, Doc("name of the model")] = None,
) -> Initialised:
    """Starts a project: bascule.toml, contract.py, plan.yaml, tests of the contract, settings of the linters.

    From a file of data all of it is drafted, every guess marked as a question, and the data are committed; without one
    the files hold a small example to write over. Raises Conflict rather than overwrite a file, and what `describe` and
    `commit` raise; bascule.toml is written last, so that an interrupted start can be repeated.
    """
    if data is None and (label or time):
        raise UsageError("--label and --time name columns of a file.", next_step="Name the file with --data FILE.")
    folder = Path(folder)
    draft = None if data is None else describe(data, label, time, name)
    texts = _example() if draft is None else draft.files
    _write(folder, {**texts, ".gitignore": ".bascule/\n", projects.FILE: CONFIGURATION})
    committed = None if draft is None or data is None else _commit(folder, draft, data)
    questions = () if draft is None else _questions(draft)
    return Initialised(str(folder), (projects.FILE, *texts), committed, questions)


def _write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        if path.exists() and (name == projects.FILE or path.read_text("utf-8") != text):
            raise Conflict(f"{path} is there already.", next_step="Choose another folder, or move the file away.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def _commit(folder: Path, draft: Draft, data: Path) -> Committed:
    project = projects.open(folder)
    try:
        return commit(project, draft.dataset, data, draft.schema())
    finally:
        project.close()


def _questions(draft: Draft) -> tuple[str, ...]:
    return tuple(f"{field.name}: {field.question}" for field in draft.schema() if field.question)


def _example() -> dict[str, Any]:
    """A contract to write over: small, complete, and sound as it stands."""
    example = files("bascule.workspace").joinpath("example")
    texts = {
        name: example.joinpath(name).read_text("utf-8") for name in ("contract.py", "plan.yaml", "test_contract.py")
    }
    return {**texts, "pyproject.toml": SETTINGS}
