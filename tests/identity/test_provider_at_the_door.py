"""Signing in by the identity provider through the whole installation, and out again."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from klausur import log
from tests.house import ORIGIN, House, ManualClock, house
from tests.identity.authenticator import Authenticator
from tests.identity.fake_provider import AFTER_LOGOUT, CLIENT_ID, CLIENT_SECRET, ISSUER, FakeProvider
from tests.identity.members import Member, a_browser, ada, invited

CALLBACK = "/api/signin/provider/callback"
LOGOUT = "/api/signin/provider/logout"
SETTINGS: dict[str, Any] = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": CLIENT_ID,
    "oidc_client_secret": CLIENT_SECRET,
    "oidc_name": "Example ID",
}


OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Cast:
    house: House
    theirs: FakeProvider
    ada: Member
    hanna: Member
    """She has an account with a passkey and a password, and is known to the provider."""
    otto: Member

    async def by_provider(self, member: Member, query: str = "", **changed: str) -> httpx.Response:
        """The whole way: there, and back again."""
        there = await member.browser.get(f"/api/signin/provider{query}", headers=OUR_PAGE)
        assert there.status_code == 303, there.text
        return await member.browser.get(CALLBACK, params=self.theirs.visit(there.headers["location"]) | changed)

    async def connect(self, member: Member) -> None:
        answer = await self.by_provider(member, "?to=/account&connect=true")
        assert answer.headers["location"] == "/account"

    async def logout(self, token: str, **headers: str) -> httpx.Response:
        """From the provider itself: no cookie, no Origin."""
        async with a_browser(self.house) as theirs:
            del theirs.headers["Origin"]
            return await theirs.post(LOGOUT, data={"logout_token": token}, headers=headers)


@asynccontextmanager
async def a_cast(folder: Path, **chosen: Any) -> AsyncIterator[Cast]:
    clock = ManualClock()
    theirs = FakeProvider(clock)
    async with AsyncExitStack() as stack:
        built = await stack.enter_async_context(
            house(folder, clock=clock, outside=theirs.transport, **SETTINGS, **chosen)
        )
        browsers = [await stack.enter_async_context(a_browser(built)) for _ in range(3)]
        first = await ada(built, browsers[0])
        hanna = await invited(first, browsers[1], "hanna", password=True)
        yield Cast(built, theirs, first, hanna, Member(browsers[2], "otto"))


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    async with a_cast(tmp_path) as its:
        yield its


def code(answer: httpx.Response) -> str:
    return str(answer.json().get("code"))


# -- coming in --------------------------------------------------------------------------------------------------------


async def test_hanna_connects_her_account_and_comes_in_by_the_provider(cast: Cast) -> None:
    cookie = cast.hanna.browser.cookies["klausur"]
    await cast.connect(cast.hanna)
    assert cast.hanna.browser.cookies["klausur"] == cookie, "she stays signed in as she was"
    assert (await cast.hanna.account())["provider"] is True
    cast.hanna.browser.cookies.clear()
    answer = await cast.by_provider(cast.hanna, "?to=/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await cast.hanna.who() == "hanna"
    assert (await cast.hanna.browser.get("/api/session")).json()["strong"] is False


async def test_the_cookies_of_the_way(cast: Cast) -> None:
    there = await cast.otto.browser.get("/api/signin/provider")
    state = there.headers["set-cookie"]
    assert all(said in state for said in ("klausur-provider=", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"))
    await cast.connect(cast.hanna)
    answer = await cast.by_provider(cast.hanna)
    state, session = sorted(answer.headers.get_list("set-cookie"))
    assert all(said in session for said in ("klausur=", "HttpOnly", "SameSite=strict", "Path=/"))
    assert all(said in state for said in ('klausur-provider=""', "Max-Age=0", "Path=/"))


async def test_cookies_under_tls(tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"public_url": "https://meet.example.org", "trusted_proxies": "203.0.113.0/24"}
    outside = FakeProvider(ManualClock()).transport
    async with house(tmp_path, outside=outside, **SETTINGS, **chosen) as built, a_browser(built) as browser:
        headers = {"Host": "meet.example.org", "X-Forwarded-For": "198.51.100.7"}
        there = await browser.get("/api/signin/provider", headers=headers)
    assert there.headers["set-cookie"].startswith("__Host-klausur-provider=")
    assert all(said in there.headers["set-cookie"] for said in ("Secure", "Path=/", "SameSite=lax"))
    assert "Domain" not in there.headers["set-cookie"]
    asked = urlsplit(there.headers["location"]).query
    assert "redirect_uri=https%3A%2F%2Fmeet.example.org%2Fapi%2Fsignin%2Fprovider%2Fcallback" in asked


async def test_a_session_that_was_there_before_ends(cast: Cast) -> None:
    """Whatever cookie somebody smuggled into her browser, it is not the one that she is signed in with."""
    await cast.connect(cast.hanna)
    await cast.by_provider(cast.hanna)
    first = cast.hanna.browser.cookies["klausur"]
    await cast.by_provider(cast.hanna)
    cast.otto.browser.cookies.set("klausur", first)
    assert await cast.otto.who() is None


async def test_a_session_in_which_she_left_ends(cast: Cast) -> None:
    """A browser does not show its cookie on the way back: it is strict, and the way comes from another site."""
    await cast.connect(cast.hanna)
    first = cast.hanna.browser.cookies["klausur"]
    there = await cast.hanna.browser.get("/api/signin/provider")
    del cast.hanna.browser.cookies["klausur"]
    await cast.hanna.browser.get(CALLBACK, params=cast.theirs.visit(there.headers["location"]))
    assert await cast.hanna.who() == "hanna"
    cast.otto.browser.cookies.set("klausur", first)
    assert await cast.otto.who() is None


async def test_whom_we_do_not_know_gets_no_account(cast: Cast) -> None:
    answer = await cast.by_provider(cast.otto)
    assert answer.headers["location"] == "/signin#no-account"
    assert await cast.otto.who() is None


async def test_a_name_at_the_provider_opens_nobodys_account(cast: Cast) -> None:
    cast.theirs.subject = "otto-at-the-provider"
    cast.theirs.claims = {"preferred_username": "ada", "name": "ada", "email": "ada"}
    assert (await cast.by_provider(cast.otto)).headers["location"] == "/signin#no-account"


async def test_with_new_accounts_people_become_organisers(tmp_path: Path) -> None:
    async with a_cast(tmp_path, oidc_new_accounts=True) as cast:
        cast.theirs.subject, cast.theirs.userinfo = "gustav-there", {"preferred_username": " Gustav "}
        answer = await cast.by_provider(cast.otto)
        assert answer.headers["location"] == "/"
        told = (await cast.otto.browser.get("/api/session")).json()
        assert (told["account"]["name"], told["account"]["role"]) == ("Gustav", "organiser")
        first = told["account"]["id"]
        cast.theirs.userinfo = {"preferred_username": "renamed"}
        await cast.by_provider(cast.otto)
        again = (await cast.otto.browser.get("/api/session")).json()["account"]
        assert (again["id"], again["name"]) == (first, "Gustav")


@pytest.mark.parametrize("name", ["HANNA", "hanna ", "", "x", "a\u202eb", None, 7])
async def test_a_name_that_nobody_can_have_or_somebody_has_makes_no_account(tmp_path: Path, name: object) -> None:
    async with a_cast(tmp_path, oidc_new_accounts=True) as cast:
        cast.theirs.subject, cast.theirs.userinfo = "otto-there", {"preferred_username": name}
        assert (await cast.by_provider(cast.otto)).headers["location"] == "/signin#no-account"
        assert await cast.otto.who() is None


async def test_a_second_factor_is_one_where_the_operator_trusts_the_provider_for_it(tmp_path: Path) -> None:
    async with a_cast(tmp_path, oidc_second_factor="mfa,hwk") as cast:
        await cast.connect(cast.ada)
        for methods, status in ((["pwd"], 403), (["pwd", "mfa"], 200)):
            cast.theirs.claims = {"amr": methods}
            await cast.by_provider(cast.ada)
            assert (await cast.ada.browser.get("/api/admin/people")).status_code == status


async def test_who_is_disabled_does_not_get_in(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    changed = {"role": "organiser", "disabled": True}
    assert (await cast.ada.browser.put(f"/api/admin/people/{cast.hanna.id}", json=changed)).status_code == 204
    assert (await cast.by_provider(cast.hanna)).headers["location"] == "/signin#no-account"


# -- connecting -------------------------------------------------------------------------------------------------------


async def test_without_a_session_nothing_is_connected(cast: Cast) -> None:
    """It must not become a sign-in either, and with it perhaps a second account."""
    there = await cast.otto.browser.get("/api/signin/provider?to=/account&connect=true", headers=OUR_PAGE)
    assert (there.status_code, there.headers["location"]) == (303, "/signin")


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none", None])
async def test_only_a_page_of_ours_connects(cast: Cast, site: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    there = await cast.hanna.browser.get("/api/signin/provider?connect=true", headers=headers)
    assert code(there) == "wrong_origin"


async def test_signing_in_connects_nothing(cast: Cast) -> None:
    await cast.by_provider(cast.hanna, "?to=/account")
    assert (await cast.hanna.account())["provider"] is False


async def test_one_person_there_is_one_account_here(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    answer = await cast.by_provider(cast.ada, "?connect=true")
    assert answer.headers["location"] == "/signin#provider-refused"
    assert (await cast.ada.account())["provider"] is False


async def test_whoever_stole_a_password_connects_nothing(cast: Cast) -> None:
    cast.otto.name, cast.otto.key = "hanna", cast.hanna.key
    assert (await cast.otto.sign_in_by_password()).status_code == 200
    there = await cast.otto.browser.get("/api/signin/provider?connect=true", headers=OUR_PAGE)
    assert code(there) == "second_factor_required"


@pytest.mark.parametrize(("trusted", "told"), [("mfa", "second_factor_required"), (None, "None")])
async def test_a_stolen_password_gets_no_second_factor_where_the_provider_counts_as_one(
    tmp_path: Path, trusted: str | None, told: str
) -> None:
    """Gustav administers by the provider's second factor; the password of his invitation is known to Otto."""
    chosen = {"oidc_second_factor": trusted} if trusted else {}
    async with a_cast(tmp_path, **chosen) as cast, a_browser(cast.house) as browser:
        gustav = await invited(cast.ada, browser, "gustav", "administrator", password=True, passkey=False)
        cast.theirs.subject = "gustav-there"
        await cast.connect(gustav)
        cast.otto.name, cast.otto.key = "gustav", gustav.key
        assert (await cast.otto.sign_in_by_password()).status_code == 200
        assert code(await cast.otto.browser.post("/api/account/totp")) == told
        if trusted:
            assert code(await cast.otto.add(Authenticator())) == told
            assert code(await cast.otto.browser.delete("/api/account")) == told
            there = await cast.otto.browser.get("/api/signin/provider?connect=true", headers=OUR_PAGE)
            assert code(there) == told
            cast.theirs.claims = {"amr": ["mfa"]}
            await cast.by_provider(gustav)
            assert (await gustav.browser.post("/api/account/totp")).status_code == 201


