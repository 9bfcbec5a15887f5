"""What the actions need from outside, as protocols; ``build.py`` chooses who fulfils them."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from klausur.domain.admission import Rules
from klausur.domain.events import EngineEvent, Event, TrackSource
from klausur.domain.meeting import Card, Meeting, Opening, Seat, SeatState, Ticket
from klausur.domain.people_ports import Accounts, Audit, Invitations, PasskeyRows, Sessions, Vaults
from klausur.domain.policy import Role
from klausur.domain.proof_ports import Proof


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """What a redeemed ticket opens: one identity's place in one room of the media engine."""

    meeting: str
    pseudonym: str
    room: str
    """Random name of the room at the engine; never the meeting id."""
    ticket: str
    """Hash of the ticket, as the registry of open connections names it."""
    may_share: bool
    """Whether the engine lets them publish a screen."""


class Tickets(Protocol):
    """The signalling proxy's view of the actions."""

    async def redeem(self, ticket: str) -> Passage:
        """Raises TicketRefused (malformed, unknown, expired, revoked, seat or opening over)."""
        ...

    async def connected(self, passage: Passage) -> None:
        """The passage's signalling socket stands. Raises TicketRefused when the seat has ended since ``redeem``."""
        ...

    async def disconnected(self, passage: Passage) -> None:
        """It is gone, for whatever reason; once for each ``connected``. Never raises."""
        ...


PLACE = "klausur.place"
"""Key of a socket's Place in its ASGI scope."""


class SocketPlace(Protocol):
    """A socket's share of what its network may have open."""

    def settle(self) -> None:
        """It has shown whose it is, and what it replaces is over. Raises TooManyAttempts."""
        ...

    def give_back(self) -> None:
        """It is over, even if its other end has yet to notice. Idempotent."""
        ...


class EngineNotes(Protocol):
    """Where the engine's reports go, webhooks and what the reconciler found alike."""

    async def __call__(self, event: EngineEvent, room: str, identity: str) -> None:
        """``identity`` is empty where it is about the room. Idempotent: the engine may say a thing twice, late, or
        never. Raises StorageUnavailable: then it should be said again."""
        ...


class MediaEngine(Protocol):
    """State what should be true; each method is idempotent. All raise EngineUnavailable."""

    async def ensure_room(self, room: str, max_participants: int) -> None: ...

    async def end_room(self, room: str) -> None: ...

    async def remove(self, room: str, identity: str) -> None: ...

    async def silence(self, room: str, identity: str, sources: frozenset[TrackSource]) -> None:
        """Mutes what they publish of these; no-op for what they do not publish. Nobody but they themselves unmutes."""
        ...

    async def permit(self, room: str, identity: str, *, share: bool) -> None:
        """Whether they may publish a screen; without it one that they publish ends. No-op for who is not there."""
        ...

    async def rooms(self) -> Sequence[str]: ...

    async def participants(self, room: str) -> Mapping[str, bool]:
        """Identities, and whether each may publish a screen; empty for an unknown room."""
        ...

    async def healthy(self) -> bool: ...


class Connections(Protocol):
    """Open sockets of seats, signalling and events alike."""

    async def drop(self, meeting: str, pseudonym: str, *, reason: str) -> None:
        """Closes what the seat has open; ``reason`` is one of events.DROP_REASONS."""
        ...


class Errands(Protocol):
    """What has to be done and nobody waits for."""

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        """Beside the caller. What it raises becomes a line in the log."""
        ...


class Audience(Protocol):
    """The events sockets of one meeting's seats."""

    def tell(self, meeting: str, message: Mapping[str, Any], *, but: str | None = None) -> None:
        """Those inside; whoever waits never hears it. Never blocks: a reader that is too slow is cut off."""
        ...

    def tell_only(self, meeting: str, pseudonyms: Sequence[str], message: Mapping[str, Any]) -> None:
        """Those of these who are inside."""
        ...


@dataclass(frozen=True, slots=True)
class RunningOpening:
    session: str
    began_at: datetime
    seats: int
    """How many have one now."""


