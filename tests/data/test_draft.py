"""What is drafted from a file runs, says what was guessed, and holds for that very file."""

from __future__ import annotations

import datetime as dt
import itertools
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings, strategies as st

import bascule as bl
from bascule.contract.kinds import Kind
from bascule.contract.model import Model, contract
from bascule.data.commit import commit
from bascule.data.declared import declared_in
from bascule.data.describe import describe
from bascule.data.draft import Classes, Draft, Role
from bascule.errors import NoTrainData, OneClass
from bascule.project import Project, load_source

ODD = [
    *("dep time", "class", "2nd", "größe", "🙂", "a.b", 'say "hi"', "it's", "new\nline", "back\\slash", "float", "dt"),
    *("bl", "Annotated", "None", "Late", "late?", "_private", "__dunder__", "ﬁ", "yes", "x: y", "{", "#", "a,b", "²"),
    *("print", "self", "名前", "long " * 40, "\u202eodd", "ÅNG", "Y", "YRow", "DataY", "DataYFeatures", "DataRow", "%"),
    *("Optional", '\'\'"""', "\tx", "ééé"),
]
NUMBERS = itertools.count()
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6).filter(
    lambda text: text.strip().lower().lstrip("+-") not in ("inf", "infinity")  # no number may be so large
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOL: st.booleans(),
    Kind.INT: st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
    Kind.FLOAT: st.floats(allow_infinity=False) | st.sampled_from([0.0, 1.0]),
    Kind.TEXT: TEXTS | st.sampled_from(["", "NA", "007", "1", "true", "2013-01-31", "UA"]),
    Kind.TIME: st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001
    Kind.DATE: st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
}
TYPES = {
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.timestamp("us"),
    Kind.DATE: pa.date32(),
}
NAMES = st.sampled_from(ODD) | TEXTS.filter(lambda name: name.strip() and name[0] not in "\ufeff<[{%")


@st.composite
def frames(draw: st.DrawFn) -> tuple[pa.Table, str]:
    """A table with columns of any name and kind, and the name of the one that is the label."""
    names = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    rows = draw(st.integers(2, 45))
    columns = {}
    for place, name in enumerate(names):
        kind = draw(st.sampled_from([Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.TEXT] if place == 0 else list(Kind)))
        values = draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows))
        columns[name] = pa.array(values, TYPES[kind])
    return pa.table({name: columns[name] for name in draw(st.permutations(names))}), names[0]


def written(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="all_valid"))
    return path


def drafted_from(source: Any, label: str) -> Draft:
    try:
        return describe(source, label=label)
    except (OneClass, NoTrainData):  # "1", "1.0" and "NA" are one value where they are spelt in a file
        reject()


def module_of(draft: Draft, folder: Path) -> ModuleType:
    (folder / "contract.py").write_text(draft.files["contract.py"])
    return load_source(f"drafted_{next(NUMBERS)}", folder / "contract.py")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One project for all drafts."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "bascule.toml").write_text("")
    opened = bl.open(folder)
    yield opened
    opened.close()


