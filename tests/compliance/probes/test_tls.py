"""TLS as the whole world finds it at the installation's address: here, on loopback, with the product's own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from klausur.api.server import Serving
from klausur.compliance.evidence import Status
from klausur.compliance.probes import tls_suites, tls_versions
from klausur.compliance.probing import Probe
from tests.compliance.probes.running import Installed, installed
from tests.compliance.probes.tls import identity

pytestmark = pytest.mark.timeout(600)  # what makes the handshakes takes its time to load


@asynccontextmanager
async def terminated(folder: Path, choose: Callable[[ssl.SSLContext], None]) -> AsyncIterator[Installed]:
    """Behind a proxy that ends TLS, ``choose`` says how."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity(folder))
    choose(context)

    async def end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(end, "127.0.0.1", 0, ssl=context) as proxy, installed(folder) as its:
        port = proxy.sockets[0].getsockname()[1]
        its.target = replace(its.target, url=f"https://127.0.0.1:{port}")
        yield its


async def test_the_products_own_tls_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, key = identity(tmp_path)
    own = partial(Serving, tls_cert=chain, tls_key=key)
    monkeypatch.setattr("tests.compliance.probes.running.Serving", own)
    async with installed(tmp_path, tls_cert=chain, tls_key=key) as its:
        its.target = replace(its.target, url=its.target.url.replace("localhost", "127.0.0.1"))
        assert "Only TLS 1.2, TLS 1.3" in await its.is_green(tls_versions.PROBE)
        assert "forward secrecy" in await its.is_green(tls_suites.PROBE)


async def test_suites_that_do_not_authenticate_are_noticed(tmp_path: Path) -> None:
    """Where the twin's fault is that keys are not made afresh."""
    async with terminated(tmp_path, lambda context: context.set_ciphers("ECDHE+AES:ECDHE+AESGCM")) as its:
        assert "_CBC_SHA" in await its.is_red(tls_suites.PROBE)


def test_versions_and_suites_are_told_apart() -> None:
    assert tls_versions.judge({"versions": ["SSL 3.0", "TLS 1.2"]}, {}).status is Status.FAIL
    assert tls_versions.judge({"versions": []}, {}).status is Status.NOTHING_SEEN
    assert tls_suites.judge({"suites": {}}, {}).status is Status.NOTHING_SEEN
    for version, name, status in (
        ("TLS 1.3", "TLS_AES_256_GCM_SHA384", Status.PASS),
        ("TLS 1.3", "TLS_SHA256_SHA256", Status.FAIL),
        ("TLS 1.2", "TLS_ECDH_anon_WITH_AES_128_GCM_SHA256", Status.FAIL),
        ("TLS 1.2", "TLS_DHE_RSA_WITH_AES_256_CCM_8", Status.PASS),
        ("TLS 1.2", "TLS_AES_256_GCM_SHA384", Status.FAIL),
    ):
        assert tls_suites.judge({"suites": {version: [name]}}, {}).status is status, name


@pytest.mark.parametrize("probe", [tls_versions.PROBE, tls_suites.PROBE])
async def test_where_there_is_no_tls_there_is_none_to_look_at(tmp_path: Path, probe: Probe) -> None:
    async with installed(tmp_path) as its:
        seen = await its.look(probe)
        assert (seen.status, "no TLS" in seen.says.en) == (Status.BLOCKED, True)


async def test_an_address_at_which_nobody_answers_is_not_judged(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, url="https://127.0.0.1:9")
        assert (await its.look(tls_versions.PROBE)).status is Status.BLOCKED
