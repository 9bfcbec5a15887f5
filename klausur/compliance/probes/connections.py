"""Whom the processes of an installation are connected to, as the kernel tells it of processes of the same user."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psutil

_PAUSE_SECONDS: Final = 0.02
_PLACES_AT_MOST: Final = 200
_GONE: Final = (psutil.NoSuchProcess, psutil.ZombieProcess)


@dataclass(slots=True)
class Looks:
    """What was seen while it was looked, again and again."""

    times: int = 0
    hidden: int = 0
    """Looks at processes that the kernel does not show to us."""
    programs: set[str] = field(default_factory=set)
    listening: int = 0
    """The most at a time; so are the next two."""
    incoming: int = 0
    at_home: int = 0
    """To this machine itself."""
    outgoing: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """To elsewhere: program, protocol and address with its port."""

    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after each look, for those who have waited for it."""

    async def again(self) -> None:
        """Until it has been looked once more from beginning to end: of two ends the first may be of an earlier one."""
        for _ in range(2):
            await self.looked.wait()

    def plain(self) -> dict[str, Any]:
        places = sorted((*place, times) for place, times in self.outgoing.items())
        return {
            "times": self.times,
            "hidden": self.hidden,
            "programs": sorted(self.programs),
            "listening": self.listening,
            "incoming": self.incoming,
            "at_home": self.at_home,
            "outgoing": [list(place) for place in places[:_PLACES_AT_MOST]],
        }


@asynccontextmanager
async def watching(root: int, besides: Iterable[int] = ()) -> AsyncIterator[Looks]:
    """The process and all that it has started, but for this check where it was started by it. ``besides``: more."""
    looks, roots = Looks(), (root, *besides)

    async def go_on() -> None:
        while True:
            await asyncio.to_thread(_look, roots, looks)
            looked, looks.looked = looks.looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(_PAUSE_SECONDS)

    await asyncio.to_thread(_look, roots, looks)
    looking = asyncio.create_task(go_on())
    try:
        yield looks
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def _look(roots: tuple[int, ...], looks: Looks) -> None:
    """Who was asked by us is told from whom we asked by the port: those who come do so to one that is listened at."""
    found: list[tuple[str, Any]] = []
    for process in _processes(roots):
        try:
            name, its = process.name(), process.net_connections(kind="inet")
        except _GONE:
            continue
        except psutil.AccessDenied:
            looks.hidden += 1
            continue
        looks.programs.add(name)
        found += [(name, each) for each in its]
    ports = {each.laddr.port for _, each in found if each.status == psutil.CONN_LISTEN}
    lasting = [(name, each) for name, each in found if each.raddr]
    coming = [each for _, each in lasting if each.type == socket.SOCK_STREAM and each.laddr.port in ports]
    going = [(name, each) for name, each in lasting if each not in coming]
    looks.times += 1
    looks.listening = max(looks.listening, len(ports))
    looks.incoming = max(looks.incoming, len(coming))
    looks.at_home = max(looks.at_home, sum(_is_loopback(each.raddr.ip) for _, each in going))
    for name, each in going:
        if not _is_loopback(each.raddr.ip):
            looks.outgoing[name, _protocol(each.type), f"{_plain(each.raddr.ip)} {each.raddr.port}"] += 1


def _processes(roots: tuple[int, ...]) -> list[psutil.Process]:
    own = os.getpid()
    found: dict[int, psutil.Process] = {}
    for root in roots:
        try:
            top = psutil.Process(root)
            tree = [top, *top.children(recursive=True)]
        except _GONE:
            continue
        ours = {own, *(each.pid for each in psutil.Process(own).children(recursive=True))} if root != own else set()
        found |= {each.pid: each for each in tree if each.pid not in ours or each.pid in roots}
    return list(found.values())


def _protocol(kind: int) -> str:
    return "tcp" if kind == socket.SOCK_STREAM else "udp"


def _plain(address: str) -> str:
    """IPv4 as itself, also where a socket of IPv6 carries it."""
    its = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(its, "ipv4_mapped", None) or its)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(_plain(address)).is_loopback
