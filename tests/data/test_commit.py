from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import bascule as bl
from bascule.data import commit as verb
from bascule.data.commit import commit
from bascule.data.list import list as listed
from bascule.data.load import parts, table
from bascule.data.pieces import decoded
from bascule.errors import (
    Conflict,
    Corrupt,
    NotFound,
    NoTrainData,
    SchemaError,
    StoreFull,
    Unexplained,
    UsageError,
)
from bascule.evidence.ledger import Ledger
from bascule.files.source import BLOCK
from bascule.project import Project
from bascule.testing.crash import Fuse, FusedBlobs, FusedRows, fill
from bascule.testing.processes import at_once, forked


class Leg(bl.Record):
    """One leg."""

    miles: Annotated[float, bl.Ge(0), bl.Unit("mi"), bl.Doc("great circle")]
    to: Annotated[str | None, bl.Doc("airport")]


class Wide(Leg):
    """One leg and its number."""

    number: int


def legs(rows: int, start: int = 0) -> pa.Table:
    numbers = range(start, start + rows)
    return pa.table(
        {"miles": [float(number % 1000) for number in numbers], "to": [f"A{number % 7}" for number in numbers]}
    )


def blobs_of(project: Project) -> set[str]:
    return {blob.digest for blob in project.blobs.list()}


def test_a_commit_says_what_it_kept(project: Project, tmp_path: Path) -> None:
    (tmp_path / "legs.csv").write_text("miles,to\n1400,IAH\n719.5,\n")
    found = commit(project, "legs", tmp_path / "legs.csv", record=Leg)
    assert (found.dataset, found.version, found.rows, found.new) == ("legs", "legs@1", 2, True)
    assert found.bytes_new == found.bytes_total == sum(blob.size for blob in project.blobs.list())
    assert table(project, "legs@1").rows() == [{"miles": 1400.0, "to": "IAH"}, {"miles": 719.5, "to": None}]


def test_the_same_content_in_another_file_is_the_same_version(project: Project, tmp_path: Path) -> None:
    (tmp_path / "legs.csv").write_text("to,miles\nIAH,1400.0\n")
    pq.write_table(pa.table({"miles": pa.array([1400], pa.int32()), "to": ["IAH"]}), tmp_path / "legs.parquet")
    first = commit(project, "legs", tmp_path / "legs.csv", record=Leg)
    again = commit(project, "legs", tmp_path / "legs.parquet", record=Leg)
    assert (again.version, again.hash, again.bytes_new, again.new) == ("legs@1", first.hash, 0, False)
    assert len(listed(project)) == 1


def test_a_version_of_long_ago_is_found_again(project: Project) -> None:
    first = commit(project, "legs", legs(10), record=Leg)
    commit(project, "legs", legs(11), record=Leg)
    assert commit(project, "legs", legs(10), record=Leg).version == first.version


def test_an_appended_file_adds_its_last_pieces_only(project: Project) -> None:
    first = commit(project, "legs", legs(3 * BLOCK), record=Leg)
    then = commit(project, "legs", legs(3 * BLOCK + 1), record=Leg)
    assert then.bytes_total == first.bytes_total + then.bytes_new
    assert then.bytes_new < 5_000


def record(name: str = "Leg", **fields: object) -> type[bl.Record]:
    """A Record declared on the spot."""
    return type(name, (bl.Record,), {"__annotations__": fields})


def test_new_prose_makes_a_new_version_of_the_same_bytes(project: Project) -> None:
    first = commit(project, "legs", legs(10), record=Leg)
    mute = record(miles=Annotated[float, bl.Ge(0), bl.Unit("mi")], to=str | None)
    then = commit(project, "legs", legs(10), record=mute)
    assert (then.version, then.hash, then.bytes_new) == ("legs@2", first.hash, 0)


def test_fields_in_another_order_rest_in_the_same_bytes(project: Project) -> None:
    first = commit(project, "legs", legs(10), record=Leg)
    turned = record(to=str | None, miles=Annotated[float, bl.Ge(0), bl.Unit("mi")])
    then = commit(project, "legs", legs(10), record=turned)
    assert (then.version, then.hash, then.bytes_new) == ("legs@2", first.hash, 0)


def test_all_faults_of_the_whole_file_are_told_and_nothing_is_kept(project: Project, tmp_path: Path) -> None:
    lines = ["1.0,IAH"] * 200_000
    lines[7], lines[150_000], lines[199_999] = "-1,IAH", "far,IAH", ",IAH"
    (tmp_path / "legs.csv").write_text("miles,to\n" + "\n".join(lines))
    with pytest.raises(SchemaError) as caught:
        commit(project, "legs", tmp_path / "legs.csv", record=Leg)
    faults = {fault["rule"]: fault["examples"][0] for fault in caught.value.details["faults"]}
    assert faults == {
        "ge": {"row": 7, "value": -1.0},
        "type": {"row": 150_000, "value": "far"},
        "missing": {"row": 199_999, "value": None},
    }
    assert not listed(project)
    assert not blobs_of(project)


