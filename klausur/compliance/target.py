"""What a probe looks at: a running installation, or one that was broken on purpose."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from klausur.compliance import meetings
from klausur.compliance.exports.locks import CHECKOUT
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole
from klausur.store.unit import Database

if TYPE_CHECKING:
    from klausur.compliance.cast import Cast, Member
    from klausur.compliance.live.playing import Plays

ACCOUNT_HEADER: Final = "Klausur-Account"
"""Whose account a page is about (docs/people.md)."""
MARK: Final = "mark"
"""Under which evidence names the target that it is of."""
_BODY_BYTES: Final = 4 * 1024 * 1024
"""The largest file of the client has two and a half."""


class CannotLook(Exception):
    """It could not be tried, for a reason that is neither the installation's fault nor the probe's."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


def _signed_in(whose: Member | str | None) -> dict[str, str]:
    """As its page says it: the cookie, and whose account it is about."""
    if isinstance(whose, str):
        return {"Cookie": whose}
    return {"Cookie": whose.session, ACCOUNT_HEADER: whose.id} if whose else {}


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    """of the pages, without a path: scheme, name and port as people use them"""
    http: httpx.AsyncClient
    """asks it from outside, as a stranger; follows no redirect"""
    settings: Mapping[str, object]
    """in effect, by their names in small letters, without secrets"""
    mark: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    cast: Cast | None = None
    """The people of this run; None: no accounts may be made."""
    straight: httpx.AsyncClient | None = None
    """Of a broken target: past what breaks it."""
    inside: Database | None = None
    """Its database, for probes that look there; None: it cannot be reached."""
    garbled: Callable[[bytes], bytes] = bytes
    """Of a broken target: what breaks messages of the media engine."""
    plays: Plays | None = None
    """Meetings in a real browser, for probes that watch one; None: there is nobody to hold them."""
    spoilt: bool = False
    """Of a broken target: the pages are damaged in the browser."""
    careless: bool = False
    """Of a broken target: what its pages should seal they only encode (marked.py)."""
    logged: Callable[[], Sequence[str]] = tuple
    """Of a broken target: what it has logged besides."""
    besides: tuple[int, ...] = ()
    """Of a broken target: processes that belong to it besides."""
    release: Path = CHECKOUT
    """Where the release lies that runs: its lock files, and the client as it was built."""

    def __post_init__(self) -> None:
        # A stranger is one at every request.
        self.http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def evidence(self, **seen: object) -> dict[str, object]:
        return {MARK: self.mark, **seen}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """No more of a body than is needed: a larger one raises ValueError."""
        asked = self.http.build_request("GET", path, headers=headers)
        return await _limited(await self.http.send(asked, stream=True))

    # -- people: see cast.py

    def several(self, name: str) -> list[str]:
        """Of a setting of which there may be several."""
        told = self.settings.get(name) or ()
        return [str(each) for each in told] if isinstance(told, list | tuple) else [str(told)]

    def browser(self, whose: Member | str | None = None, *, straight: bool = False) -> httpx.AsyncClient:
        """One more, that keeps its cookies. ``whose``: who has signed in there, or only the cookie. ``straight``: past
        what breaks this target."""
        real = self.straight if straight and self.straight else self.http
        headers = {"Origin": self.url} | _signed_in(whose)
        return httpx.AsyncClient(transport=_Through(real), base_url=real.base_url, headers=headers, trust_env=False)

    async def newcomer(self, role: AccountRole, *, strong: bool = True) -> Member:
        """Somebody new, signed in; ``strong``: with a second factor. Raises CannotLook."""
        if self.cast is None:
            raise CannotLook(NOBODY)
        return await self.cast.newcomer(self.browser(straight=True), role, strong=strong)

    async def as_role(self, role: AccountRole) -> httpx.AsyncClient:
        """Signed in as the one of this role whom all probes share, with a second factor. Raises CannotLook."""
        if self.cast is None:
            raise CannotLook(NOBODY)
        member = await self.cast.member(self.browser(straight=True), role)
        return self.browser(member)

    @asynccontextmanager
    async def meeting(self, *, fresh: bool = False, **wish: Any) -> AsyncIterator[meetings.Meeting]:
        """Opened by the organiser of the cast. One that is not ``fresh`` all probes of a run share, so that they stay
        below the limits; they leave it as they found it. Raises CannotLook: nobody may open any."""
        if self.cast is None:
            raise CannotLook(NOBODY)
        organiser = await self.cast.member(self.browser(straight=True), AccountRole.ORGANISER)
        http = self.browser(organiser, straight=True)
        try:
            meeting = await (meetings.open_meeting(http, **wish) if fresh or wish else self.cast.shared(http))
        except meetings.Refused as refused:
            raise refused_as(refused) from None
        yield meeting
        if fresh or wish:
            # What a failure leaves goes with the cast.
            await meetings.cancel(http, meeting)

    async def guests_browser(self) -> httpx.AsyncClient:
        """Of somebody without an account, where such people may take part."""
        if self.settings.get("guests") == "accounts":
            return await self.as_role(AccountRole.AUDITOR)
        return self.browser()


