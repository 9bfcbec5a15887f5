"""What happened in a meeting, without content: one row a transition, deleted with the meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from klausur.domain.events import Event
from klausur.domain.meeting import Seat
from klausur.store import tables
from klausur.store.prepared import Do, Prepared

_NOTE = Prepared(insert(tables.transitions))


class HistoryRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def note(self, event: Event, meeting: str, now: datetime, *, seat: str | None = None) -> None:
        row = {"meeting": meeting, "pseudonym": seat, "event": event.value, "at": now}
        await self._do(_NOTE, row)

    async def note_seats(self, event: Event, seats: Sequence[Seat], now: datetime) -> None:
        if seats:
            rows = [
                {"meeting": seat.meeting, "pseudonym": seat.pseudonym, "event": event.value, "at": now}
                for seat in seats
            ]
            await self._do(_NOTE.statement, rows)