@pytest.mark.parametrize("content", ["miles,to\n", "miles,to"])
def test_no_rows_are_no_data(project: Project, tmp_path: Path, content: str) -> None:
    (tmp_path / "legs.csv").write_text(content)
    with pytest.raises(NoTrainData, match="has no rows"):
        commit(project, "legs", tmp_path / "legs.csv", record=Leg)


def test_nan_in_a_column_that_is_never_missing_is_refused(project: Project) -> None:
    with pytest.raises(SchemaError, match=r"'miles' breaks missing in 1 row \(row 1: None\)"):
        commit(project, "legs", pa.table({"miles": [1.0, float("nan")], "to": ["A", "B"]}), record=Leg)


def test_a_bad_name_is_refused_before_anything_is_read(project: Project) -> None:
    with pytest.raises(UsageError, match="cannot be a dataset"):
        commit(project, "../legs", "no such file")


def test_a_constant_column_is_kept_as_it_is(project: Project) -> None:
    found = commit(project, "legs", pa.table({"miles": [1.0] * 5, "to": ["A"] * 5}), record=Leg)
    assert table(project, found.version)["miles"].tolist() == [1.0] * 5


# -- which Record ------------------------------------------------------------------------------------------------------


def test_columns_that_nobody_declared_are_kept_as_questions_with_a_warning(project: Project) -> None:
    wider = legs(3).append_column("note", pa.array(["a", "b", None])).append_column("at", pa.array([1, 2, 3]))
    with pytest.warns(Unexplained, match="Not declared by Leg, but kept: 'at', 'note'"):
        found = commit(project, "legs", wider, record=Leg)
    schema = table(project, found.version).schema
    assert schema.names == ["miles", "to", "at", "note"]
    assert [bool(field.question) for field in schema] == [False, False, True, True]


def test_the_order_of_undeclared_columns_does_not_count(project: Project) -> None:
    with pytest.warns(Unexplained):
        first = commit(project, "legs", pa.table({"b": [1], "a": ["x"]}))
    with pytest.warns(Unexplained):
        assert commit(project, "legs", pa.table({"a": ["x"], "b": [1]})).version == first.version


def test_an_undeclared_column_binds_nobody(project: Project) -> None:
    for values, version in (([1, 2], "legs@1"), ([1.5, None], "legs@2"), (["x", "y"], "legs@3")):
        with pytest.warns(Unexplained):
            assert commit(project, "legs", pa.table({"a": values})).version == version


def test_an_undeclared_column_may_be_called_like_an_attribute(project: Project) -> None:
    renamed = record(a_b=Annotated[int, bl.Name("a b")])
    with pytest.warns(Unexplained):
        found = commit(project, "legs", pa.table({"a b": [1], "a_b": [2]}), record=renamed)
    assert table(project, found.version).rows() == [{"a b": 1, "a_b": 2}]


CONTRACT = """
from typing import Annotated
import bascule as bl

class Narrow(bl.Record):
    miles: float

class Flight(bl.Record):
    miles: Annotated[float, bl.Ge(0)]
    to: str | None

class Unfit(Flight):
    other: int
"""


def test_without_a_record_the_widest_of_the_contract_that_fits_is_taken(project: Project) -> None:
    (project.folder / "contract.py").write_text(CONTRACT)
    found = commit(project, "legs", legs(3))
    assert table(project, found.version).schema.name == "Flight"


def test_a_record_is_found_by_its_name(project: Project) -> None:
    (project.folder / "contract.py").write_text(CONTRACT)
    with pytest.warns(Unexplained, match="'to'"):
        commit(project, "legs", legs(3), record="Narrow")
    with pytest.raises(NotFound, match="there are: Narrow, Flight, Unfit"):
        commit(project, "legs", legs(3), record="Wide")


def test_the_record_of_the_version_before_binds_as_the_contract_declares_it_today(project: Project) -> None:
    (project.folder / "contract.py").write_text(CONTRACT)
    commit(project, "legs", legs(3))
    (project.folder / "contract.py").write_text(CONTRACT.replace("bl.Ge(0)", "bl.Ge(1)"))
    with pytest.raises(SchemaError, match="'miles' breaks ge 1"):
        commit(project, "legs", legs(4))


def test_the_record_of_the_version_before_binds_where_the_contract_lost_it(project: Project) -> None:
    commit(project, "legs", legs(3), record=Leg)
    with pytest.raises(SchemaError, match="'miles' breaks ge 0"):
        commit(project, "legs", pa.table({"miles": [-1.0], "to": ["A"]}))


