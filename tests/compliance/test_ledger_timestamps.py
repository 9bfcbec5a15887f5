"""Time stamps of checkpoints: from OpenSSL's own authority; from one that is down, and from ones that lie."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klausur.compliance.findings import Unstamped
from klausur.compliance.ledger import TIMESTAMP_BYTES, Checkpoint, checkpoint_of, sign_head
from klausur.compliance.timestamp import (
    Authority,
    NotStamped,
    certificates_in,
    names,
    read_certificates,
    stamp_time,
    stamped,
    stamper,
)
from tests.compliance import tsa
from tests.compliance.ledgers import ADAS_KEY, NINE, two_runs

CHECKPOINT = sign_head(two_runs().entries[-1], NINE, ADAS_KEY)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tsa.Authority:
    return tsa.authority(tmp_path_factory.mktemp("tsa") / "honest")


@pytest.fixture(scope="module")
def ottos(tmp_path_factory: pytest.TempPathFactory) -> tsa.Authority:
    """Calls itself the same."""
    return tsa.authority(tmp_path_factory.mktemp("tsa") / "ottos")


async def ask(
    answer: Callable[[bytes], bytes], trusted: tsa.Authority, checkpoint: Checkpoint = CHECKPOINT, status: int = 200
) -> Checkpoint:
    with tsa.served(answer, status) as url:
        return await ask_at(url, trusted, checkpoint)


async def ask_at(url: str, trusted: tsa.Authority, checkpoint: Checkpoint = CHECKPOINT) -> Checkpoint:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await stamped(checkpoint, Authority(url, certificates_in(trusted.root.read_bytes())), client)


async def test_a_checkpoint_gets_a_stamp_that_openssl_holds_to_be_good(honest: tsa.Authority, tmp_path: Path) -> None:
    its = await ask(honest.answer, honest)
    assert its.timestamp is not None
    assert (its.untimed, its.is_signed(), checkpoint_of(its.body())) == ("", True, its)
    (tmp_path / "data").write_bytes(its.stamped())
    (tmp_path / "stamp").write_bytes(its.timestamp)
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "stamp", "-CAfile", str(honest.root)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


async def test_its_time_is_the_authoritys(honest: tsa.Authority) -> None:
    its = await ask(honest.answer, honest)
    certificates = certificates_in(honest.root.read_bytes())
    assert its.timestamp is not None
    at = stamp_time(its.timestamp, its.stamped(), certificates)
    assert at.tzinfo is UTC
    assert abs(at - datetime.now(UTC)) < timedelta(hours=1)
    assert "Klausur test TSA" in names(certificates)


async def test_an_authority_that_is_down_leaves_the_checkpoint_standing(honest: tsa.Authority) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        its = await ask_at(f"http://127.0.0.1:{nobody.getsockname()[1]}/", honest)
    assert its == replace(CHECKPOINT, untimed="no-answer")
    assert its.is_signed()


async def test_the_settings_are_enough(honest: tsa.Authority, tmp_path: Path) -> None:
    with tsa.served(honest.answer) as url:
        assert (await stamper(url, honest.root)(CHECKPOINT)).timestamp is not None
        its = await stamper(url, tmp_path / "missing.pem")(CHECKPOINT)
    assert its == replace(CHECKPOINT, untimed="no-certificates")


def another_message(authority: tsa.Authority) -> Callable[[bytes], bytes]:
    """A good stamp, of something else: the digest in the query is replaced."""
    return lambda query: authority.answer(query.replace(digest_in(query), bytes(32)))


def digest_in(query: bytes) -> bytes:
    """After the header of an OCTET STRING of 32 bytes."""
    at = query.index(b"\x04\x20") + 2
    return query[at : at + 32]


async def test_what_an_authority_says_is_believed_only_if_it_holds(honest: tsa.Authority, ottos: tsa.Authority) -> None:
    old = (await ask(honest.answer, honest)).timestamp or b""
    lies: dict[str, tuple[Callable[[bytes], bytes], int, Unstamped]] = {
        "another authority of the same name": (ottos.answer, 200, Unstamped.DOES_NOT_HOLD),
        "of another message": (another_message(honest), 200, Unstamped.OF_SOMETHING_ELSE),
        "an old answer, without our nonce": (lambda _: old, 200, Unstamped.DOES_NOT_HOLD),
        "a web page": (lambda _: b"<html>", 200, Unstamped.NONE),
        "nothing": (lambda _: b"", 200, Unstamped.NONE),
        "too much": (lambda _: bytes(TIMESTAMP_BYTES + 1), 200, Unstamped.NONE),
        "a rejection": (lambda _: bytes.fromhex("30053003020102"), 200, Unstamped.NONE),
        "an error": (honest.answer, 500, Unstamped.REFUSED),
        "a redirection": (honest.answer, 302, Unstamped.REFUSED),
    }
    for name, (answer, status, reason) in lies.items():
        assert await ask(answer, honest, status=status) == replace(CHECKPOINT, untimed=reason.value), name


async def test_a_certificate_for_something_else_does_not_stamp(tmp_path: Path, honest: tsa.Authority) -> None:
    """OpenSSL refuses to answer with it: so the answer is made by the honest one, and judged against the other."""
    web = tsa.authority(tmp_path / "web", purpose="serverAuth")
    its = await ask(honest.answer, web)
    assert its.untimed == Unstamped.DOES_NOT_HOLD.value


async def test_a_stamp_is_of_one_checkpoint(honest: tsa.Authority) -> None:
    its = await ask(honest.answer, honest)
    certificates = certificates_in(honest.root.read_bytes())
    other = sign_head(two_runs().entries[-2], NINE, ADAS_KEY)
    assert its.timestamp is not None
    with pytest.raises(NotStamped) as refused:
        stamp_time(its.timestamp, other.stamped(), certificates)
    assert refused.value.reason is Unstamped.OF_SOMETHING_ELSE
    with pytest.raises(NotStamped) as refused:
        stamp_time(its.timestamp, its.stamped(), [])
    assert refused.value.reason is Unstamped.NO_CERTIFICATES


def test_whatever_byte_of_a_stamp_is_changed_it_says_the_same_or_nothing(honest: tsa.Authority) -> None:
    """Some bytes, as of a status text, nobody signs: then the time must be what it was."""
    its = asyncio.run(ask(honest.answer, honest))
    certificates = certificates_in(honest.root.read_bytes())
    token = its.timestamp or b""
    at = stamp_time(token, its.stamped(), certificates)

    @given(st.integers(0, len(token) - 1), st.integers(1, 255))
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.differing_executors])
    def law(place: int, by: int) -> None:
        changed = token[:place] + bytes([token[place] ^ by]) + token[place + 1 :]
        try:
            assert stamp_time(changed, its.stamped(), certificates) == at
        except NotStamped:
            return

    law()


def test_certificates_are_read_or_refused(tmp_path: Path, honest: tsa.Authority) -> None:
    assert read_certificates(honest.root) == honest.root.read_bytes()
    none, large = tmp_path / "none.pem", tmp_path / "large.pem"
    none.write_text("-----BEGIN CERTIFICATE-----\n")
    large.write_bytes(honest.root.read_bytes() * 1000)
    for file in (none, large, tmp_path / "missing.pem", tmp_path):
        with pytest.raises(NotStamped):
            read_certificates(file)
