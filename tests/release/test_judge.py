"""The card: what was measured, what the gate says, and what was overridden."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bascule.errors import NotFound, UsageError
from bascule.evidence.ledger import now
from bascule.evidence.nouns import Measurement, Release, Version
from bascule.project import Project
from bascule.release.judge import Card, judge

Register, Measuring, Releasing = Callable[..., Version], Callable[..., Measurement], Callable[..., Release]
GOOD = {
    "baselines": {"lower": 0.01},
    "parity": {"flip_rate": 0.0},
    "contract": {"breaking": 0.0},
    "signature": {"damaged": 0.0},
}


@pytest.fixture
def sound(registered: Register, measured: Measuring) -> Version:
    """A version that has all it needs where nothing serves yet."""
    version = registered()
    for probe, numbers in GOOD.items():
        inputs = {"against": "nothing"} if probe == "contract" else {}
        measured(version.ref, probe, numbers=numbers, inputs=inputs)
    return version


def verdicts(card: Card) -> dict[str, str]:
    return {outcome.condition: outcome.verdict for outcome in card.conditions}


def test_a_version_that_was_never_measured_may_not_serve(project: Project, registered: Register) -> None:
    card = judge(project, registered().ref)
    assert (card.gate, set(verdicts(card).values()), card.measurements) == ("closed", {"missing"}, ())


def test_all_measured_opens_the_gate(project: Project, sound: Version) -> None:
    card = judge(project, "late-arrival")
    assert (card.version, card.gate, card.present) == (sound.ref, "open", None)
    assert [entry.probe for entry in card.measurements] == sorted(GOOD)


def test_the_newest_of_a_probe_counts(project: Project, sound: Version, measured: Measuring) -> None:
    measured(sound.ref, "parity", numbers={"flip_rate": 0.5})
    assert verdicts(judge(project, sound.ref)) == dict.fromkeys(GOOD, "pass") | {"parity": "fail"}


def test_another_version_s_measurements_do_not_count(project: Project, sound: Version, registered: Register) -> None:
    assert set(verdicts(judge(project, registered().ref)).values()) == {"missing"}


def test_what_expired_counts_no_longer_and_stays_on_the_card(
    project: Project, sound: Version, measured: Measuring
) -> None:
    measured(sound.ref, "parity", numbers={"flip_rate": 0.0}, expires=now() - 1)
    card = judge(project, sound.ref)
    assert (card.gate, verdicts(card)["parity"]) == ("closed", "missing")
    assert [entry.probe for entry in card.measurements if not entry.holds] == ["parity"]


def test_compatibility_counts_only_against_what_serves_now(
    project: Project, sound: Version, registered: Register, released: Releasing, measured: Measuring
) -> None:
    serving = registered(contract="c" * 64)
    released(serving)
    assert judge(project, sound.ref).gate == "pending"
    measured(sound.ref, "contract", numbers={"breaking": 0.0}, inputs={"against": serving.contract})
    assert judge(project, sound.ref).gate == "open"
    assert judge(project, sound.ref, "staging").gate == "open"  # where nothing serves, the older one fits


def test_an_override_stays_on_the_card(
    project: Project, sound: Version, registered: Register, released: Releasing
) -> None:
    released(sound, "staging", override="a trial, asked for by sales")
    released(registered(), "staging", override="another version's")
    for _ in range(120):  # more releases than are read at a time
        released(sound)
    (override,) = judge(project, sound.ref).overrides
    assert (override.channel, override.override) == ("staging", "a trial, asked for by sales")


def test_a_version_can_be_named_by_what_serves(project: Project, sound: Version, released: Releasing) -> None:
    released(sound, "staging")
    assert judge(project, "late-arrival@staging").version == sound.ref


@pytest.mark.parametrize("name", ["late-arrival@9", "nothing", "late-arrival@staging"])
def test_what_is_not_there_is_named(project: Project, sound: Version, name: str) -> None:
    with pytest.raises(NotFound, match=name.partition("@")[0]):
        judge(project, name)
    with pytest.raises(UsageError, match="cannot be a channel"):
        judge(project, sound.ref, "3")


def test_judging_writes_nothing(project: Project, sound: Version) -> None:
    before = project.ledger.head()
    judge(project, sound.ref)
    assert project.ledger.head() == before


def test_the_card_is_readable(project: Project, sound: Version, measured: Measuring, released: Releasing) -> None:
    measured(sound.ref, "baselines", numbers={"lower": -0.02, "gain": 0.01}, notes="interval crosses 0")
    released(sound, override="nothing better yet")
    lines = judge(project, sound.ref).text().splitlines()
    assert lines[0] == "late-arrival@1 for production (late-arrival@1 serves it now)"
    assert "The gate is closed:" in lines
    assert next(line for line in lines if "✗" in line).split()[1:5] == ["baselines", "-0.02", ">", "0"]
    assert lines[-1].endswith("overriding the gate: nothing better yet)")


def test_what_let_a_version_through_stands_while_it_serves(
    project: Project, sound: Version, released: Releasing
) -> None:
    released(sound)
    assert judge(project, sound.ref).gate == "open"
