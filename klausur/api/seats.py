"""``/api/meetings/{M}/seats``: take one or knock, come back to it, leave it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request
from fastapi.responses import Response

from klausur.actions.attend import prove_seat
from klausur.actions.knock_again import knock_again
from klausur.actions.leave_seat import leave_seat
from klausur.actions.renew_ticket import renew_ticket
from klausur.actions.take_seat import Wish, take_seat
from klausur.actions.views import SeatView, WaitingView
from klausur.api import models
from klausur.api.attempts import Attempt, link
from klausur.api.errors import responses
from klausur.api.parts import Bearer, Parts, Proof, TheParts, count
from klausur.api.people.here import PerhapsAccount
from klausur.api.powers import needs
from klausur.api.turns import REFUSED_AFTER_SECONDS
from klausur.domain.errors import NotYourSeat, TooManyAttempts
from klausur.domain.policy import Operation

router = APIRouter(prefix="/api/meetings/{meeting}/seats", tags=["seats"])


@router.post(
    "",
    status_code=201,
    response_model=models.SeatTaken,
    responses={
        202: {"model": models.Waiting, "description": "In front of the door"},
        **responses(
            "malformed",
            "signin_needed",
            "not_host",
            "removed",
            "no_meeting",
            "session_changed",
            "pseudonym_taken",
            "meeting_full",
            "meeting_locked",
            "meeting_not_started",
            "admission_changed",
            "meeting_ended",
            "too_many_attempts",
            "engine_unavailable",
            "storage_unavailable",
        ),
    },
    openapi_extra=needs(Operation.KNOCK),
)
async def take_one(
    meeting: str, wish: models.SeatWish, proof: Proof, here: PerhapsAccount, request: Request, parts: TheParts
) -> SeatView | Response:
    async with _in_turn(parts, meeting, proof, wish, request):
        taken = await take_seat(parts.world, meeting, proof, Wish(**wish.model_dump(), signed_in=here is not None))
    if isinstance(taken, WaitingView):
        waiting = models.Waiting.model_validate(taken).model_dump_json()
        return Response(waiting, 202, media_type="application/json")
    return taken


@router.post(
    "/{pseudonym}/tickets",
    status_code=201,
    response_model=models.SeatRenewed,
    responses=responses(
        "malformed",
        "not_your_seat",
        "not_admitted",
        "removed",
        "session_changed",
        "too_many_attempts",
        "storage_unavailable",
    ),
    openapi_extra=needs(Operation.CONNECT),
)
async def renew_one(
    meeting: str, pseudonym: str, wish: models.TicketWish, secret: Bearer, request: Request, parts: TheParts
) -> SeatView:
    await _prove(parts, meeting, pseudonym, secret, request)
    # Per seat: everybody behind one address may have to come back at once, and more than once.
    parts.attempts.count(Attempt.TICKET, f"{meeting}/{pseudonym}")
    return await renew_ticket(
        parts.world, meeting, pseudonym, secret, session=wish.session, announcement=wish.announcement
    )


@router.post(
    "/{pseudonym}/knock",
    status_code=204,
    responses=responses(
        "malformed",
        "not_your_seat",
        "not_allowed",
        "declined",
        "removed",
        "meeting_full",
        "meeting_locked",
        "meeting_not_started",
        "admission_changed",
        "meeting_ended",
        "too_many_attempts",
        "storage_unavailable",
    ),
    openapi_extra=needs(Operation.KNOCK),
)
async def knock_once_more(
    meeting: str, pseudonym: str, wish: models.KnockWish, secret: Bearer, request: Request, parts: TheParts
) -> None:
    await _prove(parts, meeting, pseudonym, secret, request)
    count(parts, Attempt.KNOCK, request)
    await knock_again(parts.world, meeting, pseudonym, secret, wish.knock)


@router.delete(
    "/{pseudonym}",
    status_code=204,
    responses=responses("not_your_seat", "storage_unavailable"),
    openapi_extra=needs(Operation.LEAVE),
)
async def leave_one(meeting: str, pseudonym: str, secret: Bearer, parts: TheParts) -> None:
    await leave_seat(parts.world, meeting, pseudonym, secret)


@asynccontextmanager
async def _in_turn(
    parts: Parts, meeting: str, proof: str | None, wish: models.SeatWish, request: Request
) -> AsyncIterator[None]:
    """Raises TooManyAttempts, before anything is looked up."""
    try:
        count(parts, Attempt.KNOCK, request)
        if wish.certificate is None:
            parts.attempts.count(Attempt.MEETING_KNOCK, link(meeting, proof))
    except TooManyAttempts:
        await asyncio.sleep(REFUSED_AFTER_SECONDS)
        raise
    if wish.certificate is not None:
        # A flood of guests must not keep out the host, who alone can lock the door on it.
        yield
        return
    async with parts.attempts.turns.of(link(meeting, proof)):
        yield


async def _prove(parts: Parts, meeting: str, pseudonym: str, secret: str, request: Request) -> None:
    """Before anything is written, or counted for the seat. Raises NotYourSeat, Removed, TooManyAttempts."""
    try:
        await prove_seat(parts.world, meeting, pseudonym, secret)
    except NotYourSeat:
        count(parts, Attempt.GUESS, request)
        raise
