"""Seats and their tickets, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from klausur.domain.errors import PseudonymTaken
from klausur.domain.meeting import Meeting, Opening, Seat, SeatState, Ticket, TicketState
from klausur.store import tables
from klausur.store.meetings import SEATED_VALUES, meeting_of, opening_of

_s = tables.seats.c
_t = tables.tickets.c


def _seat_of(row: Row[Any]) -> Seat:
    return Seat(
        meeting=row.meeting,
        session=row.session,
        pseudonym=row.pseudonym,
        secret_hash=row.secret_hash,
        announcement=row.announcement,
        state=SeatState(row.state),
        connections=row.connections,
        since=row.since,
    )


class SeatRows:
    def __init__(self, connection: AsyncConnection) -> None:
        self._do = connection.execute

    async def add(self, seat: Seat) -> None:
        row = insert(tables.seats).values(
            session=seat.session,
            pseudonym=seat.pseudonym,
            meeting=seat.meeting,
            secret_hash=seat.secret_hash,
            announcement=seat.announcement,
            state=seat.state.value,
            connections=seat.connections,
            since=seat.since,
        )
        try:
            await self._do(row)
        except IntegrityError:
            raise PseudonymTaken from None

    async def find(self, meeting: str, pseudonym: str) -> Seat | None:
        found = select(tables.seats).where(_s.meeting == meeting, _s.pseudonym == pseudonym)
        row = (await self._do(found)).first()
        return None if row is None else _seat_of(row)

    async def keep(self, seat: Seat) -> bool:
        change = (
            update(tables.seats)
            .where(_s.session == seat.session, _s.pseudonym == seat.pseudonym, _s.state.in_(SEATED_VALUES))
            .values(
                state=seat.state.value,
                connections=seat.connections,
                announcement=seat.announcement,
                since=seat.since,
            )
        )
        return (await self._do(change)).rowcount == 1

    async def seated(self, session: str) -> int:
        count = select(func.count()).select_from(tables.seats).where(_s.session == session, _s.state.in_(SEATED_VALUES))
        return (await self._do(count)).scalar_one()

    async def roster(self, session: str, but: str) -> Sequence[Seat]:
        rows = await self._do(
            select(tables.seats)
            .where(_s.session == session, _s.pseudonym != but, _s.state.in_(SEATED_VALUES))
            .order_by(_s.pseudonym)
        )
        return [_seat_of(row) for row in rows]

    async def give_up(self, away_since: datetime, arriving_since: datetime, now: datetime) -> Sequence[Seat]:
        too_long = or_(
            and_(_s.state == SeatState.AWAY.value, _s.since <= away_since),
            and_(_s.state == SeatState.ARRIVING.value, _s.since <= arriving_since),
        )
        rows = await self._do(
            update(tables.seats)
            .where(too_long, _s.connections == 0)
            .values(state=SeatState.GONE.value, connections=0, announcement="", since=now)
            .returning(*tables.seats.c)
        )
        return [_seat_of(row) for row in rows]

    async def members(self, sessions: Sequence[str]) -> Sequence[Seat]:
        rows = await self._do(select(tables.seats).where(_s.session.in_(sessions), _s.state.in_(SEATED_VALUES)))
        return [_seat_of(row) for row in rows]

    async def disconnect_all(self, now: datetime) -> int:
        change = (
            update(tables.seats)
            .where(_s.connections > 0, _s.state.in_(SEATED_VALUES))
            .values(connections=0, state=SeatState.AWAY.value, since=now)
        )
        return (await self._do(change)).rowcount

    async def by_room(self) -> Sequence[tuple[str, str]]:
        rows = await self._do(
            select(tables.openings.c.room, _s.pseudonym)
            .join(tables.openings, tables.openings.c.session == _s.session)
            .where(_s.state.in_(SEATED_VALUES))
        )
        return [(row.room, row.pseudonym) for row in rows]


class TicketRows:
    def __init__(self, connection: AsyncConnection) -> None:
        self._do = connection.execute

    async def replace(self, ticket: Ticket) -> None:
        await self.void(ticket.session, [ticket.pseudonym])
        await self._do(
            insert(tables.tickets).values(
                hash=ticket.hash,
                session=ticket.session,
                pseudonym=ticket.pseudonym,
                state=ticket.state.value,
                made_at=ticket.made_at,
            )
        )

    async def find(self, hash_: str) -> tuple[Ticket, Seat, Opening, Meeting] | None:
        """Three rows by primary key. A join of the four tables would carry every name twice."""
        row = (await self._do(select(tables.tickets).where(_t.hash == hash_))).first()
        if row is None:
            return None
        ticket = Ticket(
            hash=row.hash,
            session=row.session,
            pseudonym=row.pseudonym,
            state=TicketState(row.state),
            made_at=row.made_at,
        )
        of_seat = select(tables.seats).where(_s.session == ticket.session, _s.pseudonym == ticket.pseudonym)
        of_opening = select(tables.openings).where(tables.openings.c.session == ticket.session)
        seat = _seat_of((await self._do(of_seat)).one())
        opening = opening_of((await self._do(of_opening)).one())
        of_meeting = select(tables.meetings).where(tables.meetings.c.id == opening.meeting)
        return ticket, seat, opening, meeting_of((await self._do(of_meeting)).one())

    async def keep(self, ticket: Ticket) -> bool:
        change = update(tables.tickets).where(_t.hash == ticket.hash).values(state=ticket.state.value)
        return (await self._do(change)).rowcount == 1

    async def void(self, session: str, pseudonyms: Sequence[str]) -> None:
        whose = tuple_(_t.session, _t.pseudonym).in_([(session, pseudonym) for pseudonym in pseudonyms])
        await self._do(delete(tables.tickets).where(whose))

    async def void_of_gone(self) -> None:
        gone = select(_s.session, _s.pseudonym).where(_s.state == SeatState.GONE.value)
        await self._do(delete(tables.tickets).where(tuple_(_t.session, _t.pseudonym).in_(gone)))

    async def void_stale(self, made_by: datetime) -> None:
        await self._do(delete(tables.tickets).where(_t.state == TicketState.FRESH.value, _t.made_at <= made_by))
