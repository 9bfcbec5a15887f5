"""Whatever eight people, their sockets and time do in whatever order, with messages lost and the server killed in
between: what must always hold, holds.

The model is what the protocol promises, in a few sets; the real actions run on a real database beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, func, select

from klausur.actions.acts import Act
from klausur.actions.admit import admit
from klausur.actions.decline import decline
from klausur.actions.end_opening import end_for_everyone
from klausur.actions.lock_meeting import lock_meeting
from klausur.actions.remove_somebody import remove_somebody
from klausur.actions.world import World
from klausur.domain.errors import KlausurError, TicketRefused
from klausur.store.tables import metadata
from tests.house import House, house
from tests.people import Link, Place, Way, sealed

pytestmark = pytest.mark.timeout(180)
ROOM = 5
PEOPLE = 8
T = TypeVar("T")
WHO = st.integers(0, PEOPLE - 1)
MOSTLY = st.sampled_from([True, True, True, False])


@dataclass
class Person:
    place: Place | None = None
    admitted: bool = False
    """As a host, by the secret of the link while the waiting room was off, or by somebody who might."""
    removed: bool = False
    tickets: list[str] = field(default_factory=list)
    """Every one ever held, in this seat and those before."""


class Meetings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.people = [Person() for _ in range(PEOPLE)]
        self.void: set[str] = set()
        self.removed: list[Place] = []
        self.locked = self.ended = False
        self.cohosts: set[str] = set()

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        if hasattr(self, "link"):
            self.nothing_is_left_in_the_end()
        self.do(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @initialize(waiting_room=st.booleans())
    def begin(self, waiting_room: bool) -> None:
        limits: dict[str, Any] = {"limit_knocks": 10**6, "limit_meeting_knocks": 10**6, "limit_openings": 10**6}
        built = house(Path(self.folder.name), max_participants=ROOM, **limits)
        self.house: House = self.do(self.stack.enter_async_context(built))
        self.link: Link = self.do(self.house.open_meeting(waiting_room=waiting_room))
        self.session: str = self.do(self.house.look(self.link))["session"]
        for who in range(4):
            self.take_a_seat(who, "host" if who == 0 else "knock" if waiting_room else "mac", lost=False, connects=True)

    def actor(self, number: int, powerful: bool) -> Person:
        """Mostly somebody who may, or else little would ever happen."""
        pool = [person for person in self.people if powerful and self.power(person)] or self.people
        return pool[number % len(pool)]

    def target(self, number: int, waits: bool) -> Person:
        pool = [person for person in self.people if person.place and person.admitted is not waits] or self.people
        return pool[number % len(pool)]

    # -- what people do

    @rule(who=WHO, by=st.sampled_from(["mac", "knock", "host"]), lost=MOSTLY.map(lambda it: not it), connects=MOSTLY)
    def take_a_seat(self, who: int, by: Way, lost: bool, connects: bool) -> None:
        key = Ed25519PrivateKey.generate()
        answer = self.do(self.house.ask(self.link, by=by, session=self.session, key=key))
        if answer.status_code not in (201, 202):
            expected = {"meeting_full", "meeting_locked", "admission_changed", "meeting_ended", "no_meeting"}
            assert answer.json()["code"] in expected
            return
        assert not self.ended
        assert by == "host" or not self.locked
        assert (answer.status_code == 202) == (by == "knock")
        if by != "host":
            assert self.must_knock() == (by == "knock")
        if lost:
            return  # the answer never arrives: a seat that nobody knows of
        self.forget_seat(who)
        told, person = answer.json(), self.people[who]
        place = Place(self.link, told["pseudonym"], told["secret"], "", told["session"], [], key, is_host=by == "host")
        person.place, person.admitted, person.removed = place, by != "knock", False
        self.take_ticket(person, told.get("ticket", ""))
        if connects:
            self.socket(who, comes=True)

    def must_knock(self) -> bool:
        """Also from a removal until the host has denied the removed."""
        denied = set(self.link.rules.get("denied", []))
        return bool(self.link.rules["waiting_room"]) or not {place.public for place in self.removed} <= denied

    def forget_seat(self, who: int) -> None:
        """They close their browser without a word and come as somebody new; the old tickets may go on until then."""
        person = self.people[who]
        if person.place is not None:
            self.do(self.house.leave(person.place))
            self.void |= set(person.tickets)
            person.tickets = []

    def take_ticket(self, person: Person, ticket: str) -> None:
        if ticket and person.place is not None:
            self.void |= set(person.tickets)
            person.place.ticket = ticket
            person.tickets = [ticket]

    @rule(who=WHO)
    def come_back(self, who: int) -> None:
        person = self.people[who]
        if person.place is None:
            return
        answer = self.do(self.house.renew(person.place))
        if answer.status_code == 201:
            assert person.admitted
            assert not person.removed
            self.take_ticket(person, answer.json()["ticket"])
        elif person.removed and not self.ended:
            # Who had been given up before is told less.
            assert answer.json()["code"] in {"removed", "not_your_seat"}

    @rule(who=WHO)
    def knock_again(self, who: int) -> None:
        place = self.people[who].place
        if place is not None:
            self.do(self.house.knock_again(place))

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self.forget_seat(who)

    @rule(who=WHO, comes=st.booleans())
    def socket(self, who: int, comes: bool) -> None:
        person = self.people[who]
        if person.place is None:
            return
        presence, where = self.house.built.presence, (self.link.meeting, person.place.pseudonym)
        if not comes:
            self.do(presence.disconnected(*where, lobby=not person.admitted))
            return
        with suppress(KlausurError):
            seat, _ = self.do(presence.listens(*where, person.place.secret))
            assert not person.removed
            assert person.admitted or seat.knock

    # -- what moderators do

    def power(self, person: Person) -> bool:
        place = person.place
        inside = place is not None and person.admitted and not person.removed
        return inside and place is not None and (place.is_host or place.public in self.cohosts)

    def say(self, person: Person, what: Callable[[World, str, str], Awaitable[None]]) -> bool:
        """Whether it was done."""
        if person.place is None:
            return False
        try:
            self.do(self._say(what, person.place.pseudonym))
        except KlausurError:
            return False
        assert self.power(person), "somebody without power did this"
        return True

    async def _say(self, what: Callable[[World, str, str], Awaitable[None]], pseudonym: str) -> None:
        await what(self.house.built.world, self.link.meeting, pseudonym)

    @rule(who=WHO, powerful=MOSTLY, whom=WHO, waits=MOSTLY, own_key=st.booleans())
    def admit(self, who: int, powerful: bool, whom: int, waits: bool, own_key: bool) -> None:
        target, actor = self.target(whom, waits), self.actor(who, powerful)
        if target.place is None or actor.place is None:
            return
        by = actor.place if own_key and not actor.place.is_host else None
        certificate, pseudonym = self.house.certificate(target.place, by=by), target.place.pseudonym
        if self.say(actor, lambda world, meeting, me: admit(world, meeting, me, pseudonym, certificate)):
            assert target.admitted or not self.locked
            assert not target.removed
            target.admitted = True

    @rule(who=WHO, powerful=MOSTLY, whom=WHO, waits=MOSTLY)
    def decline(self, who: int, powerful: bool, whom: int, waits: bool) -> None:
        target = self.target(whom, waits)
        place = target.place
        if place is not None:
            actor = self.actor(who, powerful)
            done = self.say(actor, lambda world, meeting, me: decline(world, meeting, me, place.pseudonym))
            assert not done or not target.admitted

    @rule(who=WHO, powerful=MOSTLY, whom=WHO, inside=MOSTLY)
    def remove(self, who: int, powerful: bool, whom: int, inside: bool) -> None:
        actor, target = self.actor(who, powerful), self.target(whom, not inside)
        if target.place is None:
            return
        might = self.power(actor)
        act = Act("remove", target.place.pseudonym, sealed())
        try:
            if actor.place is not None:
                self.do(
                    self._say(lambda world, where, me: remove_somebody(world, where, me, act), actor.place.pseudonym)
                )
        except KlausurError:
            return
        if actor.place is not None:
            assert might
            assert not target.place.is_host or actor.place.is_host
            target.removed = True
            self.removed.append(target.place)
            self.void |= set(target.tickets)

    @rule(who=WHO, powerful=MOSTLY, locks=st.booleans())
    def lock(self, who: int, powerful: bool, locks: bool) -> None:
        act = Act("lock" if locks else "unlock", None, sealed())
        if self.say(self.actor(who, powerful), lambda world, meeting, me: lock_meeting(world, meeting, me, act)):
            self.locked = locks

    @rule(who=WHO)
    def make_cohost(self, who: int) -> None:
        place = self.people[who].place
        if place is None or self.ended:
            return
        self.cohosts ^= {place.public}
        self.sign(cohosts=sorted(self.cohosts)[-20:])

    @rule(on=st.booleans())
    def switch_waiting_room(self, on: bool) -> None:
        self.sign(waiting_room=on)

    @rule(who=WHO)
    def deny(self, who: int) -> None:
        person = self.people[who]
        if person.place is None or self.ended or person.place.public in self.link.rules.get("denied", []):
            return
        self.sign(denied=[*self.link.rules.get("denied", []), person.place.public])
        if not self.ended:
            person.removed = True
            self.void |= set(person.tickets)

    def sign(self, **changed: Any) -> None:
        if self.do(self.seen()):
            self.do(self.house.rule(self.link, **changed))

    async def seen(self) -> bool:
        path = f"/api/meetings/{self.link.meeting}"
        answer = await self.house.browser.get(path, headers=self.link.headers)
        self.ended = self.ended or answer.status_code != 200
        return not self.ended

    @precondition(lambda self: not self.ended)
    @rule(who=WHO, really=st.integers(0, 9))
    def end(self, who: int, really: int) -> None:
        if really:
            return  # else every story would be short
        act = Act("end", None, sealed())
        if self.say(self.people[who], lambda world, meeting, me: end_for_everyone(world, meeting, me, act)):
            self.ended = True

    # -- what happens to everybody

    @rule(minutes=st.sampled_from([0.1, 0.2, 0.5, 0.9, 1, 5, 10]))
    def time_passes(self, minutes: float) -> None:
        self.do(self.house.time_passes(minutes=minutes))
        self.do(self.seen())

    @rule()
    def the_server_is_killed_and_comes_back(self) -> None:
        self.house = self.do(self.stack.enter_async_context(self.house.restarted()))

    # -- what must hold

    @invariant()
    def tickets_open_the_door_to_the_admitted_alone(self) -> None:
        for person in self.people:
            if person.place is None or not person.place.ticket:
                continue
            with suppress(TicketRefused):
                passage = self.do(self.house.tickets.redeem(person.place.ticket))
                assert person.admitted
                assert not person.removed
                assert not self.ended
                assert passage.pseudonym == person.place.pseudonym

    @invariant()
    def void_tickets_stay_void(self) -> None:
        for ticket in sorted(self.void)[-5:]:
            with suppress(TicketRefused):
                self.do(self.house.tickets.redeem(ticket))
                raise AssertionError("a void ticket was redeemed")

    @invariant()
    def never_more_than_may_and_nobody_uninvited(self) -> None:
        if hasattr(self, "house"):
            inside = self.do(self._inside())
            assert len(inside) <= ROOM
            known = {person.place.pseudonym: person for person in self.people if person.place}
            for pseudonym in inside & known.keys():
                assert known[pseudonym].admitted
                assert not known[pseudonym].removed
            assert not inside & {place.pseudonym for place in self.removed}

    async def _inside(self) -> set[str]:
        async with self.house.built.database.reading() as unit:
            return {pseudonym for _, pseudonym, _, _ in await unit.seats.inside()}

    def nothing_is_left_in_the_end(self) -> None:
        self.do(self.house.time_passes(hours=24))
        self.do(self.house.time_passes(minutes=10))
        assert self.do(self._rows()) == 0

    async def _rows(self) -> int:
        def count(connection: Connection) -> int:
            counted = [select(func.count()).select_from(table) for table in metadata.sorted_tables]
            return sum(connection.scalar(each) or 0 for each in counted)

        return await self.house.built.database.look(count)


Meetings.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestMeetings = Meetings.TestCase
