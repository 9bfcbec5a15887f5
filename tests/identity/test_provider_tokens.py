"""What the identity provider signs: taken to the letter, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey

from klausur.domain.encoding import encode
from klausur.domain.errors import Malformed, ProviderRefused, ProviderUnavailable
from klausur.domain.provider_ports import ProviderLogout
from klausur.identity.tokens import LOGOUT_EVENT
from tests.identity.authenticator import weak_rsa
from tests.identity.fake_provider import (
    AFTER_LOGOUT,
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    by_secret,
    other_keys,
    public_key,
    signed,
    unsigned,
)
from tests.identity.pair import Pair, down

# -- tokens -----------------------------------------------------------------------------------------------------------

WRONG = {
    "another issuer": {"iss": "https://id.example.com"},
    "an issuer that is almost ours": {"iss": f"{ISSUER}/"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "audiences without ours": {"aud": ["another", "third"]},
    "audiences without a party": {"aud": [CLIENT_ID, "another"]},
    "another party": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "another party alone": {"azp": "another"},
    "no audience": {"aud": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "an empty person": {"sub": ""},
    "a person by number": {"sub": 7},
    "an endless person": {"sub": "x" * 256},
    "no end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "no beginning": {"iat": None},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_says_something_else_is_refused(both: Pair, claims: dict[str, Any]) -> None:
    both.theirs.claims = claims
    with pytest.raises(ProviderRefused):
        await both.sign_in()


async def test_a_token_that_has_ended_is_refused(both: Pair) -> None:
    now = int(both.clock.now().timestamp())
    both.theirs.claims = {"exp": now - 60}
    with pytest.raises(ProviderRefused):
        await both.sign_in()
    both.theirs.claims = {"iat": now + 61}
    with pytest.raises(ProviderRefused):
        await both.sign_in()
    both.theirs.claims = {"exp": now - 59, "iat": now + 60}
    await both.sign_in()


async def test_a_token_for_us_and_others_is_taken_where_we_are_the_party(both: Pair) -> None:
    both.theirs.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    await both.sign_in()


async def forged(both: Pair, how: str) -> str:
    """A departure's whole way, with a token that Otto made of all he knows. Returns what became of it."""
    departure = await both.ours.depart("/", None)
    answer = both.theirs.visit(departure.address)
    claims = both.theirs.id_token(both.theirs.codes[answer["code"]]["nonce"])
    good = signed(claims, both.theirs.key, alg="RS256", kid="first")
    keys = other_keys()
    head, body, signature = good.split(".")
    made: dict[str, Any] = {
        "unsigned": unsigned(claims),
        "public key as a secret": by_secret(claims, public_key(both.theirs)),
        "our own secret": by_secret(claims, CLIENT_SECRET.encode()),
        "another key": signed(claims, keys["another RSA key"], alg="RS256", kid="first"),
        "another kind of key": signed(claims, keys["another kind of key"], alg="ES256", kid="first"),
        "cut": f"{head}.{body}.",
        "altered": f"{head}.{body[:-4]}AAAA.{signature}",
        "no token": "token",
        "not even a text": 7,
        "nothing": None,
        "endless": "A" * 200_000,
        "good": good,
    }
    both.theirs.tokens = {"id_token": made[how]}
    try:
        return (await both.ours.arrive(departure.cookie, answer)).subject
    except ProviderRefused:
        return "refused"


FORGED = (
    "unsigned",
    "public key as a secret",
    "our own secret",
    "another key",
    "another kind of key",
    "cut",
    "altered",
    "no token",
    "not even a text",
    "nothing",
    "endless",
)


@pytest.mark.parametrize("how", FORGED)
async def test_a_token_that_the_provider_did_not_sign_is_refused(both: Pair, how: str) -> None:
    assert await forged(both, how) == "refused"
    assert await forged(both, "good") == both.theirs.subject


