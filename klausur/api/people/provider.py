"""The identity provider: browsers on their way there and back, and what it tells us itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from klausur.actions.people.provider import come_back_from_provider, leave_for_provider, note_provider_logout
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.guards import PROVES_ITSELF
from klausur.api.parts import Parts, TheParts, count
from klausur.api.people.here import PerhapsAccount, TheEntrance, put_cookie
from klausur.api.powers import needs_account
from klausur.domain.errors import (
    Malformed,
    ProviderError,
    ProviderRefused,
    SecondFactorRequired,
    SigninNeeded,
    WrongOrigin,
)
from klausur.domain.policy import AccountOperation

router = APIRouter(tags=["people"])

_DEPARTURE: Final = "/api/signin/provider"
CALLBACK: Final = "/api/signin/provider/callback"
_SIGNIN_PAGE: Final = "/signin"
_STATE_SECONDS: Final = 600
_FIELDS_AT_MOST: Final = 20


@router.get(
    _DEPARTURE,
    status_code=303,
    response_class=RedirectResponse,
    responses=responses(
        "too_many_attempts", "not_found", "second_factor_required", "wrong_origin", "storage_unavailable"
    ),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def go_to_provider(
    request: Request, parts: TheParts, here: PerhapsAccount, to: str = "/", connect: bool = False
) -> Response:
    """``connect``: whoever is signed in wants their account to belong to who they are there. Only a page of ours may
    ask for it: one of a neighbouring name would bring the session's cookie too, and no Origin comes with a GET."""
    count(parts, Attempt.SIGNIN_BEGUN, request)
    if connect and request.headers.get("sec-fetch-site") != "same-origin":
        raise WrongOrigin
    try:
        departure = await leave_for_provider(parts.people, to, here, connect=connect)
    except ProviderError as error:
        return _told(error)
    except SigninNeeded:
        return RedirectResponse(_SIGNIN_PAGE, 303)
    response = RedirectResponse(departure.address, 303)
    _put_state(response, parts, departure.cookie)
    return response


@router.get(
    CALLBACK,
    status_code=303,
    response_class=RedirectResponse,
    responses=responses("too_many_attempts", "not_found", "storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SIGN_IN),
)
async def come_from_provider(request: Request, parts: TheParts, entrance: TheEntrance) -> Response:
    count(parts, Attempt.SIGNIN, request)
    try:
        answer, cookie = _answer(request), request.cookies.get(_state_name(parts), "")
        back = await come_back_from_provider(parts.people, cookie, answer, entrance)
    except ProviderError as error:
        response = _told(error)
    except SecondFactorRequired:
        response = _told(ProviderRefused())
    else:
        response = RedirectResponse(back.to, 303)
        if back.begun is not None:
            put_cookie(response, parts, back.begun)
    response.delete_cookie(_state_name(parts), path="/", secure=parts.secure, httponly=True, samesite="lax")
    return response


@router.post(
    PROVES_ITSELF,
    responses=responses("malformed", "too_many_attempts", "not_found", "storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.SIGN_OUT),
)
async def hear_of_logout(request: Request, parts: TheParts) -> Response:
    """OpenID Connect Back-Channel Logout 1.0, 2.5: from the provider itself, which has no cookie and no Origin."""
    count(parts, Attempt.PROVIDER_LOGOUT, request)
    await note_provider_logout(parts.people, await _logout_token(request))
    return Response(status_code=200)


def _told(error: ProviderError) -> RedirectResponse:
    return RedirectResponse(f"{_SIGNIN_PAGE}#{error.fragment}", 303)


def _state_name(parts: Parts) -> str:
    """With the prefix no neighbouring name can plant one of its own."""
    return "__Host-klausur-provider" if parts.secure else "klausur-provider"


def _put_state(response: Response, parts: Parts, value: str) -> None:
    """Lax, unlike the session's: it has to come along from the provider's page."""
    response.set_cookie(
        _state_name(parts),
        value,
        max_age=_STATE_SECONDS,
        path="/",
        secure=parts.secure,
        httponly=True,
        samesite="lax",
    )


def _answer(request: Request) -> dict[str, str]:
    """The callback's parameters, each once (RFC 6749, 3.1). Raises ProviderRefused."""
    given = request.query_params.multi_items()
    answer = dict(given)
    if len(answer) != len(given) or len(given) > _FIELDS_AT_MOST:
        raise ProviderRefused
    return answer


async def _logout_token(request: Request) -> str:
    """Raises Malformed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Malformed
    try:
        form = parse_qs((await request.body()).decode("ascii"), strict_parsing=True, max_num_fields=_FIELDS_AT_MOST)
    except ValueError:
        raise Malformed from None
    tokens = form.get("logout_token", [])
    if len(tokens) != 1:
        raise Malformed
    return tokens[0]
