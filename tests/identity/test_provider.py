"""Hanna signs in by the organisation's identity provider; Otto stands in between, or is it."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from klausur.domain.errors import Malformed, ProviderRefused, ProviderUnavailable
from klausur.domain.provider_ports import ProviderPerson
from klausur.identity.metadata import is_guarded
from tests.house import ManualClock
from tests.identity.fake_provider import (
    ISSUER,
    FakeProvider,
)
from tests.identity.pair import Pair, down, pair

# -- as it should be --------------------------------------------------------------------------------------------------


async def test_somebody_signs_in(both: Pair) -> None:
    person = await both.sign_in("/account")
    assert person == ProviderPerson(
        issuer=ISSUER,
        subject="hanna-at-the-provider",
        session="their-session",
        name=None,
        strong=False,
        to="/account",
        left=None,
        connect=False,
    )


async def test_the_provider_is_asked_for_no_more_than_needed(both: Pair) -> None:
    async def scope(its: Pair) -> str:
        departure = await its.ours.depart("/", None)
        return parse_qs(urlsplit(departure.address).query)["scope"][0]

    assert await scope(both) == "openid"
    assert await scope(both.with_facts(new_accounts=True)) == "openid profile"
    assert await scope(both.with_facts(new_accounts=True, name_claim="email")) == "openid email"
    await both.sign_in()
    assert "/userinfo" not in both.theirs.asked


async def test_a_new_account_has_the_name_that_the_token_tells_or_else_the_provider(both: Pair) -> None:
    new = both.with_facts(new_accounts=True)
    assert (await new.sign_in()).name == "hanna"
    both.theirs.claims = {"preferred_username": "hanna in the token"}
    assert (await new.sign_in()).name == "hanna in the token"


async def test_what_is_told_of_somebody_else_is_not_taken(both: Pair) -> None:
    both.theirs.userinfo = {"sub": "otto"}
    with pytest.raises(ProviderRefused):
        await both.with_facts(new_accounts=True).sign_in()


@pytest.mark.parametrize(
    ("claims", "strong"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "mfa"}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),
        ({"amr": [["mfa"]]}, False),
        ({}, False),
    ],
)
async def test_a_second_factor_is_what_the_operator_says(both: Pair, claims: dict[str, Any], *, strong: bool) -> None:
    both.theirs.claims = claims
    try:
        assert (await both.sign_in()).strong is strong
    except ProviderRefused:
        assert claims == {"amr": "mfa"}
    if strong:
        assert not (await both.with_facts(strong=frozenset()).sign_in()).strong


async def test_a_secret_goes_the_way_that_the_provider_takes(both: Pair) -> None:
    both.theirs.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await both.sign_in()
    both.theirs.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    with pytest.raises(ProviderUnavailable):
        await both.with_facts().sign_in()


async def test_whoever_connects_their_account_is_known_when_they_come_back(both: Pair) -> None:
    departure = await both.ours.depart("/account", "her session", connect=True)
    person = await both.ours.arrive(departure.cookie, both.theirs.visit(departure.address))
    assert (person.left, person.connect) == ("her session", True)


async def test_what_the_provider_says_of_itself_holds_for_an_hour(both: Pair) -> None:
    await both.sign_in()
    await both.sign_in()
    assert both.theirs.asked.count("/.well-known/openid-configuration") == 1
    assert both.theirs.asked.count("/keys") == 1
    both.clock.advance(timedelta(hours=1))
    await both.sign_in()
    assert both.theirs.asked.count("/.well-known/openid-configuration") == 2


async def test_a_new_key_is_asked_for_but_not_at_anybodys_pleasure(both: Pair) -> None:
    await both.sign_in()
    both.theirs.key = type(both.theirs.key).generate_key(2048, {"kid": "second", "use": "sig"})
    made_up = both.theirs.logout_token(kid="made up")
    for _ in range(2):
        both.clock.advance(timedelta(seconds=59))
        for _ in range(5):
            with pytest.raises(Malformed):
                await both.ours.signed_out(made_up)
    assert both.theirs.asked.count("/keys") == 2
    await both.ours.signed_out(both.theirs.logout_token(kid="second"))
    assert both.theirs.asked.count("/keys") == 2


# -- the way there and back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed", [{"state": ""}, {"state": "x" * 43}, {"iss": "https://id.example.com"}, {"code": ""}]
)
async def test_an_answer_to_another_question_is_refused(both: Pair, changed: dict[str, str]) -> None:
    with pytest.raises(ProviderRefused):
        await both.sign_in(**changed)
    assert "/token" not in both.theirs.asked


@pytest.mark.parametrize("left", ["state", "iss", "code"])
async def test_half_an_answer_is_refused(both: Pair, left: str) -> None:
    departure = await both.ours.depart("/", None)
    answer = both.theirs.visit(departure.address)
    del answer[left]
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(departure.cookie, answer)
    assert "/token" not in both.theirs.asked


async def test_a_provider_that_does_not_name_itself_in_callbacks_need_not(both: Pair) -> None:
    both.theirs.metadata = {"authorization_response_iss_parameter_supported": None}
    departure = await both.ours.depart("/", None)
    answer = both.theirs.visit(departure.address)
    del answer["iss"]
    await both.ours.arrive(departure.cookie, answer)
    with pytest.raises(ProviderRefused):
        await both.sign_in(iss="https://id.example.com")


async def test_whoever_declines_there_is_not_signed_in(both: Pair) -> None:
    with pytest.raises(ProviderRefused):
        await both.sign_in(error="access_denied")


async def test_a_state_belongs_to_one_browser_and_one_use(both: Pair) -> None:
    hers, ottos = await both.ours.depart("/", None), await both.ours.depart("/", None)
    answer = both.theirs.visit(ottos.address)
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(hers.cookie, answer)
    await both.ours.arrive(ottos.cookie, answer)
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(ottos.cookie, answer)
    with pytest.raises(ProviderRefused):
        await both.ours.arrive("", answer)


async def test_a_state_lives_for_ten_minutes(both: Pair) -> None:
    departure = await both.ours.depart("/", None)
    both.clock.advance(timedelta(minutes=10))
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(departure.cookie, both.theirs.visit(departure.address))


async def test_there_are_never_more_states_than_there_is_room_for() -> None:
    clock = ManualClock()
    both = pair(clock, FakeProvider(clock), at_most=2)
    first, second, third = [await both.ours.depart("/", None) for _ in range(3)]
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(first.cookie, both.theirs.visit(first.address))
    for each in (second, third):
        await both.ours.arrive(each.cookie, both.theirs.visit(each.address))


async def test_a_code_is_of_no_use_to_who_did_not_ask_for_it(both: Pair) -> None:
    """PKCE: Otto has come by Hanna's code and brings it back as an answer to his own question."""
    hers, ottos = await both.ours.depart("/", None), await both.ours.depart("/", None)
    code = both.theirs.visit(hers.address)["code"]
    with pytest.raises(ProviderRefused):
        await both.ours.arrive(ottos.cookie, both.theirs.visit(ottos.address) | {"code": code})


