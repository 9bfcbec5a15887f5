"""What the answers of Hanna's installation say besides, also where something stands before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import http_headers
from klausur.compliance.target import damaged
from tests.compliance.probes.running import Installed, installed


async def behind_a_proxy(its: Installed, **says: str) -> Any:
    """What is found of answers to which it adds its own headers."""

    def adds(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        answer.headers.update({name.replace("_", "-"): value for name, value in says.items()})
        return answer

    async with damaged(its.target, adds) as its.target:
        return await its.look(http_headers.PROBE)


async def test_every_answer_has_all_of_them(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "carried all headers" in await its.is_green(http_headers.PROBE)


@pytest.mark.parametrize(
    "says",
    [
        {"server": "nginx"},
        {"server": "Caddy", "via": "1.1 Caddy"},
        {"via": "1.1 vegur, HTTP/2 proxy"},
        {"x_powered_by": "Express"},
    ],
)
async def test_a_proxy_may_say_what_it_is(tmp_path: Path, says: dict[str, str]) -> None:
    async with installed(tmp_path) as its:
        assert (await behind_a_proxy(its, **says)).status is Status.PASS


@pytest.mark.parametrize(
    "says",
    [
        {"server": "nginx/1.24.0 (Ubuntu)"},
        {"server": "uvicorn"},
        {"server": "Python"},
        {"via": "1.1 Caddy, 1.1 LiveKit"},
        {"via": "1.1 squid (squid/6.1)"},
        {"x_powered_by": "PHP/8.3"},
    ],
)
async def test_versions_and_what_is_ours_are_noticed(tmp_path: Path, says: dict[str, str]) -> None:
    async with installed(tmp_path) as its:
        seen = await behind_a_proxy(its, **says)
        assert seen.status is Status.FAIL
        assert next(iter(says)).replace("_", "-") in seen.says.en
