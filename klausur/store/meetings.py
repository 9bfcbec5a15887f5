"""Meetings and openings, as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klausur.domain.limits import SEALED_MAX_BYTES
from klausur.domain.meeting import SEATED, Card, Meeting, MeetingState, Opening, OpeningState
from klausur.store import tables

_m = tables.meetings.c
_o = tables.openings.c
_PROBE = "probe"
"""No meeting's id: too short."""
SEATED_VALUES = sorted(state.value for state in SEATED)


def meeting_of(row: Row[Any]) -> Meeting:
    sealed = row.card_sealed
    return Meeting(
        id=row.id,
        state=MeetingState(row.state),
        host_public_key=row.host_public_key,
        proof_hash=row.proof_hash,
        card=None if sealed is None else Card(version=row.card_version, sealed=sealed),
        closes_at=row.closes_at,
        ended_at=row.ended_at,
    )


def opening_of(row: Row[Any]) -> Opening:
    return Opening(
        session=row.session,
        meeting=row.meeting,
        room=row.room,
        state=OpeningState(row.state),
        empty_since=row.empty_since,
        began_at=row.began_at,
    )


class MeetingRows:
    def __init__(self, connection: AsyncConnection) -> None:
        self._do = connection.execute

    async def add(self, meeting: Meeting, opening: Opening) -> None:
        await self._do(
            insert(tables.meetings).values(
                id=meeting.id,
                state=meeting.state.value,
                host_public_key=meeting.host_public_key,
                proof_hash=meeting.proof_hash,
                closes_at=meeting.closes_at,
            )
        )
        await self._do(
            insert(tables.openings).values(
                session=opening.session, meeting=opening.meeting, room=opening.room, state=opening.state.value
            )
        )

    async def probe(self) -> None:
        """Writes a row that nobody ever sees."""
        row = insert(tables.meetings).values(
            id=_PROBE,
            state=MeetingState.ENDED.value,
            host_public_key="",
            proof_hash="",
            card_version=0,
            card_sealed="x" * SEALED_MAX_BYTES,
            closes_at=datetime(2000, 1, 1, tzinfo=UTC),
        )
        await self._do(row)
        await self._do(delete(tables.meetings).where(_m.id == _PROBE))

    async def find(self, meeting: str) -> tuple[Meeting, Opening | None] | None:
        joined = tables.meetings.outerjoin(
            tables.openings, and_(_o.meeting == _m.id, _o.state != OpeningState.OVER.value)
        )
        columns = select(
            tables.meetings, _o.session, _o.room, _o.empty_since, _o.began_at, _o.state.label("opening_state")
        )
        row = (await self._do(columns.select_from(joined).where(_m.id == meeting))).first()
        if row is None:
            return None
        if row.session is None:
            return meeting_of(row), None
        opening = Opening(
            session=row.session,
            meeting=row.id,
            room=row.room,
            state=OpeningState(row.opening_state),
            empty_since=row.empty_since,
            began_at=row.began_at,
        )
        return meeting_of(row), opening

    async def set_card(self, meeting: str, card: Card) -> bool:
        held = and_(_m.id == meeting, _m.card_version == card.version - 1, _m.state == MeetingState.LIVE.value)
        change = update(tables.meetings).where(held).values(card_version=card.version, card_sealed=card.sealed)
        return (await self._do(change)).rowcount == 1

    async def keep_opening(self, opening: Opening) -> bool:
        change = (
            update(tables.openings)
            .where(_o.session == opening.session, _o.state != OpeningState.OVER.value)
            .values(state=opening.state.value, empty_since=opening.empty_since, began_at=opening.began_at)
        )
        return (await self._do(change)).rowcount == 1

    async def due(self, empty_since: datetime, closing_at: datetime) -> Sequence[tuple[str, Opening]]:
        over = and_(_o.state == OpeningState.OPEN.value, _o.empty_since <= empty_since)
        rows = await self._do(
            select(tables.openings)
            .join(tables.meetings, _m.id == _o.meeting)
            .where(
                _m.state == MeetingState.LIVE.value,
                _o.state != OpeningState.OVER.value,
                or_(over, _m.closes_at <= closing_at),
            )
        )
        return [(row.meeting, opening_of(row)) for row in rows]

    async def end(self, meetings: Sequence[str], now: datetime) -> None:
        live = and_(_m.id.in_(meetings), _m.state == MeetingState.LIVE.value)
        await self._do(
            update(tables.meetings).where(live).values(state=MeetingState.ENDED.value, card_sealed=None, ended_at=now)
        )
        # Seats and tickets go with their openings (ON DELETE CASCADE).
        await self._do(delete(tables.openings).where(_o.meeting.in_(meetings)))
        await self._do(delete(tables.transitions).where(tables.transitions.c.meeting.in_(meetings)))

    async def forget(self, ended_before: datetime) -> int:
        gone = delete(tables.meetings).where(_m.state == MeetingState.ENDED.value, _m.ended_at <= ended_before)
        return (await self._do(gone)).rowcount

    async def note_emptied(self, now: datetime) -> None:
        seated = select(tables.seats.c.session).where(tables.seats.c.state.in_(SEATED_VALUES))
        await self._do(
            update(tables.openings)
            .where(_o.state == OpeningState.OPEN.value, _o.empty_since.is_(None), _o.session.not_in(seated))
            .values(empty_since=now)
        )

    async def rooms(self) -> Sequence[str]:
        return (await self._do(select(_o.room).where(_o.state != OpeningState.OVER.value))).scalars().all()

    async def rooms_of(self, sessions: Sequence[str]) -> Mapping[str, str]:
        rows = await self._do(select(_o.session, _o.room).where(_o.session.in_(sessions)))
        return {row.session: row.room for row in rows}

    async def meeting_in(self, room: str) -> str | None:
        found = select(_o.meeting).where(_o.room == room, _o.state != OpeningState.OVER.value)
        return (await self._do(found)).scalar_one_or_none()
