from __future__ import annotations

import datetime as dt
from typing import Annotated

import pyarrow as pa
import pytest

import bascule as bl
from bascule.contract.fields import Field
from bascule.contract.kinds import Kind
from bascule.data.commit import commit
from bascule.data.list import list as listed
from bascule.data.profile import COUNTED, Profile, Statistics
from bascule.data.show import Shown, show
from bascule.errors import NotFound, Unexplained
from bascule.project import Project


class Leg(bl.Record):
    """One leg of a journey."""

    miles: Annotated[float | None, bl.Unit("mi"), bl.Doc("great circle")]
    to: Annotated[str, bl.Question("IATA or ICAO?")]
    owner: Annotated[str, bl.Personal(), bl.Doc("who flew")]
    delayed: Annotated[bool, bl.Doc("more than 15 minutes")]
    day: Annotated[dt.date, bl.Doc("of departure")]


@pytest.fixture
def shown(project: Project) -> Shown:
    rows = pa.table(
        {
            "miles": [100.0, None, 300.0, 200.0],
            "to": ["IAH", "ORD", "IAH", "LAX"],
            "owner": ["Ada", "Ada", "Bo", "Cy"],
            "delayed": [True, False, False, False],
            "day": [dt.date(2013, 1, day) for day in (1, 2, 2, 3)],
        }
    )
    commit(project, "legs", rows, record=Leg)
    return show(project, "legs")


def test_the_dictionary_holds_the_figures_of_every_column(shown: Shown) -> None:
    figures = {entry.field: entry.statistics for entry in shown.dictionary}
    assert figures["miles"] == Statistics(3, 1, 3, 100.0, 300.0, 200.0)
    assert figures["to"] == Statistics(4, 0, 3, top=(("IAH", 2), ("LAX", 1), ("ORD", 1)))
    assert figures["delayed"] == Statistics(4, 0, 2, mean=0.25, top=((False, 3), (True, 1)))
    assert (figures["day"].least, figures["day"].greatest) == (dt.date(2013, 1, 1), dt.date(2013, 1, 3))


def test_of_personal_data_only_the_counts_are_shown(shown: Shown) -> None:
    assert next(entry.statistics for entry in shown.dictionary if entry.personal) == Statistics(4, 0, 3)
    assert "Ada" not in shown.text()


def test_what_nobody_explained_is_asked(shown: Shown) -> None:
    assert shown.questions == (("to", "IATA or ICAO?"),)


def test_people_read_what_matters(shown: Shown) -> None:
    text = shown.text()
    assert "legs@1: 4 rows of Leg" in text
    assert "miles  float in mi, 1 missing: great circle\n  from 100.0 to 300.0, mean 200" in text
    assert "Open questions (1):\n  to: IATA or ICAO?" in text


def test_versions_are_listed_newest_first_and_a_page_at_a_time(project: Project) -> None:
    for rows in range(1, 5):
        with pytest.warns(Unexplained):
            commit(project, "ab"[rows % 2], pa.table({"x": range(rows)}))
    assert [one.version for one in listed(project)] == ["a@2", "b@2", "a@1", "b@1"]
    first, second = listed(project, limit=2)
    assert [one.version for one in listed(project, before=second.seq)] == ["a@1", "b@1"]
    assert [(one.version, one.rows, one.columns) for one in listed(project, "a")] == [("a@2", 4, 1), ("a@1", 2, 1)]
    assert first.committed.tzinfo is dt.UTC


def test_an_unknown_name_lists_what_there_is(project: Project) -> None:
    with pytest.raises(NotFound, match="There is no dataset legs; there are: none yet"):
        show(project, "legs")


@pytest.mark.parametrize("cut", [1, 3, 10])
def test_figures_of_parts_are_those_of_the_whole(cut: int) -> None:
    field = Field(name="x", kind=Kind.INT, nullable=True)
    values = [5, None, 3, 9, 3, -1, None, 4, 3, 9]
    parts, whole = Profile(field), Profile(field)
    whole.add(pa.chunked_array([values]))
    for start in range(0, len(values), cut):
        parts.add(pa.chunked_array([pa.array(values[start : start + cut], pa.int64())]))
    assert (
        parts.statistics()
        == whole.statistics()
        == Statistics(8, 2, 5, -1, 9, 35 / 8, ((3, 3), (9, 2), (-1, 1), (4, 1), (5, 1)))
    )
    assert not parts.rising


def test_more_distinct_values_than_are_counted_are_not_told() -> None:
    profile = Profile(Field(name="x", kind=Kind.INT))
    profile.add(pa.chunked_array([pa.array(range(COUNTED + 1))]))
    assert profile.statistics() == Statistics(COUNTED + 1, 0, None, 0, COUNTED, COUNTED / 2)
    assert (profile.rising, profile.novelty) == (True, 1.0)
