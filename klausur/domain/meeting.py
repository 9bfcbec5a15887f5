"""Meetings, openings, seats and tickets: pure functions of (state, event, now), each returning the state that follows.

    meeting   live ─▶ ended
    opening   prepared ─▶ open ─▶ over          a meeting always has one that is not over, until it has ended
    seat      arriving ─▶ present ◀─▶ away ─▶ gone
    ticket    fresh ─▶ serving                  void tickets are simply not there any more

A move that is not drawn here raises IllegalMove, which names what would have been legal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from klausur.domain.errors import (
    CardOutdated,
    KlausurError,
    MeetingEnded,
    MeetingFull,
    NotYourSeat,
    SessionChanged,
    TicketRefused,
)
from klausur.domain.limits import (
    AWAY_AT_MOST,
    EMPTY_AT_MOST,
    ENDED_IS_TOLD,
    INSTANT_MEETING_LIVES,
    TICKET_FIRST_USE,
)


class MeetingState(StrEnum):
    LIVE = "live"
    ENDED = "ended"


class OpeningState(StrEnum):
    PREPARED = "prepared"
    OPEN = "open"
    OVER = "over"


class SeatState(StrEnum):
    ARRIVING = "arriving"
    PRESENT = "present"
    AWAY = "away"
    GONE = "gone"


class TicketState(StrEnum):
    FRESH = "fresh"
    SERVING = "serving"


class SeatMove(StrEnum):
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    LEAVE = "leave"


SEATED = frozenset({SeatState.ARRIVING, SeatState.PRESENT, SeatState.AWAY})


class IllegalMove(KlausurError):
    """A move the state does not allow: a mistake of ours, never of a client."""

    def __init__(self, state: StrEnum, move: str, legal: Mapping[str, object] | frozenset[str]) -> None:
        allowed = ", ".join(sorted(legal)) or "nothing"
        super().__init__(f"{move} is not legal in {state}; legal: {allowed}")


@dataclass(frozen=True, slots=True)
class Card:
    version: int
    sealed: str


@dataclass(frozen=True, slots=True)
class Meeting:
    id: str
    state: MeetingState
    host_public_key: str
    proof_hash: str
    card: Card | None
    closes_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    session: str
    meeting: str
    room: str
    """The room's random name at the media engine."""
    state: OpeningState = OpeningState.PREPARED
    empty_since: datetime | None = None
    began_at: datetime | None = None
    """When the first seat in it was taken."""


@dataclass(frozen=True, slots=True)
class Seat:
    meeting: str
    session: str
    pseudonym: str
    secret_hash: str
    announcement: str
    state: SeatState
    connections: int
    since: datetime
    """When this state began; while arriving, when the ticket was made."""

    @property
    def away(self) -> bool:
        return self.state is SeatState.AWAY


@dataclass(frozen=True, slots=True)
class Ticket:
    hash: str
    session: str
    pseudonym: str
    state: TicketState
    made_at: datetime


# -- meetings ---------------------------------------------------------------------------------------------------------


def instant_meeting(meeting: str, host_public_key: str, proof_hash: str, now: datetime) -> Meeting:
    return Meeting(
        id=meeting,
        state=MeetingState.LIVE,
        host_public_key=host_public_key,
        proof_hash=proof_hash,
        card=None,
        closes_at=now + INSTANT_MEETING_LIVES,
    )


def require_live(meeting: Meeting, now: datetime) -> None:
    if meeting.state is MeetingState.ENDED or now >= meeting.closes_at:
        raise MeetingEnded


def next_card(meeting: Meeting, version: int, sealed: str) -> Card:
    """Versions are consecutive, so that of two cards written at once one loses, and knows."""
    held = meeting.card.version if meeting.card else 0
    if version != held + 1:
        raise CardOutdated
    return Card(version=version, sealed=sealed)


