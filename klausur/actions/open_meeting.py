"""Somebody opens a meeting: the server learns a public key and a hash, never what is in the link's fragment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from klausur.actions.door import new_secret
from klausur.actions.end_opening import new_opening
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.accounts import Account
from klausur.domain.errors import Malformed
from klausur.domain.events import Event
from klausur.domain.limits import HASH_BYTES, HOST_KEY_BYTES, MEETING_ID_BYTES
from klausur.domain.meeting import instant_meeting, planned_meeting
from klausur.domain.policy import require_opener


@dataclass(frozen=True, slots=True)
class Opened:
    meeting: str
    closes_at: datetime


async def open_meeting(
    world: World,
    host_public_key: str,
    link_proof_hash: str,
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    by: Account | None = None,
    guests: bool = True,
) -> Opened:
    """A planned one with both times, without them one for now. ``by``: who has signed in, if anybody. Raises
    MeetingsNotOpen, Malformed."""
    require_opener(world.rules.openers, by.role if by else None)
    if not encoding.is_sized(host_public_key, HOST_KEY_BYTES) or not encoding.is_sized(link_proof_hash, HASH_BYTES):
        raise Malformed
    now = world.clock.now()
    meeting = instant_meeting(new_secret(MEETING_ID_BYTES), host_public_key, link_proof_hash, now)
    if opens_at and closes_at:
        meeting = planned_meeting(meeting, opens_at, closes_at, now)
    elif opens_at or closes_at:
        raise Malformed
    meeting = replace(meeting, account=by.id if by else None, guests=guests)
    async with world.store.writing() as unit:
        await unit.meetings.add(meeting, new_opening(meeting.id))
        await unit.history.note(Event.MEETING_OPENED, meeting.id, now)
    return Opened(meeting=meeting.id, closes_at=meeting.closes_at)
