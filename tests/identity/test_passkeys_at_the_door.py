"""Passkeys through the whole installation: made, signed in with, named, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from klausur.domain.encoding import decode, encode
from klausur.domain.people_ports import PasskeyUse
from tests.house import House, house
from tests.identity.authenticator import Authenticator, Lies
from tests.identity.members import WRAPPED, Member, a_browser, ada, invited


@dataclass
class Cast:
    house: House
    ada: Member
    hanna: Member
    """Organiser, with a passkey and a password."""
    otto: Member
    """Nobody here."""


@pytest.fixture
async def cast(the_house: House) -> AsyncIterator[Cast]:
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(a_browser(the_house)) for _ in range(3)]
        first = await ada(the_house, browsers[0])
        hanna = await invited(first, browsers[1], "hanna", password=True)
        yield Cast(the_house, first, hanna, Member(browsers[2], "otto"))


def code(answer: Any) -> str:
    return str(answer.json().get("code"))


async def test_hanna_signs_in_without_saying_who_she_is(cast: Cast) -> None:
    before = cast.hanna.browser.cookies["klausur"]
    answer = await cast.hanna.sign_in()
    assert answer.status_code == 200
    told = answer.json()
    assert told["account"] == {"id": cast.hanna.id, "name": "hanna", "role": "organiser"}
    assert told["strong"]
    assert cast.hanna.browser.cookies["klausur"] != before
    cookie = answer.headers["set-cookie"]
    assert all(said in cookie for said in ("HttpOnly", "SameSite=strict", "Path=/"))
    cast.otto.browser.cookies.set("klausur", before)
    assert await cast.otto.who() is None


async def test_another_passkey_is_added_named_and_removed(cast: Cast) -> None:
    key = Authenticator(kind="eddsa")
    answer = await cast.hanna.add(key, " Key ", wrap=WRAPPED)
    assert (answer.status_code, answer.json()) == (201, {"id": encode(key.id)})
    assert (await cast.hanna.sign_in(by=key)).status_code == 200
    path = f"/api/account/passkeys/{encode(key.id)}"
    assert (await cast.hanna.browser.put(path, json={"label": "Key on the ring"})).status_code == 204
    labels = {each["label"]: each for each in (await cast.hanna.account())["passkeys"]}
    assert set(labels) == {"Telephone", "Key on the ring"}
    assert labels["Key on the ring"] | {"created_day": ""} == {
        "id": encode(key.id),
        "label": "Key on the ring",
        "created_day": "",
        "opens_vault": True,
        "backed_up": False,
    }
    wraps = (await cast.hanna.browser.get("/api/vault")).json()["wraps"]
    assert {each["id"] for each in wraps} == {encode(key.id), encode(cast.hanna.authenticator.id)}
    assert (await cast.hanna.browser.delete(path)).status_code == 204
    wraps = (await cast.hanna.browser.get("/api/vault")).json()["wraps"]
    assert {each["id"] for each in wraps} == {encode(cast.hanna.authenticator.id)}
    assert code(await cast.hanna.sign_in(by=key)) == "signin_refused"
    assert code(await cast.hanna.browser.delete(path)) == "not_found"


async def test_nobody_removes_their_only_means(cast: Cast) -> None:
    own = f"/api/account/passkeys/{encode(cast.ada.authenticator.id)}"
    assert code(await cast.ada.browser.delete(own)) == "last_means"
    second = Authenticator()
    await cast.ada.add(second)
    assert (await cast.ada.browser.delete(own)).status_code == 204
    assert code(await cast.ada.browser.delete(f"/api/account/passkeys/{encode(second.id)}")) == "last_means"
    assert (await cast.ada.sign_in(by=second)).status_code == 200


async def test_the_passkey_may_go_where_a_password_stays(cast: Cast) -> None:
    own = f"/api/account/passkeys/{encode(cast.hanna.authenticator.id)}"
    assert (await cast.hanna.browser.delete(own)).status_code == 204
    assert (await cast.hanna.sign_in_by_password()).status_code == 200


async def test_whoever_stole_a_password_makes_no_passkey_of_it(cast: Cast) -> None:
    cast.otto.name, cast.otto.key = "hanna", cast.hanna.key
    assert (await cast.otto.sign_in_by_password()).json()["strong"] is False
    assert code(await cast.otto.add(Authenticator())) == "second_factor_required"
    own = f"/api/account/passkeys/{encode(cast.hanna.authenticator.id)}"
    assert code(await cast.otto.browser.delete(own)) == "second_factor_required"


async def test_whoever_stole_a_password_neither_erases_the_account_nor_what_opens_its_vault(cast: Cast) -> None:
    cast.otto.name, cast.otto.key = "hanna", cast.hanna.key
    await cast.otto.sign_in_by_password()
    assert code(await cast.otto.browser.delete("/api/account")) == "second_factor_required"
    before = (await cast.hanna.browser.get("/api/vault")).json()["wraps"]
    body = {"account": cast.hanna.id, "wraps": [before[0] | {"wrapped": encode(bytes(59) + b"o")}]}
    answer = await cast.otto.browser.put("/api/vault/wraps", json=body)
    assert code(answer) == "second_factor_required"
    assert (await cast.hanna.browser.get("/api/vault")).json()["wraps"] == before
    assert (await cast.hanna.browser.put("/api/vault/wraps", json=body)).status_code == 204
    assert (await cast.hanna.browser.delete("/api/account")).status_code == 204


@pytest.mark.parametrize("means", ["passkey", "password"])
async def test_with_a_means_go_the_sessions_that_it_began(cast: Cast, means: str) -> None:
    """Otto has found her key ring, or her password; she notices, and removes it."""
    key = Authenticator()
    added = await cast.hanna.add(key)
    cast.otto.name, cast.otto.key, cast.otto.authenticator = "hanna", cast.hanna.key, key
    if means == "passkey":
        assert (await cast.otto.sign_in()).status_code == 200
        gone = await cast.hanna.browser.delete(f"/api/account/passkeys/{added.json()['id']}")
    else:
        assert (await cast.otto.sign_in_by_password()).status_code == 200
        gone = await cast.hanna.browser.delete("/api/account/password")
    assert gone.status_code == 204
    assert (await cast.otto.who(), await cast.hanna.who()) == (None, "hanna")


async def test_passkeys_of_others_are_out_of_reach(cast: Cast) -> None:
    adas = f"/api/account/passkeys/{encode(cast.ada.authenticator.id)}"
    assert code(await cast.hanna.browser.put(adas, json={"label": "mine"})) == "not_found"
    assert code(await cast.hanna.browser.delete(adas)) == "not_found"
    assert code(await cast.otto.browser.delete(adas)) == "signin_needed"
    assert [each["label"] for each in (await cast.ada.account())["passkeys"]] == ["Telephone"]


async def test_a_passkey_cannot_belong_to_two(cast: Cast) -> None:
    """Otto's authenticator gives an id that is another's."""
    lying = Authenticator()
    lying.id = cast.ada.authenticator.id
    assert code(await cast.hanna.add(lying)) == "malformed"
    assert (await cast.ada.sign_in()).status_code == 200


async def test_a_challenge_for_one_account_adds_no_passkey_to_another(cast: Cast) -> None:
    begun = (await cast.ada.browser.post("/api/account/passkeys/options")).json()
    given = {"challenge": begun["challenge"], "credential": Authenticator().create(begun["options"]), "label": "x"}
    assert code(await cast.hanna.browser.post("/api/account/passkeys", json=given)) == "malformed"


LIES = {
    "another page": Lies(origin="https://example.org"),
    "another party": Lies(party="example.org"),
    "nobody verified": Lies(verified=False),
    "a counter that goes back": Lies(sign_count=0),
    "another signature": Lies(signature=b"x"),
    "another person": Lies(handle=encode(bytes(16))),
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES.keys())
async def test_a_lie_signs_nobody_in(cast: Cast, lies: Lies) -> None:
    cast.otto.authenticator = cast.hanna.authenticator
    answer = await cast.otto.sign_in(lies)
    assert (answer.status_code, code(answer)) == (401, "signin_refused")
    assert "set-cookie" not in answer.headers
    assert await cast.otto.who() is None


async def test_an_answer_counts_once_and_an_unknown_one_looks_the_same(cast: Cast) -> None:
    begun = (await cast.otto.browser.post("/api/signin/passkey/options")).json()
    given = {"challenge": begun["challenge"], "credential": cast.hanna.authenticator.get(begun["options"])}
    assert (await cast.hanna.browser.post("/api/signin/passkey", json=given)).status_code == 200
    again = await cast.otto.browser.post("/api/signin/passkey", json=given)
    stranger = Authenticator()
    stranger.handle = cast.hanna.authenticator.handle
    unknown = await cast.otto.sign_in(by=stranger)
    assert (again.status_code, again.json()) == (unknown.status_code, unknown.json()) == (401, again.json())


async def test_what_opens_the_vault_never_gets_here(cast: Cast) -> None:
    secret = Lies(prf={"results": {"first": encode(bytes(32))}})
    assert code(await cast.hanna.sign_in(secret)) == "malformed"


async def test_of_two_with_one_count_the_second_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copied authenticator at the same moment: both were checked against the same count."""
    ceremonies = cast.house.built.people.passkeys

    async def both_fine(*_: Any) -> PasskeyUse:
        return PasskeyUse(sign_count=2, backed_up=False)

    monkeypatch.setattr(ceremonies, "finish_sign_in", both_fine)
    assert (await cast.hanna.sign_in()).status_code == 200
    assert code(await cast.hanna.sign_in()) == "signin_refused"


