"""Who the server says it is, and what comes of asking it without encryption."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from klausur.api.server import Serving
from klausur.compliance.evidence import Status
from klausur.compliance.live import browser
from klausur.compliance.probes import tls_certificate, tls_redirect
from klausur.compliance.running import outside
from klausur.compliance.target import Target, damaged
from klausur.settings import plain
from tests.compliance.probes.running import Installed, installed
from tests.compliance.probes.tls import identity


@asynccontextmanager
async def encrypted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[Path, Path]
) -> AsyncIterator[Installed]:
    """With the product's own TLS, and a machine that trusts its certificate."""
    chain, key = files
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    monkeypatch.setattr("tests.compliance.probes.running.Serving", partial(Serving, tls_cert=chain, tls_key=key))
    async with installed(folder, tls_cert=chain, tls_key=key) as its:
        context = ssl.create_default_context(cafile=chain)
        async with httpx.AsyncClient(base_url=its.target.url, verify=context, trust_env=False) as http:
            its.target = Target(its.target.url, http, plain(its.house.settings))
            yield its


async def test_a_certificate_that_names_the_server_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its:
        assert "valid for localhost" in await its.is_green(tls_certificate.PROBE)
        seen = await its.look(tls_certificate.PROBE)
        assert all(judged.expires_at is not None for judged in seen.judged.values())


async def test_a_run_reaches_an_installation_that_only_its_own_organisation_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its,
        outside(its.target.url, its.target.settings) as stranger,
    ):
        assert (await stranger.get("/healthz")).status_code == httpx.codes.OK


async def test_browsers_of_a_check_are_told_of_a_certificate_that_this_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have a list of authorities of their own."""
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its:
        told = await browser.vouched_for(its.target.url)
        certificate = x509.load_pem_x509_certificate((tmp_path / "chain.pem").read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert b64decode(told) == hashlib.sha256(key).digest()
        monkeypatch.delenv("SSL_CERT_FILE")
        assert await browser.vouched_for(its.target.url) == "", "one that nobody trusts is refused"
    assert await browser.vouched_for("http://localhost:1") == await browser.vouched_for("https://localhost:1") == ""


async def test_a_certificate_that_has_run_out_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path, days=-1)) as its:
        assert "expired" in await its.is_red(tls_certificate.PROBE)


async def test_a_certificate_for_another_name_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path, name="other.example")) as its:
        assert "localhost" in await its.is_red(tls_certificate.PROBE)


async def test_a_key_that_is_too_short_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = rsa.generate_private_key(65537, 2048)
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path, key=short)) as its:
        assert "RSA 2048" in await its.is_red(tls_certificate.PROBE)


def test_outdated_digests_and_nameless_addresses_are_told_apart() -> None:
    fine = {"refusal": "", "name": "a.example", "key": ["EC", 256], "digest": "sha256"}
    fine |= {"not_after": "2027-01-01T00:00:00+00:00"}
    assert tls_certificate.judge(fine, {}).status is Status.PASS
    assert tls_certificate.judge(fine | {"digest": "sha1"}, {}).status is Status.FAIL
    assert tls_certificate.judge(fine | {"key": ["DSA", 4096]}, {}).status is Status.FAIL
    assert tls_certificate.judge(fine | {"name": ""}, {}).status is Status.NOTHING_SEEN


@asynccontextmanager
async def without_encryption(monkeypatch: pytest.MonkeyPatch, answer: str) -> AsyncIterator[None]:
    """A proxy's port for who comes without."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head, _, body = answer.partition("\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        monkeypatch.setattr(tls_redirect, "_PLAIN_PORT", server.sockets[0].getsockname()[1])
        yield


async def test_where_nobody_answers_without_encryption_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_redirect, "_PLAIN_PORT", 9)
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its:
        assert "Of 8 requests without encryption 8 had no answer" in await its.is_green(tls_redirect.PROBE)


@pytest.mark.parametrize(
    "answer",
    [
        "301 Moved\r\nLocation: {site}/",
        "302 Found\r\nLocation: {site}/",
        "303 See Other\r\nLocation: {site}/",
        "307 Temporary Redirect\r\nLocation: {site}/",
        "308 Permanent Redirect\r\nLocation: {site}/",
        "403 Forbidden\r\nContent-Type: text/html\r\n\r\n<h1>403 Forbidden</h1>\n",
        "404 Not Found\r\nContent-Length: 0",
        "421 Misdirected Request\r\nContent-Type: text/plain\r\n\r\nnothing of localhost here",
    ],
)
async def test_the_way_to_the_encrypted_address_and_a_refusal_are_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    async with (
        encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its,
        without_encryption(monkeypatch, answer.replace("{site}", its.target.url)),
    ):
        assert "4 had no answer" in await its.is_green(tls_redirect.PROBE)


@pytest.mark.parametrize(
    "answer",
    [
        "301 Moved\r\nLocation: https://elsewhere.example/",
        "302 Found\r\nLocation: http://localhost/signin",
        "301 Moved\r\nLocation: {site}/\r\nSet-Cookie: seen=1",
        "404 Not Found\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>Klausur</title>",
        '404 Not Found\r\nContent-Type: application/json\r\n\r\n{"code": "not_found"}',
        "403 Forbidden\r\nContent-Type: text/html\r\n\r\n" + 3000 * "x",
        "404 Not Found\r\nLocation: http://localhost/signin",
        "410 Gone\r\nContent-Length: 0",
    ],
)
async def test_whatever_else_is_answered_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    async with (
        encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its,
        without_encryption(monkeypatch, answer.replace("{site}", its.target.url)),
    ):
        assert "http://localhost" in await its.is_red(tls_redirect.PROBE)


def test_a_refusal_on_the_encrypted_port_is_none_of_a_proxys() -> None:
    """There it takes what comes without encryption for a mistake, and says so."""
    plain = {"address": "http://a.example:443/", "headers": [], "bytes": 0, "ours": False}
    seen = {"encrypted": 200, "remembers": ["max-age=63072000"], "site": "https://a.example"}
    for status, port, judged in ((404, 443, Status.FAIL), (400, 443, Status.PASS), (404, 80, Status.PASS)):
        answers = [plain | {"status": status, "port": port}]
        assert tls_redirect.judge(seen | {"plain": answers}, {}).status is judged, (status, port)


async def test_browsers_that_are_not_told_to_stay_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        answer.headers["strict-transport-security"] = "max-age=3600"
        return answer

    monkeypatch.setattr(tls_redirect, "_PLAIN_PORT", 9)
    async with encrypted(tmp_path, monkeypatch, identity(tmp_path)) as its, damaged(its.target, forgets) as broken:
        its.target = broken
        assert "strict-transport-security" in await its.is_red(tls_redirect.PROBE)


async def test_where_there_is_no_tls_there_is_nothing_to_be_led_to(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        for probe in (tls_certificate.PROBE, tls_redirect.PROBE):
            assert (await its.look(probe)).status is Status.BLOCKED
        its.target = replace(its.target, url="https://127.0.0.1:9")
        assert (await its.look(tls_certificate.PROBE)).status is Status.BLOCKED
        unseen = {"encrypted": 503, "plain": [], "remembers": []}
        assert tls_redirect.judge(unseen, {}).status is Status.NOTHING_SEEN
