"""What stands on every answer and before every route."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.api.errors import STATUS, TITLE
from klausur.api.headers import ALWAYS
from klausur.api.network import WhoAsks
from klausur.domain import errors
from tests.house import ORIGIN, House, Refused, house, open_socket

EVERYWHERE = [
    ("GET", "/"),
    ("GET", "/m/AAAA"),
    ("GET", "/privacy"),
    ("GET", "/nothing"),
    ("GET", "/assets/../../etc/passwd"),
    ("GET", "/assets/app-4f2a.js"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/operator"),
    ("GET", "/api/nothing"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/meetings/x"),
    ("POST", "/api/meetings"),
    ("POST", "/"),
    ("PATCH", "/api/operator"),
    ("GET", "/rtc"),
    ("GET", "/rtc/v1/validate"),
    ("OPTIONS", "/rtc/v1/validate"),
    ("GET", "/docs"),
    ("GET", "/redoc"),
]


def client_files(folder: Path) -> None:
    (folder / "dist/assets").mkdir(parents=True)
    (folder / "dist/index.html").write_text('<!doctype html><html lang="en"><title>Klausur</title>' + " " * 500)
    (folder / "dist/assets/app-4f2a.js").write_text("export const long = 1;\n" * 50)
    (folder / "dist/assets/password.worker-Bx_9-1.js").write_text("onmessage = () => 1\n")
    (folder / "dist/icon.svg").write_text("<svg/>")
    (folder / "dist/.vite").mkdir()
    (folder / "dist/.vite/manifest.json").write_text("{}")


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_every_answer_carries_the_standing_headers(tmp_path: Path, method: str, path: str) -> None:
    client_files(tmp_path)
    async with house(tmp_path) as built:
        answer = await built.browser.request(method, path)
        for name, value in ALWAYS:
            assert answer.headers.get_list(name.decode()) == [value.decode()], (path, name)
        stored = "immutable" if path.startswith("/assets/app") else "no-store"
        assert stored in answer.headers["cache-control"]
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers
        if answer.status_code >= 400 and not answer.headers["content-type"].startswith("text/html"):
            assert_problem(answer)


@pytest.mark.parametrize("path", ["/", "/m/abc", "/m/abc/", "/m/"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_the_page_is_served_in_the_operators_language(tmp_path: Path, path: str, encoding: str) -> None:
    client_files(tmp_path)
    async with house(tmp_path, language="de") as built:
        answer = await built.browser.get(path, headers={"accept-encoding": encoding})
        assert answer.status_code == 200
        assert '<html data-language="de" data-operator="" lang="en">' in answer.text


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_the_page_says_whose_it_is(tmp_path: Path, encoding: str) -> None:
    client_files(tmp_path)
    async with house(tmp_path, operator_name='"><script>&Co', operator_contact="hanna@example.org") as built:
        answer = await built.browser.get("/m/abc", headers={"accept-encoding": encoding})
        assert 'data-operator="&quot;&gt;&lt;script&gt;&amp;Co" lang="en">' in answer.text


async def test_what_lies_behind_a_meetings_address_is_not_there(tmp_path: Path) -> None:
    client_files(tmp_path)
    async with house(tmp_path) as built:
        for path in ("/m/abc/def", "/m/abc//", "/m"):
            assert (await built.browser.get(path)).status_code == 404


def test_the_policy_names_each_feature_once_and_turns_off_what_no_page_of_ours_uses() -> None:
    features = [part.strip().partition("=") for part in dict(ALWAYS)[b"permissions-policy"].decode().split(",")]
    names = [name for name, _, _ in features]
    assert len(names) == len(set(names))
    told = {name: who for name, _, who in features}
    assert told["camera"] == "(self)"
    assert {told[name] for name in ("aria-notify", "digital-credentials-get", "language-model", "translator")} == {"()"}


def assert_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "code"}
    assert told["status"] == answer.status_code == STATUS[told["code"]]


def test_every_error_of_the_domain_has_a_status_and_a_title() -> None:
    found, todo = set(), [errors.KlausurError]
    while todo:
        kind = todo.pop()
        found.add(kind.code)
        todo += [each for each in kind.__subclasses__() if each.__module__ == errors.__name__]
    assert found == set(STATUS) == set(TITLE)


async def test_pages_are_one_page_and_what_is_not_there_says_so_in_it(tmp_path: Path) -> None:
    client_files(tmp_path)
    async with house(tmp_path) as built:
        for path, status in (("/", 200), ("/m/x", 200), ("/setup", 200), ("/m/x/y", 404), ("/index.html", 404)):
            answer = await built.browser.get(path)
            assert (answer.status_code, answer.text[:15]) == (status, "<!doctype html>"), path
        assert (await built.browser.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
        script = await built.browser.get("/assets/app-4f2a.js", headers={"accept-encoding": "gzip"})
        assert script.headers["content-encoding"] == "gzip"
        plain = await built.browser.get("/assets/app-4f2a.js", headers={"accept-encoding": "identity"})
        assert plain.content == script.content
        assert (await built.browser.head("/")).content == b""


async def test_only_the_script_that_counts_with_passwords_may_run_webassembly(tmp_path: Path) -> None:
    client_files(tmp_path)
    policies = {}
    async with house(tmp_path) as built:
        for path in ("/", "/signin", "/assets/app-4f2a.js", "/assets/password.worker-Bx_9-1.js"):
            policies[path] = (await built.browser.get(path)).headers.get_list("content-security-policy")
    standing = dict(ALWAYS)[b"content-security-policy"].decode()
    [worker] = policies.pop("/assets/password.worker-Bx_9-1.js")
    assert set(map(tuple, policies.values())) == {(standing,)}
    assert set(worker.split("; ")) ^ set(standing.split("; ")) == {
        "script-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
    }


async def test_what_the_build_leaves_for_tools_is_not_served(tmp_path: Path) -> None:
    client_files(tmp_path)
    async with house(tmp_path) as built:
        answer = await built.browser.get("/.vite/manifest.json")
        assert (answer.status_code, answer.text[:15]) == (404, "<!doctype html>")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/icon.svg", "GET, HEAD"),
        ("PATCH", "/api/operator", "GET"),
        ("GET", "/api/meetings", "POST"),
        ("POST", "/api/meetings/x/card", "PUT"),
        ("POST", "/api/openapi.json", "GET, HEAD"),
        ("POST", "/rtc/v1/validate", "GET, HEAD"),
        ("OPTIONS", "/rtc/v1/validate", "GET, HEAD"),
    ],
)
async def test_a_method_that_there_is_not_is_answered_with_those_that_there_are(
    the_house: House, method: str, path: str, allowed: str
) -> None:
    answer = await the_house.browser.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert_problem(answer)


async def test_without_a_built_client_there_is_nothing_and_no_crash(the_house: House) -> None:
    assert (await the_house.browser.get("/")).status_code == 404


@pytest.mark.parametrize(
    "host", ["otto.example", "localhost:8001", "localhost.otto.example:8000", "", "localhost:8000@otto.example"]
)
async def test_another_hosts_name_is_refused(the_house: House, host: str) -> None:
    answer = await the_house.browser.get("/", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"])
async def test_loopback_has_three_names(the_house: House, host: str) -> None:
    assert (await the_house.browser.get("/api/operator", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://otto.example", "null", "http://localhost:8001", "https://localhost:8000", ""]
)
async def test_pages_of_others_change_nothing(the_house: House, origin: str) -> None:
    answer = await the_house.browser.post("/api/meetings", json={}, headers={"origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")


async def test_two_hosts_or_origins_are_none(the_house: House) -> None:
    twice = [("origin", ORIGIN), ("origin", ORIGIN)]
    async with httpx.AsyncClient(transport=the_house.browser._transport, base_url=ORIGIN) as bare:
        assert (await bare.post("/api/meetings", json={}, headers=twice)).status_code == 403
        assert (await bare.post("/api/meetings", json={})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"host_public_key": 1, "link_proof_hash": 2}',
        b'{"host_public_key": "canary", "link_proof_hash": "canary"}',
        b'{"extra": 1}',
        b"\xff\xfe",
        b"[" * 100000,
    ],
    ids=range(8),
)
async def test_malformed_bodies_are_refused_without_echo(the_house: House, body: bytes) -> None:
    answer = await the_house.browser.post("/api/meetings", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert_problem(answer)
    assert b"canary" not in answer.content


async def test_bodies_over_the_limit_are_refused_announced_or_not(the_house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    for content in (b"x" * (256 * 1024 + 1), endless()):
        answer = await the_house.browser.post("/api/meetings", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_crash_tells_nothing(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError("the canary's name is Hanna")

    monkeypatch.setattr("klausur.api.meetings.look_up", crash)
    answer = await the_house.browser.get("/api/meetings/x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "canary" not in answer.text


async def test_readiness_names_the_part_that_fails(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await the_house.browser.get("/readyz", headers={"host": "10.0.0.1"})).text == "ok\n"
    the_house.engine.fail()
    await the_house.time_passes(seconds=1)
    answer = await the_house.browser.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "engine\n")

    async def silent() -> bool:
        return False

    monkeypatch.setattr(the_house.built.database, "answers", silent)
    await the_house.time_passes(seconds=1)
    assert (await the_house.browser.get("/readyz")).text == "database\n"
    assert (await the_house.browser.get("/healthz")).status_code == 200


async def test_however_many_ask_readiness_is_found_out_once_a_second(
    the_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def answers() -> bool:
        nonlocal asked
        asked += 1
        return True

    monkeypatch.setattr(the_house.built.database, "answers", answers)
    for _ in range(2):
        await asyncio.gather(*(the_house.browser.get("/readyz") for _ in range(20)))
        await the_house.time_passes(seconds=1)
    assert asked == 2


# -- behind a proxy ---------------------------------------------------------------------------------------------------

PUBLIC: dict[str, Any] = {"public_url": "https://meet.example.org", "trusted_proxies": "203.0.113.77,10.0.0.0/8"}


async def test_behind_a_proxy_the_public_name_counts_and_tls_is_said(tmp_path: Path) -> None:
    async with house(tmp_path, **PUBLIC) as built:
        ours = {"host": "meet.example.org", "origin": "https://meet.example.org"}
        answer = await built.browser.get("/api/operator", headers=ours)
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert (await built.browser.get("/api/operator", headers={"host": "localhost:8000"})).status_code == 421
        assert (await built.browser.post("/api/meetings", json={}, headers=ours)).status_code == 400


async def test_tls_of_our_own_is_said_on_this_machine_too(tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).touch()
    async with house(tmp_path, tls_cert=tmp_path / "cert", tls_key=tmp_path / "key") as built:
        answer = await built.browser.get("/api/operator", headers={"host": "localhost:8000"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_what_comes_past_the_proxy_came_in_clear_and_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path, **PUBLIC) as built:
        with pytest.raises(Refused) as caught:
            async with open_socket(
                built.built.app,
                "/api/meetings/x/events",
                host="meet.example.org",
                origin="https://meet.example.org",
                address="198.51.100.9",
            ):
                pass
        assert (caught.value.status, json.loads(caught.value.body)["code"]) == (421, "wrong_host")


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("198.51.100.1", None, "198.51.100.1"),
        ("198.51.100.1", "192.0.2.9", "198.51.100.1"),  # nobody trusts this peer
        ("10.1.2.3", "192.0.2.9", "192.0.2.9"),
        ("10.1.2.3", "1.1.1.1, 192.0.2.9", "192.0.2.9"),  # the left one the client wrote itself
        ("10.1.2.3", "192.0.2.9, 10.9.9.9", "192.0.2.9"),  # two proxies of ours
        ("10.1.2.3", "192.0.2.9:4711", "192.0.2.9"),
        ("10.1.2.3", "[2001:db8:1:2::5]:4711", "2001:db8:1:2::/64"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", None, "10.1.2.3"),
        ("::ffff:10.1.2.3", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, "fe80::/64"),
        ("", None, "unknown"),
    ],
)
async def test_who_asks(peer: str, forwarded: str | None, network: str) -> None:
    import ipaddress

    seen = {}

    async def app(scope, _receive, _send):  # type: ignore[no-untyped-def]
        seen.update(scope)

    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}
    await WhoAsks(app, [ipaddress.ip_network("10.0.0.0/8")])(scope, None, None)  # type: ignore[arg-type]
    assert seen["klausur.network"] == network


# -- how often --------------------------------------------------------------------------------------------------------


async def test_attempts_are_counted_per_network(tmp_path: Path) -> None:
    async with house(tmp_path, limit_openings=3) as strict:
        for _ in range(3):
            await strict.open_meeting()
        refused = await strict.browser.post("/api/meetings", json={"host_public_key": "x", "link_proof_hash": "y"})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert 1 <= int(refused.headers["retry-after"]) <= 600
        elsewhere = httpx.ASGITransport(strict.built.app, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url=ORIGIN, headers={"Origin": ORIGIN}) as other:
            answer = await other.post("/api/meetings", json={"host_public_key": "x", "link_proof_hash": "y"})
            assert answer.status_code == 400


async def test_a_hundred_and_ninety_nine_guests_behind_one_address_join_at_once(the_house: House) -> None:
    link = await the_house.open_meeting()
    places = [await the_house.join(link) for _ in range(200)]
    assert len(places[-1].roster) == 199
    refused = await the_house.ask(link)
    assert refused.json()["code"] == "meeting_full"


async def test_the_description_names_only_our_problems(the_house: House) -> None:
    told = (await the_house.browser.get("/api/openapi.json")).json()
    assert "ValidationError" not in json.dumps(told)
    assert set(told["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(STATUS)
    assert sorted(told["paths"]) == [
        "/api/account",
        "/api/account/backup-codes",
        "/api/account/export",
        "/api/account/notices/{notice}",
        "/api/account/passkeys",
        "/api/account/passkeys/options",
        "/api/account/passkeys/{passkey}",
        "/api/account/password",
        "/api/account/sessions",
        "/api/account/sessions/{session}",
        "/api/account/totp",
        "/api/admin/engine",
        "/api/admin/invitations",
        "/api/admin/invitations/{invitation}",
        "/api/admin/meetings",
        "/api/admin/meetings/{session}",
        "/api/admin/people",
        "/api/admin/people/{person}",
        "/api/admin/people/{person}/reset",
        "/api/admin/people/{person}/second-factor",
        "/api/admin/settings",
        "/api/invitations/accept",
        "/api/invitations/look",
        "/api/invitations/passkey",
        "/api/meetings",
        "/api/meetings/{meeting}",
        "/api/meetings/{meeting}/card",
        "/api/meetings/{meeting}/rules",
        "/api/meetings/{meeting}/seats",
        "/api/meetings/{meeting}/seats/{pseudonym}",
        "/api/meetings/{meeting}/seats/{pseudonym}/knock",
        "/api/meetings/{meeting}/seats/{pseudonym}/tickets",
        "/api/meetings/{meeting}/times",
        "/api/operator",
        "/api/proof",
        "/api/proof/attestations",
        "/api/proof/attestations/{attestation}",
        "/api/proof/evidence/{seq}",
        "/api/proof/exports/{name}",
        "/api/proof/facts",
        "/api/proof/report",
        "/api/proof/run",
        "/api/proof/waivers",
        "/api/proof/waivers/{waiver}",
        "/api/proof/waivers/{waiver}/second",
        "/api/session",
        "/api/signin/passkey",
        "/api/signin/passkey/options",
        "/api/signin/password",
        "/api/signin/password/kdf",
        "/api/signin/provider",
        "/api/signin/provider/callback",
        "/api/signin/provider/logout",
        "/api/vault",
        "/api/vault/wraps",
    ]
