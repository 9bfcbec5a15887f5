"""What clients are shown of meetings and seats, as docs/protocol.md words it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from klausur.domain.admission import Rules
from klausur.domain.meeting import Card, Seat


@dataclass(frozen=True, slots=True)
class RulesView:
    version: int
    document: str
    signature: str

    @classmethod
    def of(cls, rules: Rules) -> RulesView | None:
        """None as long as the host has signed none."""
        return cls(rules.version, rules.document, rules.signature) if rules.document else None


@dataclass(frozen=True, slots=True)
class MeetingView:
    meeting: str
    state: str
    session: str
    host_public_key: str
    card: Card | None
    rules: RulesView | None
    must_knock: bool
    opens_at: datetime | None
    closes_at: datetime
    times_version: int
    server_time: datetime


class RosterEntry(TypedDict):
    pseudonym: str
    key: str
    admission: dict[str, Any]
    announcement: str
    away: bool


def roster_entry(seat: Seat) -> RosterEntry:
    return {
        "pseudonym": seat.pseudonym,
        "key": seat.key,
        "admission": json.loads(seat.admission),
        "announcement": seat.announcement,
        "away": seat.away,
    }


@dataclass(frozen=True, slots=True)
class SeatView:
    pseudonym: str
    secret: str | None
    """Told once, when the seat is taken."""
    ticket: str
    session: str
    roster: list[RosterEntry]
    server_time: datetime


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Nothing of the meeting."""

    pseudonym: str
    secret: str
    session: str
    server_time: datetime


def seat_message(seat: Seat) -> dict[str, Any]:
    return {"type": "seat", **roster_entry(seat)}


def card_message(card: Card) -> dict[str, Any]:
    return {"type": "card", "version": card.version, "sealed": card.sealed}


def rules_message(rules: Rules) -> dict[str, Any]:
    return {"type": "rules", "version": rules.version, "document": rules.document, "signature": rules.signature}


def left_message(pseudonym: str) -> dict[str, Any]:
    return {"type": "left", "pseudonym": pseudonym}


def open_knock(seat: Seat) -> dict[str, Any]:
    return {"pseudonym": seat.pseudonym, "knock": seat.knock, "since": seat.knocked_at or seat.since}


def knock_message(seat: Seat) -> dict[str, Any]:
    return {"type": "knock", **open_knock(seat)}


def knock_over_message(pseudonym: str) -> dict[str, Any]:
    return {"type": "knock_over", "pseudonym": pseudonym}
