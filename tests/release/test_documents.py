"""What programs read of a release, on every face."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bascule.errors import GateClosed
from bascule.faces.render import document
from bascule.project import Project
from bascule.release.current import current
from bascule.release.history import history
from bascule.release.judge import judge
from bascule.release.promote import promote
from bascule.release.rollback import rollback

SERVING = {"model", "channel", "version", "since"}
VERBS: dict[str, Callable[[Project], Any]] = {
    "promote": lambda project: promote(project, "late-arrival@3"),
    "rollback": lambda project: rollback(project, "late-arrival"),
    "current": lambda project: current(project, "late-arrival"),
    "history": lambda project: history(project, "late-arrival")[0],
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_serves_says_model_channel_version_and_since(shop: Project, verb: str) -> None:
    for number in (1, 2):
        promote(shop, f"late-arrival@{number}")
    said = json.loads(json.dumps(document(VERBS[verb](shop))))
    assert said.keys() >= SERVING
    assert (said["model"], said["channel"]) == ("late-arrival", "production")
    assert said["version"].startswith("late-arrival@")
    assert said["since"].endswith("Z")


def test_the_card_says_gate_conditions_measurements_and_overrides(shop: Project) -> None:
    said = json.loads(json.dumps(document(judge(shop, "late-arrival@1"))))
    assert said.keys() >= {"version", "channel", "gate", "conditions", "measurements", "overrides"}
    assert {"condition", "verdict", "value", "relation", "limit", "words"} <= said["conditions"][0].keys()
    assert {"probe", "verdict", "numbers", "measured"} <= said["measurements"][0].keys()


def test_a_closed_gate_lists_its_conditions(shop: Project) -> None:
    promote(shop, "late-arrival@1")
    with pytest.raises(GateClosed) as closed:
        promote(shop, "late-arrival@4")
    said = json.loads(json.dumps(closed.value.document()))
    assert [condition["condition"] for condition in said["details"]["conditions"]] == ["contract"]
    assert (said["code"], closed.value.exit_code) == ("gate-closed", 5)


def test_a_time_is_typed_as_programs_write_it(shop: Project) -> None:
    since = document(promote(shop, "late-arrival@1"))["since"]
    promote(shop, "late-arrival@2")
    asked = [
        sys.executable,
        "-m",
        "bascule",
        "current",
        "late-arrival",
        "--at",
        since,
        "--project",
        shop.folder,
        "--json",
    ]
    said = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    assert (said["version"], said["since"]) == ("late-arrival@1", since)
