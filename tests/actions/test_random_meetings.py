"""Whatever people, sockets and time do in whatever order: what must always hold, holds.

The model is what the protocol promises, in a few sets; the real actions run on a real database beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from klausur.domain.errors import NotYourSeat, TicketRefused
from tests.house import House, Link, Place, house

ROOM = 3
T = TypeVar("T")


class Meetings(RuleBasedStateMachine):
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        built = house(Path(self.folder.name), max_participants=ROOM, limit_knocks=10**6)
        self.house: House = self.do(self.stack.enter_async_context(built))
        self.link: Link = self.do(self.house.open_meeting())
        self.session: str = self.do(self.house.look(self.link))["session"]
        self.left: set[str] = set()
        self.void: list[str] = []

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @rule(target=places)
    def knock(self) -> Place | None:
        answer = self.do(self.house.knock(self.link, session=self.session))
        if answer.status_code != 201:
            assert answer.json()["code"] in {"meeting_full", "meeting_ended", "no_meeting"}
            return None
        told = answer.json()
        assert len(told["roster"]) < ROOM
        assert not self.left & {other["pseudonym"] for other in told["roster"]}
        return Place(self.link, told["pseudonym"], told["secret"], told["ticket"], told["session"], [])

    @rule(place=places)
    def renew(self, place: Place | None) -> None:
        if place is None:
            return
        answer = self.do(self.house.renew(place))
        if place.pseudonym in self.left:
            assert answer.status_code == 401
        if answer.status_code == 201:
            self.void.append(place.ticket)
            place.ticket = answer.json()["ticket"]

    @rule(place=places)
    def leave(self, place: Place | None) -> None:
        if place is not None:
            assert self.do(self.house.leave(place)).status_code == 204
            self.left.add(place.pseudonym)
            self.void.append(place.ticket)

    @rule(place=places)
    def redeem(self, place: Place | None) -> None:
        if place is None:
            return
        try:
            passage = self.do(self.house.tickets.redeem(place.ticket))
        except TicketRefused:
            return
        assert (passage.meeting, passage.pseudonym) == (self.link.meeting, place.pseudonym)
        assert place.pseudonym not in self.left

    @rule(place=places, comes=st.booleans())
    def socket(self, place: Place | None, comes: bool) -> None:
        if place is None:
            return
        presence = self.house.built.presence
        if not comes:
            self.do(presence.disconnected(self.link.meeting, place.pseudonym))
            return
        try:
            self.do(presence.connected(self.link.meeting, place.pseudonym))
        except NotYourSeat:
            self.left.add(place.pseudonym)
        else:
            assert place.pseudonym not in self.left

    @rule(minutes=st.sampled_from([0.5, 1, 4, 5, 10, 60 * 12]))
    def time_passes(self, minutes: float) -> None:
        self.do(self.house.time_passes(minutes=minutes))

    @rule()
    def restart(self) -> None:
        self.do(self.house.built.presence.start_afresh())

    @invariant()
    def void_tickets_stay_void(self) -> None:
        for ticket in self.void[-3:]:
            try:
                self.do(self.house.tickets.redeem(ticket))
            except TicketRefused:
                continue
            raise AssertionError("a void ticket was redeemed")

    @invariant()
    def never_more_than_may(self) -> None:
        assert self.do(self._seated()) <= ROOM

    async def _seated(self) -> int:
        async with self.house.built.database.reading() as unit:
            return await unit.seats.seated(self.session)


Meetings.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestMeetings = Meetings.TestCase
