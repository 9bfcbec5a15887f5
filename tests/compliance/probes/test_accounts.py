"""Hanna's account, and Ada's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from klausur.api.people.patience import Patience
from klausur.compliance.evidence import Status
from klausur.compliance.probes import (
    auth_admin_second_factor,
    auth_password_policy,
    auth_sessions_revocable,
    http_cookies,
)
from klausur.domain import policy
from klausur.domain.accounts import AccountRole
from klausur.store.accounts import SessionRows
from tests.compliance.probes.running import installed


async def test_ended_sessions_are_over(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "in 4 ways" in await its.is_green(auth_sessions_revocable.PROBE)


async def test_signing_out_that_ends_nothing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_given: object) -> bool:
        return True

    monkeypatch.setattr(SessionRows, "end", nothing)
    async with installed(tmp_path) as its:
        assert "signed out" in await its.is_red(auth_sessions_revocable.PROBE)


async def test_guessing_at_a_password_takes_time(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "After 5 wrong attempts" in await its.is_green(auth_password_policy.PROBE)


async def test_a_house_without_patience_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.api.people.patience.FREE", 10**6)
    monkeypatch.setattr(Patience, "_tally", _forgetful(Patience._tally))
    async with installed(tmp_path) as its:
        assert "without a wait" in await its.is_red(auth_password_policy.PROBE)


def _forgetful(really: Any) -> Any:
    def tally(*given: Any) -> Any:
        found = really(*given)
        found.failures = 0
        return found

    return tally


async def test_a_password_alone_administers_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "demanded the second factor" in await its.is_green(auth_admin_second_factor.PROBE)


async def test_a_table_that_takes_a_password_for_enough_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = policy.require_account

    def lenient(role: AccountRole | None, operation: policy.AccountOperation, **_strong: bool) -> None:
        really(role, operation, strong=True)

    monkeypatch.setattr("klausur.api.people.here.require_account", lenient)
    async with installed(tmp_path) as its:
        assert "people" in await its.is_red(auth_admin_second_factor.PROBE)


async def test_the_sessions_cookie_is_nobody_elses(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "strangers were given none" in await its.is_green(http_cookies.PROBE)


async def test_a_session_that_is_not_taken_back_shows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.api.people.session.clear_cookie", lambda *_: None)
    async with installed(tmp_path) as its:
        seen = await its.look(http_cookies.PROBE)
        assert (seen.status, "took back no cookie (200)" in seen.says.en) == (Status.NOTHING_SEEN, True)


@pytest.mark.parametrize(
    ("status", "out"),
    [(429, []), (500, []), (200, []), (200, ["klausur; HttpOnly; Path=/; SameSite=strict"])],
)
def test_who_could_not_sign_out_saw_no_cookie_of_it(status: int, out: list[str]) -> None:
    """Unless one of the others is not protected."""
    cookie = "klausur; HttpOnly; Max-Age=86400; Path=/; SameSite=strict"
    seen: dict[str, Any] = {"secure": False, "signed_in": [cookie], "during": [], "strangers": []}
    judge = http_cookies.judge
    assert judge({**seen, "out": out, "signed_out": status}, {}).status is Status.NOTHING_SEEN
    right = {"out": [cookie.replace("86400", "0")], "signed_out": 200}
    assert judge({**seen, **right}, {}).status is Status.PASS
    assert judge({**seen, **right, "strangers": ["visitor;"]}, {}).status is Status.FAIL


async def test_a_cookie_for_other_sites_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Response.set_cookie

    def lax(*given: Any, **attributes: Any) -> None:
        really(*given, **attributes | {"samesite": "lax"})

    monkeypatch.setattr(Response, "set_cookie", lax)
    async with installed(tmp_path) as its:
        assert "samesite=strict" in await its.is_red(http_cookies.PROBE)