@pytest.mark.parametrize("form", ["csv", "parquet"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=frames())
def test_the_drafted_contract_runs_and_holds_for_the_file(
    tmp_path: Path, project: Project, form: str, frame: tuple[pa.Table, str]
) -> None:
    table, label = frame
    path = written(table, tmp_path / f"rows.{form}")
    draft = drafted_from(path, label)
    module = module_of(draft, tmp_path)
    row = declared_in(module)[draft.classes.row]
    assert row == draft.schema()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an undeclared column would warn
        committed = commit(project, "rows", path, record=getattr(module, row.name))
    assert committed.rows == len(table)


@settings(deadline=None)
@given(frame=frames())
def test_the_drafted_model_and_plan_name_the_label_and_the_features(frame: tuple[pa.Table, str]) -> None:
    table, label = frame
    draft = drafted_from(table, label)
    with tempfile.TemporaryDirectory() as folder:
        module = module_of(draft, Path(folder))
    plan = yaml.safe_load(draft.files["plan.yaml"])
    promised = contract(getattr(module, plan["contract"]))
    assert (promised.name, promised.label.name, plan["label"]) == (draft.name, label, label)
    assert promised.features.fields == draft.features
    assert plan["candidates"]["rule"]["feature"] in promised.features


ROWS = list(range(60))
MANY = [row % 7 / 2 for row in ROWS]
DAYS = [dt.datetime(2013, 1, row % 28 + 1, tzinfo=dt.UTC) for row in ROWS]
ODD_TABLES = [
    (pa.table({**dict.fromkeys(ODD, MANY), "late?": ["yes", "no"] * 30}), "late?"),
    (pa.table({**{name: [f"{row % 3}{name}"[:9] for row in ROWS] for name in ODD}, "Y": [1, 2, 3] * 20}), "Y"),
    (pa.table({"at": DAYS, "class": [1.5, 2, 3] * 20}), "class"),
    (pa.table({"x": MANY, "y": ["''' \"\"\"", "\\", "\n", "🙂", "", "none"] * 10}), "y"),
    (pa.table({"x": MANY, "y": [True, None, False] * 20}), "y"),
    (pa.table(dict.fromkeys(ODD, ROWS)), None),
]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each odd table and what was drafted from it."""
    root = tmp_path_factory.mktemp("drafted")
    for number, (table, label) in enumerate(ODD_TABLES):
        draft = describe(table, label=label)
        (root / f"p{number}").mkdir()
        for name, text in draft.files.items():
            (root / f"p{number}" / name).write_text(text)
    return root


def run(folder: Path, *command: str) -> None:
    """Runs a tool of this Python; fails with what it said."""
    ran = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_drafted_files_satisfy_ruff(drafted: Path) -> None:
    run(drafted, "ruff", "check")


@pytest.mark.slow
def test_drafted_files_satisfy_mypy(drafted: Path) -> None:
    for number in range(len(ODD_TABLES)):
        (drafted / f"contract_{number}.py").write_text((drafted / f"p{number}" / "contract.py").read_text())
    run(drafted, "mypy", "--strict", *(f"contract_{number}.py" for number in range(len(ODD_TABLES))))
    run(drafted / "p0", "mypy", "--cache-dir", "../.mypy_cache")


def test_drafted_files_are_laid_out_as_the_formatter_would(tmp_path: Path) -> None:
    columns = {"miles": [1.5, 2.5] * 30, "carrier": ["UA", "B6"] * 30, "dep time": [1, None] * 30}
    draft = describe(pa.table({**columns, "day": [dt.date(2013, 1, 1)] * 60, "late": [True, False] * 30}), label="late")
    for name, text in draft.files.items():
        (tmp_path / name).write_text(text)
    run(tmp_path, "ruff", "format", "--diff")


def test_drafted_tests_pass_on_the_committed_data(tmp_path: Path) -> None:
    columns = {"miles": [1.5, 2.5] * 30, "dep time": ["5:15", None] * 30, "late": [True, False, None] * 20}
    path = written(pa.table(columns), tmp_path / "legs.csv")
    draft = describe(path, label="late")
    for name, text in {**draft.files, "bascule.toml": ""}.items():
        (tmp_path / name).write_text(text)
    project = bl.open(tmp_path)
    commit(project, draft.dataset, path, record="LegsRow")
    project.close()
    run(tmp_path, "pytest", "-q")


def test_no_class_of_the_contract_can_be_made_before_it_learns() -> None:
    draft = describe(pa.table({"miles": [1, 2] * 30, "late": [True, False] * 30}), label="late")
    with tempfile.TemporaryDirectory() as folder:
        module = module_of(draft, Path(folder))
    model = getattr(module, draft.classes.model)
    assert issubclass(model, Model)
    with pytest.raises(TypeError, match="abstract"):
        model()


def test_no_class_is_called_like_a_field() -> None:
    draft = describe(pa.table({"DataY": [1, 2] * 30, "DataRow": [1, 3] * 30, "Y": [True, False] * 30}), label="Y")
    assert draft.classes == Classes("DataY_2", "DataY_2Features", "DataRow_2", "YLabel", "YAnswer")


def test_every_guess_can_be_read_in_the_contract() -> None:
    table = pa.table({"miles": [1.5, 2.5] * 30, "email": ["a@b.org", "c@d.org"] * 30, "late": [True, False] * 30})
    draft = describe(table, label="late")
    assert all(guess.field.question in draft.files["contract.py"] for guess in draft.columns)
    assert next(guess for guess in draft.columns if guess.role is Role.PERSONAL).field.name == "email"
    assert "bl.Personal()" in draft.files["contract.py"]
