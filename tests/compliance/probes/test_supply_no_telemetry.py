"""Whether anything reports to anybody."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.exports.locks import CHECKOUT, FILES
from klausur.compliance.probes import supply_no_telemetry
from klausur.compliance.target import damaged
from klausur.media.nodes import ApiKey
from klausur.media.preflight import EngineSettings, configuration
from tests.compliance.probes.running import Installed, installed

UDP = 17882
APP = "import './late-abcdefgh.js'\nthrow Error('https://svelte.dev/e/lost')\n"
KEY = ApiKey("key", "s" * 32)


def told(binary: Path) -> dict[str, Any]:
    """What the engine is configured with."""
    settings = EngineSettings(binary, ["127.0.0.1"], UDP, 0, local_only=True, max_participants=9)
    config: dict[str, Any] = json.loads(configuration(settings, KEY, 7880, "http://127.0.0.1:9/hook"))
    return config


@pytest.fixture(autouse=True)
def _own_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.compliance.probes.running.pages", lambda _folder: None)


def pages(folder: Path, late: str = "fetch('/api/session')\n") -> None:
    assets = folder / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-ABCDEF12.js").write_text(APP)
    (assets / "late-abcdefgh.js").write_text(late)
    script = '<script type="module" src="/assets/index-ABCDEF12.js"></script>'
    page = f"<!doctype html><html lang='en'><title>Klausur</title>{script}</html>"
    (folder / "dist" / "index.html").write_text(page)


@asynccontextmanager
async def running(folder: Path, more: dict[str, Any] | None = None, **variables: str) -> AsyncIterator[Installed]:
    """With a process in the engine's place, started as the engine is. ``more``: of its configuration."""
    program = folder / "livekit-server"
    shutil.copy(str(shutil.which("sleep")), program)
    environment = {"LIVEKIT_CONFIG": json.dumps(told(program) | (more or {})), "PATH": "/usr/bin:/bin", **variables}
    process = await asyncio.create_subprocess_exec(program, "600", env=environment)
    try:
        async with installed(folder, engine_binary=program, media_udp_port=UDP) as its:
            yield its
    finally:
        process.kill()
        await process.wait()


async def test_nothing_reports_to_anybody(tmp_path: Path) -> None:
    pages(tmp_path)
    async with running(tmp_path, PWD="/", SHLVL="0") as its:
        assert "3 files of the client" in await its.is_green(supply_no_telemetry.PROBE)
        seen = await its.look(supply_no_telemetry.PROBE)
        # Of the engine's keys nothing is written down.
        assert KEY.secret not in str(seen.evidence)


async def test_what_the_shell_sets_that_starts_the_engine_is_no_address(tmp_path: Path) -> None:
    pages(tmp_path)
    async with running(tmp_path, PWD="/", OLDPWD="/", SHLVL="1", _="/bin/sh") as its:
        await its.is_green(supply_no_telemetry.PROBE)


@pytest.mark.parametrize(
    ("late", "found"),
    [
        ("new Image().src = `//pixel.tracker.example/${id}`", "pixel.tracker.example"),
        ("new WebSocket('wss://live.collector.example/in')", "live.collector.example"),
        ("navigator.sendBeacon('/left', document.title)", "sendBeacon"),
    ],
)
async def test_a_file_far_behind_the_first_page_that_reports_is_noticed(tmp_path: Path, late: str, found: str) -> None:
    pages(tmp_path, late)
    async with running(tmp_path) as its:
        assert found in await its.is_red(supply_no_telemetry.PROBE)


async def test_browsers_that_are_asked_for_reports_are_noticed(tmp_path: Path) -> None:
    def asking(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        answer.headers["nel"] = '{"report_to":"us"}'
        return answer

    pages(tmp_path)
    async with running(tmp_path) as its, damaged(its.target, asking) as asks:
        its.target = asks
        assert "nel" in await its.is_red(supply_no_telemetry.PROBE)


async def test_a_component_that_reports_crashes_is_noticed(tmp_path: Path) -> None:
    pages(tmp_path)
    copied = tmp_path / "release"
    (copied / "engine").mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(CHECKOUT / name, copied / name)
    with (copied / "requirements.lock").open("a") as listed:
        listed.write(f"sentry-sdk==3.0.0 \\\n    --hash=sha256:{'0' * 64}\n")
    async with running(tmp_path) as its:
        its.target = replace(its.target, release=copied)
        assert "sentry-sdk 3.0.0" in await its.is_red(supply_no_telemetry.PROBE)


async def test_a_media_engine_that_is_told_where_to_report_is_noticed(tmp_path: Path) -> None:
    pages(tmp_path)
    async with running(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.example:4318") as its:
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in await its.is_red(supply_no_telemetry.PROBE)


async def test_a_media_engine_with_more_options_than_we_give_it_is_noticed(tmp_path: Path) -> None:
    pages(tmp_path)
    more = {"trace": {"jaeger_url": "http://j.example"}, "webhook": {"urls": ["https://hooks.example/in"]}}
    async with running(tmp_path, more) as its:
        told_ = await its.is_red(supply_no_telemetry.PROBE)
        assert "livekit-server: trace" in told_
        assert "livekit-server: hooks.example" in told_


async def test_an_engine_that_cannot_be_seen_shows_nothing(tmp_path: Path) -> None:
    pages(tmp_path)
    async with installed(tmp_path, engine_binary=tmp_path / "nowhere") as its:
        assert (await its.look(supply_no_telemetry.PROBE)).status is Status.NOTHING_SEEN


async def test_pages_that_were_not_seen_show_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as its:
        evidence = await supply_no_telemetry.collect(its.target)
        assert supply_no_telemetry.judge(evidence, {}).status is Status.NOTHING_SEEN
        its.target = replace(its.target, release=tmp_path)
        (tmp_path / "requirements.lock").write_text("")
        assert (await its.look(supply_no_telemetry.PROBE)).status is Status.BLOCKED
