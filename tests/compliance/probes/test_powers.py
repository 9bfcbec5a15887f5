"""Otto has no account, and Ada may not do everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from klausur.actions import signatures
from klausur.compliance.evidence import Status
from klausur.compliance.probes import authz_matrix, authz_openers
from klausur.domain import policy
from klausur.domain.errors import SigninNeeded
from tests.compliance.probes.running import installed


async def test_only_who_may_opens_meetings(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "administrator, organiser" in await its.is_green(authz_openers.PROBE)


async def test_a_house_that_is_open_to_anyone_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path, open_meetings="anyone") as its:
        assert "stranger" in await its.is_red(authz_openers.PROBE)


async def test_everybody_does_what_the_table_allows(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "all as in the table" in await its.is_green(authz_matrix.PROBE)


async def test_a_role_check_that_is_gone_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_roles(role: object, operation: policy.AccountOperation, **_strong: bool) -> None:
        if role is None and not policy.ACCOUNT_TABLE[operation].nobody:
            raise SigninNeeded

    monkeypatch.setattr("klausur.api.people.here.require_account", without_roles)
    async with installed(tmp_path) as its:
        told = await its.is_red(authz_matrix.PROBE)
        assert "/api/admin/" in told
        assert "(organiser)" in told


async def test_an_end_of_the_meeting_that_no_host_has_signed_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can do that ends the very meeting that is looked at."""
    monkeypatch.setattr(signatures, "is_signed", lambda *_: True)
    async with installed(tmp_path) as its:
        assert "DELETE /api/meetings/{meeting} (guest)" in await its.is_red(authz_matrix.PROBE)


async def test_a_table_that_was_loosened_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own word on who may what is not what it is judged by."""
    operation = policy.AccountOperation
    loosened = {**policy.ACCOUNT_TABLE, operation.SEE_PEOPLE: policy.ACCOUNT_TABLE[operation.SEE_OWN_ACCOUNT]}
    monkeypatch.setattr(policy, "ACCOUNT_TABLE", loosened)
    async with installed(tmp_path) as its:
        assert "GET /api/admin/people (organiser)" in await its.is_red(authz_matrix.PROBE)


def test_a_route_that_is_in_no_table_is_a_fault() -> None:
    cells = {"GET /api/account": {"organiser": [200, ""]}, "GET /api/attendance": {"stranger": [200, ""]}}
    evidence = {"cells": cells, "named": [], "may": {"GET /api/account": ["organiser"]}}
    judged = authz_matrix.judge({**evidence, "unknown": ["GET /api/attendance"]}, {})
    assert judged.status is Status.FAIL
    assert "GET /api/attendance: not in the table" in judged.says.en


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("who", ["stranger", "administrator"])
def test_who_was_put_off_was_neither_refused_nor_let_in(status: int, who: str) -> None:
    row = {"stranger": [401, "signin_needed"], "administrator": [200, ""], who: [status, ""]}
    evidence = {"unknown": [], "named": [], "may": {"GET /api/admin/people": ["administrator"]}}
    judge, cells = authz_matrix.judge, {"GET /api/admin/people": row}
    judged = judge({**evidence, "cells": cells}, {})
    assert judged.status is Status.NOTHING_SEEN
    assert f"GET /api/admin/people ({who}) ({status})" in judged.says.en
    open_door = {**cells, "GET /api/admin/settings": {"stranger": [200, ""]}}
    judged = judge({**evidence, "cells": open_door}, {})
    assert judged.status is Status.FAIL
    assert str(status) not in judged.says.en


def test_a_list_of_who_attends_is_a_fault_whoever_may_read_it() -> None:
    cells = {"GET /api/admin/meetings": {"administrator": [200, ""]}}
    evidence = {"cells": cells, "unknown": [], "may": {"GET /api/admin/meetings": ["administrator"]}}
    assert authz_matrix.judge({**evidence, "named": []}, {}).status is Status.PASS
    judged = authz_matrix.judge({**evidence, "named": ["GET /api/admin/meetings (administrator)"]}, {})
    assert judged.status is Status.FAIL
