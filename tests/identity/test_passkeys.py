"""Hanna makes passkeys and signs in with them; Otto tries with everything that is not one of hers."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from klausur.domain.encoding import decode, encode
from klausur.domain.errors import KlausurError, Malformed, SigninRefused
from klausur.domain.people_ports import HeldPasskey, PasskeyUse
from klausur.identity.passkeys import Passkeys, RelyingParty
from tests.house import ManualClock
from tests.identity.authenticator import Authenticator, Kind, Lies, other_handle, p256, weak_rsa

HANNA = encode(b"hanna's account.")
OTTO = encode(b"otto's account..")
PARTY = RelyingParty("localhost", "Klausur", ("http://localhost:8000", "http://localhost:5173"))


class Desk:
    """The server's half of the ceremonies, with a time of its own."""

    def __init__(self, at_most: int = 100) -> None:
        self.clock = ManualClock()
        self.passkeys = Passkeys(PARTY, self.clock, at_most)

    async def make(self, authenticator: Authenticator, lies: Lies | None = None, account: str = HANNA) -> HeldPasskey:
        begun = await self.passkeys.begin_registration(account, "hanna", [])
        credential = authenticator.create(begun.options, lies)
        made = await self.passkeys.finish_registration(account, begun.id, credential)
        assert made.id == encode(authenticator.id)
        return HeldPasskey(account, made.public_key, made.sign_count)

    async def sign_in(
        self, authenticator: Authenticator, held: HeldPasskey | None, lies: Lies | None = None
    ) -> PasskeyUse:
        begun = await self.passkeys.begin_sign_in()
        return await self.passkeys.finish_sign_in(begun.id, authenticator.get(begun.options, lies), held)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- as it should be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["eddsa", "es256", "rs256"])
async def test_a_passkey_is_made_and_signs_in(desk: Desk, kind: Kind) -> None:
    hers = Authenticator(kind=kind)
    held = await desk.make(hers)
    first = await desk.sign_in(hers, held)
    second = await desk.sign_in(hers, replace(held, sign_count=first.sign_count))
    assert (held.sign_count, first.sign_count, second.sign_count) == (1, 2, 3)
    assert not first.backed_up


async def test_a_synchronised_one_has_no_counter(desk: Desk) -> None:
    hers = Authenticator(counts=False, synchronised=True)
    held = await desk.make(hers)
    for _ in range(2):
        assert await desk.sign_in(hers, held) == PasskeyUse(sign_count=0, backed_up=True)


async def test_what_authenticators_are_asked_for(desk: Desk) -> None:
    begun = await desk.passkeys.begin_registration(HANNA, "hanna", [encode(b"held already")])
    asked = begun.options
    assert asked["rp"] == {"id": "localhost", "name": "Klausur"}
    assert asked["user"] == {"id": HANNA, "name": "hanna", "displayName": "hanna"}
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-8, -7, -257]
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert asked["attestation"] == "none"
    assert [each["id"] for each in asked["excludeCredentials"]] == [encode(b"held already")]
    assert len(decode(asked["challenge"], 32) or b"") == 32
    assert "extensions" not in asked
    json.dumps(asked)


async def test_whoever_signs_in_need_not_say_who_they_are(desk: Desk) -> None:
    asked = (await desk.passkeys.begin_sign_in()).options
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert not asked.get("allowCredentials")
    assert "extensions" not in asked


async def test_an_authenticators_own_signature_is_no_attestation(desk: Desk) -> None:
    """ "packed" without certificates: browsers leave it, because it says nothing about anybody."""
    await desk.make(Authenticator(), Lies(attested="by itself"))
    with pytest.raises(Malformed):
        await desk.make(Authenticator(), Lies(format="packed", statement={"alg": -7, "sig": b"wrong"}))


async def test_every_page_of_ours_may_ask(desk: Desk) -> None:
    hers = Authenticator(origin="http://localhost:5173")
    await desk.sign_in(hers, await desk.make(hers))


# -- lies -------------------------------------------------------------------------------------------------------------

