"""Who may do what, as it really happens: every route and every message of the running app, tried by everybody on
everybody, compared with the one table. What is new there fails here until somebody says how to try it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from klausur.api.app import PATHS
from klausur.api.hub import Listener
from klausur.api.messages import REGISTRY
from klausur.api.powers import ACCOUNT_POWER, NO_POWER, POWER
from klausur.api.sockets import LISTENING
from klausur.domain.errors import KlausurError, TicketRefused
from klausur.domain.policy import TABLE, Operation, Role, allows
from tests.house import Closed, House, Socket, house
from tests.people import Link, Place, sealed, signed, signed_cancellation, signed_rules, signed_times
from tests.routes import all_routes

INSIDE = (Role.HOST, Role.COHOST, Role.PARTICIPANT)


@dataclass
class Scene:
    """One of each role, and a second one of each to do it to."""

    its: House
    link: Link
    people: dict[Role, Place]
    others: dict[Role, Place]
    witness: Place
    """A third host, who does nothing and suffers nothing."""
    sockets: dict[Role, Socket] = field(default_factory=dict)


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    async with house(folder, limit_messages=1000) as its, AsyncExitStack() as stack:
        now = its.clock.now()
        times = {"opens_at": now.isoformat(), "closes_at": (now + timedelta(days=1)).isoformat()}
        link = await its.open_meeting(times=times)
        casts = []
        for _ in range(2):
            host, cohost, guest = await its.host(link), await its.join(link), await its.join(link)
            # Somebody without a seat has what somebody had who has left.
            gone = await its.join(link)
            await its.leave(gone)
            casts.append({Role.HOST: host, Role.COHOST: cohost, Role.PARTICIPANT: guest, Role.OUTSIDER: gone})
        await its.rule(link, waiting_room=True, cohosts=[cast[Role.COHOST].public for cast in casts])
        for cast in casts:
            cast[Role.WAITING] = await its.knock(link)
        built = Scene(its, link, casts[0], casts[1], await its.host(link))
        for role in INSIDE:
            built.sockets[role] = await stack.enter_async_context(its.attend(built.people[role]))
        built.sockets[Role.WAITING] = await stack.enter_async_context(its.wait(built.people[Role.WAITING]))
        for socket in built.sockets.values():
            await socket.settle()
        yield built


Try = Callable[[Scene, Role], Awaitable[bool]]


# -- routes -----------------------------------------------------------------------------------------------------------


async def look(s: Scene, _role: Role) -> bool:
    return (await s.its.browser.get(f"/api/meetings/{s.link.meeting}", headers=s.link.headers)).is_success


async def take(s: Scene, role: Role) -> bool:
    """With the key of one's seat, where one has one: a second seat is taken by somebody new."""
    mine = s.people[role]
    changed: dict[str, Any] = {} if role is Role.OUTSIDER else {"key": mine.key, "pseudonym": mine.pseudonym}
    return (await s.its.ask(s.link, by="knock", **changed)).is_success


async def knock_again(s: Scene, role: Role) -> bool:
    return (await s.its.knock_again(s.people[role])).is_success


async def renew(s: Scene, role: Role) -> bool:
    return (await s.its.renew(s.people[role])).is_success


async def leave(s: Scene, role: Role) -> bool:
    answered = (await s.its.leave(s.people[role])).is_success
    # Leaving twice is leaving; but only somebody who was there has done anything.
    return answered and role is not Role.OUTSIDER


async def card(s: Scene, role: Role) -> bool:
    key = None if role is Role.HOST else s.people[role].key
    return (await s.its.put_card(s.link, signed(s.link, 1, sealed(), key))).is_success


async def rules(s: Scene, role: Role) -> bool:
    key = None if role is Role.HOST else s.people[role].key
    body = signed_rules(s.link, s.link.version + 1, s.link.rules, key)
    return (await s.its.put_rules(s.link, body)).is_success


async def times(s: Scene, role: Role) -> bool:
    key = None if role is Role.HOST else s.people[role].key
    now = s.its.clock.now()
    opens, closes = now.isoformat(), (now + timedelta(days=2)).isoformat()
    return (await s.its.put_times(s.link, signed_times(s.link, 1, opens, closes, key))).is_success


async def cancel(s: Scene, role: Role) -> bool:
    key = None if role is Role.HOST else s.people[role].key
    return (await s.its.cancel(s.link, signed_cancellation(s.link, key))).is_success


