"""Passkeys (WebAuthn Level 3) with the ``webauthn`` library, and what it leaves to its caller.

What it leaves, read in its source (3.0.1): it has no challenges of its own; it takes a page inside a frame of somebody
else (``crossOrigin``), every attestation format with the parsers that belong to them, and a key that does not fit its
algorithm; and what is malformed may raise anything.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from klausur.domain.encoding import decode, encode
from klausur.domain.errors import Malformed, SigninRefused
from klausur.domain.people_ports import Challenge, HeldPasskey, NewPasskey, PasskeyUse
from klausur.domain.ports import Clock
from klausur.identity.pending import AT_MOST, Pending

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential, RegistrationCredential

_CHALLENGE_BYTES: Final = 32
_ANSWERED_WITHIN: Final = timedelta(minutes=5)
_ID_MAX_BYTES: Final = 1023
"""Of a credential's id, by the specification."""
_KEY_MAX_BYTES: Final = 700
"""An RSA key of 4096 bits in COSE takes 530."""
_CLIENT_DATA_MAX_BYTES: Final = 2 * 1024
_ATTESTATION_MAX_BYTES: Final = 4 * 1024
_SIGNATURE_MAX_BYTES: Final = 1024
_HANDLE_MAX_BYTES: Final = 64

Given = Mapping[str, Any]
"""A credential as a browser's ``toJSON()`` gives it."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """What authenticators know us by."""

    id: str
    """The name of the page's host."""
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Begun:
    """``account``: whose passkey is to be; None where somebody signs in."""

    challenge: bytes
    account: str | None


class Passkeys:
    """people_ports.PasskeyCeremonies."""

    def __init__(self, party: RelyingParty, clock: Clock, at_most: int = AT_MOST) -> None:
        self._party = party
        self._pending: Pending[_Begun] = Pending(clock, _ANSWERED_WITHIN, at_most)

    async def begin_registration(self, account: str, name: str, held: Sequence[str]) -> Challenge:
        begun = _Begun(secrets.token_bytes(_CHALLENGE_BYTES), account)
        options = await asyncio.to_thread(_creation, self._party, begun.challenge, account, name, held)
        return Challenge(self._pending.keep(begun), options)

    async def finish_registration(self, account: str, challenge: str, credential: Given) -> NewPasskey:
        begun = self._pending.take(challenge)
        given = _registration_parts(credential)
        if begun is None or begun.account is None or begun.account != account:
            raise Malformed
        return await asyncio.to_thread(_register, self._party, begun.challenge, given)

    async def begin_sign_in(self) -> Challenge:
        begun = _Begun(secrets.token_bytes(_CHALLENGE_BYTES), None)
        options = await asyncio.to_thread(_request, self._party, begun.challenge)
        return Challenge(self._pending.keep(begun), options)

    def passkey_named_in(self, credential: Given) -> str:
        return encode(_sign_in_parts(credential).id)

    async def finish_sign_in(self, challenge: str, credential: Given, held: HeldPasskey | None) -> PasskeyUse:
        begun = self._pending.take(challenge)
        given = _sign_in_parts(credential)
        if begun is None or begun.account is not None:
            raise SigninRefused
        return await asyncio.to_thread(_sign_in, self._party, begun.challenge, given, held)


# -- what browsers send -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Registration:
    id: bytes
    client_data: bytes
    attestation: bytes


@dataclass(frozen=True, slots=True)
class _SignIn:
    id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    handle: bytes


def _registration_parts(credential: Given) -> _Registration:
    """Raises Malformed."""
    id_, response = _common_parts(credential)
    return _Registration(
        id_,
        _bytes(response, "clientDataJSON", _CLIENT_DATA_MAX_BYTES),
        _bytes(response, "attestationObject", _ATTESTATION_MAX_BYTES),
    )


def _sign_in_parts(credential: Given) -> _SignIn:
    """Raises Malformed."""
    id_, response = _common_parts(credential)
    return _SignIn(
        id_,
        _bytes(response, "clientDataJSON", _CLIENT_DATA_MAX_BYTES),
        _bytes(response, "authenticatorData", _ATTESTATION_MAX_BYTES),
        _bytes(response, "signature", _SIGNATURE_MAX_BYTES),
        # Always there where no list of passkeys was asked for, as here.
        _bytes(response, "userHandle", _HANDLE_MAX_BYTES),
    )


def _common_parts(credential: Given) -> tuple[bytes, Given]:
    """Id and response. What the PRF extension gives opens the vault: a client that sends it is refused, so that its
    author notices."""
    results = credential.get("clientExtensionResults") or {}
    response = credential.get("response")
    if not isinstance(results, Mapping) or not isinstance(response, Mapping):
        raise Malformed
    prf = results.get("prf")
    if prf is not None and (not isinstance(prf, Mapping) or "results" in prf):
        raise Malformed
    if credential.get("type") != "public-key" or credential.get("rawId") != credential.get("id"):
        raise Malformed
    return _bytes(credential, "rawId", _ID_MAX_BYTES), response


def _bytes(of: Given, name: str, at_most: int) -> bytes:
    text = of.get(name)
    raw = decode(text, at_most) if isinstance(text, str) else None
    if raw is None:
        raise Malformed
    return raw


# -- the library, in a thread: its first import takes most of a second -------------------------------------------------


