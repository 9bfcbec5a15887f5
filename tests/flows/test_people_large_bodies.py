"""Otto sends much. Of what nobody has asked him for no more is read than of anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.domain.accounts import VAULT_MAX_CHARACTERS
from tests.accounts import COOKIE, Person, blob, code_of, invitation_of, person, random32, stranger
from tests.house import House, house

PIECE = 16 * 1024
ORDINARY = 256 * 1024


class Body:
    """Without end; how much of it was read?"""

    def __init__(self) -> None:
        self.read = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            self.read += PIECE
            yield b"x" * PIECE


async def send(otto: Person, method: str, path: str, announced: int | None = None) -> tuple[httpx.Response, int]:
    body = Body()
    headers: dict[str, Any] = {"content-type": "application/json"}
    if announced is not None:
        headers["content-length"] = str(announced)
    answer = await otto.browser.request(method, path, content=body.pieces(), headers=headers)
    return answer, body.read


@pytest.mark.parametrize("cookie", [None, "x", "made up"])
async def test_of_a_vault_by_whoever_has_not_signed_in_nothing_large_is_read(
    the_house: House, cookie: str | None
) -> None:
    async with stranger(the_house, "Otto") as otto:
        if cookie is not None:
            otto.browser.cookies.set(COOKIE, random32() if cookie == "made up" else cookie)
        answer, read = await send(otto, "PUT", "/api/vault")
        assert code_of(answer) == (401, "signin_needed")
        assert ORDINARY < read <= ORDINARY + PIECE
        answer, read = await send(otto, "PUT", "/api/vault", announced=1024 * 1024)
        assert (code_of(answer), read) == ((401, "signin_needed"), 0)
        answer, read = await send(otto, "PUT", "/api/vault", announced=1024 * 1024 * 1024)
        assert (code_of(answer), read) == ((413, "too_large"), 0)


async def test_a_session_that_has_ended_reads_nothing_large(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        token = str(hanna.token)
        await hanna.browser.delete("/api/session")
        hanna.browser.cookies.set(COOKIE, token)
        answer, read = await send(hanna, "PUT", "/api/vault", announced=1024 * 1024)
        assert (code_of(answer), read) == ((401, "signin_needed"), 0)


async def test_what_is_no_larger_than_anything_else_asks_nobody(the_house: House, statements: list[str]) -> None:
    async with stranger(the_house, "Otto") as otto:
        statements.clear()
        answer = await otto.browser.post("/api/invitations/accept", content=b"x" * ORDINARY)
        assert code_of(answer) == (400, "malformed")
        assert statements == []


async def test_large_answers_to_invitations_are_counted_before_they_are_read(tmp_path: Path) -> None:
    async with house(tmp_path, limit_signins=3) as its, stranger(its, "Otto") as otto:
        for announced in (None, 1024 * 1024, None):
            await send_some(otto, announced)
        answer, read = await send(otto, "POST", "/api/invitations/accept")
        assert code_of(answer) == (429, "too_many_attempts")
        assert ORDINARY < read <= ORDINARY + PIECE
        answer, read = await send(otto, "POST", "/api/invitations/accept", announced=1024 * 1024)
        assert (code_of(answer), read) == ((429, "too_many_attempts"), 0)
        async with stranger(its, "Hanna", address="198.51.100.1") as hanna:
            token = await invitation_of(its)
            large = {"blob": blob(VAULT_MAX_CHARACTERS * 3 // 4), "wraps": []}
            assert (await hanna.accept(token, vault=large)).status_code == 201


async def send_some(otto: Person, announced: int | None) -> None:
    """What may be read, and is nothing."""
    answer, read = await send(otto, "POST", "/api/invitations/accept", announced)
    assert code_of(answer) == (413, "too_large")
    assert read > 1024 * 1024
