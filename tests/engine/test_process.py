"""The real engine as our child: it comes up, comes back, tells nobody anything, and never outlives us."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from klausur.media.engine import EmbeddedEngine
from klausur.media.nodes import EngineNotStartedError, answers
from klausur.media.preflight import EngineSettings
from tests.engine.conftest import BRISK, free_udp_port


def process(engine: EmbeddedEngine) -> psutil.Process:
    assert engine.pid is not None
    return psutil.Process(engine.pid)


async def gone(child: psutil.Process) -> bool:
    """Waits for it; a process that is dead but not yet waited for counts."""
    loop = asyncio.get_running_loop()

    def dead() -> bool:
        try:
            return child.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    async with asyncio.timeout(20):
        while not dead():
            await loop.run_in_executor(None, psutil.wait_procs, [child], 0.02)
    return True


async def came_back(engine: EmbeddedEngine, before: int) -> bool:
    async with asyncio.timeout(30):
        while engine.restarts == before or not engine.healthy:
            await engine.wait_healthy(0.05)
            await asyncio.sleep(0)
    return True


def peers(sockets: Iterable[Any]) -> set[str]:
    return {where.raddr.ip for where in sockets if where.raddr}


# --- running ----------------------------------------------------------------------------------------------------------


async def test_it_is_up_when_start_returns(engine: EmbeddedEngine) -> None:
    assert engine.healthy
    assert answers(engine.urls[0], 5)


async def test_no_secret_is_on_a_command_line(engine: EmbeddedEngine) -> None:
    us = psutil.Process()
    family = us.children(recursive=True)
    assert process(engine) in family
    for each in family:
        assert engine.key.secret not in " ".join(each.cmdline())
        assert engine.key.name not in " ".join(each.cmdline())


async def test_it_gets_nothing_else_of_our_environment(engine: EmbeddedEngine) -> None:
    """LiveKit would take settings from there: LIVEKIT_KEYS, NODE_IP, REDIS_HOST and many more."""
    assert set(process(engine).environ()) <= {"LIVEKIT_CONFIG", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}


async def test_without_a_public_url_it_is_reachable_on_loopback_only(
    engine: EmbeddedEngine, settings: EngineSettings
) -> None:
    sockets = process(engine).net_connections()
    assert {where.laddr.ip for where in sockets} == {"127.0.0.1"}
    assert {where.laddr.port for where in sockets if where.type is socket.SOCK_DGRAM} == {settings.udp_port}
    # It has spoken to nobody but to those who asked how it is.
    assert peers(sockets) <= {"127.0.0.1"}


async def test_with_one_only_its_media_ports_are_reachable(settings: EngineSettings) -> None:
    tcp = free_udp_port()
    engine = EmbeddedEngine(replace(settings, local_only=False, tcp_port=tcp), pace=BRISK)
    await engine.start()
    sockets = process(engine).net_connections()
    reachable = {where.laddr.port for where in sockets if where.laddr.ip != "127.0.0.1"}
    await engine.stop()
    assert tcp in reachable
    assert reachable <= {tcp, settings.udp_port}


# --- failing ----------------------------------------------------------------------------------------------------------


async def test_killed_it_comes_back(engine: EmbeddedEngine) -> None:
    before = process(engine)
    before.kill()
    assert await came_back(engine, 0)
    assert process(engine).pid != before.pid
    assert answers(engine.urls[0], 5)


async def test_killed_again_and_again_it_still_comes_back(engine: EmbeddedEngine) -> None:
    for times in range(3):
        process(engine).kill()
        assert await came_back(engine, times)


async def test_an_engine_that_hangs_is_replaced(engine: EmbeddedEngine) -> None:
    before = process(engine)
    before.suspend()
    assert await came_back(engine, 0)
    assert process(engine).pid != before.pid
    assert await gone(before)


async def test_when_only_the_leash_is_killed_the_engine_is_replaced_and_not_forgotten(engine: EmbeddedEngine) -> None:
    before = process(engine)
    leash = before.parent()
    assert leash is not None
    leash.kill()
    assert await came_back(engine, 0)
    assert await gone(before)
    assert process(engine).parent() != leash


async def test_why_it_cannot_come_back_is_logged_and_it_comes_when_it_can(
    tmp_path: Path, settings: EngineSettings
) -> None:
    installed = tmp_path / "livekit-server"
    installed.symlink_to(settings.binary)
    engine = EmbeddedEngine(replace(settings, binary=installed), pace=BRISK)
    await engine.start()
    with capture_logs() as logs:
        installed.unlink()
        process(engine).kill()
        async with asyncio.timeout(20):
            while not any("ENGINE_BINARY" in str(line.get("reason")) for line in logs):
                await engine.wait_healthy(0.05)
                await asyncio.sleep(0)
        assert not engine.healthy
        installed.symlink_to(settings.binary)
        assert await engine.wait_healthy(20)
    await engine.stop()


# --- not starting -----------------------------------------------------------------------------------------------------


async def test_a_taken_port_stops_the_start_with_a_sentence(settings: EngineSettings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", settings.udp_port))
        engine = EmbeddedEngine(settings)
        with pytest.raises(EngineNotStartedError) as refused:
            await engine.start()
        await engine.stop()
    assert refused.value.setting == "MEDIA_UDP_PORT"
    assert not psutil.Process().children(recursive=True)


async def test_an_engine_that_dies_at_once_says_why(tmp_path: Path, settings: EngineSettings) -> None:
    """LiveKit's exit status is 0 then, so its last line is all there is."""
    liar = tmp_path / "livekit-server"
    liar.write_text('#!/bin/sh\n[ "$1" ] && echo livekit-server version 1.13.5 || echo cannot go on, 203.0.113.7\n')
    liar.chmod(0o755)
    engine = EmbeddedEngine(replace(settings, binary=liar))
    with pytest.raises(EngineNotStartedError, match="cannot go on, <address>") as refused:
        await engine.start()
    await engine.stop()
    assert refused.value.setting == "ENGINE_BINARY"


