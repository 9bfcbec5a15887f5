"""Answers of the identity provider's: of its own making, so bounded in size and in time, and JSON or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from klausur.domain.errors import ProviderUnavailable

if TYPE_CHECKING:
    import ssl

    import httpx

_log = structlog.get_logger(__name__)

_ANSWER_MAX_BYTES: Final = 256 * 1024
"""Keys with their certificates, of a large provider, take a tenth."""
_STEP_SECONDS: Final = 5.0
"""For a connection, and between two pieces of an answer. The whole is bounded by who asks."""


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    body: dict[str, Any]


class Fetcher:
    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """``transport``: instead of the network."""
        self._transport = transport
        self._trust: ssl.SSLContext | None = None

    async def get(self, part: str, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """``part``: what the log calls it. Raises ProviderUnavailable, for every status but 200, too."""
        found = await self._ask(part, "GET", url, headers or {}, None)
        if found.status != 200:
            raise unavailable(part, status=found.status)
        return found.body

    async def post(self, part: str, url: str, headers: Mapping[str, str], body: str) -> Fetched:
        """Raises ProviderUnavailable."""
        return await self._ask(part, "POST", url, headers, body)

    async def _ask(self, part: str, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Fetched:
        import httpx  # noqa: PLC0415 - too large to hold where there is no identity provider; build.py has loaded it

        asked = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        try:
            async with (
                # Nothing of the environment, where proxies and passwords may stand: settings.py alone reads it.
                httpx.AsyncClient(
                    transport=self._transport, verify=await self._trusted(), timeout=_STEP_SECONDS, trust_env=False
                ) as client,
                client.stream(method, url, headers=asked, content=body) as answer,
            ):
                return Fetched(answer.status_code, _object(await _bounded(answer)))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise unavailable(part, error) from None

    async def _trusted(self) -> ssl.SSLContext:
        """This machine's own authorities, among which an organisation may have put its own."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(_machines_authorities)
        return self._trust


def unavailable(part: str, error: Exception | None = None, status: int | None = None) -> ProviderUnavailable:
    """Says so in the log, of the error no more than its type: its words quote addresses."""
    _log.error("provider_failed", part=part, reason=type(error).__name__ if error else None, status=status)
    return ProviderUnavailable()


def _machines_authorities() -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - see _ask

    return ssl.create_default_context()


async def _bounded(answer: httpx.Response) -> bytes:
    """Raises ValueError: too long, or packed in spite of what was asked for, so that its length is not known."""
    if "content-encoding" in answer.headers:
        raise ValueError("packed")
    body = b""
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > _ANSWER_MAX_BYTES:
            raise ValueError("too long")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - whatever is wrong with it is one kind of wrong
    return found
