"""The gate of a promotion, with versions that are really there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bascule import project as projects
from bascule.errors import Conflict, GateClosed, NoEffect, NotFound, UsageError
from bascule.evidence import measurements, versions
from bascule.evidence.nouns import File, Measurement, Version
from bascule.project import Project
from bascule.release import measure
from bascule.release.current import current
from bascule.release.history import history
from bascule.release.judge import judge
from bascule.release.promote import promote
from bascule.testing import nouns


def version(project: Project, number: int) -> Version:
    with project.ledger.read() as connection:
        return versions.get(connection, f"late-arrival@{number}")


def measured(project: Project, subject: str, probe: str, **numbers: float) -> None:
    with project.ledger.write() as tx:
        measurements.measure(tx, nouns.measurement(subject, probe, numbers=numbers))


def damage(project: Project, number: int, name: str) -> None:
    digest = version(project, number).files[name].hash
    place = project.folder / ".bascule" / "blobs" / digest[:2] / digest[2:]
    place.write_bytes(place.read_bytes()[:-1] + b"\0")


def test_a_version_that_meets_every_condition_serves(shop: Project) -> None:
    serving = promote(shop, "late-arrival@1")
    assert (serving.model, serving.channel, serving.version, serving.override) == (
        "late-arrival",
        "production",
        "late-arrival@1",
        "",
    )
    assert current(shop, "late-arrival") == serving


def test_a_name_alone_means_the_latest(shop: Project) -> None:
    assert promote(shop, "late-arrival", "staging").version == "late-arrival@4"


def test_what_serves_one_channel_can_be_promoted_to_the_next(shop: Project) -> None:
    promote(shop, "late-arrival@2", "staging")
    assert promote(shop, "late-arrival@staging").version == "late-arrival@2"


def test_what_was_measured_stands_on_the_release_and_on_the_card(shop: Project) -> None:
    serving = promote(shop, "late-arrival@1")
    card = judge(shop, "late-arrival@1")
    assert (card.gate, [entry.probe for entry in card.measurements]) == (
        "open",
        ["baselines", "contract", "parity", "signature"],
    )
    assert all(entry.seq < serving.seq for entry in card.measurements)


def test_a_closed_gate_names_every_condition_and_moves_nothing(shop: Project) -> None:
    promote(shop, "late-arrival@1")
    measured(shop, "late-arrival@4", "baselines", lower=-0.003)
    measured(shop, "late-arrival@4", "parity", flip_rate=0.25)
    with pytest.raises(GateClosed) as closed:
        promote(shop, "late-arrival@4")
    assert [condition["condition"] for condition in closed.value.details["conditions"]] == [
        "baselines",
        "parity",
        "contract",
    ]
    assert "-0.003, must be > 0" in closed.value.message
    assert "--override" in closed.value.next_step
    assert len(history(shop, "late-arrival")) == 1


def test_a_refusal_keeps_what_was_measured(shop: Project) -> None:
    promote(shop, "late-arrival@1")
    with pytest.raises(GateClosed):
        promote(shop, "late-arrival@4")
    (broken,) = [entry for entry in judge(shop, "late-arrival@4").measurements if entry.probe == "contract"]
    assert (broken.verdict, broken.numbers["breaking"]) == ("fail", 1)
    assert "'seats': new required input" in broken.notes


@pytest.mark.parametrize(("serving", "wanted", "through"), [(1, 2, True), (1, 3, True), (3, 1, False), (4, 1, False)])
def test_the_contract_is_held_against_the_one_that_serves(
    shop: Project, serving: int, wanted: int, through: bool
) -> None:
    promote(shop, f"late-arrival@{serving}")
    if through:
        assert promote(shop, f"late-arrival@{wanted}").version == f"late-arrival@{wanted}"
    else:
        with pytest.raises(GateClosed, match="removed; who still sends it is refused"):
            promote(shop, f"late-arrival@{wanted}")


def test_another_channel_is_another_contract_to_keep(shop: Project) -> None:
    promote(shop, "late-arrival@1")
    promote(shop, "late-arrival@4", "staging")
    assert current(shop, "late-arrival", "staging").version == "late-arrival@4"


def test_an_override_lets_through_and_stays_on_the_card(shop: Project) -> None:
    promote(shop, "late-arrival@1")
    promote(shop, "late-arrival@4", override="  the seats are known since March ")
    assert current(shop, "late-arrival").override == "the seats are known since March"
    promote(shop, "late-arrival@2", override="back")
    assert [serving.override for serving in judge(shop, "late-arrival@4").overrides] == [
        "the seats are known since March"
    ]


def test_an_override_that_nothing_needed_is_not_kept(shop: Project) -> None:
    with pytest.warns(NoEffect, match="not needed"):
        assert promote(shop, "late-arrival@1", override="to be sure").override == ""
    assert judge(shop, "late-arrival@1").overrides == ()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_an_override_without_a_reason_is_none(shop: Project, reason: str) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        promote(shop, "late-arrival@1", override=reason)


@pytest.mark.parametrize("name", ["model.onnx", "contract.json", "signature", "manifest.json"])
def test_no_override_releases_a_damaged_version(shop: Project, name: str) -> None:
    damage(shop, 1, name)
    with pytest.raises(GateClosed, match="signature is 1") as closed:
        promote(shop, "late-arrival@1", override="we need it today")
    assert "no override opens signature" in closed.value.next_step
    assert history(shop, "late-arrival") == ()


def test_a_signature_that_nobody_trusts_closes_the_gate(
    shop: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bascule.registry import sign

    monkeypatch.setenv("BASCULE_KEY", str(tmp_path / "another key"))
    known = version(shop, 1)
    forged = sign.sign(shop.blobs.get(known.files["manifest.json"].hash)).document()
    files = dict(known.files, signature=File(hash=shop.blobs.put(forged), size=len(forged)))
    with shop.ledger.write() as tx:
        versions.register(tx, nouns.version(hash=known.hash, contract=known.contract, files=files))
    measured(shop, "late-arrival@5", "baselines", lower=1)
    measured(shop, "late-arrival@5", "parity", flip_rate=0)
    with pytest.raises(GateClosed, match="nobody trusts"):
        promote(shop, "late-arrival@5")


def test_where_the_serving_contract_is_lost_an_override_leads_out(shop: Project) -> None:
    promote(shop, "late-arrival@4")
    damage(shop, 4, "contract.json")
    with pytest.raises(GateClosed, match=r"contract is missing.*contract.json of late-arrival@4 was changed"):
        promote(shop, "late-arrival@1")
    assert promote(shop, "late-arrival@1", override="4 is damaged").version == "late-arrival@1"


def test_what_serves_already_is_said_and_not_written(shop: Project) -> None:
    serving = promote(shop, "late-arrival@1")
    before = shop.ledger.head()
    with pytest.warns(NoEffect, match="serves production already"):
        assert promote(shop, "late-arrival@1") == serving
    assert shop.ledger.head() == before


@pytest.mark.parametrize("name", ["late-arrival@9", "nothing", "late-arrival@staging"])
def test_a_version_that_does_not_exist_is_named(shop: Project, name: str) -> None:
    with pytest.raises(NotFound, match=name.partition("@")[0]):
        promote(shop, name)


@pytest.mark.parametrize("channel", ["", "3", "a b", "../x"])
def test_a_channel_that_cannot_be_one_is_refused(shop: Project, channel: str) -> None:
    with pytest.raises(UsageError, match="cannot be a channel"):
        promote(shop, "late-arrival@1", channel)


def test_a_channel_that_moved_meanwhile_is_a_conflict_and_nothing_is_written(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = measure.signature

    def slow(project: Project, wanted: Version) -> Measurement:
        monkeypatch.undo()
        promote(project, "late-arrival@2")
        heads.append(project.ledger.head())
        return usual(project, wanted)

    heads: list[object] = []
    monkeypatch.setattr(measure, "signature", slow)
    with pytest.raises(Conflict, match="late-arrival@production moved"):
        promote(shop, "late-arrival@1")
    assert heads == [shop.ledger.head()]


def test_promotions_at_once_win_one_by_one(shop: Project) -> None:
    gate = threading.Barrier(4)

    def attempt(number: int) -> str:
        opened = projects.open(shop.folder)
        gate.wait(30)
        try:
            return promote(opened, f"late-arrival@{number}").version
        except (Conflict, GateClosed):  # the contract that serves may be another by now
            return ""
        finally:
            opened.close()

    with ThreadPoolExecutor(4) as pool:
        won = [name for name in pool.map(attempt, range(1, 5)) if name]
    assert sorted(won) == sorted(serving.version for serving in history(shop, "late-arrival"))
    assert won
    assert shop.ledger.verify() == []
