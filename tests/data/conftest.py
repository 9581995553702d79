"""An empty project with embedded stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bascule as bl
from bascule.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project folder, opened."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "bascule.toml").write_text('name = "flights"\n')
    opened = bl.open(folder)
    yield opened
    opened.close()
