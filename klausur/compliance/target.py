"""What a probe looks at: a running installation, or one that was broken on purpose."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from klausur.compliance.words import Text

MARK: Final = "mark"
"""Under which evidence names the target that it is of."""
_BODY_BYTES: Final = 2 * 1024 * 1024


class CannotLook(Exception):
    """It could not be tried, for a reason that is neither the installation's fault nor the probe's."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    """of the pages, without a path: scheme, name and port as people use them"""
    http: httpx.AsyncClient
    """asks it from outside, as a stranger; follows no redirect"""
    settings: Mapping[str, object]
    """in effect, by their names in small letters, without secrets"""
    mark: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    def evidence(self, **seen: object) -> dict[str, object]:
        return {MARK: self.mark, **seen}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """No more of a body than is needed: a larger one raises ValueError."""
        async with self.http.stream("GET", path, headers=headers) as answer:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _BODY_BYTES:
                    raise ValueError(path)
        return httpx.Response(
            answer.status_code, headers=_whole(answer.headers), content=bytes(body), request=answer.request
        )


def _whole(headers: httpx.Headers) -> httpx.Headers:
    """The body has been unpacked."""
    kept = [
        (name, value) for name, value in headers.multi_items() if name not in ("content-encoding", "content-length")
    ]
    return httpx.Headers(kept)


Damage = Callable[[httpx.Request, httpx.Response], httpx.Response]


@asynccontextmanager
async def damaged(target: Target, damage: Damage) -> AsyncIterator[Target]:
    """The same installation behind something that spoils its answers: what a probe sees of it is real but for that."""
    transport = _Damaged(target.http, damage)
    async with httpx.AsyncClient(transport=transport, base_url=target.http.base_url, trust_env=False) as http:
        yield replace(target, http=http, mark=secrets.token_urlsafe(9))


class _Damaged(httpx.AsyncBaseTransport):
    def __init__(self, real: httpx.AsyncClient, damage: Damage) -> None:
        self._real = real
        self._damage = damage

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = self._real.build_request(
            request.method, request.url, headers=request.headers, content=await request.aread()
        )
        answer = await self._real.send(asked)
        whole = httpx.Response(answer.status_code, headers=_whole(answer.headers), content=answer.content)
        return self._damage(request, whole)


def resettled(target: Target, **settings: object) -> Target:
    """As if these settings were in effect."""
    return replace(target, settings={**target.settings, **settings}, mark=secrets.token_urlsafe(9))