def ended(meeting: Meeting, now: datetime) -> Meeting:
    if meeting.state is MeetingState.ENDED:
        raise IllegalMove(meeting.state, "end", frozenset())
    return replace(meeting, state=MeetingState.ENDED, card=None, ended_at=now)


def forgotten_before(now: datetime) -> datetime:
    """Meetings that ended earlier than this are deleted."""
    return now - ENDED_IS_TOLD


# -- openings ---------------------------------------------------------------------------------------------------------


def require_session(opening: Opening, session: str) -> None:
    if opening.session != session:
        raise SessionChanged


def admitted(opening: Opening, seated: int, at_most: int, now: datetime) -> Opening:
    """The opening once one more person has a seat in it. ``seated``: how many have one now."""
    if opening.state is OpeningState.OVER:
        raise SessionChanged
    if seated >= at_most:
        raise MeetingFull
    return replace(opening, state=OpeningState.OPEN, empty_since=None, began_at=opening.began_at or now)


def vacated(opening: Opening, seated: int, now: datetime) -> Opening:
    """The opening after somebody has gone. ``seated``: how many are left."""
    if opening.state is not OpeningState.OPEN:
        raise IllegalMove(opening.state, "vacate", frozenset())
    if seated or opening.empty_since is not None:
        return opening
    return replace(opening, empty_since=now)


def over_if_empty_since(now: datetime) -> datetime:
    """Openings empty since this instant or earlier are over."""
    return now - EMPTY_AT_MOST


# -- seats ------------------------------------------------------------------------------------------------------------


def require_seated(seat: Seat) -> None:
    if seat.state not in SEATED:
        raise NotYourSeat


def seat_after(seat: Seat, move: SeatMove, now: datetime) -> Seat:
    """Connections are counted, not flagged: a resumed socket stands before the one it replaces is gone."""
    if seat.state is SeatState.GONE:
        raise IllegalMove(seat.state, move, frozenset())
    match move:
        case SeatMove.CONNECT:
            return _in_state(replace(seat, connections=seat.connections + 1), SeatState.PRESENT, now)
        case SeatMove.DISCONNECT:
            if seat.connections == 0:
                raise IllegalMove(seat.state, move, frozenset({SeatMove.CONNECT, SeatMove.LEAVE}))
            left = replace(seat, connections=seat.connections - 1)
            return left if left.connections else _in_state(left, SeatState.AWAY, now)
        case SeatMove.LEAVE:
            return _in_state(replace(seat, connections=0, announcement=""), SeatState.GONE, now)


def _in_state(seat: Seat, state: SeatState, now: datetime) -> Seat:
    return seat if seat.state is state else replace(seat, state=state, since=now)


def given_up_if_away_since(now: datetime) -> datetime:
    """Seats without any connection since this instant or earlier are given up."""
    return now - AWAY_AT_MOST


def given_up_if_arriving_since(now: datetime) -> datetime:
    """Seats that nobody has ever come to, though their ticket can no longer be used, would only fill the meeting."""
    return now - TICKET_FIRST_USE


def renewed(seat: Seat, announcement: str, now: datetime) -> Seat:
    """With a new ticket somebody who is still arriving has as long as with the first."""
    arriving = seat.state is SeatState.ARRIVING
    return replace(seat, announcement=announcement, since=now if arriving else seat.since)


# -- tickets ----------------------------------------------------------------------------------------------------------


def redeemed(ticket: Ticket, seat: Seat, now: datetime) -> Ticket:
    """Serves from its first use until it is void; the first use has to come soon."""
    if seat.state not in SEATED or (ticket.session, ticket.pseudonym) != (seat.session, seat.pseudonym):
        raise TicketRefused
    if ticket.state is TicketState.SERVING:
        return ticket
    if now >= ticket.made_at + TICKET_FIRST_USE:
        raise TicketRefused
    return replace(ticket, state=TicketState.SERVING)


def stale_if_made_by(now: datetime) -> datetime:
    """Fresh tickets made at this instant or earlier can never be used."""
    return now - TICKET_FIRST_USE
