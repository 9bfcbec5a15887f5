"""Seats and their tickets, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from klausur.domain.errors import PseudonymTaken
from klausur.domain.meeting import HELD, SEATED, Meeting, Opening, Seat, SeatState, Ticket, TicketState
from klausur.domain.policy import Role
from klausur.domain.ports import Crowd
from klausur.store import tables
from klausur.store.meetings import MEETING, OPENING, meeting_of, opening_of
from klausur.store.prepared import Do, Prepared

_s = tables.seats.c
_t = tables.tickets.c


def _among(states: Iterable[SeatState]) -> ColumnElement[bool]:
    """As constants: a list of parameters is written out anew with each execution."""
    return or_(*(_s.state == literal_column(f"'{state.value}'") for state in sorted(states)))


_SEATED = _among(SEATED)
_HELD = _among(HELD)
_HERE = _among(SEATED | {SeatState.WAITING})
_WAITS = _among({SeatState.WAITING})
_EMPTIED = {"connections": 0, "announcement": "", "admission": "", "knock": ""}

# What every arrival asks, put together once: building a statement takes longer than SQLite takes to answer it.
_OF_SESSION = _s.session == bindparam("of_session")
_OF_SEAT = and_(_OF_SESSION, _s.pseudonym == bindparam("of_pseudonym"))
_SEAT = (
    _s.meeting,
    _s.session,
    _s.pseudonym,
    _s.secret_hash,
    _s.announcement,
    _s.state,
    _s.connections,
    _s.since,
    _s.key,
    _s.role,
    _s.admission,
    _s.knock,
    _s.knocked_at,
    _s.declines,
)
_FIND = Prepared(select(*_SEAT).where(_s.meeting == bindparam("meeting"), _s.pseudonym == bindparam("pseudonym")))
_ADD = Prepared(insert(tables.seats))
_KEEP = Prepared(update(tables.seats).where(_OF_SEAT, _HELD))
_COUNT = select(func.count()).select_from(tables.seats).where(_OF_SESSION)
_COUNT_SEATED = Prepared(_COUNT.where(_SEATED))
_WAS_REMOVED = _among({SeatState.REMOVED})
_REMOVED = Prepared(select(_s.key).where(_OF_SESSION, _WAS_REMOVED))
_CROWD = Prepared(
    select(
        _COUNT.where(_WAS_REMOVED).scalar_subquery(),
        _COUNT.where(_WAITS).scalar_subquery(),
        _COUNT.where(_SEATED).scalar_subquery(),
    )
)
_ROSTER = Prepared(
    select(*_SEAT).where(_OF_SESSION, _s.pseudonym != bindparam("of_pseudonym"), _SEATED).order_by(_s.pseudonym)
)
_IS_HOST = _s.role == literal_column(f"'{Role.HOST.value}'")
_HOSTS = Prepared(select(_s.pseudonym).where(_OF_SESSION, _SEATED, _IS_HOST))
_VOID = Prepared(
    delete(tables.tickets).where(_t.session == bindparam("of_session"), _t.pseudonym == bindparam("of_pseudonym"))
)
_ADD_TICKET = Prepared(insert(tables.tickets))
_FIND_TICKET = Prepared(
    select(_t.hash, _t.session, _t.pseudonym, _t.state, _t.made_at).where(_t.hash == bindparam("hash"))
)
_ITS_SEAT = Prepared(select(*_SEAT).where(_OF_SEAT))
_ITS_OPENING = Prepared(select(*OPENING).where(tables.openings.c.session == bindparam("session")))
_ITS_MEETING = Prepared(select(*MEETING).where(tables.meetings.c.id == bindparam("meeting")))


def _seat_of(row: Sequence[Any]) -> Seat:
    """``row``: _SEAT."""
    meeting, session, pseudonym, secret_hash, announcement, state, connections, since, key, role, *rest = row
    admission, knock, knocked_at, declines = rest
    return Seat(
        meeting,
        session,
        pseudonym,
        secret_hash,
        announcement,
        SeatState(state),
        connections,
        since,
        key,
        Role(role),
        admission,
        knock,
        knocked_at,
        declines,
    )


def _changing(seat: Seat) -> dict[str, object]:
    """What may change of a seat."""
    return {
        "state": seat.state.value,
        "connections": seat.connections,
        "announcement": seat.announcement,
        "since": seat.since,
        "admission": seat.admission,
        "knock": seat.knock,
        "knocked_at": seat.knocked_at,
        "declines": seat.declines,
    }


class SeatRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, seat: Seat) -> None:
        row = {
            "session": seat.session,
            "pseudonym": seat.pseudonym,
            "meeting": seat.meeting,
            "secret_hash": seat.secret_hash,
            "key": seat.key,
            "role": seat.role.value,
            **_changing(seat),
        }
        try:
            await self._do(_ADD, row)
        except IntegrityError:
            raise PseudonymTaken from None

    async def find(self, meeting: str, pseudonym: str) -> Seat | None:
        row = (await self._do(_FIND, {"meeting": meeting, "pseudonym": pseudonym})).first()
        return None if row is None else _seat_of(row)

    async def crowd(self, session: str) -> Crowd:
        [(removed, waiting, seated)] = await self._do(_CROWD, {"of_session": session})
        keys = await self._do(_REMOVED, {"of_session": session}) if removed else ()
        return Crowd(removed={key for (key,) in keys}, waiting=waiting, seated=seated)

    async def keep(self, seat: Seat) -> bool:
        change = {"of_session": seat.session, "of_pseudonym": seat.pseudonym, **_changing(seat)}
        return (await self._do(_KEEP, change)).rowcount == 1

    async def seated(self, session: str) -> int:
        [(count,)] = await self._do(_COUNT_SEATED, {"of_session": session})
        return int(count)

    async def has_host(self, session: str) -> bool:
        return (await self._do(_HOSTS, {"of_session": session})).first() is not None

    async def roster(self, session: str, but: str) -> Sequence[Seat]:
        return [_seat_of(row) for row in await self._do(_ROSTER, {"of_session": session, "of_pseudonym": but})]

    async def knocks(self, session: str) -> Sequence[Seat]:
        its = select(*_SEAT).where(_s.session == session, _WAITS)
        return [_seat_of(row) for row in await self._do(its.order_by(_s.knocked_at, _s.pseudonym))]

    async def moderators(self, session: str, cohosts: Sequence[str]) -> Sequence[str]:
        whose = {"of_session": session}
        if not cohosts:
            return [pseudonym for (pseudonym,) in await self._do(_HOSTS, whose)]
        its = select(_s.pseudonym).where(_OF_SESSION, _SEATED, or_(_IS_HOST, _s.key.in_(cohosts)))
        return (await self._do(its, whose)).scalars().all()

    async def give_up(self, since: Mapping[SeatState, datetime], now: datetime) -> Sequence[Seat]:
        too_long = or_(*(and_(_s.state == state.value, _s.since <= then) for state, then in since.items()))
        return await self._over(and_(too_long, _s.connections == 0), SeatState.GONE, now)

    async def remove(self, session: str, keys: Sequence[str], now: datetime) -> Sequence[Seat]:
        if not keys:
            return []
        return await self._over(and_(_s.session == session, _s.key.in_(keys), _HERE), SeatState.REMOVED, now)

    async def _over(self, which: ColumnElement[bool], state: SeatState, now: datetime) -> Sequence[Seat]:
        """RETURNING would tell only what they have become."""
        seats = [_seat_of(row) for row in await self._do(select(*_SEAT).where(which))]
        if seats:
            await self._do(update(tables.seats).where(which).values(state=state.value, since=now, **_EMPTIED))
        return seats

    async def members(self, sessions: Sequence[str]) -> Sequence[Seat]:
        if not sessions:
            return []
        rows = await self._do(select(*_SEAT).where(_s.session.in_(sessions), _HERE))
        return [_seat_of(row) for row in rows]

    async def forget_gone(self, since: datetime) -> None:
        await self._do(delete(tables.seats).where(_s.state == SeatState.GONE.value, _s.since <= since))

    async def not_by_host(self) -> Sequence[Seat]:
        # Between quotes the word stands only in a certificate of the host's: other issuers are keys.
        return [
            _seat_of(row) for row in await self._do(select(*_SEAT).where(_SEATED, ~_s.admission.contains('"host"')))
        ]

    async def disconnect_all(self, now: datetime) -> int:
        connected = _s.connections > 0
        on_the_way = _s.state.in_([SeatState.ARRIVING.value, SeatState.WAITING.value])
        away = case((and_(connected, _SEATED), SeatState.AWAY.value), else_=_s.state)
        count = select(func.count()).select_from(tables.seats).where(connected, _HELD)
        believed: int = (await self._do(count)).scalar_one()
        change = update(tables.seats).where(_HELD, or_(connected, on_the_way))
        await self._do(change.values(connections=0, state=away, since=now))
        return believed

    async def inside(self) -> Sequence[tuple[str, str, str, Role]]:
        rows = await self._do(select(_s.session, _s.pseudonym, _s.key, _s.role).where(_SEATED))
        return [(row.session, row.pseudonym, row.key, Role(row.role)) for row in rows]


class TicketRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def replace(self, ticket: Ticket) -> None:
        await self._do(_VOID, {"of_session": ticket.session, "of_pseudonym": ticket.pseudonym})
        row = {
            "hash": ticket.hash,
            "session": ticket.session,
            "pseudonym": ticket.pseudonym,
            "state": ticket.state.value,
            "made_at": ticket.made_at,
        }
        await self._do(_ADD_TICKET, row)

    async def find(self, hash_: str) -> tuple[Ticket, Seat, Opening, Meeting] | None:
        """Three rows by primary key. A join of the four tables would carry every name twice."""
        row = (await self._do(_FIND_TICKET, {"hash": hash_})).first()
        if row is None:
            return None
        _, session, pseudonym, state, made_at = row
        [seat] = await self._do(_ITS_SEAT, {"of_session": session, "of_pseudonym": pseudonym})
        [opening] = await self._do(_ITS_OPENING, {"session": session})
        its = opening_of(opening)
        [meeting] = await self._do(_ITS_MEETING, {"meeting": its.meeting})
        ticket = Ticket(hash_, session, pseudonym, TicketState(state), made_at)
        return ticket, _seat_of(seat), its, meeting_of(meeting)

    async def keep(self, ticket: Ticket) -> bool:
        change = update(tables.tickets).where(_t.hash == ticket.hash).values(state=ticket.state.value)
        return (await self._do(change)).rowcount == 1

    async def void(self, session: str, pseudonyms: Sequence[str]) -> None:
        whose = tuple_(_t.session, _t.pseudonym).in_([(session, pseudonym) for pseudonym in pseudonyms])
        await self._do(delete(tables.tickets).where(whose))

    async def void_of_gone(self) -> None:
        over = select(_s.session, _s.pseudonym).where(_s.state.in_([SeatState.GONE.value, SeatState.REMOVED.value]))
        await self._do(delete(tables.tickets).where(tuple_(_t.session, _t.pseudonym).in_(over)))

    async def void_stale(self, made_by: datetime) -> None:
        await self._do(delete(tables.tickets).where(_t.state == TicketState.FRESH.value, _t.made_at <= made_by))