class Meetings(Protocol):
    """Meetings and their openings."""

    async def add(self, meeting: Meeting, opening: Opening) -> None: ...

    async def find(self, meeting: str) -> tuple[Meeting, Opening | None] | None:
        """With the opening that is prepared or has begun; None as the opening once the meeting has ended."""
        ...

    async def set_card(self, meeting: str, card: Card) -> bool:
        """False when the held version is not the one before: somebody else was quicker."""
        ...

    async def set_rules(self, meeting: str, rules: Rules) -> bool:
        """False when the held version is not the one before."""
        ...

    async def set_times(self, meeting: Meeting) -> bool:
        """Writes times and their version; False when the held version is not the one before."""
        ...

    async def erase(self, meeting: str) -> bool:
        """Deletes it with all that belongs to it; False when there was nothing any more."""
        ...

    async def set_state(self, meeting: Meeting) -> bool:
        """Writes the state; False when it has ended already."""
        ...

    async def keep_opening(self, opening: Opening) -> bool:
        """Writes beginning and emptiness; False when the opening was over already."""
        ...

    async def due(self, empty_since: datetime, closing_at: datetime) -> Sequence[tuple[Meeting, Opening]]:
        """Whose opening is empty since then, or who close by then."""
        ...

    async def close(self, meetings: Sequence[Meeting], fresh: Sequence[Opening]) -> None:
        """Deletes their openings with all that belonged to them, and writes the meetings as they are given: ended, or
        scheduled anew with one of the ``fresh`` openings. No-op for those that have ended."""
        ...

    async def forget(self, ended_before: datetime) -> int:
        """Deletes the rows of meetings that ended earlier; how many."""
        ...

    async def note_emptied(self, now: datetime) -> None:
        """Openings in which nobody has a seat any more are empty from now on."""
        ...

    async def openings(self) -> Sequence[tuple[Opening, Rules]]:
        """Prepared ones too: the engine makes a room before the first seat is taken."""
        ...

    async def of_sessions(self, sessions: Sequence[str]) -> Sequence[tuple[Meeting, Opening]]: ...

    async def running(self) -> Sequence[RunningOpening]:
        """Those that have begun, the oldest first."""
        ...

    async def meeting_in(self, room: str) -> str | None: ...

    async def of_account(self, account: str) -> Sequence[Meeting]:
        """That it has made, ended ones for as long as they are remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is asked of an opening by whoever wants into it."""

    removed: Set[str]
    """Seat keys of those who were."""
    waiting: int
    seated: int


class Seats(Protocol):
    async def add(self, seat: Seat) -> None:
        """Raises PseudonymTaken, also when its earlier holder is gone, and when the key is that of another seat."""
        ...

    async def find(self, meeting: str, pseudonym: str) -> Seat | None: ...

    async def crowd(self, session: str) -> Crowd: ...

    async def keep(self, seat: Seat) -> bool:
        """Writes what changed; False when the seat is over already: leaving is final."""
        ...

    async def seated(self, session: str) -> int: ...

    async def has_host(self, session: str) -> bool:
        """Whether one has a seat inside."""
        ...

    async def roster(self, session: str, but: str) -> Sequence[Seat]: ...

    async def knocks(self, session: str) -> Sequence[Seat]:
        """Those who wait, in order of arrival."""
        ...

    async def moderators(self, session: str, cohosts: Sequence[str]) -> Sequence[str]:
        """Pseudonyms of hosts inside and of those inside whose keys are given."""
        ...

    async def give_up(self, since: Mapping[SeatState, datetime], now: datetime) -> Sequence[Seat]:
        """Those who are in one of these states, without connection, since that instant or earlier, become gone. Returns
        them as they were."""
        ...

    async def remove(self, session: str, keys: Sequence[str], now: datetime) -> Sequence[Seat]:
        """Those of these keys who are inside or wait. Returns them as they were."""
        ...

    async def members(self, sessions: Sequence[str]) -> Sequence[Seat]:
        """Everybody who is inside one of these, or waits in front of it."""
        ...

    async def forget_gone(self, since: datetime) -> None:
        """Deletes the rows of those who have been gone for that long. Removed ones stay: their keys are not let in."""
        ...

    async def not_by_host(self) -> Sequence[Seat]:
        """Those inside who were let in by the link or by a co-host."""
        ...

    async def disconnect_all(self, now: datetime) -> int:
        """After a start nobody is connected, whatever the rows say; and whoever was on the way in has their time anew.
        Returns how many rows believed otherwise."""
        ...

    async def inside(self) -> Sequence[tuple[str, str, str, Role]]:
        """(session, pseudonym, key, certified role) of everybody inside any opening."""
        ...


class TicketRows(Protocol):
    async def replace(self, ticket: Ticket) -> None:
        """The seat's earlier tickets are void from here on."""
        ...

    async def find(self, hash_: str) -> tuple[Ticket, Seat, Opening, Meeting] | None: ...

    async def keep(self, ticket: Ticket) -> bool:
        """False when it has been voided meanwhile."""
        ...

    async def void(self, session: str, pseudonyms: Sequence[str]) -> None: ...

    async def void_of_gone(self) -> None:
        """Those of seats that are over."""
        ...

    async def void_stale(self, made_by: datetime) -> None: ...


class History(Protocol):
    """Without content; deleted with the meeting."""

    async def note(self, event: Event, meeting: str, now: datetime, *, seat: str | None = None) -> None: ...

    async def note_seats(self, event: Event, seats: Sequence[Seat], now: datetime) -> None:
        """One row each."""
        ...


class UnitOfWork(Protocol):
    @property
    def meetings(self) -> Meetings: ...

    @property
    def seats(self) -> Seats: ...

    @property
    def tickets(self) -> TicketRows: ...

    @property
    def history(self) -> History: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def passkeys(self) -> PasskeyRows: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def vaults(self) -> Vaults: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def proof(self) -> Proof: ...


class Store(Protocol):
    """All methods of it and of what it gives raise StorageUnavailable; then nothing was written."""

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Commits at the end of the block, rolls back on any exception. Writers wait for one another, also for what the
        one before does after its block without waiting for anything: no later one is seen by it."""
        ...

    async def answers(self) -> bool: ...

    async def scrub(self, *, deleted: bool) -> None:
        """Makes deleted bytes leave the files, not only the tables. ``deleted``: whether there are any since the last
        call; what an earlier call could not finish is finished all the same."""
        ...