async def test_keys_that_are_secrets_or_too_short_are_none(both: Pair) -> None:
    short = {"kty": "RSA", "e": "AQAB", "n": encode(weak_rsa()[-1]), "kid": "first"}
    secret = OctKey.generate_key(256, {"kid": "first"}).as_dict(private=True)

    async def keys(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": [secret, short]})

    both.theirs.instead["/keys"] = keys
    with pytest.raises(ProviderUnavailable):
        await both.sign_in()


# -- signing out ------------------------------------------------------------------------------------------------------


async def test_where_a_browser_goes_to_sign_out_there(both: Pair) -> None:
    address = urlsplit(await both.ours.logout_address() or "")
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/logout"
    assert parse_qs(address.query) == {"client_id": [CLIENT_ID], "post_logout_redirect_uri": [AFTER_LOGOUT]}


async def test_a_provider_may_have_no_place_to_sign_out(both: Pair) -> None:
    both.theirs.metadata = {"end_session_endpoint": None}
    assert await both.ours.logout_address() is None


async def test_signing_out_here_does_not_depend_on_it(both: Pair) -> None:
    both.theirs.instead["/.well-known/openid-configuration"] = down
    assert await both.ours.logout_address() is None


async def test_the_provider_tells_who_has_signed_out(both: Pair) -> None:
    told = await both.ours.signed_out(both.theirs.logout_token())
    assert told == ProviderLogout(ISSUER, "hanna-at-the-provider", "their-session")
    everywhere = await both.ours.signed_out(both.theirs.logout_token(jti="two", sid=None, typ="JWT"))
    assert everywhere == ProviderLogout(ISSUER, "hanna-at-the-provider", None)
    nameless = await both.ours.signed_out(both.theirs.logout_token(jti="three", sub=None))
    assert nameless == ProviderLogout(ISSUER, None, "their-session")


NO_LOGOUT: dict[str, dict[str, Any]] = {
    "a nonce": {"nonce": "n"},
    "no events": {"events": None},
    "another event": {"events": {"http://example.org/event": {}}},
    "an event that is none": {"events": {LOGOUT_EVENT: "yes"}},
    "events that are none": {"events": [LOGOUT_EVENT]},
    "another audience": {"aud": "another"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://id.example.com"},
    "no time": {"iat": None},
    "a time that is none": {"iat": "now"},
    "no id": {"jti": None},
    "an endless id": {"jti": "x" * 256},
    "nobody": {"sub": None, "sid": None},
    "somebody by number": {"sub": 7},
    "a session by number": {"sid": 7},
    "an end in the past": {"exp": 1},
    "another kind": {"typ": "at+jwt"},
}


@pytest.mark.parametrize("changed", NO_LOGOUT.values(), ids=NO_LOGOUT.keys())
async def test_what_is_no_logout_token_ends_nothing(both: Pair, changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        await both.ours.signed_out(both.theirs.logout_token(**changed))


async def test_a_logout_token_counts_once(both: Pair) -> None:
    token = both.theirs.logout_token()
    await both.ours.signed_out(token)
    with pytest.raises(Malformed):
        await both.ours.signed_out(token)


async def test_a_logout_token_is_of_now(both: Pair) -> None:
    """Its id is remembered for a quarter of an hour; a token without an end must not count again then."""
    first, second = both.theirs.logout_token(exp=None), both.theirs.logout_token(exp=None, jti="two")
    both.clock.advance(timedelta(minutes=10))
    await both.ours.signed_out(first)
    both.clock.advance(timedelta(seconds=1))
    with pytest.raises(Malformed):
        await both.ours.signed_out(second)


async def test_nobody_else_ends_a_session(both: Pair) -> None:
    forged = both.theirs.logout_token(key=other_keys()["another RSA key"])
    with pytest.raises(Malformed):
        await both.ours.signed_out(forged)
    secret = by_secret(both.theirs.logout_claims(), public_key(both.theirs), "logout+jwt")
    with pytest.raises(Malformed):
        await both.ours.signed_out(secret)


async def test_an_id_token_ends_no_session(both: Pair) -> None:
    token = signed(both.theirs.id_token("n", jti="one"), both.theirs.key, alg="RS256", kid="first")
    with pytest.raises(Malformed):
        await both.ours.signed_out(token)
    with pytest.raises(Malformed):
        await both.ours.signed_out("")


async def test_while_the_provider_is_down_nothing_is_known_of_a_logout_token(both: Pair) -> None:
    token = both.theirs.logout_token()
    both.theirs.instead["/keys"] = down
    with pytest.raises(ProviderUnavailable):
        await both.ours.signed_out(token)
    del both.theirs.instead["/keys"]
    both.clock.advance(timedelta(minutes=1))
    await both.ours.signed_out(token)
