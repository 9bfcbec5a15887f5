"""What clients are shown of meetings and seats, as docs/protocol.md words it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from klausur.domain.meeting import Card, Seat


@dataclass(frozen=True, slots=True)
class MeetingView:
    meeting: str
    state: str
    session: str
    host_public_key: str
    card: Card | None
    closes_at: datetime
    server_time: datetime


@dataclass(frozen=True, slots=True)
class RosterEntry:
    pseudonym: str
    announcement: str
    away: bool

    @classmethod
    def of(cls, seat: Seat) -> RosterEntry:
        return cls(pseudonym=seat.pseudonym, announcement=seat.announcement, away=seat.away)


@dataclass(frozen=True, slots=True)
class SeatView:
    pseudonym: str
    secret: str | None
    """Told once, when the seat is taken."""
    ticket: str
    session: str
    roster: list[RosterEntry]
    server_time: datetime


def seat_message(seat: Seat) -> dict[str, Any]:
    return {
        "type": "seat",
        "pseudonym": seat.pseudonym,
        "announcement": seat.announcement,
        "away": seat.away,
    }


def card_message(card: Card) -> dict[str, Any]:
    return {"type": "card", "version": card.version, "sealed": card.sealed}


def left_message(pseudonym: str) -> dict[str, Any]:
    return {"type": "left", "pseudonym": pseudonym}