@pytest.mark.parametrize("to", ["/", "/account", "/m/abcDEF123-_", "/admin/people"])
async def test_people_come_back_to_the_page_that_they_wanted(both: Pair, to: str) -> None:
    assert (await both.sign_in(to)).to == to


@pytest.mark.parametrize(
    "to",
    [
        "",
        "//example.org",
        "///example.org",
        "/\\example.org",
        "\\\\example.org",
        "https://example.org",
        "javascript:alert(1)",
        "/account?next=//example.org",
        "/account#x",
        "/account/",
        "/account\r\nSet-Cookie: a=b",
        "/account\n",
        "/%2f%2fexample.org",
        "/..//example.org",
        "/@example.org",
        "/api",
        "/api/signin/provider",
        "account",
        "/" + "a" * 200,
    ],
)
async def test_nobody_is_sent_anywhere_else(both: Pair, to: str) -> None:
    assert (await both.sign_in(to)).to == "/"


# -- a provider that is down, slow, or somebody else ------------------------------------------------------------------

ENDPOINTS = ["/.well-known/openid-configuration", "/keys", "/token"]


async def broken(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(503, text="<html>")


async def nonsense(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<html>")


async def a_list(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=[])


async def nested(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="[" * 100_000)


async def elsewhere(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"Location": "http://192.0.2.1/"})


async def packed(_request: httpx.Request) -> httpx.Response:
    """Nobody knows how long it is."""
    return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b"{}"))


async def a_bomb(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b" " * 10_000_000))


class Endless(httpx.AsyncByteStream):
    """Ten megabytes. How much of it was read?"""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> Any:
        for _ in range(10):
            self.read += 1_000_000
            yield b" " * 1_000_000


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("how", [down, broken, nonsense, a_list, nested, elsewhere, packed, a_bomb])
async def test_a_provider_without_an_answer_is_unavailable(both: Pair, endpoint: str, how: Any) -> None:
    both.theirs.instead[endpoint] = how
    with pytest.raises(ProviderUnavailable):
        await both.sign_in()
    assert not [asked for asked in both.theirs.asked if asked == "/"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_an_endless_answer_is_not_read_to_its_end(both: Pair, endpoint: str) -> None:
    endless = Endless()

    async def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=endless)

    both.theirs.instead[endpoint] = answer
    with pytest.raises(ProviderUnavailable):
        await both.sign_in()
    assert endless.read == 1_000_000


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_nobody_waits_for_a_provider_for_ever(endpoint: str) -> None:
    clock = ManualClock()
    theirs = FakeProvider(clock)
    never = asyncio.Event()

    async def slow(_request: httpx.Request) -> httpx.Response:
        await never.wait()
        return httpx.Response(200)

    theirs.instead[endpoint] = slow
    both = pair(clock, theirs, within_seconds=0.3)
    with pytest.raises(ProviderUnavailable):
        await both.sign_in()