async def test_who_signs_out_meanwhile_connects_nothing(cast: Cast) -> None:
    there = await cast.hanna.browser.get("/api/signin/provider?connect=true", headers=OUR_PAGE)
    await cast.hanna.browser.delete("/api/session")
    back = await cast.hanna.browser.get(CALLBACK, params=cast.theirs.visit(there.headers["location"]))
    assert back.headers["location"] == "/signin#provider-refused"
    assert (await cast.hanna.sign_in()).status_code == 200
    assert (await cast.hanna.account())["provider"] is False


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"state": "another"}, {"code": "another"}, {"iss": "https://id.example.com"}, {"error": "access_denied"}],
)
async def test_what_does_not_fit_leads_back_to_signing_in(cast: Cast, changed: dict[str, str]) -> None:
    await cast.connect(cast.hanna)
    cast.hanna.browser.cookies.clear()
    answer = await cast.by_provider(cast.hanna, **changed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin#provider-refused")
    assert await cast.hanna.who() is None


async def test_an_answer_counts_once_and_in_one_browser(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    there = await cast.hanna.browser.get("/api/signin/provider")
    answer = cast.theirs.visit(there.headers["location"])
    ottos = await cast.otto.browser.get(CALLBACK, params=answer)
    assert ottos.headers["location"] == "/signin#provider-refused"
    assert (await cast.hanna.browser.get(CALLBACK, params=answer)).headers["location"] == "/"
    assert (await cast.hanna.browser.get(CALLBACK, params=answer)).headers["location"] == "/signin#provider-refused"


@pytest.mark.parametrize("query", ["", "?state=a&state=b&code=c", "?" + "&".join(f"p{n}=1" for n in range(30))])
async def test_strange_callbacks_are_refused(cast: Cast, query: str) -> None:
    answer = await cast.otto.browser.get(f"{CALLBACK}{query}")
    assert answer.headers["location"] == "/signin#provider-refused"


@pytest.mark.parametrize("name", ["code", "state", "iss"])
async def test_what_is_told_twice_is_not_told(cast: Cast, name: str) -> None:
    await cast.connect(cast.hanna)
    there = await cast.hanna.browser.get("/api/signin/provider")
    answer = cast.theirs.visit(there.headers["location"])
    twice = httpx.QueryParams([(name, "another"), *answer.items()])
    assert (await cast.hanna.browser.get(CALLBACK, params=twice)).headers["location"] == "/signin#provider-refused"


@pytest.mark.parametrize("to", ["//example.org", "/\\example.org", "https://example.org", "/a%0d%0aSet-Cookie:x=y"])
async def test_nobody_is_sent_to_another_site(cast: Cast, to: str) -> None:
    await cast.connect(cast.hanna)
    assert (await cast.by_provider(cast.hanna, f"?to={to}")).headers["location"] == "/"


async def test_a_provider_that_is_down_is_said_to_be(cast: Cast) -> None:
    async def down(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    cast.theirs.instead["/.well-known/openid-configuration"] = down
    there = await cast.otto.browser.get("/api/signin/provider")
    assert (there.status_code, there.headers["location"]) == (303, "/signin#provider-unavailable")
    assert "set-cookie" not in there.headers
    del cast.theirs.instead["/.well-known/openid-configuration"]
    cast.house.clock.advance(timedelta(minutes=1))
    cast.theirs.instead["/token"] = down
    assert (await cast.by_provider(cast.otto)).headers["location"] == "/signin#provider-unavailable"


async def test_without_a_provider_there_is_nothing_here(the_house: House) -> None:
    for path in ("/api/signin/provider", CALLBACK):
        assert code(await the_house.browser.get(path)) == "not_found"
    assert code(await the_house.browser.post(LOGOUT, data={"logout_token": "x"})) == "not_found"


async def test_the_pages_know_its_name(cast: Cast) -> None:
    assert (await cast.otto.browser.get("/api/operator")).json()["signin"] == {
        "passkeys": True,
        "provider": "Example ID",
    }


# -- going out --------------------------------------------------------------------------------------------------------


async def test_signing_out_here_leads_to_signing_out_there(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    await cast.by_provider(cast.hanna)
    address = (await cast.hanna.browser.delete("/api/session")).json()["provider_logout"]
    assert address.startswith(f"{ISSUER}/logout?")
    assert httpx.URL(address).params["post_logout_redirect_uri"] == AFTER_LOGOUT
    await cast.hanna.sign_in()
    assert (await cast.hanna.browser.delete("/api/session")).json() == {"provider_logout": None}


async def test_signing_out_there_ends_what_the_provider_began(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    async with a_browser(cast.house) as second:
        telephone = Member(second, "hanna")
        await cast.by_provider(telephone)
        assert await telephone.who() == "hanna"
        answer = await cast.logout(cast.theirs.logout_token())
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert await telephone.who() is None
    assert await cast.hanna.who() == "hanna", "what she began by passkey is not the provider's to end"


async def test_of_several_sessions_there_only_one_may_end(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    async with a_browser(cast.house) as second:
        telephone = Member(second, "hanna")
        cast.theirs.claims = {"sid": "on the telephone"}
        await cast.by_provider(telephone)
        await cast.logout(cast.theirs.logout_token(sid="another"))
        assert await telephone.who() == "hanna"
        await cast.logout(cast.theirs.logout_token(jti="two", sub="somebody else", sid="on the telephone"))
        assert await telephone.who() == "hanna"
        await cast.logout(cast.theirs.logout_token(jti="three", sub=None, sid="on the telephone"))
        assert await telephone.who() is None


FORGED: dict[str, dict[str, Any]] = {
    "a nonce": {"nonce": "n"},
    "no events": {"events": None},
    "another audience": {"aud": "another"},
    "another key's name": {"kid": "second"},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED.keys())
async def test_what_proves_nothing_ends_nothing(cast: Cast, changed: dict[str, Any]) -> None:
    await cast.connect(cast.hanna)
    await cast.by_provider(cast.hanna)
    answer = await cast.logout(cast.theirs.logout_token(**changed))
    assert (answer.status_code, code(answer)) == (400, "malformed")
    assert await cast.hanna.who() == "hanna"


async def test_a_logout_does_not_count_again(cast: Cast) -> None:
    await cast.connect(cast.hanna)
    token = cast.theirs.logout_token(sid=None)
    assert (await cast.logout(token)).status_code == 200
    await cast.by_provider(cast.hanna)
    assert (await cast.logout(token)).status_code == 400
    cast.house.clock.advance(timedelta(minutes=20))
    assert (await cast.logout(token)).status_code == 400
    assert await cast.hanna.who() == "hanna"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"logout_token": "x"}'),
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"logout_token=a&logout_token=b"),
        ("application/x-www-form-urlencoded", b"token=a"),
        ("application/x-www-form-urlencoded", b"\xff"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 100)),
    ],
)
async def test_what_is_no_logout_is_refused(cast: Cast, kind: str, body: bytes) -> None:
    answer = await cast.otto.browser.post(LOGOUT, content=body, headers={"Content-Type": kind})
    assert (answer.status_code, code(answer)) == (400, "malformed")


async def test_logouts_are_counted_by_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.api.attempts._PROVIDER_LOGOUTS_A_MINUTE", 3)
    async with a_cast(tmp_path) as cast, a_browser(cast.house, address="198.51.100.9") as elsewhere:
        await cast.connect(cast.hanna)
        await cast.by_provider(cast.hanna)
        told = [code(await cast.otto.browser.post(LOGOUT, data={"logout_token": "x"})) for _ in range(5)]
        assert told == ["malformed"] * 3 + ["too_many_attempts"] * 2
        answer = await elsewhere.post(LOGOUT, data={"logout_token": cast.theirs.logout_token()})
        assert answer.status_code == 200
        assert await cast.hanna.who() is None


# -- the one exemption ------------------------------------------------------------------------------------------------


async def test_nothing_else_is_done_without_our_origin(cast: Cast) -> None:
    """Every route that changes something, but the one that proves itself."""
    exempt = []
    async with a_browser(cast.house) as foreign:
        for path, operations in cast.house.built.api.openapi()["paths"].items():
            for method in operations.keys() - {"get", "head"}:
                for origin in ({}, {"Origin": "https://example.org"}, {"Origin": "null"}):
                    del_origin = {name: value for name, value in foreign.headers.items() if name != "origin"}
                    request = httpx.Request(method.upper(), f"{ORIGIN}{path}", headers=del_origin | origin)
                    answer = await foreign.send(request)
                    if code(answer) != "wrong_origin":
                        exempt.append((method, path))
    assert set(exempt) == {("post", LOGOUT)}


@pytest.mark.parametrize("path", [f"{LOGOUT}/", f"{LOGOUT}/x", f"/{LOGOUT}", "/api/signin/provider/Logout"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nor_what_looks_like_it(cast: Cast, method: str, path: str) -> None:
    async with a_browser(cast.house) as foreign:
        del foreign.headers["Origin"]
        answer = await foreign.request(method, f"{ORIGIN}{path}")
    assert code(answer) == "wrong_origin"


async def test_the_exemption_is_for_posting_alone(cast: Cast) -> None:
    async with a_browser(cast.house) as foreign:
        del foreign.headers["Origin"]
        assert code(await foreign.put(LOGOUT)) == "wrong_origin"
        other_host = await foreign.post(LOGOUT, headers={"Host": "example.org"})
        assert code(other_host) == "wrong_host"


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- nothing is left --------------------------------------------------------------------------------------------------


async def test_who_somebody_is_there_is_held_as_a_hash_alone(cast: Cast, tmp_path: Path) -> None:
    await cast.connect(cast.hanna)
    await cast.by_provider(cast.hanna)
    files = everything_in(tmp_path)
    assert files
    for name, held in files.items():
        for word in (cast.theirs.subject, "their-session", "preferred_username"):
            assert word.encode() not in held, f"{word} in {name}"


async def test_no_line_of_the_log_names_anybody(cast: Cast) -> None:
    stream = io.StringIO()
    log.configure("debug", stream)
    there = await cast.otto.browser.get("/api/signin/provider?to=/account")
    answer = cast.theirs.visit(there.headers["location"])
    cast.theirs.claims = {"nonce": "another", "name": "Otto Canary"}
    await cast.otto.browser.get(CALLBACK, params=answer)
    cast.theirs.tokens = {"error": "Otto Canary", "id_token": None}
    await cast.by_provider(cast.otto)
    await cast.logout(cast.theirs.logout_token(aud="another"))

    async def quoting(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"Otto Canary at {request.url}")

    cast.theirs.instead["/token"] = quoting
    await cast.by_provider(cast.otto)
    written = stream.getvalue()
    assert "provider_failed" in written
    assert "id_token_refused" in written
    words = ("Canary", cast.theirs.subject, "their-session", answer["code"], answer["state"], "id.example.org")
    assert [word for word in words if word in written] == []


async def test_an_account_that_only_the_provider_opens_may_get_a_passkey(tmp_path: Path) -> None:
    async with a_cast(tmp_path, oidc_new_accounts=True) as cast:
        cast.theirs.subject, cast.theirs.userinfo = "gustav-there", {"preferred_username": "gustav"}
        await cast.by_provider(cast.otto)
        await cast.otto.browser.get("/api/session")
        key = Authenticator()
        assert (await cast.otto.add(key)).status_code == 201
        assert (await cast.otto.sign_in(by=key)).json()["strong"] is True
