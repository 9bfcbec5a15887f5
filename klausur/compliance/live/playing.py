"""The meetings of a run, for all probes that watch one: each held once, when the first asks for it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from klausur.compliance.live.browser import started
from klausur.compliance.live.stage import NOT_HELD, Stage
from klausur.compliance.target import CannotLook

if TYPE_CHECKING:
    from klausur.compliance.target import Target

Held: TypeAlias = Mapping[str, Any]
"""What Stage.hold returns."""
SECONDS: Final = 240.0
"""How long a probe is given that may have to wait for both meetings to their ends."""

_LAME: Final = "delete window.RTCPeerConnection"
"""In the twin's, Ida's browser would have to have something installed first."""


async def hold(target: Target) -> Held:
    """Raises CannotLook."""
    faults = (files(__package__) / "faults.js").read_text("utf-8") if target.spoilt else ""
    async with started(target.url) as browser:
        return await Stage(target, browser, faults, _LAME if target.spoilt else "").hold()


@dataclass
class Plays:
    """``held``: by whether the pages were damaged."""

    hold: Callable[[Target], Awaitable[Held]] = hold
    held: dict[bool, asyncio.Future[Held]] = field(default_factory=dict)

    async def of(self, target: Target) -> Held:
        """Raises CannotLook."""
        if not self.held:
            # At once: a good part of each is waiting, and who asks for one asks for the other next.
            for damaged in (True, False):
                self.held[damaged] = asyncio.ensure_future(self.hold(replace(target, spoilt=damaged)))
        # Who waits too long must not take it from those who come after.
        return await asyncio.shield(self.held[target.spoilt])


@asynccontextmanager
async def playing() -> AsyncIterator[Plays]:
    plays = Plays()
    try:
        yield plays
    finally:
        for each in plays.held.values():
            each.cancel()
        await asyncio.gather(*plays.held.values(), return_exceptions=True)


async def watched(target: Target) -> Held:
    """Raises CannotLook."""
    if target.plays is None:
        raise CannotLook(NOT_HELD)
    return await target.plays.of(target)


@asynccontextmanager
async def spoilt(target: Target) -> AsyncIterator[Target]:
    """The same installation, whose pages do all that they should not: faults.js."""
    yield replace(target, spoilt=True, mark=secrets.token_urlsafe(9))
