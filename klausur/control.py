"""The control door of a running server: a Unix socket in the data folder, for ``klausur check`` and nobody else.

Whoever owns the data folder can already do everything; the door lets them ask the server to do its periodic work now,
hear what it logs meanwhile, and have forgotten what was tried from their own network, so that a check need not wait
for time to pass. It gives out nothing else, changes nothing that would not happen by itself, and takes no arguments but
a number. docs/guide/control-door.md has the lines
that are said through it.

It fails closed: where the socket cannot be made for this user alone there is none, and the server runs without.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import structlog

from klausur import log
from klausur.jobs.runner import Job, once

_log = structlog.get_logger(__name__)

SOCKET_NAME: Final = "control"
LINE_BYTES: Final = 64
"""Of what is asked."""
ASKED_WITHIN_SECONDS: Final = 5.0
OVERHEARD_AT_MOST_SECONDS: Final = 60
LINES_AT_MOST: Final = 1000
"""Of the log, that wait for whoever overhears it; what is more is counted instead."""
VISITORS_AT_MOST: Final = 4
_CREDENTIALS: Final = struct.Struct("3i")


class Awaiting(Protocol):
    """Whom the server can tell by a word that they show it (api/strangers.py)."""

    def await_one(self) -> tuple[str, asyncio.Event]: ...

    def give_up(self, word: str) -> None: ...


class ControlDoor:
    def __init__(self, folder: Path, jobs: Sequence[Job], strangers: Awaiting) -> None:
        """``jobs``: safe to run at any time, and beside their own turns."""
        self._strangers = strangers
        self._path = folder.absolute() / SOCKET_NAME
        self._jobs = jobs
        self._working = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self.visitors: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Without a door where it cannot be made."""
        try:
            listening = _listening(self._path)
        except OSError as error:
            _log.warning("control_not_opened", reason=error.strerror or "the path is too long")
            return
        self._server = await asyncio.start_unix_server(self._come_in, sock=listening, limit=LINE_BYTES)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for visitor in self.visitors:
            visitor.cancel()
        await asyncio.gather(*self.visitors, return_exceptions=True)
        with suppress(OSError):
            self._path.unlink()

    async def _come_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitor = asyncio.current_task()
        if visitor is None or len(self.visitors) >= VISITORS_AT_MOST or not _is_ours(writer):
            writer.close()
            return
        self.visitors.add(visitor)
        try:
            await self._serve(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # went away, said too much, or nothing
        finally:
            self.visitors.discard(visitor)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(ASKED_WITHIN_SECONDS):
            asked = await reader.readuntil(b"\n")
        match asked.split():
            case [b"jobs"]:
                await self._work(writer)
            case [b"forget"]:
                await self._forget(writer)
            case [b"overhear", seconds] if seconds.isdigit() and 0 < int(seconds) <= OVERHEARD_AT_MOST_SECONDS:
                await _overhear(int(seconds), reader, writer)
            case _:
                await _say(writer, b"unknown")

    async def _work(self, writer: asyncio.StreamWriter) -> None:
        async with self._working:
            failed = [job.name for job in self._jobs if not await once(job)]
        await _say(writer, b"failed" if failed else b"done")

    async def _forget(self, writer: asyncio.StreamWriter) -> None:
        word, shown = self._strangers.await_one()
        try:
            await _say(writer, b"show " + word.encode())
            async with asyncio.timeout(ASKED_WITHIN_SECONDS):
                await shown.wait()
        finally:
            self._strangers.give_up(word)
        await _say(writer, b"done")


async def _overhear(seconds: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the time is over, or whoever listens has gone."""
    loop, lines, missed = asyncio.get_running_loop(), asyncio.Queue[str](LINES_AT_MOST), 0

    def keep(line: str) -> None:
        nonlocal missed
        if lines.full():
            missed += 1
        else:
            lines.put_nowait(line)

    async def pass_on() -> None:
        while True:
            await _say(writer, _told(await lines.get()))

    def hear(line: str) -> None:
        loop.call_soon_threadsafe(keep, line)

    with log.overheard(hear):
        await _say(writer, b"hearing")
        # In the log at whichever level it has: nobody overhears it unnoticed, and who does knows that they hear it.
        _log.log(logging.getLogger().level, "log_overheard", seconds=seconds)
        passing, gone = asyncio.create_task(pass_on()), asyncio.create_task(reader.read(1))
        _, left = await asyncio.wait((passing, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(passing, gone, return_exceptions=True)
        await asyncio.sleep(0)  # what was logged until now is on its way
    while not lines.empty():
        await _say(writer, _told(lines.get_nowait()))
    await _say(writer, b"missed %d" % missed)


def _told(line: str) -> bytes:
    return b"log " + line.strip().encode("utf-8", "replace")


async def _say(writer: asyncio.StreamWriter, line: bytes) -> None:
    """Raises TimeoutError: nobody reads it."""
    writer.write(line + b"\n")
    async with asyncio.timeout(ASKED_WITHIN_SECONDS):
        await writer.drain()


def _listening(path: Path) -> socket.socket:
    """For this user alone from its first moment on. Raises OSError, also where something else has the name."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(17, "something else has its name")
        path.unlink()
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.bind(str(path))
        path.chmod(0o600)
        opened.listen(VISITORS_AT_MOST)
    except OSError:
        opened.close()
        raise
    return opened


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """The file's mode lets nobody else in; this holds where a file system does not heed modes."""
    its: socket.socket = writer.get_extra_info("socket")
    told = its.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(told)
    return uid in (0, os.geteuid())
