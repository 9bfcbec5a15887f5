"""Ada searches files and log for what accounts are made of: names, tokens, keys, codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from klausur.actions.people.administer import Console, invite, offer_reset
from klausur.domain.accounts import AccountRole
from klausur.domain.encoding import decode
from tests.accounts import Person, again, key_of, person, setup_token, stranger
from tests.house import ADDRESS, USER_AGENT, House, everything, house

NAME = "Hanna Canary"


async def invitation(its: House) -> str:
    return (await invite(its.built.people, Console(), AccountRole.ORGANISER, None)).token


def secrets_of(somebody: Person, *tokens: str) -> list[str]:
    told = [*tokens, somebody.token or "", somebody.key, somebody.totp, *somebody.backup_codes]
    told += [code.replace("-", "") for code in somebody.backup_codes]
    assert all(told)
    return told


async def test_no_token_and_no_key_stands_in_any_file(tmp_path: Path) -> None:
    async with house(tmp_path) as its:
        used, unused, setup = await invitation(its), await invitation(its), await setup_token(its)
        async with stranger(its, NAME) as hanna:
            assert (await hanna.accept(used)).status_code == 201
            await hanna.add_second_factor()
            held = everything(tmp_path)
            assert NAME.encode() in held, "the search finds what is there"
            secrets = secrets_of(hanna, used, unused, setup)
            assert not [secret for secret in secrets if secret.encode() in held]
            # In another spelling neither.
            raw = [decode(secret, 64) for secret in secrets]
            assert not [each for each in raw if each and len(each) >= 16 and each in held]


async def test_what_is_over_is_deleted(tmp_path: Path) -> None:
    async with house(tmp_path) as its, person(its, NAME) as hanna:
        await invitation(its)
        assert (await its.counted("sessions"), await its.counted("invitations")) == (1, 1)
        await its.time_passes(days=7)
        assert (await its.counted("sessions"), await its.counted("invitations")) == (0, 0)
        await hanna.sign_in()
        assert (await hanna.browser.delete("/api/account")).status_code == 204
        await its.time_passes(days=1)
        held = everything(tmp_path)
        assert NAME.encode() not in held
        assert NAME.casefold().encode() not in held
        assert hanna.id.encode() not in held


async def test_no_line_of_the_log_is_about_somebody(
    tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as its:
        token = await invitation(its)
        async with stranger(its, NAME) as hanna, again(hanna) as otto, person(its, "Ada", "administrator") as ada:
            await hanna.accept(token)
            await hanna.accept(token)
            await hanna.add_second_factor()
            await ada.add_second_factor()
            await otto.sign_in()
            await otto.sign_in(code="123456")
            await otto.sign_in(key=key_of("a guess"))
            await otto.browser.post("/api/signin/password", json={"name": NAME, "password": hanna.password})
            await otto.browser.get(f"/api/session?token={hanna.token}")
            reset = (await offer_reset(its.built.people, Console(), hanna.id)).token
            await ada.browser.delete(f"/api/admin/people/{hanna.id}/second-factor")

            async def crash(*_: object) -> None:
                raise RuntimeError(f"{NAME} from {ADDRESS} with {token} and {hanna.token}")

            monkeypatch.setattr("klausur.api.people.account.account_view", crash)
            assert (await ada.browser.get("/api/account")).status_code == 500
            monkeypatch.undo()
            secrets = secrets_of(hanna, token, reset)
            await hanna.browser.delete("/api/session")
        await its.time_passes(days=8)
        written = lines.getvalue()
        assert [json.loads(line) for line in written.splitlines()], "something was logged"
        for canary in (*secrets, NAME, NAME.casefold(), hanna.id, hanna.password, ADDRESS, USER_AGENT):
            assert canary not in written
