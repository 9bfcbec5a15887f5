"""The installation tests itself once a day, and judges anew what is known where its settings have changed: both in a
process of its own, which gives way to everything else. The server knows nothing of how that is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

import structlog

from klausur.domain.ports import Clock
from klausur.ending import end
from klausur.jobs.runner import Job

_log = structlog.get_logger(__name__)

CHECK: Final = ("check", "--by-itself")
AGAIN: Final = ("check", "--by-itself", "--again")
_QUIET: Final = time(3, 30)
"""When it is judged anew where nothing is to be tested."""
_LONGEST_SECONDS: Final = 1800.0
_CLEARING_UP_SECONDS: Final = 5.0
_OUTPUT_BYTES: Final = 16 * 1024
_EVERY_SECONDS: Final = 60.0
_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Command:
    """``klausur`` with the settings of this server."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)

    async def run(self, arguments: Sequence[str], longest: float = _LONGEST_SECONDS) -> None:
        """Says in the log what it came to, in counts. Ends it where it takes too long or nobody waits any more."""
        process = await asyncio.create_subprocess_exec(
            *self.words,
            *arguments,
            env=dict(self.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # with the browsers that it starts
        )
        try:
            async with asyncio.timeout(longest):
                told = await _told(process)
                status = await process.wait()
        except TimeoutError:
            _log.warning("check_too_slow", seconds=round(longest))
        else:
            _tell(status, told)
        finally:
            if process.returncode is None:
                # Its accounts are not to stay.
                await asyncio.shield(end(process, patience=_CLEARING_UP_SECONDS))


async def _told(process: asyncio.subprocess.Process) -> bytes:
    """What it said, up to a limit; the rest is read and let go, so that it does not wait for us."""
    told = bytearray()
    while process.stdout is not None and (part := await process.stdout.read(_OUTPUT_BYTES)):
        told += part[: _OUTPUT_BYTES - len(told)]
    return bytes(told)


def _tell(status: int, told: bytes) -> None:
    for outcome, count in _counts(told).items():
        _log.info("check_counted", reason=outcome, count=count)
    _log.info("check_ended", status=status)


def _counts(told: bytes) -> dict[str, int]:
    """Nothing but counts: what it says besides is for nobody's log."""
    try:
        counts: Any = json.loads(told)["counts"]
        return {str(outcome): count for outcome, count in counts.items() if isinstance(count, int)}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


class Daily:
    """Due once each time that a time of day goes by while the server runs: never because it was started."""

    def __init__(self, at: time, clock: Clock) -> None:
        self._at = at
        self._clock = clock
        self._before = self._local()

    def is_due(self) -> bool:
        before, now = self._before, self._local()
        self._before = now
        last = now.replace(hour=self._at.hour, minute=self._at.minute, second=0, microsecond=0)
        if last > now:
            last -= timedelta(days=1)
        return before < last

    def _local(self) -> datetime:
        """By this machine's clock on the wall."""
        return self._clock.now().astimezone().replace(tzinfo=None)


def daily(at: str, clock: Clock, run: Callable[[Sequence[str]], Awaitable[None]]) -> Job:
    """``at``: as CHECK_AT. ``run``: with the arguments of a command."""
    what = AGAIN if at == "off" else CHECK
    due = Daily(_QUIET if at == "off" else time.fromisoformat(at), clock)

    async def once() -> None:
        if due.is_due():
            await run(what)

    return Job("check", every_seconds=_EVERY_SECONDS, run=once)


def judging(
    is_over: Callable[[], Awaitable[bool]],
    is_outdated: Callable[[], Awaitable[bool]],
    run: Callable[[Sequence[str]], Awaitable[None]],
) -> Job:
    """Judges anew at once after a start with other settings than those that were judged, and within a minute of
    whatever a verdict rested on having come to its end: that it is open again is to be seen then. ``is_outdated``: also
    where it has never been judged, which is not in the way of the start."""
    left, starting = _TRIES, True

    async def once() -> None:
        nonlocal left, starting
        ask, starting = is_over if starting else is_outdated, False
        if not await ask():
            left = _TRIES
        elif left:
            # A check that somebody has begun may be in the way.
            left -= 1
            await run(AGAIN)

    return Job("judge_again", every_seconds=_EVERY_SECONDS, run=once, at_once=True)
