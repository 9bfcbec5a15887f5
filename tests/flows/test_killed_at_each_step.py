"""The server dies in the middle of an admission or a removal, and another one starts on the same files: nobody is
inside who was not admitted, nobody who was admitted is lost, nobody who was removed is back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from klausur.actions.acts import Act
from klausur.actions.admit import admit
from klausur.actions.decline import decline
from klausur.actions.expect_rooms import expect_rooms
from klausur.actions.remove_somebody import remove_somebody
from klausur.actions.set_rules import set_rules
from klausur.domain.errors import TicketRefused
from klausur.media.reconcile import Reconciler
from tests.house import House
from tests.people import Place, sealed, signed_rules


class Killed(BaseException):
    """Nothing that handles errors handles this."""


Action = Callable[[], Coroutine[Any, Any, None]]
STEPS = 40
"""More than any action takes."""


class Guillotine:
    """Falls at the n-th step that the server takes towards the outside: a statement, a commit, a word, a call."""

    def __init__(self, its: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = STEPS
        self.fallen = False
        database, hub = its.built.database, its.built.hub
        ways: list[tuple[Any, str]] = [(hub, "drop"), (its.engine, "remove"), (its.engine, "permit")]
        for name in ("tell", "tell_only"):
            monkeypatch.setattr(hub, name, self._before(getattr(hub, name)))
        for owner, name in [*ways, (its.built.signalling, "drop")]:
            monkeypatch.setattr(owner, name, self._before_call(getattr(owner, name)))
        monkeypatch.setattr(database, "writing", self._writing(database.writing))

    def step(self) -> None:
        self.left -= 1
        if self.left == 0 or self.fallen:
            self.fallen = True
            raise Killed

    def _before(self, method: Callable[..., None]) -> Callable[..., None]:
        def call(*given: Any, **named: Any) -> None:
            self.step()
            method(*given, **named)

        return call

    def _before_call(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*given: Any, **named: Any) -> Any:
            self.step()
            return await method(*given, **named)

        return call

    def _writing(self, writing: Callable[[], Any]) -> Callable[[], Any]:
        @asynccontextmanager
        async def block() -> AsyncIterator[Any]:
            self.step()
            async with writing() as unit:
                for part in (unit.meetings, unit.seats, unit.tickets, unit.history):
                    do = part._do
                    part._do = self._before_call(do)
                yield unit
                self.step()
            self.step()

        return block


async def until_it_is_through(its: House, monkeypatch: pytest.MonkeyPatch, at: int, action: Action) -> bool:
    """Whether it came to its end before it was killed."""
    with monkeypatch.context() as patched:
        guillotine = Guillotine(its, patched)
        guillotine.left = at
        try:
            await action()
        except Killed:
            return False
        return True


async def test_killed_while_admitting(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna = await the_house.host(link)
    for step in range(1, STEPS):
        gustav = await the_house.knock(link)

        async def let_in(who: Place = gustav) -> None:
            await admit(the_house.built.world, link.meeting, hanna.pseudonym, who.pseudonym, the_house.certificate(who))

        through = await until_it_is_through(the_house, monkeypatch, step, let_in)
        async with the_house.restarted() as again:
            greeting = await again.hello(gustav)
            assert isinstance(greeting, dict)
            inside = gustav.pseudonym in {each["pseudonym"] for each in (await again.come_back(hanna))["roster"]}
            # One or the other, by every door.
            assert inside == (greeting["type"] == "welcome")
            assert inside or greeting["type"] == "waiting"
            assert (await again.renew(gustav)).status_code == (201 if inside else 403)
            if not inside:
                async with again.attend(hanna) as hers:
                    await again.admit(hers, gustav)
                    assert await hers.refusals() == []
            await again.come_in(gustav)
            assert (await again.tickets.redeem(gustav.ticket)).pseudonym == gustav.pseudonym
            await again.leave(gustav)
        if through:
            assert step > 8
            return
    raise AssertionError("it never came to an end")


async def test_killed_while_declining(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna = await the_house.host(link)
    for step in range(1, STEPS):
        otto = await the_house.knock(link)

        async def turn_away(who: Place = otto) -> None:
            await decline(the_house.built.world, link.meeting, hanna.pseudonym, who.pseudonym)

        through = await until_it_is_through(the_house, monkeypatch, step, turn_away)
        async with the_house.restarted() as again:
            greeting = await again.hello(otto)
            assert isinstance(greeting, dict)
            assert greeting["type"] in ("waiting", "declined")
            assert (await again.renew(otto)).status_code == 403
            assert (await again.knock_again(otto)).status_code == 204
            await again.leave(otto)
        if through:
            return
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("by", ["act", "rules"])
async def test_killed_while_removing(the_house: House, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.host(link)
    for step in range(1, STEPS):
        otto = await the_house.join(link)
        passage = await the_house.tickets.redeem(otto.ticket)
        await the_house.tickets.connected(passage)
        the_house.engine.enter(passage.room, otto.pseudonym)
        rules = link.rules | {"denied": [*link.rules["denied"], otto.public]}
        version = (await the_house.look(link))["rules"]["version"] + 1

        async def put_out(who: Place = otto, rules: dict[str, Any] = rules, version: int = version) -> None:
            world = the_house.built.world
            if by == "act":
                act = Act("remove", who.pseudonym, sealed())
                await remove_somebody(world, link.meeting, hanna.pseudonym, act)
            else:
                body: dict[str, Any] = signed_rules(link, version, rules)
                await set_rules(world, link.meeting, link.proof, **body)

        through = await until_it_is_through(the_house, monkeypatch, step, put_out)
        async with the_house.restarted() as again:
            removed = await again.hello(otto) == {"type": "removed"}
            inside = otto.pseudonym in {each["pseudonym"] for each in (await again.come_back(hanna))["roster"]}
            assert removed is not inside
            assert (await again.renew(otto)).status_code == (403 if removed else 201)
            await Reconciler(again.engine, lambda: expect_rooms(again.built.world), again.built.notes).once()
            assert (otto.pseudonym in again.engine.table[passage.room].participants) is inside
            if removed:
                with pytest.raises(TicketRefused):
                    await again.tickets.redeem(otto.ticket)
            await again.leave(otto)
            # Before the host has denied them nobody else gets in by the link alone.
            link.version = (await again.look(link))["rules"]["version"]
            await again.rule(link, denied=rules["denied"])
        if through:
            assert removed
            return
    raise AssertionError("it never came to an end")


async def test_killed_for_longer_than_a_ticket_lives_nobody_admitted_is_lost(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav, gerda = await the_house.host(link), await the_house.knock(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await the_house.admit(hers, gustav)
        await hers.settle()
    the_house.clock.advance(timedelta(minutes=4))
    async with the_house.restarted() as again:
        await again.time_passes(seconds=30)
        await again.come_in(gustav)
        async with again.wait(gerda):
            pass
