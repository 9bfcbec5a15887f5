"""A whole installation that listens on loopback, and what a run of checks is given of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from klausur.api.server import Server, Serving
from klausur.build import cleaning_of
from klausur.compliance.cast import peopled
from klausur.compliance.evidence import Status
from klausur.compliance.model import Asking
from klausur.compliance.probing import Probe, Seen, look
from klausur.compliance.running import outside
from klausur.compliance.target import Target
from klausur.control import ControlDoor
from klausur.settings import plain
from tests.house import House, house
from tests.offices import staffed


@dataclass
class Installed:
    house: House
    target: Target

    async def look(self, probe: Probe, **params: Any) -> Seen:
        return await look(probe, self.target, (Asking(probe.id, tuple(params.items())),), self.house.clock)

    async def is_red(self, probe: Probe) -> str:
        """What it says to that."""
        seen = await self.look(probe)
        assert seen.status is Status.FAIL, seen
        return seen.says.en

    async def is_green(self, probe: Probe) -> str:
        seen = await self.look(probe)
        assert seen.status is Status.PASS, seen
        return seen.says.en


Install = Callable[..., Any]


@asynccontextmanager
async def installed(folder: Path, **chosen: Any) -> AsyncIterator[Installed]:
    """As shipped, but for what is ``chosen``."""
    pages(folder / "dist")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings: dict[str, Any] = {
            "port": listening.getsockname()[1],
            "open_meetings": "accounts",
            "operator_name": "Example e. V.",
        }
        settings |= {"operator_contact": "hanna@example.org"} | chosen
        async with house(folder, **settings) as its, served(its, listening):
            await staffed(its)
            url = its.settings.site.geturl()
            async with (
                outside(url, plain(its.settings)) as stranger,
                peopled(stranger, its.built.database, its.clock) as target,
            ):
                yield Installed(its, target)


@asynccontextmanager
async def served(its: House, listening: socket.socket) -> AsyncIterator[None]:
    ready = asyncio.Event()

    async def nothing() -> None: ...

    server = Server(its.built.app, Serving([listening], 2**21), ready=ready.set, before_end=nothing)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await ready.wait()
    door = ControlDoor(its.settings.data, cleaning_of(its.built), its.built.strangers)
    await door.start()
    try:
        yield
    finally:
        await door.stop()
        server.end()
        await serving


def pages(folder: Path) -> None:
    """In the place of what Vite builds."""
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<!doctype html><html lang='en'><title>Klausur</title></html>")
