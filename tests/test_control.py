"""Ada's checks knock at the control door; so do people who should not."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import stat
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from klausur import control, log
from klausur.control import LINES_AT_MOST, VISITORS_AT_MOST, ControlDoor
from klausur.jobs.runner import Job


class Work:
    def __init__(self) -> None:
        self.done = 0
        self.fails = False

    async def run(self) -> None:
        if self.fails:
            raise ZeroDivisionError
        self.done += 1


class Nobody:
    """Is waited for, and does not come."""

    def __init__(self) -> None:
        self.given_up = False

    def await_one(self) -> tuple[str, asyncio.Event]:
        return "word", asyncio.Event()

    def give_up(self, word: str) -> None:
        self.given_up = word == "word"


@asynccontextmanager
async def opened(folder: Path, work: Work | None = None) -> AsyncIterator[ControlDoor]:
    door = ControlDoor(folder, [Job("work", 10.0, (work or Work()).run)], Nobody())
    await door.start()
    try:
        yield door
    finally:
        await door.stop()


async def asks(folder: Path, line: bytes) -> bytes:
    """What is answered, to its end."""
    reader, writer = await asyncio.open_unix_connection(str(folder / "control"))
    try:
        writer.write(line)
        writer.write_eof()
        return await reader.read()
    except (ConnectionResetError, BrokenPipeError):
        return b""
    finally:
        writer.close()


async def test_the_work_is_done_when_it_is_asked_for(tmp_path: Path) -> None:
    work = Work()
    async with opened(tmp_path, work):
        assert await asks(tmp_path, b"jobs\n") == b"done\n"
    assert work.done == 1


async def test_work_that_fails_is_not_called_done(tmp_path: Path) -> None:
    work = Work()
    work.fails = True
    async with opened(tmp_path, work):
        assert await asks(tmp_path, b"jobs\n") == b"failed\n"


async def test_what_is_logged_is_heard_until_whoever_listens_goes(tmp_path: Path, lines: io.StringIO) -> None:
    async with opened(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control"))
        writer.write(b"overhear 30\n")
        assert await reader.readline() == b"hearing\n"
        announced = json.loads((await reader.readline()).removeprefix(b"log "))
        assert announced["event"] == "log_overheard"
        structlog.get_logger("hanna").warning("something", count=7)
        writer.write_eof()
        *heard, last = (await reader.read()).splitlines()
        writer.close()
    assert [json.loads(line.removeprefix(b"log "))["count"] for line in heard] == [7]
    assert last == b"missed 0"
    assert "log_overheard" in lines.getvalue()


async def test_nobody_is_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ASKED_WITHIN_SECONDS", 0.05)
    nobody = Nobody()
    door = ControlDoor(tmp_path, [], nobody)
    await door.start()
    try:
        assert await asks(tmp_path, b"forget\n") == b"show word\n"
    finally:
        await door.stop()
    assert nobody.given_up


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
async def test_nobody_overhears_it_unnoticed(tmp_path: Path, level: str) -> None:
    log.configure(level, stream := io.StringIO())
    async with opened(tmp_path):
        assert b"log_overheard" in await asks(tmp_path, b"overhear 5\n")
    assert "log_overheard" in stream.getvalue()


@pytest.mark.usefixtures("lines")
async def test_what_is_too_much_to_keep_is_counted(tmp_path: Path) -> None:
    async with opened(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control"))
        writer.write(b"overhear 30\n")
        assert await reader.readline() == b"hearing\n"
        for _ in range(LINES_AT_MOST + 50):
            structlog.get_logger("hanna").warning("much")
        writer.write_eof()
        missed = int((await reader.read()).splitlines()[-1].removeprefix(b"missed "))
        writer.close()
    assert 40 < missed <= 50 + 1


async def test_afterwards_nobody_listens_any_more(tmp_path: Path, lines: io.StringIO) -> None:
    async with opened(tmp_path):
        await asks(tmp_path, b"overhear 5\n")
    [heard] = [each.out for each in log.doors()]
    assert heard.ears == []
    assert lines.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"job\n",
        b"forget 192.0.2.7\n",
        b"jobs now\n",
        b"overhear\n",
        b"overhear 0\n",
        b"overhear 61\n",
        b"overhear -1\n",
        b"overhear 1e9\n",
        b"overhear \xd9\xa3\n",
        b"\x00\xff\xfe\n",
        b"GET /metrics HTTP/1.1\n",
    ],
)
async def test_what_it_does_not_know_it_does_not_do(tmp_path: Path, line: bytes) -> None:
    work = Work()
    async with opened(tmp_path, work):
        assert await asks(tmp_path, line) == b"unknown\n"
    assert work.done == 0


@pytest.mark.parametrize("flood", [b"jobs" + b" " * 10_000 + b"\n", b"x" * 1_000_000, b"jobs", b""])
async def test_who_says_too_much_or_nothing_is_answered_nothing(tmp_path: Path, flood: bytes) -> None:
    work = Work()
    async with opened(tmp_path, work):
        assert await asks(tmp_path, flood) == b""
        assert await asks(tmp_path, b"jobs\n") == b"done\n"
    assert work.done == 1


async def test_who_never_says_what_they_want_is_shown_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ASKED_WITHIN_SECONDS", 0.0)
    async with opened(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control"))
        assert await reader.read() == b""
        writer.close()


async def test_a_crowd_is_not_let_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        there = [await asyncio.open_unix_connection(str(tmp_path / "control")) for _ in range(VISITORS_AT_MOST)]
        reader, late = await asyncio.open_unix_connection(str(tmp_path / "control"))
        assert await reader.read() == b""
        assert len(door.visitors) == VISITORS_AT_MOST
        for _, writer in (*there, (reader, late)):
            writer.close()


async def test_the_socket_is_this_users_alone(tmp_path: Path) -> None:
    async with opened(tmp_path):
        mode = (tmp_path / "control").lstat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
    assert not (tmp_path / "control").exists()


async def test_another_user_is_not_served_whatever_the_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Somebody(struct.Struct):
        def unpack(self, buffer: bytes) -> tuple[int, ...]:  # type: ignore[override]
            pid, _, gid = super().unpack(buffer)
            return pid, 12345, gid

    monkeypatch.setattr(control, "_CREDENTIALS", Somebody("3i"))
    work = Work()
    async with opened(tmp_path, work):
        assert await asks(tmp_path, b"jobs\n") == b""
    assert work.done == 0


async def test_what_a_killed_server_left_is_in_nobodys_way(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control"))
    async with opened(tmp_path):
        assert await asks(tmp_path, b"jobs\n") == b"done\n"


async def test_a_file_of_its_name_is_left_alone(tmp_path: Path, lines: io.StringIO) -> None:
    (tmp_path / "control").write_text("Ada's notes")
    async with opened(tmp_path):
        assert (tmp_path / "control").read_text() == "Ada's notes"
    assert (tmp_path / "control").read_text() == "Ada's notes"
    assert "control_not_opened" in lines.getvalue()


async def test_a_path_too_long_for_a_socket_leaves_no_door_and_stops_nothing(
    tmp_path: Path, lines: io.StringIO
) -> None:
    deep = tmp_path / ("a" * 120)
    deep.mkdir()
    async with opened(deep):
        assert not (deep / "control").exists()
    assert "control_not_opened" in lines.getvalue()


async def test_the_end_waits_for_nobody_who_still_listens(tmp_path: Path) -> None:
    async with opened(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control"))
        writer.write(b"overhear 60\n")
        assert await reader.readline() == b"hearing\n"
    assert b"jobs" not in await reader.read()
    writer.close()
