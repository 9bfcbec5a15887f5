"""Somebody opens a meeting: the server learns a public key and a hash, never what is in the link's fragment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import new_secret
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import Malformed, MeetingsNotOpen
from klausur.domain.events import Event
from klausur.domain.limits import HASH_BYTES, HOST_KEY_BYTES, MEETING_ID_BYTES, ROOM_BYTES, SESSION_BYTES
from klausur.domain.meeting import Opening, instant_meeting


@dataclass(frozen=True, slots=True)
class Opened:
    meeting: str
    closes_at: datetime


async def open_meeting(world: World, host_public_key: str, link_proof_hash: str) -> Opened:
    if not world.rules.anyone_opens:
        raise MeetingsNotOpen
    if not encoding.is_sized(host_public_key, HOST_KEY_BYTES) or not encoding.is_sized(link_proof_hash, HASH_BYTES):
        raise Malformed
    now = world.clock.now()
    meeting = instant_meeting(new_secret(MEETING_ID_BYTES), host_public_key, link_proof_hash, now)
    # The next opening's session is made ahead: joiners derive their keys from it before there is an opening.
    opening = Opening(session=new_secret(SESSION_BYTES), meeting=meeting.id, room=new_secret(ROOM_BYTES))
    async with world.store.writing() as unit:
        await unit.meetings.add(meeting, opening)
        await unit.history.note(Event.MEETING_OPENED, meeting.id, now)
    return Opened(meeting=meeting.id, closes_at=meeting.closes_at)
