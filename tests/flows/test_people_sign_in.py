"""Hanna signs in; Otto, who would like to be her, does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from klausur.domain.accounts import SESSION_IDLE, SESSION_LIVES
from tests.accounts import again, code_of, kdf, key_of, person, random32, stranger
from tests.house import House, house


async def test_somebody_with_a_password_comes_and_goes(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        assert (await hanna.who())["account"] == {"id": hanna.id, "name": "Hanna", "role": "organiser"}
        told = await hanna.browser.delete("/api/session")
        assert told.json() == {"provider_logout": None}
        assert hanna.token is None
        nobody = await hanna.who()
        assert nobody == {"account": None, "strong": False, "has_password": False, "has_totp": False, "notices": []}
        answer = await hanna.sign_in()
        assert answer.status_code == 200
        assert answer.json() == await hanna.who()
        assert answer.json()["has_password"]
        assert not answer.json()["strong"]


async def test_names_that_differ_in_case_or_form_alone_are_one(the_house: House) -> None:
    async with person(the_house, "Hännchen Straße") as hanna:
        assert (await hanna.sign_in(name="  HÄNNCHEN STRASSE ")).status_code == 200


# -- the cookie -------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of which the settings only see that it is there."""
    file = tmp_path / "certificate"
    file.touch()
    return file


async def test_the_cookie_is_the_browsers_alone(the_house: House, certificate: Path) -> None:
    async with person(the_house, "Hanna") as hanna:
        plain = (await hanna.sign_in()).headers["set-cookie"]
        folder = certificate.with_name("tls")
        folder.mkdir()
        async with house(folder, tls_cert=certificate, tls_key=certificate, port=443) as behind_tls:
            behind_tls.browser.base_url = "https://localhost"
            behind_tls.browser.headers["Origin"] = "https://localhost"
            async with person(behind_tls, "Hanna") as hers:
                secure = (await hers.sign_in()).headers["set-cookie"]
                assert await hers.is_in()
    for cookie, name in (plain, "klausur="), (secure, "__Host-klausur="):
        assert cookie.startswith(name)
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/", "max-age=604800"} <= flags
        assert ("secure" in flags) is name.startswith("__Host-")
        assert not any(flag.startswith("domain") for flag in flags)


async def test_a_token_from_before_the_sign_in_is_worth_nothing_after_it(the_house: House) -> None:
    """Session fixation: Otto gave Hanna's browser a cookie of his making, or his own session."""
    async with person(the_house, "Hanna") as hanna, stranger(the_house, "Otto") as otto:
        made_up = random32()
        for planted in (made_up, hanna.token or ""):
            otto.browser.cookies.set("klausur", planted, domain="localhost.local")
            hanna.browser.cookies.clear()
            hanna.browser.cookies.set("klausur", planted, domain="localhost.local")
            assert (await hanna.sign_in()).status_code == 200
            tokens = {cookie.value for cookie in hanna.browser.cookies.jar} - {planted}
            assert tokens
            assert not await otto.is_in()


async def test_another_sites_page_can_do_nothing_with_the_cookie(the_house: House) -> None:
    async with person(the_house, "Hanna", "administrator", strong=True) as hanna:
        routes = the_house.built.api.openapi()["paths"]
        changing = [
            (method.upper(), path)
            for path, methods in routes.items()
            for method in methods
            if method != "get" and path != "/api/signin/provider/logout"
        ]
        assert len(changing) > 20
        for method, path in changing:
            for origin in ("https://otto.example", "null", "http://localhost:8001"):
                answer = await hanna.browser.request(
                    method, path.replace("{", "").replace("}", ""), json={}, headers={"Origin": origin}
                )
                assert code_of(answer) == (403, "wrong_origin"), (method, path)
        assert await hanna.is_in()


# -- how long ---------------------------------------------------------------------------------------------------------


