"""What is set: as shipped, for guests, and since the last time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.probes import config_defaults, config_drift, config_guests
from klausur.compliance.probes.privacy_of_settings import SETTINGS, is_weaker
from klausur.compliance.target import resettled
from klausur.domain.admission import Rules
from klausur.domain.proof_ports import EntryType, RunRow
from klausur.settings import Settings
from tests.compliance.probes.running import Installed, installed


async def test_what_is_shipped_is_the_most_private(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "a new meeting has its waiting room on" in await its.is_green(config_defaults.PROBE)


async def test_what_the_operator_set_otherwise_is_named(tmp_path: Path) -> None:
    async with installed(tmp_path, log_level="debug", metrics_port=9001) as its:
        assert "LOG_LEVEL; METRICS_PORT" in await its.is_green(config_defaults.PROBE)


async def test_a_looser_default_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with installed(tmp_path) as its:
        shipped = Settings.model_construct().model_dump(mode="json") | {"metrics_port": 9000, "new_one": True}
        monkeypatch.setattr(Settings, "model_dump", lambda *_given, **_options: shipped)
        told = await its.is_red(config_defaults.PROBE)
        assert "METRICS_PORT (default)" in told
        assert "NEW_ONE (never judged)" in told


async def test_meetings_that_begin_without_a_waiting_room_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, _, *others = Rules.__init__.__defaults__ or ()
    monkeypatch.setattr(Rules.__init__, "__defaults__", (version, False, *others))
    async with installed(tmp_path) as its:
        assert "no waiting room (201)" in await its.is_red(config_defaults.PROBE)


async def test_a_door_at_which_nobody_can_knock_shows_nothing(tmp_path: Path) -> None:
    evidence = {"loose": [], "unjudged": [], "entered": 403, "knocked": 500, "deviating": [], "judged": 1}
    assert config_defaults.judge(evidence, {}).status is Status.NOTHING_SEEN
    async with installed(tmp_path, open_meetings="nobody") as its:
        assert (await its.look(config_defaults.PROBE)).status is Status.BLOCKED


def test_every_setting_has_been_judged() -> None:
    assert set(SETTINGS) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "weak", "strong"),
    [
        ("open_meetings", "anyone", "accounts"),
        ("guests", "allowed", "accounts"),
        ("log_level", "debug", "info"),
        ("metrics_port", 9000, None),
        ("oidc_new_accounts", True, False),
        ("oidc_second_factor", ["mfa", "pwd"], ["mfa"]),
        ("trusted_proxies", ["10.0.0.0/8"], ["10.0.0.1/32"]),
        ("engine", ["http://10.0.0.7:7880"], ["embedded"]),
        ("tsa_url", None, "https://tsa.example.org"),
        ("limit_signins", 600, 60),
    ],
)
def test_the_weaker_of_two_values_is_known(name: str, weak: object, strong: object) -> None:
    assert is_weaker(name, weak, strong)
    assert not is_weaker(name, strong, weak)
    assert not is_weaker(name, weak, weak)


def test_what_cannot_be_compared_is_not_called_weaker() -> None:
    assert not is_weaker("open_meetings", "anyone", "of a later release")
    assert not is_weaker("limit_signins", "many", 60)
    assert not is_weaker("trusted_proxies", None, [])
    assert not is_weaker("unheard_of", 2, 1)


async def test_guests_come_to_meetings_of_people_with_accounts(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "opened" in await its.is_green(config_guests.PROBE)
        its.target = resettled(its.target, guests="accounts", open_meetings="anyone")
        assert "nobody takes part without an account" in await its.is_green(config_guests.PROBE)


async def test_guests_among_themselves_are_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path, open_meetings="anyone") as its:
        assert "OPEN_MEETINGS=anyone" in await its.is_red(config_guests.PROBE)


async def a_run(its: Installed, name: str, *, ended: bool = True, **settings: Any) -> None:
    """An earlier one, as it left its traces."""
    body = {"release": "0.0.9", "settings": {**its.target.settings, **settings}}
    database, now = its.house.built.database, its.house.clock.now()
    await Ledger(database, its.house.clock).append(
        Record(EntryType.RUN_BEGUN, "run", json.dumps(body).encode(), run=name),
        Record(EntryType.EVIDENCE, "http.headers", b"{}", run=name),
    )
    async with database.writing() as unit:
        await unit.proof.begin_run(RunRow(name, now, None, "{}"))
        if ended:
            await unit.proof.end_run(name, now, "{}")


async def test_settings_that_stayed_as_they_were_have_not_drifted(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its, "first")
        await a_run(its, "second", log_level="debug", limit_signins=6000)
        assert "last 2 runs" in await its.is_green(config_drift.PROBE)


async def test_a_setting_that_an_update_weakened_is_noticed_until_it_is_set_right(tmp_path: Path) -> None:
    async with installed(tmp_path, log_level="debug") as its:
        await a_run(its, "first", log_level="info")
        await a_run(its, "second")
        told = await its.is_red(config_drift.PROBE)
        assert 'LOG_LEVEL: "info" > "debug" (2026-11-22, 0.0.9)' in told
        its.target = resettled(its.target, log_level="info")
        await its.is_green(config_drift.PROBE)


async def test_the_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(config_drift.PROBE)).status is Status.BLOCKED
        # Nor is one that was broken off a run.
        await a_run(its, "broken-off", ended=False)
        assert (await its.look(config_drift.PROBE)).status is Status.BLOCKED
        its.target = replace(its.target, inside=None)
        assert (await its.look(config_drift.PROBE)).status is Status.BLOCKED
        assert config_drift.judge({"compared": []}, {}).status is Status.NOTHING_SEEN
