"""Meetings, openings, seats and tickets: pure functions of (state, event, now), each returning the state that follows.

    meeting   scheduled ─▶ open ◀─▶ locked ─▶ scheduled (a planned one, until it closes) | ended
    opening   one for each time a meeting is open, made ahead; it begins with its first seat and is deleted when over
    seat      waiting ─▶ arriving ─▶ present ◀─▶ away ─▶ gone | removed
              waiting ─▶ declined ─▶ waiting, once
    ticket    fresh ─▶ serving                  void tickets are simply not there any more

A move that is not drawn here raises IllegalMove, which names what would have been legal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from klausur.domain.admission import Rules
from klausur.domain.errors import (
    CardOutdated,
    Declined,
    KlausurError,
    Malformed,
    MeetingEnded,
    MeetingFull,
    MeetingLocked,
    MeetingNotStarted,
    NotAdmitted,
    NotYourSeat,
    Removed,
    RulesOutdated,
    SessionChanged,
    SigninNeeded,
    TicketRefused,
    TimesOutdated,
)
from klausur.domain.limits import (
    AWAY_AT_MOST,
    DECLINED_IS_KEPT,
    DECLINES_AT_MOST,
    EMPTY_AT_MOST,
    ENDED_IS_TOLD,
    GONE_IS_KEPT,
    INSTANT_MEETING_LIVES,
    PLANNED_AHEAD_AT_MOST,
    PLANNED_YEARS_BACK_AT_MOST,
    TICKET_FIRST_USE,
    WAITING_AT_MOST,
    WAITING_UNCONNECTED,
)
from klausur.domain.policy import Role


class MeetingState(StrEnum):
    SCHEDULED = "scheduled"
    """Nobody is inside; its next opening is prepared."""
    OPEN = "open"
    LOCKED = "locked"
    ENDED = "ended"


class MeetingMove(StrEnum):
    BEGIN = "begin"
    LOCK = "lock"
    UNLOCK = "unlock"
    CLOSE = "close"
    """Its opening is over; a planned meeting may have another."""
    END = "end"


class SeatState(StrEnum):
    WAITING = "waiting"
    DECLINED = "declined"
    ARRIVING = "arriving"
    PRESENT = "present"
    AWAY = "away"
    GONE = "gone"
    REMOVED = "removed"


class TicketState(StrEnum):
    FRESH = "fresh"
    SERVING = "serving"


class SeatMove(StrEnum):
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    ADMIT = "admit"
    DECLINE = "decline"
    KNOCK = "knock"
    LEAVE = "leave"
    REMOVE = "remove"


SEATED = frozenset({SeatState.ARRIVING, SeatState.PRESENT, SeatState.AWAY})
"""Inside. Everybody else, the waiting above all, is told nothing of the meeting."""
HELD = SEATED | {SeatState.WAITING, SeatState.DECLINED}
"""Not over: may still come to something."""


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
    opens_at: datetime | None = None
    """Before it only a host gets in. None: an instant meeting, which ends with its opening."""
    rules: Rules = field(default_factory=Rules)
    ended_at: datetime | None = None
    account: str | None = None
    """Whose it is to the installation; gives no power in it."""
    guests: bool = True
    """Whether people without a session may look and take seats."""
    times_version: int = 0

    @property
    def instant(self) -> bool:
        return self.opens_at is None


@dataclass(frozen=True, slots=True)
class Opening:
    session: str
    meeting: str
    room: str
    """The room's random name at the media engine."""
    began_at: datetime | None = None
    """When the first seat in it was taken; None while it is prepared."""
    empty_since: datetime | None = None


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
    """When this state began; while arriving, when the ticket was made; while waiting, when the last socket went."""
    key: str = ""
    """The seat's raw Ed25519 public key, base64url."""
    role: Role = Role.PARTICIPANT
    """As certified; who is co-host stands in the rules."""
    admission: str = ""
    """JSON as the others are shown it: ``{"certificate": …}`` or ``{"mac": …}``; empty before admission."""
    knock: str = ""
    """Sealed; empty where nobody knocked, and once it is answered."""
    knocked_at: datetime | None = None
    declines: int = 0

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
        state=MeetingState.SCHEDULED,
        host_public_key=host_public_key,
        proof_hash=proof_hash,
        card=None,
        closes_at=now + INSTANT_MEETING_LIVES,
    )


def planned_meeting(instant: Meeting, opens_at: datetime, closes_at: datetime, now: datetime) -> Meeting:
    """Raises Malformed for times out of order, over, or too far off."""
    _require_times(opens_at, closes_at, now)
    return replace(instant, opens_at=opens_at, closes_at=closes_at)