@pytest.mark.parametrize("endpoint", ENDPOINTS[:2])
async def test_after_a_failure_it_is_asked_again_in_a_minute(both: Pair, endpoint: str) -> None:
    """Whoever is not there, or slow, is not waited for by everybody in turn."""
    both.theirs.instead[endpoint] = down
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await both.sign_in()
    assert both.theirs.asked.count(endpoint) == 1
    del both.theirs.instead[endpoint]
    with pytest.raises(ProviderUnavailable):
        await both.sign_in()
    both.clock.advance(timedelta(minutes=1))
    await both.sign_in()


async def test_nor_is_one_that_says_nothing_asked_by_everybody_who_signs_out() -> None:
    clock = ManualClock()
    theirs = FakeProvider(clock)
    never, asked = asyncio.Event(), 0

    async def silent(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await never.wait()
        return httpx.Response(200)

    theirs.instead[ENDPOINTS[0]] = silent
    both = pair(clock, theirs, within_seconds=0.3)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await both.sign_in()
    assert asked <= 1


async def test_who_needs_no_newer_keys_waits_for_nobody(both: Pair) -> None:
    """Otto makes up a logout by a key that nobody knows, and the provider takes its time to say so."""
    await both.sign_in()
    asked, never = asyncio.Event(), asyncio.Event()

    async def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        await never.wait()
        return httpx.Response(200)

    both.theirs.instead["/keys"] = slow
    both.clock.advance(timedelta(minutes=2))
    ottos = asyncio.create_task(both.ours.signed_out(both.theirs.logout_token(kid="made up")))
    await asked.wait()
    await both.sign_in()
    assert not ottos.done()
    ottos.cancel()
    await asyncio.gather(ottos, return_exceptions=True)


async def test_without_newer_keys_those_that_there_are_count(both: Pair) -> None:
    await both.sign_in()
    both.theirs.instead["/keys"] = down
    both.clock.advance(timedelta(minutes=2))
    with pytest.raises(ProviderUnavailable):
        await both.ours.signed_out(both.theirs.logout_token(kid="made up"))
    await both.sign_in()


async def test_a_wrong_secret_is_the_operators_to_mend(both: Pair) -> None:
    with pytest.raises(ProviderUnavailable):
        await both.with_facts(client_secret="another").sign_in()


SOMEBODY_ELSE: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://id.example.com"},
    "an issuer that is almost ours": {"issuer": f"{ISSUER}/"},
    "no issuer": {"issuer": None},
    "keys in clear": {"jwks_uri": "http://id.example.org/keys"},
    "tokens in clear": {"token_endpoint": "http://id.example.org/token"},
    "pages in clear": {"authorization_endpoint": "http://id.example.org/authorize"},
    "names in clear": {"userinfo_endpoint": "http://id.example.org/userinfo"},
    "an end in clear": {"end_session_endpoint": "http://id.example.org/logout"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "no page": {"authorization_endpoint": None},
    "no tokens": {"token_endpoint": None},
    "no keys": {"jwks_uri": None},
    "a number": {"token_endpoint": 7},
    "a name and password": {"token_endpoint": "https://a:b@id.example.org/token"},
}


@pytest.mark.parametrize("metadata", SOMEBODY_ELSE.values(), ids=SOMEBODY_ELSE.keys())
async def test_a_provider_that_says_it_is_somebody_else_is_not_used(both: Pair, metadata: dict[str, Any]) -> None:
    both.theirs.metadata = metadata
    with pytest.raises(ProviderUnavailable):
        await both.ours.depart("/", None)


@pytest.mark.parametrize(
    ("address", "guarded"),
    [
        ("https://id.example.org/x", True),
        ("http://localhost:8080/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://id.example.org", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("ftp://id.example.org", False),
        ("https://", False),
        ("https://id.example.org/#x", False),
    ],
)
def test_secrets_go_by_tls_or_stay_on_this_machine(address: str, *, guarded: bool) -> None:
    assert is_guarded(address) is guarded