LIES = {
    "another page": Lies(origin="https://localhost.example.org"),
    "our page without TLS elsewhere": Lies(origin="http://localhost:8001"),
    "a page within another page": Lies(cross_origin=True),
    "another party": Lies(party="example.org"),
    "nobody verified": Lies(verified=False),
    "nobody there": Lies(present=False),
    "another challenge": Lies(challenge=encode(bytes(32))),
    "another type": Lies(type="payment.get"),
    "no id": Lies(id=""),
}
MADE = LIES | {
    "another id": Lies(id=encode(bytes(32))),
    "a sign-in in its place": Lies(type="webauthn.get"),
    "algorithm none": Lies(cose={1: 2, 3: 0, -1: 1, -2: bytes(32), -3: bytes(32)}),
    "an algorithm nobody asked for": Lies(cose={1: 2, 3: -36, -1: 3, -2: bytes(66), -3: bytes(66)}),
    "a point that is none": Lies(cose={1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}),
    "an elliptic key that says RSA": Lies(cose={**p256(), 3: -257}),
    "an RSA key that says P-256": Lies(cose={**weak_rsa(), 3: -7}),
    "another curve": Lies(cose={1: 2, 3: -7, -1: 2, -2: bytes(48), -3: bytes(48)}),
    "a short RSA key": Lies(cose=weak_rsa()),
    "an endless RSA key": Lies(cose={1: 3, 3: -257, -1: b"\xff" * 2048, -2: b"\1\0\1"}),
    "a key without its parts": Lies(cose={1: 2, 3: -7}),
    "an attestation": Lies(format="fido-u2f", statement={"x5c": [b"certificate"], "sig": b"signature"}),
    "an attestation by certificate": Lies(attested="by certificate"),
    "a statement with nothing to state": Lies(statement={"sig": b"signature"}),
    "a vault's key": Lies(prf={"enabled": True, "results": {"first": encode(bytes(32))}}),
}
SIGNED_IN = LIES | {
    "a registration in its place": Lies(type="webauthn.create"),
    "another person": Lies(handle=other_handle(HANNA)),
    "no person": Lies(handle=""),
    "another signature": Lies(signature=b"signature"),
    "a counter that goes back": Lies(sign_count=4),
    "a counter that stands still": Lies(sign_count=5),
    "a counter that is gone": Lies(sign_count=0),
    "a vault's key": Lies(prf={"results": {"first": encode(bytes(32))}}),
}


@pytest.mark.parametrize("lies", MADE.values(), ids=MADE.keys())
async def test_what_is_no_passkey_is_not_taken(desk: Desk, lies: Lies) -> None:
    with pytest.raises(Malformed):
        await desk.make(Authenticator(), lies)


@pytest.mark.parametrize("lies", SIGNED_IN.values(), ids=SIGNED_IN.keys())
async def test_nobody_signs_in_by_a_lie(desk: Desk, lies: Lies) -> None:
    hers = Authenticator()
    held = replace(await desk.make(hers), sign_count=5)
    # But for the lie all is as it should be.
    with pytest.raises((SigninRefused, Malformed)):
        await desk.sign_in(hers, held, replace(lies, sign_count=6 if lies.sign_count is None else lies.sign_count))
    await desk.sign_in(hers, held, Lies(sign_count=6))


async def test_what_the_vault_opens_with_is_refused_as_malformed(desk: Desk) -> None:
    """Not as a failed sign-in: whoever wrote that client shall notice."""
    hers = Authenticator()
    held = await desk.make(hers)
    with pytest.raises(Malformed):
        await desk.sign_in(hers, held, Lies(prf={"results": {"first": encode(bytes(32))}}))
    await desk.sign_in(hers, held, Lies(prf={"enabled": True}))


async def test_another_passkey_does_not_sign_for_hers(desk: Desk) -> None:
    held, ottos = await desk.make(Authenticator()), Authenticator()
    await desk.make(ottos, account=OTTO)
    with pytest.raises(SigninRefused):
        await desk.sign_in(ottos, held)
    with pytest.raises(SigninRefused):
        await desk.sign_in(ottos, None)


async def test_the_key_that_stands_in_for_unknown_ones_signs_nobody_in(desk: Desk) -> None:
    """Its private half is no secret."""
    ottos = Authenticator()
    ottos.use(ec.derive_private_key(1, ec.SECP256R1()))
    ottos.handle = HANNA
    with pytest.raises(SigninRefused):
        await desk.sign_in(ottos, None)


# -- challenges -------------------------------------------------------------------------------------------------------


async def test_a_challenge_is_for_one_use(desk: Desk) -> None:
    hers = Authenticator(counts=False)
    made = await desk.passkeys.begin_registration(HANNA, "hanna", [])
    credential = hers.create(made.options)
    key = await desk.passkeys.finish_registration(HANNA, made.id, credential)
    with pytest.raises(Malformed):
        await desk.passkeys.finish_registration(HANNA, made.id, credential)
    held = HeldPasskey(HANNA, key.public_key, 0)
    begun = await desk.passkeys.begin_sign_in()
    signed = hers.get(begun.options)
    await desk.passkeys.finish_sign_in(begun.id, signed, held)
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(begun.id, signed, held)


async def test_a_failed_attempt_uses_the_challenge_up(desk: Desk) -> None:
    hers = Authenticator()
    held = await desk.make(hers)
    begun = await desk.passkeys.begin_sign_in()
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(begun.id, hers.get(begun.options, Lies(verified=False)), held)
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(begun.id, hers.get(begun.options), held)