async def listen(s: Scene, role: Role) -> bool:
    return isinstance(await s.its.hello(s.people[role]), dict)


async def connect(s: Scene, role: Role) -> bool:
    try:
        passage = await s.its.tickets.redeem(s.people[role].ticket)
        await s.its.tickets.connected(passage)
    except TicketRefused:
        return False
    return True


DOORS: dict[str, Try] = {
    "GET /api/meetings/{meeting}": look,
    "PUT /api/meetings/{meeting}/card": card,
    "PUT /api/meetings/{meeting}/rules": rules,
    "PUT /api/meetings/{meeting}/times": times,
    "DELETE /api/meetings/{meeting}": cancel,
    "POST /api/meetings/{meeting}/seats": take,
    "POST /api/meetings/{meeting}/seats/{pseudonym}/knock": knock_again,
    "POST /api/meetings/{meeting}/seats/{pseudonym}/tickets": renew,
    "DELETE /api/meetings/{meeting}/seats/{pseudonym}": leave,
    "/api/meetings/{meeting}/events": listen,
    "/rtc/v1": connect,
    "/rtc/v1/validate": connect,
}
FREE = {"GET /api/operator", "GET /healthz", "GET /readyz", "HEAD /healthz", "HEAD /readyz", "/"}


def declared(api: FastAPI) -> dict[str, dict[str, Any]]:
    """Every route of the running app and every path beside them, with what it says about itself."""
    found: dict[str, dict[str, Any]] = {path: dict(power) for path, power in PATHS.items()}
    for route in all_routes(api.routes):
        if isinstance(route, APIRoute):
            assert route.methods
            found |= {f"{method} {route.path}": route.openapi_extra or {} for method in route.methods}
        else:
            # FastAPI's own description of the API, which is the same for everybody.
            assert getattr(route, "path", None) == "/api/openapi.json", route
    return found


async def test_every_door_has_a_row_or_says_why_it_needs_none(the_house: House) -> None:
    ways = declared(the_house.built.api)
    assert {name for name, its in ways.items() if POWER in its} == set(DOORS)
    assert {name for name, its in ways.items() if NO_POWER in its} == FREE
    # Those that need an account, or none, are tried in test_account_powers.py.
    assert set(ways) == set(DOORS) | FREE | {name for name, its in ways.items() if ACCOUNT_POWER in its}
    assert all(len({POWER, ACCOUNT_POWER, NO_POWER} & set(its)) == 1 for its in ways.values())
    assert all(Operation(its[POWER]) in TABLE for its in ways.values() if POWER in its)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("door", DOORS)
async def test_nobody_gets_through_a_door_that_the_table_closes(tmp_path: Path, door: str, role: Role) -> None:
    async with scene(tmp_path) as s:
        operation = Operation(declared(s.its.built.api)[door][POWER])
        through = await DOORS[door](s, role)
        assert role in TABLE[operation].by or not through
        if role in TABLE[operation].by and operation is not Operation.KNOCK:
            assert through


async def test_who_may_knock_finds_a_door_for_it(tmp_path: Path) -> None:
    """One for outsiders, one for those who were declined."""
    async with scene(tmp_path) as s:
        assert [role for role in Role if await take(s, role)] == [Role.OUTSIDER]
        await s.sockets[Role.HOST].say({"type": "decline", "pseudonym": s.people[Role.WAITING].pseudonym})
        await s.sockets[Role.HOST].settle()
        assert [role for role in Role if await knock_again(s, role)] == [Role.WAITING]


