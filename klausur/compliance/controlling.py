"""The other end of the running server's control door (klausur/control.py): it is asked to do its periodic work now,
what it logs meanwhile is heard, and what this check has tried so far is forgotten."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_SOCKET: Final = "control"
_CREDENTIALS: Final = struct.Struct("3i")
"""Process, user and group (unix(7))."""
_LINE_BYTES: Final = 64 * 1024
_LINES_AT_MOST: Final = 20_000
_WORKS_SECONDS: Final = 20.0

_NO_DOOR: Final = Text(
    de="Der laufende Server ist über seinen Datenordner nicht zu erreichen (Socket „control“).",
    en='The running server cannot be reached by its data folder (socket "control").',
)
_NOT_DONE: Final = Text(
    de="Der laufende Server konnte seine regelmäßigen Arbeiten gerade nicht erledigen.",
    en="The running server could not do its periodic work just now.",
)


@dataclass(slots=True)
class Heard:
    lines: list[str] = field(default_factory=list)
    missed: int = 0


async def run_jobs(target: Target) -> None:
    """They have been done when this returns. Raises CannotLook."""
    async with _asking(target, b"jobs\n"):
        pass


async def forget_us(target: Target) -> None:
    """How often we have tried things counts from nothing again. Raises CannotLook."""
    async with _asking(target, b"forget\n") as reader:
        show, _, word = (await reader.readline()).decode().strip().partition(" ")
        if show != "show":
            raise CannotLook(_NO_DOOR)
        await (target.straight or target.http).get("/readyz", params={"word": word})


@asynccontextmanager
async def _asking(target: Target, line: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """What the block does is a part of it; it was done when this is over. Raises CannotLook."""
    reader, writer = await _connect(target)
    try:
        async with asyncio.timeout(_WORKS_SECONDS):
            writer.write(line)
            yield reader
            told = await reader.readline()
    except (OSError, TimeoutError, ValueError, httpx.HTTPError) as error:
        raise CannotLook(_NOT_DONE) from error
    finally:
        writer.close()
    if told != b"done\n":
        raise CannotLook(_NOT_DONE)


async def server_process(target: Target) -> int:
    """Its id, as the kernel tells it of the other end. Raises CannotLook, also where it is in another container."""
    _, writer = await _connect(target)
    try:
        told = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    finally:
        writer.close()
    process: int = _CREDENTIALS.unpack(told)[0]
    if not process:
        raise CannotLook(_NO_DOOR)
    return process


@asynccontextmanager
async def overhearing(target: Target, seconds: int = 30) -> AsyncIterator[Heard]:
    """What is logged in the block; all of it is there at its end. ``seconds``: so long the server lets itself be heard;
    where the block takes longer, what came afterwards counts as missed. Raises CannotLook."""
    reader, writer = await _connect(target)
    heard, listening = Heard(), None
    until = asyncio.get_running_loop().time() + seconds
    try:
        writer.write(b"overhear %d\n" % seconds)
        async with asyncio.timeout(_WORKS_SECONDS):
            if await reader.readline() != b"hearing\n":
                raise CannotLook(_NO_DOOR)
        listening = asyncio.create_task(_listen(reader, heard))
        yield heard
        if listening.done() or asyncio.get_running_loop().time() >= until:
            heard.missed += 1
        # Ends it: the server says what is left, and how much was too much.
        writer.write_eof()
        async with asyncio.timeout(_WORKS_SECONDS):
            await listening
        heard.lines += target.logged()
    finally:
        if listening is not None:
            listening.cancel()
        writer.close()


async def _listen(reader: asyncio.StreamReader, heard: Heard) -> None:
    while told := await reader.readline():
        kind, _, rest = told.decode("utf-8", "replace").rstrip("\n").partition(" ")
        if kind == "log" and len(heard.lines) < _LINES_AT_MOST:
            heard.lines.append(rest)
        else:
            heard.missed += int(rest) if kind == "missed" and rest.isdigit() else 1


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if "data" not in target.settings:
        raise CannotLook(_NO_DOOR)
    try:
        return await asyncio.open_unix_connection(_path(target), limit=_LINE_BYTES)
    except OSError as error:
        raise CannotLook(_NO_DOOR) from error


def _path(target: Target) -> str:
    return str(Path(str(target.settings["data"])).absolute() / _SOCKET)
