"""The table itself, and ten rows of it: a real installation is damaged, and a check of it has to notice. All rows:
`script/sabotage proof`."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from klausur.compliance.probes import ALL
from tests.sabotage.damage import Damage, Edit, SourceMoved
from tests.sabotage.damages import DAMAGES
from tests.sabotage.installation import ROOT, Looked
from tests.sabotage.judging import Found, found
from tests.sabotage.table import baselines, done, probes_of, summary

QUICK = [each for each in DAMAGES if each.quick]
_AT_ONCE = 2


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Found]]:
    """By name. All are begun at once, behind the healthy one that they are compared with."""
    folder = tmp_path_factory.mktemp("sabotage")
    healthy = baselines(QUICK, folder)
    with ThreadPoolExecutor(_AT_ONCE) as several:
        return {each.name: several.submit(done, each, healthy, folder / str(place)) for place, each in enumerate(QUICK)}


@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize("damage", QUICK, ids=lambda damage: damage.name)
def test_damage_is_noticed(damage: Damage, results: dict[str, Future[Found]]) -> None:
    result = results[damage.name].result()
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


def test_a_row_that_gets_better_is_a_fault() -> None:
    """Damage that heals: the healthy installation failed, and the damaged one passes."""
    faults = found(DAMAGE, looked("fail"), looked("pass")).faults
    assert any("got better" in fault for fault in faults)


def test_the_rate_counts_what_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    results = [Found(DAMAGE, turned=["DSK-T-1"]), replace(Found(DAMAGE), faults=["nobody saw it"])]
    assert summary(results, 1.0) == 1
    told = capsys.readouterr().out
    assert "1 of 2 damages noticed" in told
    assert "nobody saw it" in told
    assert summary(results[:1], 1.0) == 0
    assert summary([], 1.0) == 1
