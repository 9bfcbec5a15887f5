"""Gustav has a slow line. What may be larger than other bodies may take longer than they, and no other may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from klausur.api.app import _larger
from klausur.api.asgi import App, Message, Receive, Scope, Send
from klausur.api.guards import BodyLimit, Larger
from klausur.domain.errors import SigninNeeded

AT_MOST = 10
AT_ONCE = 0.0
"""Whoever has not sent all of it when asked for the first time is too late."""
LONG = 3600.0
LARGE = ("POST", "/large")


class Gustav:
    """Sends piece after piece; between them others have their turns, and what is due comes about."""

    def __init__(self, pieces: Sequence[bytes], path: str = "/large", *, announced: bool = True) -> None:
        size = sum(map(len, pieces))
        headers = [(b"content-length", str(size).encode())] if announced else []
        self._scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": headers}
        self._pieces = list(pieces)
        self.told: list[Message] = []

    async def send_to(self, app: App) -> int:
        """The status of the answer."""
        await app(self._scope, self._next, self._hear)
        return int(self.told[0]["status"])

    async def _next(self) -> Message:
        for _ in range(3):
            await asyncio.sleep(0)
        piece = self._pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}

    async def _hear(self, message: Message) -> None:
        self.told.append(message)


async def everybody(_: Scope) -> None: ...


async def nobody(_: Scope) -> None:
    raise SigninNeeded


async def counts(_scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the limit: says how much came."""
    size = len((await receive())["body"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def limit(larger: Larger, within_seconds: float) -> BodyLimit:
    return BodyLimit(counts, AT_MOST, {LARGE: larger}, within_seconds)


async def test_what_may_be_larger_may_take_longer() -> None:
    gustav = Gustav([b"x" * 8] * 5)
    assert await gustav.send_to(limit(Larger(100, everybody, LONG), AT_ONCE)) == 200
    assert gustav.told[1]["body"] == b"40"


async def test_it_may_from_when_it_turns_out_to_be_larger() -> None:
    """Nothing is announced: until then the time of all others counts, after it its own, which is over here at once."""
    gustav = Gustav([b"x" * 8] * 5, announced=False)
    assert await gustav.send_to(limit(Larger(100, everybody, LONG), LONG)) == 200
    gustav = Gustav([b"x" * 8] * 5, announced=False)
    assert await gustav.send_to(limit(Larger(100, everybody, AT_ONCE), LONG)) == 400
    assert await Gustav([b"x" * 8] * 5, announced=False).send_to(limit(Larger(100, everybody, LONG), AT_ONCE)) == 400


@pytest.mark.parametrize(
    ("gustav", "larger"),
    [
        (Gustav([b"x"] * AT_MOST, "/other"), Larger(100, everybody, LONG)),
        (Gustav([b"x"] * AT_MOST), Larger(100, everybody, LONG)),
        (Gustav([b"x" * 8] * 5), Larger(100, everybody)),
    ],
    ids=["of another route", "no larger than others", "larger without time of its own"],
)
async def test_everything_else_takes_as_long_as_ever(gustav: Gustav, larger: Larger) -> None:
    assert await gustav.send_to(limit(larger, AT_ONCE)) == 400
    assert json.loads(gustav.told[1]["body"])["code"] == "malformed"


async def test_whoever_may_not_send_it_has_no_more_time() -> None:
    gustav = Gustav([b"x" * 8] * 5)
    assert await gustav.send_to(limit(Larger(100, nobody, LONG), LONG)) == 401


def test_of_all_routes_files_to_answers_alone_have_time_of_their_own() -> None:
    its = {path: larger.within_seconds for (_, path), larger in _larger(None).items()}  # type: ignore[arg-type] # unasked
    assert its.pop("/api/proof/attestations") == 300
    assert set(its.values()) == {None}
