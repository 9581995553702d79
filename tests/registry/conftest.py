"""A project of its own for every test, with nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bascule.project import Project, open as open_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "key"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "bascule.toml").write_text('name = "trial"\n')
    opened = open_project(folder)
    yield opened
    opened.close()