NOBODY: Final = Text(
    de="Für diesen Lauf dürfen keine Konten angelegt werden.", en="No accounts may be made for this run."
)
_NO_MEETINGS: Final = Text(
    de="Niemand darf hier gerade Besprechungen eröffnen.", en="Nobody may open meetings here at the moment."
)


def refused_as(refused: meetings.Refused) -> Exception:
    """CannotLook, where it is nobody's fault."""
    known = refused.code in ("meetings_not_open", "too_many_attempts")
    return CannotLook(_NO_MEETINGS) if known else refused


def _whole(headers: httpx.Headers) -> httpx.Headers:
    """The body has been unpacked."""
    kept = [
        (name, value) for name, value in headers.multi_items() if name not in ("content-encoding", "content-length")
    ]
    return httpx.Headers(kept)


Damage = Callable[[httpx.Request, httpx.Response], httpx.Response]
Instead = Callable[[httpx.Request], httpx.Response | None]


@asynccontextmanager
async def damaged(target: Target, damage: Damage, *, instead: Instead | None = None) -> AsyncIterator[Target]:
    """The same installation behind something that spoils its answers: what a probe sees of it is real but for that.
    ``instead``: answers itself what never gets there."""
    transport = _Damaged(target.http, damage, instead)
    async with httpx.AsyncClient(transport=transport, base_url=target.http.base_url, trust_env=False) as http:
        straight = target.straight or target.http
        yield replace(target, http=http, straight=straight, mark=secrets.token_urlsafe(9))


class _Through(httpx.AsyncBaseTransport):
    """The connections of another client, without its cookies: it keeps none."""

    def __init__(self, real: httpx.AsyncClient) -> None:
        self._real = real

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = self._real.build_request(
            request.method, request.url, headers=request.headers, content=await request.aread()
        )
        return await _limited(await self._real.send(asked, stream=True))


class _Damaged(_Through):
    def __init__(self, real: httpx.AsyncClient, damage: Damage, instead: Instead | None) -> None:
        super().__init__(real)
        self._damage = damage
        self._instead = instead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._instead is not None and (answer := self._instead(request)) is not None:
            return answer
        return self._damage(request, await super().handle_async_request(request))


async def _limited(answer: httpx.Response) -> httpx.Response:
    """All of it. Raises ValueError where that is more than is needed."""
    try:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > _BODY_BYTES:
                raise ValueError(answer.url.path)
    finally:
        await answer.aclose()
    return httpx.Response(
        answer.status_code, headers=_whole(answer.headers), content=bytes(body), request=answer.request
    )


def resettled(target: Target, **settings: object) -> Target:
    """As if these settings were in effect."""
    return replace(target, settings={**target.settings, **settings}, mark=secrets.token_urlsafe(9))
