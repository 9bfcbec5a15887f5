"""What the actions need from outside, as protocols; ``build.py`` chooses who fulfils them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


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


class Tickets(Protocol):
    """The signalling proxy's view of the actions."""

    async def redeem(self, ticket: str) -> Passage:
        """Raises TicketRefused (malformed, unknown, expired, revoked, seat or opening over)."""
        ...

    async def connected(self, passage: Passage) -> None:
        """The passage's signalling socket stands."""
        ...

    async def disconnected(self, passage: Passage) -> None:
        """It is gone, for whatever reason."""
        ...


class MediaEngine(Protocol):
    """State what should be true; each method is idempotent. All raise EngineUnavailable."""

    async def ensure_room(self, room: str, max_participants: int) -> None: ...

    async def end_room(self, room: str) -> None: ...

    async def remove(self, room: str, identity: str) -> None: ...

    async def rooms(self) -> Sequence[str]: ...

    async def participants(self, room: str) -> Sequence[str]:
        """Identities; empty for an unknown room."""
        ...

    async def healthy(self) -> bool: ...


class Connections(Protocol):
    """Open sockets of seats, signalling and events alike."""

    async def drop(self, meeting: str, pseudonym: str, *, reason: str) -> None:
        """Closes what the seat has open; ``reason`` is one of events.DROP_REASONS."""
        ...


class Audience(Protocol):
    """The events sockets of one meeting's seats."""

    def tell(self, meeting: str, message: Mapping[str, Any], *, but: str | None = None) -> None:
        """Never blocks: a reader that is too slow is cut off, not waited for."""
        ...
