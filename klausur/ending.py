"""How processes that the server has started come to their end, when it is time."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import Final

_PART_BYTES: Final = 64 * 1024
_LAST_WORDS_SECONDS: Final = 10.0


async def end(process: asyncio.subprocess.Process, *, patience: float = 0.0) -> None:
    """With whatever it has started: it leads a session of its own. ``patience``: so many seconds it has for clearing
    up, once it was asked to stop."""
    if patience and await _has_stopped(process, patience):
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await _over(process)


async def _over(process: asyncio.subprocess.Process) -> None:
    # Together: as long as more is waiting to be read than asyncio takes in by itself, wait() does not come back.
    await asyncio.gather(process.wait(), _last_words(process))


async def _last_words(process: asyncio.subprocess.Process) -> None:
    """Nobody holds the other end any more; until that has been heard, ours stays open."""
    if process.stdout is None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            while await process.stdout.read(_PART_BYTES):
                pass


async def _has_stopped(process: asyncio.subprocess.Process, patience: float) -> bool:
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await _over(process)
            return True
    return False