# --- ending -----------------------------------------------------------------------------------------------------------


async def test_stopped_it_is_gone_with_its_leash(settings: EngineSettings) -> None:
    engine = EmbeddedEngine(settings)
    await engine.start()
    child = process(engine)
    await engine.stop()
    assert not child.is_running()
    assert not psutil.Process().children(recursive=True)
    assert not engine.healthy
    assert engine.urls == ()


async def test_stopped_while_it_hangs_it_is_gone_too(settings: EngineSettings) -> None:
    engine = EmbeddedEngine(settings)
    await engine.start()
    child = process(engine)
    child.suspend()
    await engine.stop()
    assert await gone(child)


SERVER = """
import asyncio, json, signal, sys
from pathlib import Path
from typing import Any
from klausur.media.engine import EmbeddedEngine
from klausur.media.preflight import EngineSettings

async def main():
    told = json.loads(sys.argv[1])
    engine = EmbeddedEngine(EngineSettings(Path(told["binary"]), ["127.0.0.1"], told["port"], 0, True, 50))
    await engine.start()
    print(engine.pid, flush=True)
    await asyncio.Event().wait()

# Whoever runs the tests under nohup has handed down that hanging up is nothing to die of.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGHUP])
async def test_it_does_not_outlive_us_however_we_die(settings: EngineSettings, how: signal.Signals) -> None:
    told = json.dumps({"binary": str(settings.binary), "port": settings.udp_port})
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, told, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    while not (said := (await server.stdout.readline()).strip()).isdigit():
        assert said, "it did not start"
    child = psutil.Process(int(said))
    leash = child.parent()
    assert leash is not None
    server.send_signal(how)
    await server.wait()
    assert await gone(child)
    assert await gone(leash)
