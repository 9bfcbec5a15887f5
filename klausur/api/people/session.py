"""``/api/session``, ``/api/signin/password``: who one is here, coming in by password, going out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from klausur.actions.people.sessions import sign_out
from klausur.actions.people.sign_in import kdf_for, sign_in_by_password
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.parts import TheParts, count, network_of
from klausur.api.people import models
from klausur.api.people.here import (
    PerhapsAccount,
    TheEntrance,
    clear_cookie,
    cookie_of,
    session_answer,
    signed_in,
)
from klausur.api.powers import needs_account
from klausur.domain.accounts import name_key
from klausur.domain.policy import AccountOperation

router = APIRouter(prefix="/api", tags=["people"])


@router.get(
    "/session",
    responses=responses("storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SEE_SESSION),
)
async def who_am_i(here: PerhapsAccount, parts: TheParts) -> models.SessionAnswer:
    return await session_answer(parts, here)


@router.delete(
    "/session",
    responses=responses("storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SIGN_OUT),
)
async def leave_session(request: Request, response: Response, parts: TheParts) -> models.SignedOut:
    address = await sign_out(parts.people, cookie_of(request, parts))
    clear_cookie(response, parts)
    return models.SignedOut(provider_logout=address)


@router.post(
    "/signin/password/kdf",
    responses=responses("malformed", "too_many_attempts", "storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def how_to_make_keys(wish: models.KdfWish, request: Request, parts: TheParts) -> models.KdfAnswer:
    count(parts, Attempt.SIGNIN_BEGUN, request)
    return models.KdfAnswer(kdf=models.Kdf.of(await kdf_for(parts.people, wish.name)))


@router.post(
    "/signin/password",
    responses=responses(
        "malformed", "signin_refused", "code_needed", "code_refused", "too_many_attempts", "storage_unavailable"
    ),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def come_in_by_password(
    given: models.PasswordSignin, request: Request, response: Response, entrance: TheEntrance, parts: TheParts
) -> models.SessionAnswer:
    count(parts, Attempt.SIGNIN, request)
    with parts.patience.attempt(name_key(given.name), network_of(request)):
        begun = await sign_in_by_password(parts.people, given.name, given.key, given.code, entrance)
    return await signed_in(response, parts, begun)