async def test_who_is_disabled_does_not_get_in(cast: Cast) -> None:
    path = f"/api/admin/people/{cast.hanna.id}"
    changed = await cast.ada.browser.put(path, json={"role": "organiser", "disabled": True})
    assert changed.status_code == 204, changed.text
    assert code(await cast.hanna.sign_in()) == "signin_refused"


async def test_there_is_room_for_twenty(cast: Cast) -> None:
    for _ in range(19):
        assert (await cast.hanna.add(Authenticator())).status_code == 201
    assert code(await cast.hanna.add(Authenticator())) == "not_allowed"


@pytest.mark.parametrize(
    "changed", [{"label": ""}, {"label": "a\nb"}, {"label": "x" * 65}, {"wrap": "short"}, {"credential": {}}]
)
async def test_what_is_no_passkey_is_not_added(cast: Cast, changed: dict[str, Any]) -> None:
    assert code(await cast.hanna.add(Authenticator(), **changed)) == "malformed"
    assert len((await cast.hanna.account())["passkeys"]) == 1


async def test_options_name_the_account_and_what_it_has(cast: Cast) -> None:
    options = (await cast.hanna.browser.post("/api/account/passkeys/options")).json()["options"]
    assert options["user"]["id"] == cast.hanna.id
    assert decode(cast.hanna.id, 16)
    assert [each["id"] for each in options["excludeCredentials"]] == [encode(cast.hanna.authenticator.id)]


async def test_guessing_has_an_end(tmp_path: Path) -> None:
    async with house(tmp_path, limit_signins=3) as small, a_browser(small) as browser:
        otto = Member(browser, "otto")
        otto.authenticator.handle = encode(bytes(16))
        told = [(await otto.sign_in()).status_code for _ in range(3)]
        assert told == [401, 401, 401]
        assert (await browser.post("/api/signin/passkey", json={"challenge": "", "credential": {}})).status_code == 429


async def test_passkeys_are_not_offered_where_a_browser_has_none(the_house: House) -> None:
    offered = (await the_house.browser.get("/api/operator")).json()["signin"]
    assert offered == {"passkeys": True, "provider": None}
    by_address = await the_house.browser.get("/api/operator", headers={"Host": "127.0.0.1:8000"})
    assert by_address.json()["signin"]["passkeys"] is False
    by_address = await the_house.browser.get("/api/operator", headers={"Host": "[::1]:8000"})
    assert by_address.json()["signin"]["passkeys"] is False