# -- reading back ------------------------------------------------------------------------------------------------------


def test_parts_stream_what_table_holds(project: Project) -> None:
    rows = legs(2 * BLOCK + 5)
    commit(project, "legs", rows, record=Leg)
    found = list(parts(project, "legs"))
    assert [len(part) for part in found] == [BLOCK, BLOCK, 5]
    assert pa.concat_tables([part.arrow for part in found]) == table(project, "legs").arrow


def test_another_record_is_checked_with_the_row_in_the_whole(project: Project) -> None:
    commit(project, "legs", pa.table({"miles": [1.0] * BLOCK + [999.0], "to": ["A"] * (BLOCK + 1)}), record=Leg)
    strict = record(miles=Annotated[float, bl.Lt(999)])
    with pytest.raises(SchemaError, match=rf"row {BLOCK}: 999\.0"):
        table(project, "legs", strict)
    with pytest.raises(SchemaError, match=rf"row {BLOCK}: 999\.0"):
        list(parts(project, "legs", strict))


def test_a_record_that_asks_for_fewer_columns_gets_them(project: Project) -> None:
    commit(project, "legs", legs(3), record=Leg)
    fewer = record(miles=Annotated[float, bl.Ge(0), bl.Unit("mi")])
    assert table(project, "legs", fewer).arrow.column_names == ["miles"]
    assert [part.arrow.column_names for part in parts(project, "legs", fewer)] == [["miles"]]


def test_a_version_that_does_not_exist_is_named(project: Project) -> None:
    commit(project, "legs", legs(3), record=Leg)
    with pytest.raises(NotFound, match="There is no legs@2; legs counts from 1 to 1"):
        table(project, "legs@2")


def test_a_corrupted_blob_is_never_read(project: Project) -> None:
    commit(project, "legs", legs(3), record=Leg)
    (blob,) = blobs_of(project)
    place = project.folder / ".bascule" / "blobs" / blob[:2] / blob[2:]
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    with pytest.raises(Corrupt, match=blob):
        table(project, "legs")


def test_a_blob_that_holds_no_rows_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="holds no rows"):
        decoded(bl.Table.of(Leg, []).schema, b"PAR1", "ab")


# -- faults of the world -----------------------------------------------------------------------------------------------


def fused(project: Project, fuse: Fuse) -> Project:
    """The same project, opened through stores that fail at a chosen transition."""
    other = Project(project.folder, project.settings)
    rows = FusedRows(project.rows, fuse)
    vars(other).update(blobs=FusedBlobs(project.blobs, fuse), rows=rows, ledger=Ledger(rows))
    return other


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_commit_killed_at_any_transition_can_be_run_again(project: Project, at: int, moment: str) -> None:
    project.rows.migrate()
    rows = legs(2 * BLOCK + 1)
    killed = forked(lambda: commit(fused(project, Fuse(at, moment)), "legs", rows, record=Leg))
    assert killed == -9
    assert not project.ledger.verify()
    assert len(listed(project)) == (1 if (at, moment) == (4, "after") else 0)
    assert commit(project, "legs", rows, record=Leg).version == "legs@1"
    assert table(project, "legs").arrow == rows


def test_a_commit_has_no_other_transitions(project: Project) -> None:
    fuse = Fuse()
    commit(fused(project, fuse), "legs", legs(2 * BLOCK + 1), record=Leg)
    assert fuse.count == 4


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_full_disk_leaves_nothing_visible(project: Project, at: int) -> None:
    with pytest.raises(StoreFull):
        commit(fused(project, Fuse(at, blow=fill)), "legs", legs(2 * BLOCK + 1), record=Leg)
    assert not listed(project)
    assert not project.ledger.verify()


def test_a_file_that_changes_while_it_is_read_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "legs.csv"
    path.write_text("miles,to\n1,A\n")
    checked = verb._checked

    def meanwhile(*arguments: object) -> object:
        found = checked(*arguments)
        path.write_text("miles,to\n-1,A\n")
        return found

    monkeypatch.setattr(verb, "_checked", meanwhile)
    with pytest.raises(Conflict, match="changed while it was read"):
        commit(project, "legs", path, record=Leg)
    assert not listed(project)


COMMITTING = """
import bascule as bl
import pyarrow as pa

class Leg(bl.Record):
    miles: int

def both(folder, number):
    project = bl.open(folder)
    bl.commit(project, "legs", pa.table({"miles": range(1000)}), record=Leg)
    bl.commit(project, "legs", pa.table({"miles": range(int(number), 1000)}), record=Leg)
"""


def test_processes_that_commit_at_once_lose_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "committing.py").write_text(COMMITTING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    at_once("committing:both", str(project.folder), count=4)
    assert sorted(one.version for one in listed(project)) == [f"legs@{number}" for number in range(1, 5)]
    assert not project.ledger.verify()
