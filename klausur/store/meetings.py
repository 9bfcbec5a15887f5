"""Meetings and openings, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from klausur.domain.admission import Rules
from klausur.domain.limits import SEALED_MAX_BYTES
from klausur.domain.meeting import SEATED, Card, Meeting, MeetingState, Opening
from klausur.domain.ports import RunningOpening
from klausur.store import tables
from klausur.store.prepared import Do, Prepared

_m = tables.meetings.c
_o = tables.openings.c
_PROBE = "probe"
"""No meeting's id: too short."""
SEATED_VALUES = sorted(state.value for state in SEATED)
_LIVE = _m.state != MeetingState.ENDED.value
_RULES = (_m.rules_version, _m.rules_document, _m.rules_signature)
MEETING = (
    _m.id,
    _m.state,
    _m.host_public_key,
    _m.proof_hash,
    _m.card_version,
    _m.card_sealed,
    _m.closes_at,
    _m.opens_at,
    *_RULES,
    _m.ended_at,
    _m.account,
    _m.guests,
    _m.times_version,
)
OPENING = (_o.session, _o.meeting, _o.room, _o.began_at, _o.empty_since)


def meeting_of(row: Sequence[Any]) -> Meeting:
    """``row``: MEETING, and whatever follows."""
    id_, state, host_public_key, proof_hash, card_version, sealed, closes_at, opens_at, *more = row[:_WIDTH]
    *rules, ended_at, account, guests, times_version = more
    return Meeting(
        id=id_,
        state=MeetingState(state),
        host_public_key=host_public_key,
        proof_hash=proof_hash,
        card=None if sealed is None else Card(version=card_version, sealed=sealed),
        closes_at=closes_at,
        opens_at=opens_at,
        rules=_rules_of(rules),
        ended_at=ended_at,
        account=account,
        guests=guests,
        times_version=times_version,
    )


_WIDTH = len(MEETING)


def _rules_of(row: Sequence[Any]) -> Rules:
    version, document, signature = row
    return Rules() if document is None else Rules.read(version, document, signature)


def opening_of(row: Sequence[Any]) -> Opening:
    """``row``: OPENING."""
    session, meeting, room, began_at, empty_since = row
    return Opening(session, meeting, room, began_at, empty_since)


def _both_of(row: Sequence[Any]) -> tuple[Meeting, Opening]:
    return meeting_of(row), opening_of(row[_WIDTH:])


_BOTH = select(*MEETING, *OPENING).select_from(tables.meetings.join(tables.openings, _o.meeting == _m.id))
_FIND = Prepared(
    select(*MEETING, *OPENING)
    .select_from(tables.meetings.outerjoin(tables.openings, _o.meeting == _m.id))
    .where(_m.id == bindparam("which"))
)
_KEEP_OPENING = Prepared(update(tables.openings).where(_o.session == bindparam("which")))


def _row_of(opening: Opening) -> dict[str, object]:
    return {"session": opening.session, "meeting": opening.meeting, "room": opening.room}


class MeetingRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, meeting: Meeting, opening: Opening) -> None:
        await self._do(
            insert(tables.meetings).values(
                id=meeting.id,
                state=meeting.state.value,
                host_public_key=meeting.host_public_key,
                proof_hash=meeting.proof_hash,
                opens_at=meeting.opens_at,
                closes_at=meeting.closes_at,
                account=meeting.account,
                guests=meeting.guests,
            )
        )
        await self._do(insert(tables.openings).values(_row_of(opening)))

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
        row = (await self._do(_FIND, {"which": meeting})).first()
        if row is None:
            return None
        has_opening = row[_WIDTH] is not None
        return meeting_of(row), opening_of(row[_WIDTH:]) if has_opening else None

    async def set_card(self, meeting: str, card: Card) -> bool:
        held = and_(_m.id == meeting, _m.card_version == card.version - 1, _LIVE)
        change = update(tables.meetings).where(held).values(card_version=card.version, card_sealed=card.sealed)
        return (await self._do(change)).rowcount == 1

    async def set_rules(self, meeting: str, rules: Rules) -> bool:
        held = and_(_m.id == meeting, _m.rules_version == rules.version - 1, _LIVE)
        change = update(tables.meetings).where(held)
        change = change.values(
            rules_version=rules.version, rules_document=rules.document, rules_signature=rules.signature
        )
        return (await self._do(change)).rowcount == 1

    async def set_times(self, meeting: Meeting) -> bool:
        held = and_(_m.id == meeting.id, _m.times_version == meeting.times_version - 1, _LIVE)
        change = update(tables.meetings).where(held)
        change = change.values(
            opens_at=meeting.opens_at, closes_at=meeting.closes_at, times_version=meeting.times_version
        )
        return (await self._do(change)).rowcount == 1

    async def erase(self, meeting: str) -> bool:
        # Openings, seats, tickets and history go with it (ON DELETE CASCADE).
        return (await self._do(delete(tables.meetings).where(_m.id == meeting))).rowcount == 1

    async def set_state(self, meeting: Meeting) -> bool:
        change = update(tables.meetings).where(_m.id == meeting.id, _LIVE).values(state=meeting.state.value)
        return (await self._do(change)).rowcount == 1

    async def keep_opening(self, opening: Opening) -> bool:
        change = {"which": opening.session, "empty_since": opening.empty_since, "began_at": opening.began_at}
        return (await self._do(_KEEP_OPENING, change)).rowcount == 1

    async def due(self, empty_since: datetime, closing_at: datetime) -> Sequence[tuple[Meeting, Opening]]:
        over = or_(_o.empty_since <= empty_since, _m.closes_at <= closing_at)
        return [_both_of(row) for row in await self._do(_BOTH.where(over))]

    async def close(self, meetings: Sequence[Meeting], fresh: Sequence[Opening]) -> None:
        if not meetings:
            return
        ids = [meeting.id for meeting in meetings]
        # Seats and tickets go with their openings (ON DELETE CASCADE).
        await self._do(delete(tables.openings).where(_o.meeting.in_(ids)))
        await self._do(delete(tables.transitions).where(tables.transitions.c.meeting.in_(ids)))
        wiped = update(tables.meetings).where(_m.id == bindparam("which"), _LIVE)
        ended = [
            {"which": meeting.id, "at": meeting.ended_at} for meeting in meetings if meeting.state is MeetingState.ENDED
        ]
        if ended:
            end = wiped.values(
                state=MeetingState.ENDED.value,
                card_sealed=None,
                rules_document=None,
                rules_signature=None,
                ended_at=bindparam("at"),
            )
            await self._do(end, ended)
        again = [meeting.id for meeting in meetings if meeting.state is MeetingState.SCHEDULED]
        if again:
            await self._do(
                update(tables.meetings).where(_m.id.in_(again), _LIVE).values(state=MeetingState.SCHEDULED.value)
            )
            await self._do(insert(tables.openings), [_row_of(opening) for opening in fresh])

    async def forget(self, ended_before: datetime) -> int:
        gone = delete(tables.meetings).where(_m.state == MeetingState.ENDED.value, _m.ended_at <= ended_before)
        return (await self._do(gone)).rowcount

    async def note_emptied(self, now: datetime) -> None:
        seated = select(tables.seats.c.session).where(tables.seats.c.state.in_(SEATED_VALUES))
        await self._do(
            update(tables.openings)
            .where(_o.began_at.is_not(None), _o.empty_since.is_(None), _o.session.not_in(seated))
            .values(empty_since=now)
        )

    async def openings(self) -> Sequence[tuple[Opening, Rules]]:
        joined = tables.openings.join(tables.meetings, _m.id == _o.meeting)
        rows = await self._do(select(*OPENING, *_RULES).select_from(joined))
        return [(opening_of(row[: len(OPENING)]), _rules_of(row[len(OPENING) :])) for row in rows]

    async def of_sessions(self, sessions: Sequence[str]) -> Sequence[tuple[Meeting, Opening]]:
        if not sessions:
            return []
        rows = await self._do(_BOTH.where(_o.session.in_(sessions)))
        return [_both_of(row) for row in rows]

    async def running(self) -> Sequence[RunningOpening]:
        seats = tables.seats.c
        inside = and_(seats.session == _o.session, seats.state.in_(SEATED_VALUES))
        count = select(func.count()).where(inside).correlate(tables.openings).scalar_subquery()
        begun = select(_o.session, _o.began_at, count.label("seats")).where(_o.began_at.is_not(None))
        rows = await self._do(begun.order_by(_o.began_at, _o.session))
        return [RunningOpening(row.session, row.began_at, row.seats) for row in rows]

    async def meeting_in(self, room: str) -> str | None:
        return (await self._do(select(_o.meeting).where(_o.room == room))).scalar_one_or_none()

    async def of_account(self, account: str) -> Sequence[Meeting]:
        rows = await self._do(select(*MEETING).where(_m.account == account).order_by(_m.opens_at, _m.id))
        return [meeting_of(row) for row in rows]
