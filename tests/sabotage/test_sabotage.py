"""The table itself, and ten rows of it: a real installation is damaged, and a check of it has to notice. All rows:
`script/sabotage proof`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from klausur.compliance.catalogue import load
from klausur.compliance.probes import ALL
from tests.sabotage.damage import Damage, Edit, Kind, SourceMoved
from tests.sabotage.damages import DAMAGES
from tests.sabotage.installation import ROOT, Looked, lived_in
from tests.sabotage.judging import Found, found
from tests.sabotage.results import Results
from tests.sabotage.table import Trials, companies, done, probes_of, summary

QUICK = [each for each in DAMAGES if each.quick]
_AT_ONCE = 2


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[list[Found]]]]:
    """By name. All are begun at once, behind the healthy one that they are compared with."""
    folder = tmp_path_factory.mktemp("sabotage")
    trials = Trials(folder, lived_in(folder / "before"), _AT_ONCE)
    yield {each.name: begun for each, begun in zip(QUICK, trials.begin(QUICK), strict=True)}
    trials.end()


@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize("damage", QUICK, ids=lambda damage: damage.name)
def test_damage_is_noticed(damage: Damage, results: Mapping[str, Future[list[Found]]]) -> None:
    (result,) = results[damage.name].result()
    assert result.noticed, result.faults
    assert result.turned


def test_the_table_is_large_and_each_of_its_rows_can_be_made() -> None:
    assert len(DAMAGES) >= 60
    assert len(QUICK) == 10
    assert len({each.name for each in DAMAGES}) == len(DAMAGES)
    assert set(probes_of(DAMAGES)) <= set(ALL)
    for damage in DAMAGES:
        assert damage.edits or damage.settings or damage.sql or damage.meddle, damage.name
        for edit in damage.edits:
            text = (ROOT / edit.file).read_text("utf-8")
            assert text.count(edit.old) == 1, (damage.name, edit.file, edit.old)


def test_who_shares_a_meeting_spoils_nothing_twice_and_can_be_told_apart() -> None:
    for group in companies(DAMAGES):
        edits = [(edit.file, edit.old) for each in group for edit in each.edits]
        assert len(set(edits)) == len(edits), group
        assert len({each.kind for each in group}) == 1
        shared = [probe for each in group for probe in each.probes]
        assert len(set(shared)) == len(shared) or all(each.names for each in group), group
    alone = [each for each in DAMAGES if each.kind is not Kind.BROWSER]
    assert all((each,) in companies(DAMAGES) for each in alone)


def test_a_row_whose_source_has_moved_fails(tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("a = 1\na = 1\n")
    for old in ("b = 1", "a = 1"):
        with pytest.raises(SourceMoved):
            Edit("rule.py", old, "a = 2").make(tmp_path)


# -- what counts as noticed -------------------------------------------------------------------------------------------

_PROBE = ALL["config.openers"]
_ASKING = {"probe": _PROBE.id, "params": {}}
_SETTINGS = {"open_meetings": "accounts"}
DAMAGE = Damage("Anyone may open meetings", (_PROBE.id,), settings={"OPEN_MEETINGS": "anyone"})


def looked(status: str) -> Looked:
    seen = {_PROBE.id: {"status": status, "says": status}}
    observation = {
        "id": status,
        "asking": _ASKING,
        "status": status,
        "grade": int(_PROBE.worth),
        "seen_at": "2026-11-22T12:00:00+00:00",
        "expires_at": None,
        "depends_on": [],
        "configuration": "",
    }
    return Looked(_SETTINGS, seen, [observation])


def test_damage_that_turns_its_rows_is_noticed() -> None:
    result = found(DAMAGE, looked("pass"), looked("fail"))
    assert result.noticed
    assert result.turned


@pytest.mark.parametrize("status", ["pass", "nothing-seen", "crashed", "blocked"])
def test_damage_after_which_a_probe_says_anything_but_failed_is_missed(status: str) -> None:
    assert not found(DAMAGE, looked("pass"), looked(status)).noticed


def test_damage_shows_nothing_where_the_healthy_installation_failed_too() -> None:
    assert not found(DAMAGE, looked("fail"), looked("fail")).noticed


def test_what_the_engine_would_not_judge_was_not_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Such as a catalogue that changed meanwhile. The rest of the table goes on."""
    healthy: Future[Looked] = Future()
    healthy.set_result(looked("pass"))
    monkeypatch.setattr("tests.sabotage.table.look", lambda *_: looked("fail"))
    monkeypatch.setattr("tests.sabotage.judging._catalogue", lambda: (load(), "another"))
    (result,) = done((DAMAGE,), {Kind.PLAIN: healthy}, tmp_path, tmp_path)
    assert not result.noticed
    assert "NotJudged" in result.faults[0]


def test_a_row_that_gets_better_is_a_fault() -> None:
    """Damage that heals: the healthy installation failed, and the damaged one passes."""
    faults = found(DAMAGE, looked("fail"), looked("pass")).faults
    assert any("got better" in fault for fault in faults)


def test_damage_that_is_not_named_was_not_what_was_noticed() -> None:
    named = replace(DAMAGE, names=("anyone",))
    assert any("'anyone' is not named" in fault for fault in found(named, looked("pass"), looked("fail")).faults)


def test_only_rows_that_ask_for_it_have_to_turn() -> None:
    asking = replace(DAMAGE, asks="nobody asks for this")
    assert "no row is bound to it" in found(asking, looked("pass"), looked("fail")).faults


def test_what_is_linked_is_not_damaged(tmp_path: Path) -> None:
    """It would be the checkout itself."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "rule.py").write_text("a = 1\n")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "linked").symlink_to(tmp_path / "real")
    with pytest.raises(SourceMoved):
        Edit("linked/rule.py", "a = 1", "a = 2").make(tmp_path / "copy")
    assert (tmp_path / "real" / "rule.py").read_text() == "a = 1\n"


def test_a_run_that_was_cut_off_was_not_in_vain(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    result = Found(DAMAGE, turned=["DSK-T-1"], faults=[], says={_PROBE.id: "Anybody."}, seconds=3.0)
    Results(file).add(result)
    assert list(Results(file).read([DAMAGE])) == [result]
    assert not list(Results(file).read([]))


def test_what_was_found_of_another_source_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Results(file, source="as it was").add(Found(DAMAGE))
    assert json.loads(file.read_text())["source"] == "as it was"
    assert not list(Results(file).read([DAMAGE]))
    assert not list(Results(None).read([DAMAGE]))


def test_the_rate_counts_what_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    results = [Found(DAMAGE, turned=["DSK-T-1"]), replace(Found(DAMAGE), faults=["nobody saw it"])]
    assert summary(results, 1.0) == 1
    told = capsys.readouterr().out
    assert "1 of 2 damages noticed" in told
    assert "nobody saw it" in told
    assert summary(results[:1], 1.0) == 0
    assert summary([], 1.0) == 1
