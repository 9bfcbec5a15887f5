"""Passkeys: signing in by one, and those of one's own account. Those of invitations are with the invitations."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from klausur.actions.people.invitations import PasskeyGiven
from klausur.actions.people.passkeys import (
    add_passkey,
    begin_own_passkey,
    begin_passkey_sign_in,
    remove_passkey,
    rename_passkey,
    sign_in_by_passkey,
)
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.parts import TheParts, count
from klausur.api.people.here import PasskeyInPath, TheAccount, TheEntrance, described, signed_in
from klausur.api.people.models import (
    ChallengeAnswer,
    NewPasskey,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeySignin,
    SessionAnswer,
)
from klausur.api.powers import needs_account
from klausur.domain.policy import AccountOperation

router = APIRouter(tags=["people"])

_SIGNIN = "/api/signin/passkey"
_OWN = "/api/account/passkeys"


@router.post(
    f"{_SIGNIN}/options",
    responses=responses("too_many_attempts", "not_found"),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def begin_signing_in_by_passkey(request: Request, parts: TheParts) -> ChallengeAnswer:
    count(parts, Attempt.SIGNIN_BEGUN, request)
    return ChallengeAnswer.of(await begin_passkey_sign_in(parts.people))


@router.post(
    _SIGNIN,
    responses=responses("malformed", "signin_refused", "too_many_attempts", "not_found", "storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def sign_in_with_passkey(
    given: PasskeySignin, request: Request, response: Response, parts: TheParts, entrance: TheEntrance
) -> SessionAnswer:
    count(parts, Attempt.SIGNIN, request)
    begun = await sign_in_by_passkey(parts.people, given.challenge, given.credential, entrance)
    return await signed_in(response, parts, begun)


@router.post(
    f"{_OWN}/options",
    responses=described("not_found"),
    openapi_extra=needs_account(AccountOperation.CHANGE_OWN_ACCOUNT),
)
async def begin_passkey_of_ones_own(here: TheAccount, parts: TheParts) -> ChallengeAnswer:
    return ChallengeAnswer.of(await begin_own_passkey(parts.people, here))


@router.post(
    _OWN,
    status_code=201,
    responses=described("not_found"),
    openapi_extra=needs_account(AccountOperation.CHANGE_OWN_ACCOUNT),
)
async def add_passkey_of_ones_own(given: NewPasskey, here: TheAccount, parts: TheParts) -> PasskeyAdded:
    passkey = PasskeyGiven(given.challenge, given.credential, given.label, given.wrap)
    return PasskeyAdded(id=await add_passkey(parts.people, here, passkey))


@router.put(
    f"{_OWN}/{{passkey}}",
    status_code=204,
    responses=described("not_found"),
    openapi_extra=needs_account(AccountOperation.CHANGE_OWN_ACCOUNT),
)
async def rename_passkey_of_ones_own(
    passkey: PasskeyInPath, given: PasskeyRenamed, here: TheAccount, parts: TheParts
) -> None:
    await rename_passkey(parts.people, here, passkey, given.label)


@router.delete(
    f"{_OWN}/{{passkey}}",
    status_code=204,
    responses=described("not_found", "last_means"),
    openapi_extra=needs_account(AccountOperation.CHANGE_OWN_ACCOUNT),
)
async def remove_passkey_of_ones_own(passkey: PasskeyInPath, here: TheAccount, parts: TheParts) -> None:
    await remove_passkey(parts.people, here, passkey)