def _creation(party: RelyingParty, challenge: bytes, account: str, name: str, held: Sequence[str]) -> dict[str, Any]:
    import webauthn  # noqa: PLC0415 - with what it needs of X.509 it is too large to hold where nobody has passkeys
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=decode(account, _HANDLE_MAX_BYTES),
        user_name=name,
        challenge=challenge,
        timeout=_milliseconds(),
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=raw) for each in held if (raw := decode(each, _ID_MAX_BYTES))
        ],
        supported_pub_key_algs=list(_key_kinds()),
    )
    return options_to_json_dict(options)


def _request(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    import webauthn  # noqa: PLC0415 - see _creation
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_milliseconds(),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _register(party: RelyingParty, challenge: bytes, given: _Registration) -> NewPasskey:
    """Raises Malformed."""
    import webauthn  # noqa: PLC0415 - see _creation

    try:
        _refuse_frames(given.client_data)
        _refuse_attestations(given.attestation)
        verified = webauthn.verify_registration_response(
            credential=_for_registration(given),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=list(_key_kinds()),
        )
        _refuse_odd_key(verified.credential_public_key)
    except Exception:  # noqa: BLE001 - besides its own errors the library raises whatever its parsers do
        raise Malformed from None
    if verified.credential_id != given.id:
        raise Malformed
    return NewPasskey(
        id=encode(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        backed_up=verified.credential_backed_up,
    )


def _sign_in(party: RelyingParty, challenge: bytes, given: _SignIn, held: HeldPasskey | None) -> PasskeyUse:
    """For an unknown passkey the work is the same. Raises SigninRefused."""
    import webauthn  # noqa: PLC0415 - see _creation

    key = held.public_key if held else _nobodys_key()
    try:
        _refuse_frames(given.client_data)
        verified = webauthn.verify_authentication_response(
            credential=_for_sign_in(given),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=key,
            credential_current_sign_count=held.sign_count if held else 0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - see _register
        raise SigninRefused from None
    if held is None or encode(given.handle) != held.account:
        raise SigninRefused
    return PasskeyUse(sign_count=verified.new_sign_count, backed_up=verified.credential_backed_up)


def _for_registration(given: _Registration) -> RegistrationCredential:
    from webauthn.helpers.structs import (  # noqa: PLC0415 - see _creation
        AuthenticatorAttestationResponse,
        RegistrationCredential,
    )

    return RegistrationCredential(
        id=encode(given.id),
        raw_id=given.id,
        response=AuthenticatorAttestationResponse(given.client_data, given.attestation),
    )


def _for_sign_in(given: _SignIn) -> AuthenticationCredential:
    from webauthn.helpers.structs import (  # noqa: PLC0415 - see _creation
        AuthenticationCredential,
        AuthenticatorAssertionResponse,
    )

    response = AuthenticatorAssertionResponse(
        given.client_data, given.authenticator_data, given.signature, given.handle
    )
    return AuthenticationCredential(id=encode(given.id), raw_id=given.id, response=response)


def _refuse_frames(client_data: bytes) -> None:
    from webauthn.helpers import parse_client_data_json  # noqa: PLC0415 - see _creation

    if parse_client_data_json(client_data).cross_origin:
        raise ValueError("made in a frame of another page's")


def _refuse_attestations(attestation: bytes) -> None:
    """None was asked for. A browser then removes it, unless it is the authenticator's own signature (packed, without
    certificates), which says nothing about anybody."""
    from webauthn.helpers import parse_attestation_object  # noqa: PLC0415 - see _creation

    it = parse_attestation_object(attestation)
    if it.fmt != "none" and (it.fmt != "packed" or it.att_stmt.x5c is not None):
        raise ValueError("an attestation that nobody asked for")


def _key_kinds() -> dict[Any, str]:
    """Algorithms in order of preference, with the class of key that belongs to each."""
    from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm  # noqa: PLC0415 - see _creation

    return {
        Algorithm.EDDSA: "DecodedOKPPublicKey",
        Algorithm.ECDSA_SHA_256: "DecodedEC2PublicKey",
        Algorithm.RSASSA_PKCS1_v1_5_SHA_256: "DecodedRSAPublicKey",
    }


def _refuse_odd_key(encoded: bytes) -> None:
    """Kind and algorithm belong together, and the point or modulus is one: found out now, not at the first sign-in."""
    from webauthn.helpers import (  # noqa: PLC0415 - see _creation
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
    )

    decoded = decode_credential_public_key(encoded)
    if len(encoded) > _KEY_MAX_BYTES or _key_kinds().get(decoded.alg) != type(decoded).__name__:
        raise ValueError("not a key of its algorithm")
    size = getattr(decoded_public_key_to_cryptography(decoded), "key_size", 256)
    curve = getattr(decoded, "crv", None)
    if (curve is None and size < 2048) or (curve is not None and size != 256):
        raise ValueError("too weak, or not of the algorithm's curve")


def _nobodys_key() -> bytes:
    """The generator of P-256, in COSE: a key on the curve whose private half is nobody's account."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - see _creation
    from webauthn.helpers import encode_cbor  # noqa: PLC0415

    point = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})


def _milliseconds() -> int:
    return _ANSWERED_WITHIN // timedelta(milliseconds=1)
