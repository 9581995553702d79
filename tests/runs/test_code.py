"""A run knows the code that it ran, and never fails for want of Git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bascule.project import Project
from bascule.runs import code as module
from bascule.runs.code import code

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None and os.environ.get("CI_REQUIRE_SERVERS") != "1", reason="Git is not installed"
)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, "-c", "user.name=tester", "-c", "user.email=t@example.org", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def tree(project: Project) -> Path:
    """The project in a repository with one commit, its hidden folder not ignored."""
    folder = project.folder
    (folder / "contract.py").write_text("one = 1\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def difference(project: Project) -> str:
    found = code(project.folder, project.blobs).diff
    assert found is not None
    return project.blobs.get(found).decode()


def test_a_clean_tree_is_named_by_its_commit(project: Project, tree: Path) -> None:
    found = code(tree, project.blobs)
    assert (found.sha, found.dirty, found.diff) == (git(tree, "rev-parse", "HEAD"), False, None)


def test_the_stores_of_the_project_are_no_change(project: Project, tree: Path) -> None:
    project.ledger.head()
    assert not code(tree, project.blobs).dirty


@pytest.mark.parametrize("stage", [False, True])
def test_the_difference_restores_the_tree(project: Project, tree: Path, tmp_path: Path, stage: bool) -> None:
    (tree / "contract.py").write_text("one = 2\n")
    (tree / "neue Datei ü.py").write_text("zwei = 2\n")
    if stage:
        git(tree, "add", "contract.py", "neue Datei ü.py")
    patch = difference(project)
    git(tree, "clone", "-q", ".", str(tmp_path / "clone"))
    subprocess.run(["git", "-C", tmp_path / "clone", "apply"], input=patch, check=True, text=True)
    restored = [(tmp_path / "clone" / name).read_text() for name in ("contract.py", "neue Datei ü.py")]
    assert restored == ["one = 2\n", "zwei = 2\n"]


def test_capturing_leaves_the_repository_as_it_was(project: Project, tree: Path) -> None:
    (tree / "new.py").write_text("new = 1\n")
    before = {path: path.read_bytes() for path in (tree / ".git").rglob("*") if path.is_file()}
    code(tree, project.blobs)
    assert {path: path.read_bytes() for path in (tree / ".git").rglob("*") if path.is_file()} == before


def test_what_is_ignored_stays_out(project: Project, tree: Path) -> None:
    (tree / ".git" / "info" / "exclude").write_text("secret.env\n")
    (tree / "secret.env").write_text("TOKEN=1\n")
    assert not code(tree, project.blobs).dirty


def test_files_too_large_or_no_text_are_named_and_left_out(project: Project, tree: Path) -> None:
    (tree / "large.csv").write_bytes(b"1\n" * module.FILE)
    (tree / "picture.png").write_bytes(b"\x89PNG\0")
    (tree / "link").symlink_to("/etc/passwd")
    assert difference(project).splitlines() == [f"# left out: {name}" for name in ("large.csv", "link", "picture.png")]


def test_untracked_files_count_together(project: Project, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL", 5)
    for name in ("a.py", "b.py"):
        (tree / name).write_text("1234\n")
    assert "# left out: b.py" in difference(project)
    assert "+++ b/a.py" in difference(project)


def test_a_project_below_the_top_of_a_repository_has_the_difference_of_all(project: Project, tree: Path) -> None:
    (tree / "deep").mkdir()
    (tree / "above.py").write_text("above = 1\n")
    found = code(tree / "deep", project.blobs)
    assert found.diff is not None
    assert b"above.py" in project.blobs.get(found.diff)


def test_a_repository_without_a_commit_has_only_a_difference(project: Project) -> None:
    git(project.folder, "init", "-q")
    (project.folder / "contract.py").write_text("one = 1\n")
    found = code(project.folder, project.blobs)
    assert (found.sha, found.dirty) == (None, True)
    assert "+one = 1" in difference(project)


def test_outside_a_repository_there_is_no_code_to_name(project: Project) -> None:
    found = code(project.folder, project.blobs)
    assert (found.sha, found.dirty, found.diff) == (None, False, None)


def test_without_git_there_is_no_code_to_name(project: Project, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.folder))
    assert code(tree, project.blobs).sha is None


def test_a_hook_does_not_lead_to_another_repository(
    project: Project, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert code(tree, project.blobs).sha is not None


def test_a_difference_that_git_cannot_tell_is_still_a_difference(project: Project, tree: Path) -> None:
    (tree / ".git" / "index").write_bytes(b"no index")
    found = code(tree, project.blobs)
    assert (found.sha is not None, found.dirty, found.diff) == (True, True, None)


def test_a_file_that_went_away_meanwhile_is_left_out(tmp_path: Path) -> None:
    assert module._text_bytes(tmp_path / "gone.py") is None
