"""Equal environments look equal."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

from bascule.project import Project
from bascule.runs import environment as module
from bascule.runs.environment import environment, packages

RECORD = "numpy/core.py,sha256=abc,10\nnumpy/linalg.py,sha256=def,10\n"


def test_every_package_is_told_by_version_and_files() -> None:
    found = json.loads(packages())
    assert found["numpy"]["version"] == version("numpy")
    assert len(found["numpy"]["files"]) == 64


def test_the_same_packages_are_the_same_blob(project: Project) -> None:
    first = environment(project.blobs)
    packages.cache_clear()
    assert environment(project.blobs) == first
    assert first.python == platform.python_version()


def test_where_a_package_lies_and_who_installed_it_say_nothing_about_it() -> None:
    placed = "../../../bin/f2py,sha256=path,5\nnumpy-2.dist-info/INSTALLER,sha256=uv,2\nnumpy/core.pyc,,\n"
    assert module._covered(placed + RECORD) == module._covered(RECORD)


def test_a_changed_file_makes_another_package() -> None:
    assert module._covered(RECORD.replace("abc", "abd")) != module._covered(RECORD)
