"""``/api/invitations``: what a link is for, and what comes of it. Tokens travel in bodies, never in addresses."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from klausur.actions.people.invitations import accept_invitation, begin_passkey, look_at_invitation
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.parts import TheParts, count
from klausur.api.people import models
from klausur.api.people.here import TheEntrance, signed_in
from klausur.api.powers import needs_account
from klausur.domain.policy import AccountOperation

router = APIRouter(prefix="/api/invitations", tags=["people"])

_REFUSALS = ("malformed", "no_invitation", "too_many_attempts", "storage_unavailable")


@router.post("/look", responses=responses(*_REFUSALS), openapi_extra=needs_account(AccountOperation.ACCEPT_INVITATION))
async def look_at_it(wish: models.InvitationLook, request: Request, parts: TheParts) -> models.InvitationShown:
    count(parts, Attempt.SIGNIN_BEGUN, request)
    return models.InvitationShown.of(await look_at_invitation(parts.people, wish.token))


@router.post(
    "/passkey", responses=responses(*_REFUSALS), openapi_extra=needs_account(AccountOperation.ACCEPT_INVITATION)
)
async def begin_its_passkey(
    wish: models.InvitationPasskey, request: Request, parts: TheParts
) -> models.ChallengeAnswer:
    count(parts, Attempt.SIGNIN_BEGUN, request)
    return models.ChallengeAnswer.of(await begin_passkey(parts.people, wish.token, wish.name))


@router.post(
    "/accept",
    status_code=201,
    responses=responses(*_REFUSALS, "name_taken", "too_large"),
    openapi_extra=needs_account(AccountOperation.ACCEPT_INVITATION),
)
async def accept_it(
    given: models.InvitationAcceptance,
    request: Request,
    response: Response,
    entrance: TheEntrance,
    parts: TheParts,
) -> models.SessionAnswer:
    count(parts, Attempt.SIGNIN, request)
    begun = await accept_invitation(parts.people, given.token, given.given(), entrance)
    return await signed_in(response, parts, begun)
