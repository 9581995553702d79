"""Equal environments look equal."""

from __future__ import annotations

import platform
from importlib.metadata import version

import pytest

from bascule.project import Project
from bascule.runs import environment as module
from bascule.runs.environment import environment, packages, variables

RECORD = "numpy/core.py,sha256=abc,10\nnumpy/linalg.py,sha256=def,10\n"


def test_every_package_is_told_by_version_and_files() -> None:
    found = packages()["numpy"]
    assert (found["version"], len(str(found["files"]))) == (version("numpy"), 64)


def test_the_same_place_is_the_same_blob(project: Project) -> None:
    first = environment(project.blobs)
    packages.cache_clear()
    assert environment(project.blobs) == first
    assert first.python == platform.python_version()


def test_how_libraries_compute_is_part_of_the_place(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = environment(project.blobs)
    monkeypatch.setenv("OMP_NUM_THREADS", "17")
    assert environment(project.blobs).packages != first.packages


def test_nothing_else_of_the_users_variables_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    assert "TOKEN" not in variables()


def test_where_a_package_lies_and_who_installed_it_say_nothing_about_it() -> None:
    placed = "../../../bin/f2py,sha256=path,5\nnumpy-2.dist-info/INSTALLER,sha256=uv,2\nnumpy/core.pyc,,\n"
    assert module._covered(placed + RECORD) == module._covered(RECORD)


def test_a_changed_file_makes_another_package() -> None:
    assert module._covered(RECORD.replace("abc", "abd")) != module._covered(RECORD)
