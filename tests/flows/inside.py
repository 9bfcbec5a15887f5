"""A meeting with people in it, for stories that begin in the middle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from tests.house import House, Socket
from tests.people import Link, Place


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"] if answer.content else ""


@dataclass
class Meeting:
    """Hanna hosts, Carla is her co-host, Gustav a guest; all inside, all listening."""

    link: Link
    hanna: Place
    carla: Place
    gustav: Place
    hers: Socket
    carlas: Socket
    his: Socket
    room: str


@asynccontextmanager
async def meeting(its: House) -> AsyncIterator[Meeting]:
    link = await its.open_meeting()
    hanna, carla, gustav = await its.host(link), await its.join(link), await its.join(link)
    await its.rule(link, cohosts=[carla.public])
    rooms = [await its.tickets.redeem(place.ticket) for place in (hanna, carla, gustav)]
    for passage in rooms:
        its.engine.enter(passage.room, passage.pseudonym)
    async with AsyncExitStack() as stack:
        hers, carlas, his = [await stack.enter_async_context(its.attend(place)) for place in (hanna, carla, gustav)]
        for socket in (hers, carlas, his):
            await socket.settle()
        yield Meeting(link, hanna, carla, gustav, hers, carlas, his, rooms[0].room)


async def waiting_in_front(its: House, m: Meeting) -> Place:
    await its.rule(m.link, waiting_room=True)
    waiting = await its.knock(m.link)
    for socket in (m.hers, m.carlas, m.his):
        await socket.settle()
    return waiting