async def test_what_a_socket_greets_with_is_what_the_role_may_see(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        for role in Role:
            told = await s.its.hello(s.people[role])
            keys = set(told) if isinstance(told, dict) else set()
            assert bool(keys & {"roster", "rules", "card", "locked"}) == allows(role, Operation.SEE_ROSTER)
            sees = isinstance(told, dict) and bool(told.get("knocks"))
            assert sees == allows(role, Operation.SEE_WAITING)
            answer = (await s.its.renew(s.people[role])).json()
            assert ("roster" in answer) == allows(role, Operation.SEE_ROSTER)


# -- messages ---------------------------------------------------------------------------------------------------------


def said(s: Scene, name: str, by: Role, to: Role | None) -> dict[str, Any]:
    """A message that is right in everything but, perhaps, the power behind it."""
    target = s.others[to] if to else None
    if name in ("admit", "certify"):
        assert target is not None
        actor = s.people[by] if by is Role.COHOST and name == "admit" else None
        certificate = s.its.certificate(
            target, by=actor, role="host" if name == "certify" and to is Role.HOST else "participant"
        )
        return {"type": name, "pseudonym": target.pseudonym, "certificate": certificate}
    if name == "decline":
        assert target is not None
        return {"type": name, "pseudonym": target.pseudonym}
    if name == "announce":
        return {"type": name, "announcement": sealed()}
    assert REGISTRY[name].is_act, f"say how {name} is tried"
    whom = {"target": target.pseudonym} if target else {}
    return {"type": "act", "op": name, "sealed": sealed(), **whom}


ANSWERED_FROM_MEMORY = {"ping"}
"""Whoever may listen is answered; the door of the socket is tried above."""
UNAIMED = {"mute_all"}
"""Concern participants at once, without naming one."""


def attempts(name: str) -> list[tuple[Role, Role | None]]:
    aimed = TABLE[REGISTRY[name].operation].against and name not in UNAIMED
    return [(by, to) for by in Role for to in (Role if aimed else (None,))]


CHANGING = {"admit", "decline", "remove", "end", "lock"}
"""After these the scene is not what the next attempt needs."""


async def heard_by_others(s: Scene, attempt: Awaitable[None]) -> bool:
    async with s.its.attend(s.witness) as ears:
        await ears.settle()
        await attempt
        try:
            return bool(await ears.settle())
        except Closed:
            return True


async def say(s: Scene, by: Role, message: dict[str, Any]) -> None:
    try:
        await s.sockets[by].say(message)
        await s.sockets[by].settle()
    except Closed:
        pass


async def past_the_socket(s: Scene, by: Role, name: str, message: dict[str, Any]) -> None:
    """As if a socket hung on, or had been taken for one of somebody inside."""
    listener = Listener(s.link.meeting, s.people[by].pseudonym)
    with pytest.raises(KlausurError):
        await REGISTRY[name].handle(s.its.built.world, listener, message)


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - ANSWERED_FROM_MEMORY))
async def test_every_message_in_every_hand_does_what_the_table_says(tmp_path: Path, name: str) -> None:
    stack, spoilt, s = AsyncExitStack(), True, None
    for number, (by, to) in enumerate(attempts(name)):
        if spoilt or s is None:
            await stack.aclose()
            (folder := tmp_path / str(number)).mkdir()
            s = await stack.enter_async_context(scene(folder))
        message = said(s, name, by, to)
        aimed_at = Role.PARTICIPANT if name in UNAIMED else to
        expected = allows(by, REGISTRY[name].operation, aimed_at)
        if by is Role.OUTSIDER:
            happened = await heard_by_others(s, past_the_socket(s, by, name, message))
        else:
            happened = await heard_by_others(s, say(s, by, message))
        assert happened == expected, (name, by, to)
        spoilt = happened and name in CHANGING
    await stack.aclose()


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - ANSWERED_FROM_MEMORY))
async def test_who_waits_gets_past_no_action_even_without_the_sockets_own_refusal(tmp_path: Path, name: str) -> None:
    async with scene(tmp_path) as s:
        for to in (Role.WAITING, Role.PARTICIPANT) if TABLE[REGISTRY[name].operation].against else (None,):
            target = None if name in UNAIMED else to
            attempt = past_the_socket(s, Role.WAITING, name, said(s, name, Role.WAITING, target))
            assert not await heard_by_others(s, attempt)


async def test_a_cohost_ends_it_where_no_host_is(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        for host in (s.people[Role.HOST], s.others[Role.HOST], s.witness):
            await s.its.leave(host)
        await say(s, Role.COHOST, said(s, "end", Role.COHOST, None))
        assert not (await s.its.renew(s.people[Role.PARTICIPANT])).is_success


async def test_every_power_is_needed_somewhere(the_house: House) -> None:
    used = {command.operation for command in REGISTRY.values()} | {LISTENING}
    used |= {Operation(its[POWER]) for its in declared(the_house.built.api).values() if POWER in its}
    # What a socket greets with is part of listening, and has a test of its own above.
    assert set(Operation) - used == {Operation.SEE_ROSTER, Operation.SEE_WAITING}
