"""One person at one browser profile: what they do on the pages by the names that stand there, and what is seen."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Locator, Page, Request, Response, WebSocket

Seen: TypeAlias = dict[str, Any]
"""JSON"""
Role: TypeAlias = Literal["button", "heading", "group", "menuitem", "region", "switch", "textbox"]

WITHIN_MS: Final = 25_000
_POLICY: Final = "content-security-policy"
_LOCAL: Final = frozenset({"data", "blob", "about"})
_KINDS: Final = ("audio", "video")

_SPIED: Final = """() =>
  JSON.parse(JSON.stringify(klausurSeen, (key, value) => (/^(connection|sockets)$/.test(key) ? undefined : value)))"""
_STATISTICS: Final = """async () => {
  const all = []
  for (const { connection } of klausurSeen.connections)
    for (const entry of (await connection.getStats()).values()) all.push({ ...entry })
  return all
}"""
_STORED: Final = """async () => {
  const of = (storage) => Object.keys(storage)
  const databases = []
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    const open = await new Promise((done, fail) => {
      const asked = indexedDB.open(name)
      asked.onsuccess = () => done(asked.result)
      asked.onerror = () => fail(asked.error)
    })
    databases.push(...[...open.objectStoreNames].map((store) => `${name}/${store}`))
    open.close()
  }
  const workers = (await navigator.serviceWorker?.getRegistrations?.()) ?? []
  const caches = window.caches ? await window.caches.keys() : []
  return { local: of(localStorage), session: of(sessionStorage), databases, workers: workers.length, caches }
}"""
_TOLD: Final = """(message) => {
  const bytes = Uint8Array.from(atob(message), (each) => each.charCodeAt(0))
  const socket = klausurSeen.sockets.at(-1)
  const data = socket.binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
  socket.dispatchEvent(new MessageEvent('message', { data }))
}"""
_STATES: Final = """() => Object.fromEntries([...document.querySelectorAll('[aria-checked], [aria-pressed]')]
  .filter((each) => each.checkVisibility())
  .map((each) => [
    each.getAttribute('aria-label') ?? each.innerText.trim(),
    each.getAttribute('aria-checked') ?? each.getAttribute('aria-pressed'),
  ]))"""


class Person:
    """``name``: as they enter it."""

    def __init__(self, name: str, context: BrowserContext, page: Page, origin: str) -> None:
        self.name = name
        self.context = context
        self.page = page
        self.moments: dict[str, Seen] = {}
        """What was seen of their page, by what they had just done."""
        self.hosts: Counter[str] = Counter()
        """Whom the browser was asked to reach, by scheme and name."""
        self.policies: dict[str, bool] = {}
        """By the path's beginning: whether the document came with a policy."""
        self.console: list[str] = []
        self.opened: list[str] = []
        """Windows and downloads, which nobody asked for."""
        self.posted = 0
        """Bytes that left in requests' bodies and over sockets."""
        self.origin = origin
        context.on("request", self._asked)
        context.on("response", self._answered)
        page.on("websocket", self._socket)
        page.on("popup", lambda _page: self.opened.append("popup"))
        page.on("download", lambda _download: self.opened.append("download"))
        page.on("pageerror", lambda _error: self.console.append("uncaught"))

    @classmethod
    async def come(cls, browser: Browser, name: str, origin: str, faults: str = "") -> Person:
        """``faults``: a script that damages the pages; nothing keeps it from that."""
        context = await browser.new_context(
            locale="en-US", viewport={"width": 1280, "height": 800}, bypass_csp=bool(faults)
        )
        context.set_default_timeout(WITHIN_MS)
        # One script: the order of several is not defined.
        await context.add_init_script(f"{spy()};\n{faults}")
        return cls(name, context, await context.new_page(), origin)

    # -- what they do

    def the(self, role: Role, name: str) -> Locator:
        return self.page.get_by_role(role, name=name, exact=True).first

    async def opens(self, url: str) -> None:
        await self.page.goto(url, wait_until="domcontentloaded")

    async def sees(self, role: Role, name: str) -> None:
        await self.the(role, name).wait_for()

    async def is_shown(self, role: Role, name: str, within_ms: int) -> bool:
        from playwright.async_api import TimeoutError as TooLate  # noqa: PLC0415

        try:
            await self.the(role, name).wait_for(timeout=within_ms)
        except TooLate:
            return False
        return True

    async def clicks(self, role: Role, name: str) -> None:
        await self.the(role, name).click()

    async def switches(self, name: str, *, on: bool) -> None:
        """A switch in front of the meeting."""
        await self._sets("switch", name, "aria-checked", on=on)

    async def turns(self, name: str, *, on: bool) -> None:
        """A control in the meeting."""
        await self._sets("button", name, "aria-pressed", on=on)

    async def _sets(self, role: Role, name: str, attribute: str, *, on: bool) -> None:
        there = self.the(role, name).and_(self.page.locator(f'[{attribute}="{str(on).lower()}"]'))
        await self.sees(role, name)
        if not await there.is_visible():
            await self.clicks(role, name)
        await there.wait_for()

    async def is_told(self, message: bytes) -> None:
        """By the media engine, as far as their page can tell."""
        await self.page.evaluate(_TOLD, base64.b64encode(message).decode())

    async def until(self, condition: str) -> None:
        """``condition``: an expression of the page's, with ``seen`` for what was seen."""
        await self.page.wait_for_function(f"() => {{ const seen = klausurSeen; return {condition} }}", polling=100)

    async def comes_to(self, condition: str) -> bool:
        """As ``until``; False where it is waited for in vain."""
        from playwright.async_api import TimeoutError as TooLate  # noqa: PLC0415

        try:
            await self.until(condition)
        except TooLate:
            return False
        return True

    # -- what is seen

    async def note(self, moment: str, **more: Any) -> Seen:
        """The state of the page now."""
        seen: Seen = {
            "states": await self.page.evaluate(_STATES),
            "cookies": sorted(each.get("name", "") for each in await self.context.cookies()),
            "stored": await self.page.evaluate(_STORED),
            "asked": await self.page.evaluate("klausurSeen.asked"),
            "clicks": await self.page.evaluate("klausurSeen.clicks"),
            "connections": await self.page.evaluate("klausurSeen.connections.length"),
            "posted": self.posted,
            "violations": await self.page.evaluate("klausurSeen.violations"),
            **more,
        }
        self.moments[moment] = seen
        return seen

    async def spied(self) -> Seen:
        seen: Seen = await self.page.evaluate(_SPIED)
        return seen

    async def statistics(self) -> list[Seen]:
        all_: list[Seen] = await self.page.evaluate(_STATISTICS)
        return all_

    async def flow(self) -> Seen:
        """Sums of what has passed so far, by the browser's own counters."""
        flow: Counter[str] = Counter()
        for each in await self.statistics():
            kind = each.get("kind")
            if each["type"] == "outbound-rtp" and kind in _KINDS:
                # What is sent once more fills lines that are being measured, and is nothing new.
                flow[f"{kind} sent"] += each.get("bytesSent", 0) - each.get("retransmittedBytesSent", 0)
                flow[f"{kind} frames"] += each.get("framesEncoded", 0)
            if each["type"] == "inbound-rtp" and kind in _KINDS:
                flow[f"{kind} received"] += each.get("bytesReceived", 0)
                flow["energy heard"] += _micro(each.get("totalAudioEnergy"))
            if each["type"] == "media-source" and kind == "audio":
                flow["energy recorded"] += _micro(each.get("totalAudioEnergy"))
        return dict(flow)

    async def people(self) -> list[str]:
        """Who is shown in the meeting, by the labels of their places."""
        labels: list[str] = await self.page.evaluate(
            """() => [...document.querySelectorAll('[role=group][aria-label]')]
              .filter((each) => each.checkVisibility()).map((each) => each.getAttribute('aria-label'))"""
        )
        return sorted(labels)

    # -- what is heard of the browser

    def _asked(self, request: Request) -> None:
        self._reached(request.url)
        body = request.post_data_buffer
        self.posted += len(body) if body else 0

    def _socket(self, socket: WebSocket) -> None:
        self._reached(socket.url)
        socket.on("framesent", self._said)

    def _said(self, payload: bytes | str) -> None:
        self.posted += len(payload)

    def _reached(self, url: str) -> None:
        where = urlsplit(url)
        if where.scheme not in _LOCAL:
            self.hosts[f"{where.scheme}://{where.netloc}"] += 1

    def _answered(self, answer: Response) -> None:
        if answer.request.is_navigation_request():
            path = "/" + urlsplit(answer.url).path.split("/")[1]
            self.policies[path] = _POLICY in answer.headers

    def told(self) -> Mapping[str, Any]:
        return {
            "moments": self.moments,
            "hosts": dict(self.hosts),
            "policies": self.policies,
            "opened": self.opened,
        }


def _micro(energy: float | None) -> int:
    """Of which none is too little to be told from none."""
    return int((energy or 0) * 1_000_000)


def spy() -> str:
    return (files(__package__) / "spy.js").read_text("utf-8")
