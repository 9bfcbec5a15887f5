"""A whole installation, a real engine, a real browser: what a check sees of them, and of their damaged twin."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from klausur import build
from klausur.check_lock import only_check
from klausur.compliance.cast import peopled
from klausur.compliance.evidence import Status
from klausur.compliance.model import Asking
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Vantage, look
from klausur.compliance.running import outside
from klausur.compliance.target import Target
from klausur.domain.ports import Clock
from klausur.settings import Settings, plain, read
from tests.cli.test_commands import free_port
from tests.engine.conftest import free_udp_port

pytestmark = [pytest.mark.engine, pytest.mark.timeout(480)]

NOT_MET_YET = {
    "e2ee.removed-blind": "readable with the keys of the person removed",
    "e2ee.verified-devices": "no value to compare",
    "media.transport": "SRTP_AES128_CM_HMAC_SHA1_80",
}
"""What this release really fails in, and what is said about it."""
WATCHING = sorted(name for name, probe in ALL.items() if probe.vantage is Vantage.BROWSER)


def engine() -> str:
    named = os.environ.get("KLAUSUR_ENGINE_BINARY")  # noqa: TID251 - this is where tests are told
    return named or str(Path(sys.executable).with_name("livekit-server"))


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    told = {
        "KLAUSUR_DATA": str(settings.data),
        "KLAUSUR_PORT": str(settings.port),
        "KLAUSUR_MEDIA_UDP_PORT": str(free_udp_port()),
        "KLAUSUR_MEDIA_TCP_PORT": str(free_port()),
        "KLAUSUR_ENGINE_BINARY": engine(),
        "KLAUSUR_OPERATOR_NAME": "Example e. V.",
        "KLAUSUR_OPERATOR_CONTACT": "hanna@example.org",
    }
    with subprocess.Popen([sys.executable, "-m", "klausur", "serve"], env=told, stderr=subprocess.DEVNULL) as server:
        try:
            ready(settings.site.geturl(), server)
            yield
        finally:
            server.terminate()


def ready(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    with httpx.Client(base_url=url, trust_env=False, transport=httpx.HTTPTransport(retries=8)) as http:
        while time.monotonic() < until and server.poll() is None:
            try:
                if http.get("/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                continue
    raise AssertionError("The server did not start.")


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[tuple[Target, Clock]]:
    chosen = {"data": str(tmp_path / "data"), "port": free_port(), "operator_name": "Example e. V."}
    settings = read(chosen, {}).settings
    # Locked as any check: else the server, which judges anew by itself, would clear this one's accounts away.
    with serving(settings), only_check(settings.data):
        async with (
            build.people_of(settings) as people,
            outside(settings.site.geturl(), plain(settings)) as stranger,
            peopled(stranger, people.store, people.clock) as its,
        ):
            yield its, people.clock


async def test_each_probe_that_watches_finds_its_twin_bad_and_says_what_is_true(target: tuple[Target, Clock]) -> None:
    its, clock = target
    for name in WATCHING:
        seen = await look(ALL[name], its, (Asking(name, ()),), clock)
        expected = Status.FAIL if name in NOT_MET_YET else Status.PASS
        assert seen.status is expected, (name, seen.says)
        assert NOT_MET_YET.get(name, "") in seen.says.en, name
