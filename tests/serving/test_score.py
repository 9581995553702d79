"""Every row of a file is answered, or the file is refused."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from bascule.errors import Corrupt, Ignored, NotFound, OutputError, SchemaError, StoreFull, Unreadable, UsageError
from bascule.faces.render import document
from bascule.project import Project
from bascule.registry import load
from bascule.serving.score import score
from bascule.testing.processes import forked

Flights = Callable[..., pa.Table]
MANY = 70_000  # more than one part of the file


def saved(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


def read(path: Path) -> pa.Table:
    return pa.csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)


def parts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix == ".part"]


def test_every_row_is_answered_in_its_order_as_the_model_does(
    project: Project, flights: Flights, tmp_path: Path
) -> None:
    rows = flights(MANY)
    scored = score(project, "late-arrival", saved(rows, tmp_path / "in.parquet"), output=tmp_path / "out.parquet")
    model = load.model(project, load.version(project, "late-arrival@1"))
    answers = read(tmp_path / "out.parquet")
    assert answers.column_names == ["prediction", "probability_on time", "probability_late"]
    assert answers["prediction"].to_pylist() == model.predict(rows).tolist()
    assert np.array_equal(np.column_stack(answers.columns[1:]), model.predict_proba(rows))
    assert (scored.rows, scored.model, scored.version, scored.ignored) == (MANY, "late-arrival", "late-arrival@1", ())


@pytest.mark.parametrize(
    ("target", "version"), [("late-arrival", 1), ("late-arrival@staging", 2), ("late-arrival@2", 2)]
)
def test_a_target_is_what_serves_or_a_channel_or_a_version(
    project: Project, flights: Flights, tmp_path: Path, target: str, version: int
) -> None:
    out = tmp_path / "out.parquet"
    assert (
        score(project, target, saved(flights(9), tmp_path / "in.parquet"), output=out).version
        == f"late-arrival@{version}"
    )
    assert pq.read_schema(out).metadata[b"bascule.version"] == f"late-arrival@{version}".encode()


@pytest.mark.parametrize("target", ["late-arrival@9", "late-arrival@canary", "nothing", "air-time"])
def test_what_does_not_serve_is_named(project: Project, flights: Flights, tmp_path: Path, target: str) -> None:
    with pytest.raises(NotFound, match=target.partition("@")[0]):
        score(project, target, saved(flights(9), tmp_path / "in.parquet"), output=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_every_format_has_the_same_answers(project: Project, flights: Flights, tmp_path: Path) -> None:
    rows, found = flights(500), []
    for source, output in itertools.product(("in.csv", "in.parquet"), ("out.csv", "out.parquet")):
        score(project, "late-arrival", saved(rows, tmp_path / source), output=tmp_path / output)
        found.append(read(tmp_path / output)["prediction"].to_pylist())
    assert all(answers == found[0] for answers in found)


def test_columns_that_nobody_asked_for_are_left_out_and_told(
    project: Project, flights: Flights, tmp_path: Path
) -> None:
    rows = flights(9).append_column("tail", pa.array(["N1"] * 9)).append_column("arrival", pa.array(["?"] * 9))
    with pytest.warns(Ignored, match="tail, arrival"):
        scored = score(project, "late-arrival", saved(rows, tmp_path / "in.csv"), output=tmp_path / "out.csv")
    assert scored.ignored == ("tail", "arrival")
    assert read(tmp_path / "out.csv").column_names[0] == "prediction"


@pytest.mark.parametrize(("suffix", "flown"), [("parquet", {"at": [1, 2]}), ("csv", '{"at": [1, 2]}')])
def test_kept_columns_stand_beside_the_answers(
    project: Project, flights: Flights, tmp_path: Path, suffix: str, flown: object
) -> None:
    rows = flights(MANY).append_column("id", pa.array(range(MANY))).append_column("flown", pa.array([flown] * MANY))
    source = saved(rows, tmp_path / f"in.{suffix}")
    score(project, "late-arrival", source, output=tmp_path / "out.parquet", keep=("id", "origin", "flown", "id"))
    found = read(tmp_path / "out.parquet")
    assert found.column_names[:4] == ["id", "origin", "flown", "prediction"]
    assert list(map(int, found["id"].to_pylist())) == list(range(MANY))
    assert found["origin"].to_pylist() == rows["origin"].to_pylist()
    assert found["flown"][-1].as_py() == flown


@pytest.mark.parametrize(("keep", "said"), [("tail", "no column 'tail'"), ("prediction", "an answer is called so")])
def test_what_cannot_be_kept_is_refused(
    project: Project, flights: Flights, tmp_path: Path, keep: str, said: str
) -> None:
    source = saved(flights(9).append_column("prediction", pa.array(range(9))), tmp_path / "in.csv")
    with pytest.raises(UsageError, match=said):
        score(project, "late-arrival", source, output=tmp_path / "out.csv", keep=(keep,))


@pytest.mark.parametrize(
    ("suffix", "odd"), [("csv", pa.array([[1, 2]])), ("parquet", pa.array([(1, 2, 3)], pa.month_day_nano_interval()))]
)
def test_what_a_format_cannot_hold_is_not_kept(
    project: Project, flights: Flights, tmp_path: Path, suffix: str, odd: pa.Array
) -> None:
    source = tmp_path / "in.arrow"
    rows = flights(1).append_column("odd", odd)
    with pa.ipc.new_file(source, rows.schema) as file:
        file.write_table(rows)
    with pytest.raises(UsageError, match=rf"out\.{suffix} cannot hold it"):
        score(project, "late-arrival", source, output=tmp_path / f"out.{suffix}", keep=("odd",))
    assert not parts(tmp_path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_broken_row_refuses_the_file_and_every_fault_is_told(
    project: Project, flights: Flights, tmp_path: Path, suffix: str
) -> None:
    columns = flights(MANY).to_pydict()
    columns["great circle"][5] = -1.0
    columns["great circle"][69_999] = -2.0
    columns["origin"][66_000] = "LGA"
    columns["seats"][1] = 0
    out = tmp_path / "out.csv"
    out.write_text("as it was")
    with pytest.raises(SchemaError) as refused:
        score(project, "late-arrival", saved(pa.table(columns), tmp_path / f"in.{suffix}"), output=out)
    faults = {fault["column"]: [one["row"] for one in fault["examples"]] for fault in refused.value.details["faults"]}
    assert faults == {"great circle": [5, 69_999], "origin": [66_000], "seats": [1]}
    assert f"in {MANY} rows" in refused.value.message
    assert (out.read_text(), parts(tmp_path)) == ("as it was", [])


@pytest.mark.parametrize(
    ("column", "values", "rule"),
    [
        ("seats", ["many", "3"], "type"),
        ("seats", [None, 3], "missing"),
        ("great circle", [float("nan"), 3.0], "finite"),
        ("origin", ["", "JFK"], "categories"),
        ("scheduled", ["yesterday", None], "type"),
    ],
)
def test_what_is_wrong_is_named(
    project: Project, flights: Flights, tmp_path: Path, column: str, values: list[object], rule: str
) -> None:
    rows = flights(2)
    rows = rows.set_column(rows.column_names.index(column), column, pa.array(values))
    with pytest.raises(SchemaError, match=f"'{column}' breaks {rule}|'{column}' breaks missing"):
        score(project, "late-arrival", saved(rows, tmp_path / "in.parquet"), output=tmp_path / "out.parquet")


def test_a_column_that_lacks_is_named(project: Project, flights: Flights, tmp_path: Path) -> None:
    for rows in (flights(9), flights(0)):
        with pytest.raises(SchemaError, match="'seats' breaks missing"):
            score(
                project,
                "late-arrival",
                saved(rows.drop_columns(["seats"]), tmp_path / "in.csv"),
                output=tmp_path / "out.csv",
            )


def test_a_column_that_may_lack_is_missing_in_every_row(project: Project, flights: Flights, tmp_path: Path) -> None:
    rows = flights(9)
    gone = rows.set_column(1, "wind", pa.nulls(9, pa.float64()))
    for name, table in (("without", rows.drop_columns(["wind"])), ("nulls", gone)):
        score(project, "late-arrival", saved(table, tmp_path / "in.parquet"), output=tmp_path / f"{name}.csv")
    assert (tmp_path / "without.csv").read_bytes() == (tmp_path / "nulls.csv").read_bytes()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_no_rows_have_no_answers(project: Project, flights: Flights, tmp_path: Path, suffix: str) -> None:
    source, out = saved(flights(0), tmp_path / f"in.{suffix}"), tmp_path / f"out.{suffix}"
    scored = score(project, "late-arrival", source, output=out, keep=("origin",))
    assert (scored.rows, read(out).num_rows) == (0, 0)
    assert read(out).column_names == ["origin", "prediction", "probability_on time", "probability_late"]
    assert "0 rows answered" in scored.text()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"PAR1 cut short"])
def test_what_holds_no_rows_is_unreadable(project: Project, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    for source in (tmp_path / "in.csv", tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(Unreadable, match=source.name):
            score(project, "late-arrival", source, output=tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("output", "said"),
    [("out.txt", "names no format"), ("out", "names no format"), ("sub/out.csv", "no folder"), ("in.csv", "is read")],
)
def test_an_output_that_cannot_be_one_is_refused_before_any_work(
    project: Project, flights: Flights, tmp_path: Path, output: str, said: str
) -> None:
    source = saved(flights(9), tmp_path / "in.csv")
    with pytest.raises(UsageError, match=said):
        score(project, "nothing", source, output=tmp_path / output)


def test_a_folder_is_no_output(project: Project, flights: Flights, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        score(project, "late-arrival", saved(flights(9), tmp_path / "in.csv"), output=tmp_path / "out.csv")


def test_numbers_are_answered_as_numbers(project: Project, flights: Flights, tmp_path: Path) -> None:
    score(project, "air-time@1", saved(flights(9), tmp_path / "in.csv"), output=tmp_path / "out.parquet")
    assert read(tmp_path / "out.parquet").schema.types == [pa.float64()]


def test_truth_is_spelt_as_in_files(project: Project, flights: Flights, tmp_path: Path) -> None:
    score(project, "missed-flight@1", saved(flights(9), tmp_path / "in.csv"), output=tmp_path / "out.parquet")
    found = read(tmp_path / "out.parquet")
    assert found.column_names == ["prediction", "probability_true", "probability_false"]
    assert found.schema.types[0] == pa.bool_()


def test_a_model_that_python_answers_for_is_asked_too(project: Project, flights: Flights, tmp_path: Path) -> None:
    rows = flights(99)
    score(project, "by-miles@1", saved(rows, tmp_path / "in.csv"), output=tmp_path / "out.parquet")
    model = load.model(project, load.version(project, "by-miles@1"))
    assert read(tmp_path / "out.parquet").to_pydict() == {"prediction": model.predict(rows).tolist()}


def test_an_answer_outside_the_contract_is_none(project: Project, flights: Flights, tmp_path: Path) -> None:
    columns = flights(MANY).to_pydict()
    columns["great circle"][68_000] = 9001.0  # the model answers "lost" there, and nowhere else
    with pytest.raises(OutputError, match="lost"):
        score(project, "by-miles@1", saved(pa.table(columns), tmp_path / "in.parquet"), output=tmp_path / "out.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["airfield", "in.parquet"]


def test_a_damaged_version_answers_nothing(project: Project, flights: Flights, tmp_path: Path) -> None:
    digest = load.version(project, "late-arrival@1").files["model.onnx"].hash
    place = project.folder / ".bascule" / "blobs" / digest[:2] / digest[2:]
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(Corrupt, match=r"model\.onnx of late-arrival@1"):
        score(project, "late-arrival", saved(flights(9), tmp_path / "in.csv"), output=tmp_path / "out.csv")


def test_a_full_disk_is_told_and_leaves_the_output_as_it_was(
    project: Project, flights: Flights, tmp_path: Path
) -> None:
    source, out = saved(flights(MANY), tmp_path / "in.parquet"), tmp_path / "out.csv"
    out.write_text("as it was")

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        with pytest.raises(StoreFull, match=r"out\.csv"):
            score(project, "late-arrival", source, output=out)

    assert forked(work) == 0
    assert (out.read_text(), parts(tmp_path)) == ("as it was", [])


def test_a_process_killed_on_the_way_leaves_the_output_as_it_was(
    project: Project, flights: Flights, tmp_path: Path
) -> None:
    source, out = saved(flights(MANY), tmp_path / "in.parquet"), tmp_path / "out.parquet"
    out.write_text("as it was")

    def die(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename":
            os.kill(os.getpid(), 9)

    def work() -> None:
        sys.addaudithook(die)
        score(project, "late-arrival", source, output=out)

    assert forked(work) == -9
    assert out.read_text() == "as it was"
    assert score(project, "late-arrival", source, output=out).rows == MANY


def test_an_output_may_be_a_link(project: Project, flights: Flights, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("as it was")
    (tmp_path / "out.csv").symlink_to(tmp_path / "real.csv")
    score(project, "late-arrival", saved(flights(9), tmp_path / "in.csv"), output=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").is_symlink()
    assert read(tmp_path / "real.csv").num_rows == 9


SLIM = """
import sys

LAB = {"sklearn", "pandas", "scipy", "skl2onnx", "onnx", "skops", "lightgbm", "duckdb"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LAB:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import bascule as bl
print(bl.score(bl.open(sys.argv[1]), "late-arrival", sys.argv[2], output=sys.argv[3]).rows)
"""


def test_scoring_needs_no_laboratory(project: Project, flights: Flights, tmp_path: Path) -> None:
    saved(flights(9), tmp_path / "in.csv")
    files = [project.folder, tmp_path / "in.csv", tmp_path / "out.csv"]
    done = subprocess.run([sys.executable, "-c", SLIM, *files], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("9\n", "")


def test_programs_read_rows_seconds_output_and_ignored(project: Project, flights: Flights, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    scored = score(project, "late-arrival", saved(flights(9), tmp_path / "in.csv"), output=out)
    said = document(scored)
    assert said.keys() >= {"rows", "seconds", "output", "ignored", "model", "version"}
    assert (said["output"], said["ignored"]) == (str(out), [])
