"""The real engine: where it is, and one that runs."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from klausur.media.engine import EmbeddedEngine, Pace
from klausur.media.preflight import EngineSettings

BRISK = replace(Pace(), probe_every=0.05, probe_timeout=0.2, first_pause=0.01)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("engine")


@pytest.fixture(scope="session")
def binary() -> Path:
    named = os.environ.get("KLAUSUR_ENGINE_BINARY")  # noqa: TID251 - this is where tests are told
    found = Path(named) if named else Path(sys.executable).with_name("livekit-server")
    assert found.exists(), "There is no media engine: run script/setup, or set KLAUSUR_ENGINE_BINARY."
    return found


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(binary: Path) -> EngineSettings:
    """As without PUBLIC_URL."""
    return EngineSettings(
        binary=binary,
        addresses=["127.0.0.1"],
        udp_port=free_udp_port(),
        tcp_port=7881,
        local_only=True,
        max_participants=50,
    )


@pytest.fixture
async def engine(settings: EngineSettings) -> AsyncIterator[EmbeddedEngine]:
    ready = EmbeddedEngine(settings, pace=BRISK)
    await ready.start()
    yield ready
    await ready.stop()
