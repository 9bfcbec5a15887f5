"""``/api/meetings``: open one, look at one, write its card, its rules and its times, cancel it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request

from klausur.actions.cancel_meeting import cancel_meeting
from klausur.actions.look_up import look_up
from klausur.actions.open_meeting import Opened, open_meeting
from klausur.actions.set_card import set_card
from klausur.actions.set_rules import set_rules
from klausur.actions.set_times import set_times
from klausur.actions.views import MeetingView
from klausur.api.attempts import Attempt
from klausur.api.errors import responses
from klausur.api.models import (
    MeetingAnswer,
    NewMeeting,
    OpenedMeeting,
    SignedCancellation,
    SignedCard,
    SignedRules,
    SignedTimes,
)
from klausur.api.parts import Proof, TheParts, count
from klausur.api.people.here import PerhapsAccount
from klausur.api.powers import needs, needs_account
from klausur.domain.errors import NoMeeting
from klausur.domain.policy import AccountOperation, Operation


async def _guesses_counted(request: Request, parts: TheParts) -> AsyncIterator[None]:
    """Whoever tries addresses is slowed down; whoever has the right one is not, whatever others try beside. Raises
    TooManyAttempts."""
    try:
        yield
    except NoMeeting:
        count(parts, Attempt.GUESS, request)
        raise


router = APIRouter(prefix="/api/meetings", tags=["meetings"], dependencies=[Depends(_guesses_counted)])


@router.post(
    "",
    status_code=201,
    response_model=OpenedMeeting,
    responses=responses("malformed", "meetings_not_open", "too_many_attempts", "storage_unavailable"),
    openapi_extra=needs_account(AccountOperation.OPEN_MEETING),
)
async def open_one(wish: NewMeeting, here: PerhapsAccount, request: Request, parts: TheParts) -> Opened:
    count(parts, Attempt.OPENING, request)
    return await open_meeting(
        parts.world,
        wish.host_public_key,
        wish.link_proof_hash,
        opens_at=wish.opens_at,
        closes_at=wish.closes_at,
        by=here.account if here else None,
        guests=wish.guests,
    )


@router.get(
    "/{meeting}",
    response_model=MeetingAnswer,
    responses=responses("signin_needed", "no_meeting", "meeting_ended", "too_many_attempts", "storage_unavailable"),
    openapi_extra=needs(Operation.LOOK),
)
async def look_at_one(meeting: str, proof: Proof, here: PerhapsAccount, parts: TheParts) -> MeetingView:
    return await look_up(parts.world, meeting, proof, signed_in=here is not None)


@router.put(
    "/{meeting}/card",
    status_code=204,
    responses=responses(
        "malformed",
        "not_host",
        "no_meeting",
        "card_outdated",
        "meeting_ended",
        "too_many_attempts",
        "storage_unavailable",
    ),
    openapi_extra=needs(Operation.WRITE_CARD),
)
async def write_card(meeting: str, card: SignedCard, proof: Proof, parts: TheParts) -> None:
    await set_card(parts.world, meeting, proof, version=card.version, sealed=card.sealed, signature=card.signature)


@router.put(
    "/{meeting}/rules",
    status_code=204,
    responses=responses(
        "malformed",
        "not_host",
        "no_meeting",
        "rules_outdated",
        "meeting_ended",
        "too_many_attempts",
        "storage_unavailable",
    ),
    openapi_extra=needs(Operation.RULE),
)
async def sign_rules(meeting: str, rules: SignedRules, proof: Proof, parts: TheParts) -> None:
    await set_rules(
        parts.world, meeting, proof, version=rules.version, document=rules.document, signature=rules.signature
    )


@router.put(
    "/{meeting}/times",
    status_code=204,
    responses=responses(
        "malformed",
        "not_host",
        "no_meeting",
        "times_outdated",
        "meeting_ended",
        "too_many_attempts",
        "storage_unavailable",
    ),
    openapi_extra=needs(Operation.SET_TIMES),
)
async def move_one(meeting: str, times: SignedTimes, proof: Proof, parts: TheParts) -> None:
    await set_times(
        parts.world,
        meeting,
        proof,
        opens_at=times.opens_at,
        closes_at=times.closes_at,
        version=times.version,
        signature=times.signature,
    )


@router.delete(
    "/{meeting}",
    status_code=204,
    responses=responses(
        "malformed", "not_host", "no_meeting", "meeting_ended", "too_many_attempts", "storage_unavailable"
    ),
    openapi_extra=needs(Operation.CANCEL),
)
async def cancel_one(meeting: str, cancellation: SignedCancellation, proof: Proof, parts: TheParts) -> None:
    await cancel_meeting(parts.world, meeting, proof, signature=cancellation.signature)
