"""Hanna's second factor, and who would like to do without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import auth_second_factor
from klausur.store.accounts import AccountRows
from tests.compliance.probes.running import installed


async def test_the_password_alone_opens_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "7 attempts without the second factor" in await its.is_green(auth_second_factor.PROBE)


async def test_codes_that_are_good_twice_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def always(_rows: AccountRows, _account: str, _step: int) -> bool:
        return True

    monkeypatch.setattr(AccountRows, "use_step", always)
    async with installed(tmp_path) as its:
        assert "with a code used before" in await its.is_red(auth_second_factor.PROBE)


async def test_without_people_it_cannot_be_tried(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, cast=None)
        assert (await its.look(auth_second_factor.PROBE)).status is Status.BLOCKED


def test_a_door_that_opens_for_nobody_shows_nothing() -> None:
    tried = {"without a code": [401, "signin_refused", False, False]}
    seen = {"tried": tried, "control": [401, "signin_refused", False, False]}
    assert auth_second_factor.judge(seen, {}).status is Status.NOTHING_SEEN