async def test_a_session_ends_after_twelve_idle_hours(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        for _ in range(5):
            the_house.clock.advance(SESSION_IDLE - timedelta(hours=1))
            assert await hanna.is_in()
        the_house.clock.advance(SESSION_IDLE)
        assert not await hanna.is_in()


async def test_a_session_ends_after_seven_days_however_busy(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        began = the_house.clock.now()
        while the_house.clock.now() < began + SESSION_LIVES - timedelta(hours=6):
            assert await hanna.is_in()
            the_house.clock.advance(timedelta(hours=6))
        the_house.clock.advance(timedelta(hours=6))
        assert not await hanna.is_in()


async def test_a_session_is_one_query_and_a_note_once_an_hour(
    the_house: House, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with person(the_house, "Hanna") as hanna:
        link = await the_house.open_meeting()
        the_house.clock.advance(timedelta(hours=1))
        for notes in (1, 0):
            statements.clear()
            assert (await hanna.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)).status_code == 200
            mine = [each for each in statements if "sessions" in each]
            assert [each.split()[0] for each in mine] == ["SELECT"] + ["UPDATE"] * notes
        monkeypatch.undo()


async def test_sessions_are_listed_and_ended(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as elsewhere, again(hanna) as third:
        for browser in (elsewhere, third):
            assert (await browser.sign_in()).status_code == 200
        sessions = (await hanna.account())["sessions"]
        assert len(sessions) == 3
        assert sum(session["here"] for session in sessions) == 1
        other = next(each["id"] for each in (await elsewhere.account())["sessions"] if each["here"])
        assert (await hanna.browser.delete(f"/api/account/sessions/{other}")).status_code == 204
        assert code_of(await hanna.browser.delete(f"/api/account/sessions/{other}")) == (404, "not_found")
        assert [await each.is_in() for each in (hanna, elsewhere, third)] == [True, False, True]
        assert (await hanna.browser.delete("/api/account/sessions")).status_code == 204
        assert [await each.is_in() for each in (hanna, third)] == [True, False]


async def test_nobody_ends_somebody_elses_session(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, person(the_house, "Gustav") as gustav:
        hers = (await hanna.account())["sessions"][0]["id"]
        assert code_of(await gustav.browser.delete(f"/api/account/sessions/{hers}")) == (404, "not_found")
        assert await hanna.is_in()


# -- the second factor ------------------------------------------------------------------------------------------------


async def test_with_a_second_factor_the_password_alone_is_not_enough(the_house: House) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as elsewhere:
        assert (await hanna.who())["strong"]
        assert code_of(await elsewhere.sign_in()) == (401, "code_needed")
        assert code_of(await elsewhere.sign_in(code="000000")) == (401, "code_refused")
        assert elsewhere.token is None
        the_house.clock.advance(timedelta(seconds=30))
        assert (await elsewhere.sign_in(code=elsewhere.code())).json()["strong"]


async def test_a_code_is_used_once(the_house: House) -> None:
    """Replay: Otto looked over Hanna's shoulder, and has her password besides."""
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as otto:
        # The code by which it was set up is used, too.
        assert code_of(await otto.sign_in(code=hanna.code())) == (401, "code_refused")
        the_house.clock.advance(timedelta(seconds=30))
        code = hanna.code()
        assert (await hanna.sign_in(code=code)).status_code == 200
        assert code_of(await otto.sign_in(code=code)) == (401, "code_refused")
        # Nor is an older one that was never used.
        assert code_of(await otto.sign_in(code=hanna.code(steps=-1))) == (401, "code_refused")


async def test_of_the_same_code_twice_at_once_one_gets_in(the_house: House) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as one, again(hanna) as two:
        the_house.clock.advance(timedelta(seconds=60))
        for code in (hanna.code(), hanna.backup_codes[0]):
            answers = await asyncio.gather(one.sign_in(code=code), two.sign_in(code=code))
            assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.parametrize(("steps", "fine"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_wrong_by_one_step(the_house: House, steps: int, fine: bool) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as elsewhere:
        the_house.clock.advance(timedelta(minutes=5))
        answer = await elsewhere.sign_in(code=hanna.code(steps=steps))
        assert (answer.status_code == 200) is fine


@pytest.mark.parametrize("code", ["٠١٢٣٤٥", "12345", "1234567", " 123456", "-1-1-1", "", "------", "A" * 32])
async def test_what_is_no_code_is_refused(the_house: House, code: str) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as elsewhere:
        assert (await elsewhere.sign_in(code=code)).status_code == 401
        assert elsewhere.token is None


async def test_a_backup_code_is_used_once_and_read_as_people_write_it(the_house: House) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as elsewhere:
        assert len(set(hanna.backup_codes)) == 10
        first, second = hanna.backup_codes[:2]
        assert (await elsewhere.sign_in(code=f" {first.lower().replace('-', ' ')} ")).json()["strong"]
        assert (await hanna.account())["backup_codes"] == 9
        assert code_of(await elsewhere.sign_in(code=first)) == (401, "code_refused")
        fresh = (await hanna.browser.post("/api/account/backup-codes")).json()["backup_codes"]
        assert code_of(await elsewhere.sign_in(code=second)) == (401, "code_refused")
        assert (await elsewhere.sign_in(code=fresh[0])).status_code == 200


async def test_somebody_elses_backup_code_opens_nothing(the_house: House) -> None:
    async with (
        person(the_house, "Hanna", strong=True) as hanna,
        person(the_house, "Gustav", strong=True) as gustav,
        again(hanna) as elsewhere,
    ):
        assert code_of(await elsewhere.sign_in(code=gustav.backup_codes[0])) == (401, "code_refused")


async def test_a_second_factor_that_nobody_proved_in_time_is_none(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        hanna.totp = (await hanna.browser.post("/api/account/totp")).json()["secret"]
        assert code_of(await hanna.browser.put("/api/account/totp", json={"code": "000000"})) == (401, "code_refused")
        the_house.clock.advance(timedelta(minutes=10))
        late = await hanna.browser.put("/api/account/totp", json={"code": hanna.code()})
        assert code_of(late) == (401, "code_refused")
        assert not (await hanna.who())["has_totp"]


async def test_the_second_factor_goes_by_a_strong_session_only(the_house: House) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as elsewhere:
        assert (await hanna.browser.delete("/api/account/totp")).status_code == 204
        assert (await elsewhere.sign_in()).json()["has_totp"] is False
        # A thief of the password, while Hanna has a second factor again.
        await hanna.add_second_factor()
        assert code_of(await elsewhere.browser.post("/api/account/totp")) == (403, "second_factor_required")
        assert code_of(await elsewhere.browser.delete("/api/account/totp")) == (403, "second_factor_required")
        assert code_of(await elsewhere.browser.post("/api/account/backup-codes")) == (403, "second_factor_required")


@pytest.mark.parametrize("how", ["renewed", "removed"])
async def test_with_a_second_factor_go_the_sessions_that_it_began(the_house: House, how: str) -> None:
    """Otto has her telephone, and signed in with it."""
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as otto:
        the_house.clock.advance(timedelta(minutes=1))
        assert (await otto.sign_in(code=otto.code())).status_code == 200
        if how == "renewed":
            await hanna.add_second_factor()
        else:
            assert (await hanna.browser.delete("/api/account/totp")).status_code == 204
        assert [await hanna.is_in(), await otto.is_in()] == [True, False]


async def test_a_first_second_factor_ends_nobodys_session(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as phone:
        await phone.sign_in()
        await hanna.add_second_factor()
        assert [await hanna.is_in(), await phone.is_in()] == [True, True]


async def test_an_administrator_keeps_a_second_factor(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada:
        assert code_of(await ada.browser.delete("/api/account/totp")) == (409, "last_means")


# -- the password -----------------------------------------------------------------------------------------------------


async def test_a_new_password_ends_all_other_sessions(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as elsewhere:
        await elsewhere.sign_in()
        body = {"kdf": kdf(), "key": key_of("another"), "current": hanna.key, "wrap": None}
        wrong = await hanna.browser.put("/api/account/password", json=body | {"current": random32()})
        assert code_of(wrong) == (401, "signin_refused")
        assert code_of(await hanna.browser.put("/api/account/password", json=body | {"current": None}))[0] == 401
        assert await elsewhere.is_in()
        assert (await hanna.browser.put("/api/account/password", json=body)).status_code == 204
        assert [await hanna.is_in(), await elsewhere.is_in()] == [True, False]
        assert code_of(await elsewhere.sign_in()) == (401, "signin_refused")
        elsewhere.password = "another"
        assert (await elsewhere.sign_in()).status_code == 200
        told = await elsewhere.browser.post("/api/signin/password/kdf", json={"name": "Hanna"})
        assert told.json()["kdf"] == body["kdf"]
        # The vault's key is not wrapped by what nobody knows any more.
        assert [wrap["kind"] for wrap in (await hanna.browser.get("/api/vault")).json()["wraps"]] == ["recovery"]


async def test_a_password_that_is_the_only_means_stays(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        assert code_of(await hanna.browser.delete("/api/account/password")) == (409, "last_means")


@pytest.mark.parametrize(
    "weaker", [{"memory_kib": 65535}, {"passes": 2}, {"lanes": 5}, {"memory_kib": 2**21}, {"salt": "AAAA"}, {"v": 2}]
)
async def test_a_password_is_not_made_weaker(the_house: House, weaker: dict[str, object]) -> None:
    async with person(the_house, "Hanna") as hanna:
        body = {"kdf": kdf(**weaker), "key": random32(), "current": hanna.key}
        assert code_of(await hanna.browser.put("/api/account/password", json=body)) == (400, "malformed")


async def test_a_disabled_account_is_refused_like_an_unknown_one(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, person(the_house, "Hanna") as hanna:
        body = {"role": "organiser", "disabled": True}
        assert (await ada.browser.put(f"/api/admin/people/{hanna.id}", json=body)).status_code == 204
        assert not await hanna.is_in()
        async with stranger(the_house, "Otto") as otto:
            unknown = await otto.sign_in()
            assert (await hanna.sign_in()).json() == unknown.json()
            assert code_of(unknown) == (401, "signin_refused")


async def test_a_page_of_somebody_elses_changes_nothing(the_house: House) -> None:
    """Otto has signed in in another tab, and Hanna's page still stands there."""
    async with person(the_house, "Hanna") as hanna, person(the_house, "Otto", strong=True) as otto:
        hanna.browser.cookies = otto.browser.cookies
        for method, path in [
            ("DELETE", "/api/account"),
            ("DELETE", "/api/account/password"),
            ("POST", "/api/account/totp"),
            ("DELETE", "/api/account/totp"),
            ("POST", "/api/account/backup-codes"),
            ("DELETE", "/api/account/sessions"),
            ("POST", "/api/account/passkeys/options"),
        ]:
            answer = await hanna.browser.request(method, path)
            assert (path, *code_of(answer)) == (path, 401, "signin_needed")
        del hanna.browser.headers["Klausur-Account"]
        assert code_of(await hanna.browser.delete("/api/account")) == (401, "signin_needed")
        assert (await otto.sign_in(code=otto.code(steps=1))).status_code == 200