def moved(meeting: Meeting, version: int, opens_at: datetime, closes_at: datetime, now: datetime) -> Meeting:
    """The meeting at other times, whether somebody is inside or not. Versions are consecutive, as of cards.

    Raises TimesOutdated, and Malformed: for the times as ``planned_meeting``, and for an instant meeting, which has
    none."""
    if meeting.instant:
        raise Malformed
    _require_times(opens_at, closes_at, now)
    if version != meeting.times_version + 1:
        raise TimesOutdated
    return replace(meeting, opens_at=opens_at, closes_at=closes_at, times_version=version)


def _require_times(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    # A series may have begun long ago; further back is no year in which anybody planned one, and next to the first one
    # there is no reckoning between time zones.
    begins = now.replace(year=now.year - PLANNED_YEARS_BACK_AT_MOST, day=1)
    if not begins <= opens_at < closes_at or not now < closes_at <= now + PLANNED_AHEAD_AT_MOST:
        raise Malformed


_MEETING_MOVES: Mapping[MeetingState, Mapping[MeetingMove, MeetingState]] = {
    MeetingState.SCHEDULED: {MeetingMove.BEGIN: MeetingState.OPEN, MeetingMove.END: MeetingState.ENDED},
    MeetingState.OPEN: {
        MeetingMove.BEGIN: MeetingState.OPEN,
        MeetingMove.LOCK: MeetingState.LOCKED,
        MeetingMove.UNLOCK: MeetingState.OPEN,
        MeetingMove.CLOSE: MeetingState.SCHEDULED,
        MeetingMove.END: MeetingState.ENDED,
    },
    MeetingState.LOCKED: {
        # Of all people only a host gets in, and to what is locked.
        MeetingMove.BEGIN: MeetingState.LOCKED,
        MeetingMove.LOCK: MeetingState.LOCKED,
        MeetingMove.UNLOCK: MeetingState.OPEN,
        MeetingMove.CLOSE: MeetingState.SCHEDULED,
        MeetingMove.END: MeetingState.ENDED,
    },
    MeetingState.ENDED: {},
}


def meeting_after(meeting: Meeting, move: MeetingMove, now: datetime) -> Meeting:
    """Raises IllegalMove. An instant meeting that closes has ended, and so has one whose time is over."""
    legal = _MEETING_MOVES[meeting.state]
    if move not in legal:
        raise IllegalMove(meeting.state, move, frozenset(legal))
    state = legal[move]
    if move is MeetingMove.CLOSE and (meeting.instant or now >= meeting.closes_at):
        state = MeetingState.ENDED
    if state is MeetingState.ENDED:
        return replace(meeting, state=state, card=None, rules=Rules(), ended_at=now)
    return replace(meeting, state=state)


def require_live(meeting: Meeting, now: datetime) -> None:
    if meeting.state is MeetingState.ENDED or now >= meeting.closes_at:
        raise MeetingEnded


def require_entrance(meeting: Meeting, role: Role, now: datetime) -> None:
    """Raises MeetingNotStarted, MeetingLocked. Neither holds up a host: else nobody could mend what a lost device has
    left behind."""
    if role is Role.HOST:
        return
    if meeting.opens_at is not None and now < meeting.opens_at:
        raise MeetingNotStarted
    if meeting.state is MeetingState.LOCKED:
        raise MeetingLocked


def require_guest_or_account(meeting: Meeting, *, guests: bool, signed_in: bool) -> None:
    """``guests``: whether the installation lets people without an account join. Raises SigninNeeded."""
    if not signed_in and not (guests and meeting.guests):
        raise SigninNeeded


def next_card(meeting: Meeting, version: int, sealed: str) -> Card:
    """Versions are consecutive, so that of two cards written at once one loses, and knows."""
    held = meeting.card.version if meeting.card else 0
    if version != held + 1:
        raise CardOutdated
    return Card(version=version, sealed=sealed)


def require_next_rules(meeting: Meeting, rules: Rules) -> None:
    if rules.version != meeting.rules.version + 1:
        raise RulesOutdated


def forgotten_before(now: datetime) -> datetime:
    """Meetings that ended earlier than this are deleted."""
    return now - ENDED_IS_TOLD


# -- openings ---------------------------------------------------------------------------------------------------------


def require_session(opening: Opening, session: str) -> None:
    if opening.session != session:
        raise SessionChanged


def require_room(seated: int, at_most: int) -> None:
    """``seated``: how many have a seat now."""
    if seated >= at_most:
        raise MeetingFull


def require_waiting_room(waiting: int) -> None:
    """``waiting``: how many wait now."""
    if waiting >= WAITING_AT_MOST:
        raise MeetingFull


def entered(opening: Opening, now: datetime) -> Opening:
    """The opening once one more person has a seat in it."""
    return replace(opening, empty_since=None, began_at=opening.began_at or now)


def vacated(opening: Opening, seated: int, now: datetime) -> Opening:
    """The opening after somebody has gone. ``seated``: how many are left."""
    if opening.began_at is None or seated or opening.empty_since is not None:
        return opening
    return replace(opening, empty_since=now)


def over_if_empty_since(now: datetime) -> datetime:
    """Openings empty since this instant or earlier are over."""
    return now - EMPTY_AT_MOST


# -- seats ------------------------------------------------------------------------------------------------------------


def role_in(meeting: Meeting, seat: Seat) -> Role:
    """What the bearer of a seat is now."""
    match seat.state:
        case SeatState.WAITING | SeatState.DECLINED:
            return Role.WAITING
        case state if state in SEATED:
            return meeting.rules.role_of(seat.key, seat.role, seat.session)
    return Role.OUTSIDER


def require_seated(seat: Seat) -> None:
    """Raises NotAdmitted, Removed, NotYourSeat."""
    require_held(seat)
    if seat.state not in SEATED:
        raise NotAdmitted


def require_held(seat: Seat) -> None:
    if seat.state is SeatState.REMOVED:
        raise Removed
    if seat.state not in HELD:
        raise NotYourSeat


_SEAT_MOVES: Mapping[SeatState, frozenset[SeatMove]] = {
    SeatState.WAITING: frozenset(SeatMove) - {SeatMove.KNOCK},
    SeatState.DECLINED: frozenset({SeatMove.DISCONNECT, SeatMove.KNOCK, SeatMove.LEAVE}),
    **{state: frozenset({SeatMove.CONNECT, SeatMove.DISCONNECT, SeatMove.LEAVE, SeatMove.REMOVE}) for state in SEATED},
    SeatState.GONE: frozenset(),
    SeatState.REMOVED: frozenset(),
}


def seat_after(seat: Seat, move: SeatMove, now: datetime) -> Seat:
    """Raises IllegalMove, and Declined for a knock too many."""
    legal = _SEAT_MOVES[seat.state]
    if seat.connections == 0:
        legal -= {SeatMove.DISCONNECT}
    if move not in legal:
        raise IllegalMove(seat.state, move, legal)
    match move:
        case SeatMove.CONNECT | SeatMove.DISCONNECT:
            return _connected(seat, 1 if move is SeatMove.CONNECT else -1, now)
        case SeatMove.ADMIT:
            # The sockets of the lobby end with it, and are not those of somebody inside.
            return _in_state(replace(seat, knock="", connections=0), SeatState.ARRIVING, now)
        case SeatMove.DECLINE:
            return _in_state(replace(seat, knock="", declines=seat.declines + 1), SeatState.DECLINED, now)
        case SeatMove.KNOCK:
            if not may_knock_again(seat):
                raise Declined(again=False)
            return _in_state(replace(seat, knocked_at=now), SeatState.WAITING, now)
        case SeatMove.LEAVE:
            return _over(seat, SeatState.GONE, now)
        case SeatMove.REMOVE:
            return _over(seat, SeatState.REMOVED, now)


def may_knock_again(seat: Seat) -> bool:
    return seat.declines < DECLINES_AT_MOST


def _connected(seat: Seat, change: int, now: datetime) -> Seat:
    """Connections are counted, not flagged: a resumed socket stands before the one it replaces is gone."""
    seat = replace(seat, connections=seat.connections + change)
    if seat.state in SEATED:
        return _in_state(seat, SeatState.PRESENT if seat.connections else SeatState.AWAY, now)
    return seat if seat.connections else replace(seat, since=now)


def _over(seat: Seat, state: SeatState, now: datetime) -> Seat:
    return _in_state(replace(seat, connections=0, announcement="", admission="", knock=""), state, now)


def _in_state(seat: Seat, state: SeatState, now: datetime) -> Seat:
    return seat if seat.state is state else replace(seat, state=state, since=now)


def given_up_if_away_since(now: datetime) -> datetime:
    """Seats without any connection since this instant or earlier are given up."""
    return now - AWAY_AT_MOST


def given_up_if_arriving_since(now: datetime) -> datetime:
    """Seats that nobody has ever come to, though their ticket can no longer be used, would only fill the meeting."""
    return now - TICKET_FIRST_USE


def given_up_if_waiting_since(now: datetime) -> datetime:
    """Those who wait without any connection since this instant or earlier have gone away."""
    return now - WAITING_UNCONNECTED


def given_up_if_declined_since(now: datetime) -> datetime:
    return now - DECLINED_IS_KEPT


def gone_before(now: datetime) -> datetime:
    """Seats that have been gone for longer are forgotten: whoever knocks and goes would otherwise leave a row each
    time, and every arrival looks through them."""
    return now - GONE_IS_KEPT


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