async def test_a_challenge_is_for_one_purpose_and_one_account(desk: Desk) -> None:
    hers = Authenticator()
    held = await desk.make(hers)
    to_sign_in = await desk.passkeys.begin_sign_in()
    registered = {"rp": {"id": "localhost"}, "user": {"id": HANNA}, "challenge": to_sign_in.options["challenge"]}
    with pytest.raises(Malformed):
        await desk.passkeys.finish_registration(HANNA, to_sign_in.id, Authenticator().create(registered))
    to_register = await desk.passkeys.begin_registration(HANNA, "hanna", [])
    asked = {"rpId": "localhost", "challenge": to_register.options["challenge"]}
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(to_register.id, hers.get(asked), held)
    ottos = await desk.passkeys.begin_registration(OTTO, "otto", [])
    with pytest.raises(Malformed):
        await desk.passkeys.finish_registration(HANNA, ottos.id, Authenticator().create(ottos.options))


async def test_a_challenge_waits_for_five_minutes(desk: Desk) -> None:
    hers = Authenticator()
    held = await desk.make(hers)
    begun = await desk.passkeys.begin_sign_in()
    desk.clock.advance(timedelta(minutes=4, seconds=59))
    later = await desk.passkeys.begin_sign_in()
    await desk.passkeys.finish_sign_in(begun.id, hers.get(begun.options), held)
    desk.clock.advance(timedelta(minutes=5))
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(later.id, hers.get(later.options), replace(held, sign_count=2))


async def test_there_are_never_more_challenges_than_there_is_room_for() -> None:
    desk = Desk(at_most=3)
    hers = Authenticator(counts=False)
    held = await desk.make(hers)
    begun = [await desk.passkeys.begin_sign_in() for _ in range(4)]
    with pytest.raises(SigninRefused):
        await desk.passkeys.finish_sign_in(begun[0].id, hers.get(begun[0].options), held)
    for each in begun[1:]:
        await desk.passkeys.finish_sign_in(each.id, hers.get(each.options), held)


# -- what is none -----------------------------------------------------------------------------------------------------


def broken(credential: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return credential | {"response": credential["response"] | parts}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clientDataJSON", None),
        ("clientDataJSON", 7),
        ("clientDataJSON", "not base64url!"),
        ("clientDataJSON", encode(b"{")),
        ("clientDataJSON", encode(b"[]")),
        ("clientDataJSON", encode(b"[" * 1500)),
        ("clientDataJSON", encode(b" " * 5000)),
        ("authenticatorData", encode(b"short")),
        ("authenticatorData", encode(bytes(5000))),
        ("authenticatorData", None),
        ("signature", None),
        ("signature", encode(bytes(2000))),
        ("userHandle", None),
        ("userHandle", encode(bytes(65))),
    ],
)
async def test_half_an_answer_is_none(desk: Desk, name: str, value: object) -> None:
    hers = Authenticator()
    held = await desk.make(hers)
    begun = await desk.passkeys.begin_sign_in()
    with pytest.raises((Malformed, SigninRefused)):
        await desk.passkeys.finish_sign_in(begun.id, broken(hers.get(begun.options), **{name: value}), held)


@pytest.mark.parametrize(
    "changed", [{"type": "password"}, {"response": None}, {"clientExtensionResults": 7}, {"id": "x"}]
)
async def test_what_is_no_credential_is_none(desk: Desk, changed: dict[str, Any]) -> None:
    begun = await desk.passkeys.begin_registration(HANNA, "hanna", [])
    with pytest.raises(Malformed):
        await desk.passkeys.finish_registration(HANNA, begun.id, Authenticator().create(begun.options) | changed)


LEAVES = st.integers() | st.text(max_size=5) | st.binary(max_size=40)
NAMES = st.sampled_from(["fmt", "attStmt", "authData"]) | st.integers(-4, 4)
NESTED = st.recursive(LEAVES, lambda more: st.dictionaries(NAMES, more, max_size=4))


@settings(max_examples=60, deadline=None)
@given(blob=st.binary(max_size=300) | NESTED.map(cbor2.dumps))
async def test_no_attestation_object_whatsoever_makes_it_stumble(blob: bytes) -> None:
    desk = Desk()
    begun = await desk.passkeys.begin_registration(HANNA, "hanna", [])
    made = broken(Authenticator().create(begun.options), attestationObject=encode(blob))
    with contextlib.suppress(Malformed):
        await desk.passkeys.finish_registration(HANNA, begun.id, made)
        pytest.fail("taken for a passkey")


@settings(max_examples=60, deadline=None)
@given(key=st.dictionaries(st.sampled_from([1, 3, -1, -2, -3]), st.integers(-300, 300) | st.binary(max_size=80)))
async def test_no_key_whatsoever_makes_it_stumble(key: dict[int, Any]) -> None:
    desk = Desk()
    with contextlib.suppress(KlausurError):
        await desk.make(Authenticator(), Lies(cose=key or {1: 0}))
