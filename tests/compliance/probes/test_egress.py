"""Whom the installation is connected to while Hanna and Gustav meet."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import connections, egress_deny
from tests.compliance.probes.running import Installed, installed
from tests.compliance.probes.test_media import engine

ELSEWHERE = "203.0.113.9"
REPORTING = (
    "import socket, sys\n"
    "out = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
    "out.connect(('::ffff:' + sys.argv[1], 4318))\n"
    "print(flush=True)\n"
    "sys.stdin.read()\n"
)
"""Nothing is sent: the socket alone knows for whom it is."""


@asynccontextmanager
async def begun(*command: str | Path) -> AsyncIterator[None]:
    """By the process that is the server here."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Installed]:
    """With a process in the engine's place, which somebody else answers for."""
    program = folder / "livekit-server"
    shutil.copy(str(shutil.which("sleep")), program)
    async with engine(monkeypatch), begun(program, "600"), installed(folder, engine_binary=program) as its:
        yield its


async def test_nobody_is_connected_to_but_those_who_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as its:
        assert "no connection led to anybody else" in await its.is_green(egress_deny.PROBE)


async def test_however_long_a_look_takes_the_meeting_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_PAUSE_SECONDS", 1.0)
    async with running(tmp_path, monkeypatch) as its:
        await its.is_green(egress_deny.PROBE)


async def test_a_program_that_the_server_started_and_that_reports_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as its, begun(sys.executable, "-c", REPORTING, ELSEWHERE):
        assert f"{ELSEWHERE}:4318 (udp)" in await its.is_red(egress_deny.PROBE)


async def test_without_an_engine_it_cannot_be_tried(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(egress_deny.PROBE)).status is Status.BLOCKED


async def test_a_server_that_cannot_be_found_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as its:
        (its.house.settings.data / "control").unlink()
        assert (await its.look(egress_deny.PROBE)).status is Status.BLOCKED


async def test_processes_that_are_hidden_from_us_are_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(its: psutil.Process, kind: str) -> list[Any]:
        if its.name() == "livekit-server":
            raise psutil.AccessDenied
        return list(seen(its, kind=kind))

    seen = psutil.Process.net_connections
    monkeypatch.setattr(psutil.Process, "net_connections", denied)
    async with running(tmp_path, monkeypatch) as its:
        assert (await its.look(egress_deny.PROBE)).status is Status.NOTHING_SEEN


SEEN = {
    "times": 40,
    "hidden": 0,
    "programs": ["klausur", "livekit-server", "sh"],
    "listening": 3,
    "incoming": 4,
    "at_home": 2,
    "outgoing": [["klausur", "tcp", "192.0.2.5 5432", 40]],
    "engine": "livekit-server",
    "set_up": ["192.0.2.5"],
}


def test_the_database_that_was_set_up_is_nobody_else() -> None:
    assert egress_deny.judge(SEEN, {}).status is Status.PASS


@pytest.mark.parametrize(
    ("outgoing", "said"),
    [
        ([["livekit-server", "tcp", "203.0.113.9 443", 1]], "livekit-server: 203.0.113.9:443 (tcp)"),
        ([["klausur", "udp", "2001:db8::7 443", 2]], "klausur: [2001:db8::7]:443 (udp)"),
        ([["sh", "tcp", "192.0.2.55 53", 2]], "sh: 192.0.2.55:53 (tcp)"),
    ],
)
def test_one_connection_is_enough(outgoing: list[list[Any]], said: str) -> None:
    judged = egress_deny.judge(SEEN | {"outgoing": outgoing}, {})
    assert judged.status is Status.FAIL
    assert said in judged.says.en


def test_names_are_asked_for_only_where_something_was_set_up() -> None:
    asking = SEEN | {"outgoing": [["klausur", "udp", "192.0.2.1 53", 1]]}
    assert egress_deny.judge(asking, {}).status is Status.PASS
    assert egress_deny.judge(asking | {"set_up": []}, {}).status is Status.FAIL


@pytest.mark.parametrize(
    "lacking",
    [{"engine": None}, {"programs": ["klausur"]}, {"times": 1}, {"incoming": 0}, {"listening": 0}, {"hidden": 2}],
)
def test_what_was_not_seen_is_no_pass(lacking: dict[str, Any]) -> None:
    assert egress_deny.judge(SEEN | lacking, {}).status is Status.NOTHING_SEEN
