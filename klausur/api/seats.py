"""``/api/meetings/{M}/seats``: take one, come back to it, leave it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from klausur.actions.attend import prove_seat
from klausur.actions.leave_seat import leave_seat
from klausur.actions.renew_ticket import renew_ticket
from klausur.actions.take_seat import take_seat
from klausur.actions.views import SeatView
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.models import SeatRenewed, SeatTaken, SeatWish, TicketWish
from klausur.api.parts import Bearer, Proof, TheParts, count
from klausur.domain.errors import NotYourSeat

router = APIRouter(prefix="/api/meetings/{meeting}/seats", tags=["seats"])


@router.post(
    "",
    status_code=201,
    response_model=SeatTaken,
    responses=responses(
        "malformed",
        "no_meeting",
        "session_changed",
        "pseudonym_taken",
        "meeting_full",
        "meeting_ended",
        "too_many_attempts",
        "engine_unavailable",
        "storage_unavailable",
    ),
)
async def take_one(meeting: str, wish: SeatWish, proof: Proof, request: Request, parts: TheParts) -> SeatView:
    count(parts, Attempt.KNOCK, request)
    return await take_seat(
        parts.world,
        meeting,
        proof,
        pseudonym=wish.pseudonym,
        session=wish.session,
        announcement=wish.announcement,
    )


@router.post(
    "/{pseudonym}/tickets",
    status_code=201,
    response_model=SeatRenewed,
    responses=responses("malformed", "not_your_seat", "session_changed", "too_many_attempts", "storage_unavailable"),
)
async def renew_one(
    meeting: str, pseudonym: str, wish: TicketWish, secret: Bearer, request: Request, parts: TheParts
) -> SeatView:
    try:
        await prove_seat(parts.world, meeting, pseudonym, secret)
    except NotYourSeat:
        count(parts, Attempt.GUESS, request)
        raise
    # Per seat: everybody behind one address may have to come back at once, and more than once.
    parts.attempts.count(Attempt.TICKET, f"{meeting}/{pseudonym}")
    return await renew_ticket(
        parts.world, meeting, pseudonym, secret, session=wish.session, announcement=wish.announcement
    )


@router.delete("/{pseudonym}", status_code=204, responses=responses("not_your_seat", "storage_unavailable"))
async def leave_one(meeting: str, pseudonym: str, secret: Bearer, parts: TheParts) -> None:
    await leave_seat(parts.world, meeting, pseudonym, secret)
