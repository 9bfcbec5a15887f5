"""One meeting through the real pages: Hanna hosts, Gustav and Otto are guests, Ida comes with an untouched browser.

It is held once for all probes of a run, and at the same time once more with damaged pages for their twins. Nothing is
judged here.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from klausur.compliance.live import inviting
from klausur.compliance.live.frames import opens
from klausur.compliance.live.person import Person, Seen
from klausur.compliance.signalling import muting, published_track
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

if TYPE_CHECKING:
    from playwright.async_api import Browser

_WISH: Final = "?camera=on&microphone=on&video=1&audio=1#"
"""What a link might say to switch devices on."""
_SHIELD: Final = "Encryption: on"
_ENOUGH: Final = 10
"""frames"""
_SOON_MS: Final = 2_000
_ON_THE_WAY: Final = ("Join the meeting", "Waiting to be let in", "Meeting")
"""Headings that refuse nothing."""
_SHOWN_MS: Final = 6_000
"""A sign that is there comes within so long."""
_SETTLES: Final = 8
_SETTLES_S: Final = 0.3
_QUIET_LOOKS: Final = 2
"""In a row."""
_OF_DEVICES: Final = ("video frames", "energy recorded")
"""In Person.flow: what grows while a device is on."""
_LISTENS_S: Final = 1.2
"""How long it is watched that nothing flows; the fake microphone beeps once a second."""

NOT_HELD: Final = Text(
    de="Die Besprechung im Browser kam nicht zustande.", en="The meeting in the browser did not come about."
)


@dataclass
class Stage:
    """``scenes``: by name, what was seen in it; ``{"failed": kind}`` where it did not get to its end."""

    target: Target
    browser: Browser
    faults: str = ""
    lame: str = ""
    """What takes from Ida's browser something that every browser has."""
    scenes: dict[str, Seen] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    barriers: Seen = field(default_factory=dict)
    """By moment: the rules of axe that a page breaks."""
    link: str = ""

    async def hold(self) -> Seen:
        """All scenes. Raises CannotLook where not even two people met."""
        await self._met()
        for scene in (
            self._encryption,
            self._third,
            self._sharing,
            self._panels,
            self._standard,
            self._stopping,
            self._forcing,
            self._removal,
            self._after,
            self._second_meeting,
            self._invitation,
        ):
            await self._play(scene.__name__.strip("_"), scene)
        told = {name: person.told() for name, person in self.people.items()}
        return {"scenes": self.scenes, "people": told, "barriers": self.barriers}

    async def _play(self, name: str, scene: Callable[[], Awaitable[Seen]]) -> None:
        from playwright.async_api import Error  # noqa: PLC0415

        try:
            self.scenes[name] = await scene()
        except (Error, TimeoutError) as error:
            self.scenes[name] = {"failed": type(error).__name__}

    async def _met(self) -> None:
        from playwright.async_api import Error  # noqa: PLC0415

        try:
            self.scenes["before"] = await self._before()
            self.scenes["meeting"] = await self._meeting()
        except (Error, TimeoutError) as error:
            raise CannotLook(NOT_HELD) from error

    # -- people

    async def _comes(self, name: str, faults: str) -> Person:
        person = await Person.come(self.browser, name, self.target.url, faults)
        self.people[name] = person
        if name != "Hanna" and self.target.settings.get("guests") == "accounts":
            await self._signs_in(person, AccountRole.AUDITOR)
        return person

    async def _signs_in(self, person: Person, role: AccountRole) -> None:
        if self.target.cast is None:
            raise CannotLook(NOT_HELD)
        member = await self.target.cast.member(self.target.browser(straight=True), role)
        name, _, value = member.session.partition("=")
        url = self.target.url
        await person.context.add_cookies([{"name": name, "value": value, "url": url, "sameSite": "Strict"}])

    @property
    def hanna(self) -> Person:
        return self.people["Hanna"]

    @property
    def gustav(self) -> Person:
        return self.people["Gustav"]

    @property
    def otto(self) -> Person:
        return self.people["Otto"]

    # -- scenes

    async def _before(self) -> Seen:
        """Hanna starts a meeting and goes in; Gustav looks at the page in front of it."""
        hanna = await self._comes("Hanna", self.faults)
        if self.target.settings.get("open_meetings") != "anyone":
            await self._signs_in(hanna, AccountRole.ORGANISER)
        await hanna.opens(self.target.url)
        await hanna.clicks("button", "Start a meeting")
        await hanna.sees("switch", "Waiting room")
        await hanna.note("before joining")
        self.link = hanna.page.url
        await hanna.the("textbox", "Your name").fill(hanna.name)
        await hanna.clicks("button", "Join")
        await hanna.sees("region", "Meeting")
        gustav = await self._comes("Gustav", self.faults)
        await gustav.opens(self.link)
        await gustav.sees("textbox", "Your name")
        page = gustav.page
        seen = {
            "text": (await page.inner_text("body"))[:4000],
            "fields": await page.evaluate(_FIELDS),
            "ways": await page.evaluate(_WAYS),
        }
        await gustav.note("before joining")
        seen["keyboard"] = await keyboard(gustav)
        self.barriers["before joining"] = await barriers(gustav)
        seen["notice"] = await self._notice(gustav)
        return seen

    async def _notice(self, person: Person) -> str:
        """In a window beside it, so that nothing has to be given for it."""
        page = await person.context.new_page()
        await page.goto(f"{self.target.url}/privacy", wait_until="domcontentloaded")
        await page.get_by_role("heading", level=1).first.wait_for()
        await page.get_by_text("Loading …", exact=True).wait_for(state="hidden")
        text = await page.inner_text("body")
        await page.close()
        return text[:40_000]

    async def _meeting(self) -> Seen:
        """Gustav switches his devices on, knocks, and is let in; Hanna switches hers on inside."""
        hanna, gustav = self.hanna, self.gustav
        await gustav.switches("Camera", on=True)
        await gustav.page.locator("video").first.wait_for()
        await gustav.switches("Microphone", on=True)
        own = await gustav.page.evaluate("[...document.querySelectorAll('video')].some((each) => each.srcObject)")
        await gustav.note("preview", own_picture=own)
        await gustav.the("textbox", "Your name").fill(gustav.name)
        await gustav.clicks("button", "Join")
        await gustav.sees("heading", "Waiting to be let in")
        await hanna.sees("button", "Admit Gustav")
        await gustav.note("waiting")
        self.barriers["waiting"] = await barriers(gustav)
        await hanna.clicks("button", "Admit Gustav")
        await gustav.sees("region", "Meeting")
        await hanna.note("in the meeting")
        await gustav.note("in the meeting")
        await hanna.turns("Camera", on=True)
        await hanna.turns("Microphone", on=True)
        await hanna.note("devices on")
        return {"knock_shown": True}

    async def _encryption(self) -> Seen:
        """Pictures and sound pass both ways; then what passed, and how, and what the pages say about it."""
        hanna, gustav = self.hanna, self.gustav
        # Where the pages refuse what comes unencrypted little arrives; that little tells in what state it was sent.
        enough = f"seen.arrived.video.length >= {_ENOUGH} && seen.opened.audio.filter(Boolean).length >= 2 * {_ENOUGH}"
        await asyncio.gather(*(each.comes_to(enough) for each in (hanna, gustav)))
        ways = [await passed(gustav, hanna), await passed(hanna, gustav)]
        shown = await asyncio.gather(*(each.is_shown("button", _SHIELD, _SHOWN_MS) for each in (hanna, gustav)))
        said = [
            await self._security(each) if visible else "" for each, visible in zip((hanna, gustav), shown, strict=True)
        ]
        transports = [
            {name: entry.get(name) for name in _TRANSPORT}
            for each in (hanna, gustav)
            for entry in await each.statistics()
            if entry["type"] == "transport"
        ]
        return {
            "ways": ways,
            "shield": shown,
            "security": said,
            "transports": transports,
            "servers": [
                url for each in (hanna, gustav) for its in (await each.spied())["connections"] for url in its["servers"]
            ],
            "addresses": [await addresses(each) for each in (hanna, gustav)],
        }

    async def _security(self, person: Person) -> Seen:
        """What the panel behind the shield says and offers."""
        await person.clicks("button", _SHIELD)
        panel = person.the("region", "Security")
        seen = {
            "text": (await panel.inner_text())[:4000],
            "offers": await panel.get_by_role("button").all_inner_texts(),
        }
        await person.clicks("button", "Close")
        return seen

    async def _third(self) -> Seen:
        """Otto comes without any device, and is let in."""
        otto = await self._comes("Otto", self.faults)
        await otto.opens(self.link.replace("#", _WISH))
        await otto.the("textbox", "Your name").fill(otto.name)
        await otto.clicks("button", "Join")
        await self.hanna.clicks("button", "Admit Otto")
        await otto.sees("region", "Meeting")
        await otto.until(f"seen.arrived.video.length >= {_ENOUGH}")
        await otto.note("in the meeting", flow=await otto.flow())
        people = (self.hanna, self.gustav, otto)
        received = [each.name for each in people if (await each.flow()).get("video received", 0) > 0]
        return {"receive": received, "shown": {each.name: await each.people() for each in people}}

    async def _sharing(self) -> Seen:
        gustav, hanna = self.gustav, self.hanna
        before = [each for each in (await gustav.spied())["asked"] if each["name"] == "getDisplayMedia"]
        await gustav.clicks("button", "Share screen")
        await hanna.page.get_by_role("group", name="Gustav's screen", exact=True).wait_for()
        during = await gustav.note("sharing")
        await gustav.clicks("button", "Share screen")
        await hanna.page.get_by_role("group", name="Gustav's screen", exact=True).wait_for(state="detached")
        after = await gustav.note("sharing ended")
        asked = [each for each in during["asked"] if each["name"] == "getDisplayMedia"]
        states = [during["states"].get("Share screen"), after["states"].get("Share screen")]
        return {"unasked": len(before), "asked": asked, "states": states}

    async def _panels(self) -> Seen:
        """What those who host may do to others, by the buttons that are there."""
        hanna = self.hanna
        await hanna.clicks("button", "People")
        await hanna.sees("region", "People")
        powers = await hanna.page.evaluate(_POWERS)
        listed = await hanna.page.evaluate(_LISTED)
        await hanna.clicks("button", "Close")
        self.barriers["in the meeting"] = await barriers(hanna)
        heard = (await hanna.spied())["heard"]
        return {"powers": powers, "listed": listed, "heard": heard, "keyboard": await keyboard(hanna)}

    async def _standard(self) -> Seen:
        """Somebody whose browser nobody has touched. Where she does not get in: what the page says of it."""
        from playwright.async_api import Error  # noqa: PLC0415

        ida = await self._comes("Ida", self.lame)
        try:
            return await self._takes_part(ida)
        except (Error, TimeoutError) as error:
            heading = ida.page.get_by_role("heading", level=1)
            said = [text.strip() for text in await heading.all_inner_texts()]
            return {"failed": type(error).__name__, "refused": [text for text in said if text not in _ON_THE_WAY]}

    async def _takes_part(self, ida: Person) -> Seen:
        await ida.opens(self.link)
        name = ida.the("textbox", "Your name")
        refusal = ida.page.get_by_role("heading", level=1).filter(has_not_text=_ON_THE_WAY[0])
        await name.or_(refusal).first.wait_for()
        await name.fill(ida.name, timeout=_SOON_MS)
        await ida.clicks("button", "Join")
        await self.hanna.clicks("button", "Admit Ida")
        await ida.sees("region", "Meeting")
        await ida.until(f"seen.opened.video.length >= {_ENOUGH}")
        joined = {"joined": True, "opened": list(ida.opened), "version": self.browser.version}
        await ida.clicks("button", "Leave")
        await ida.sees("heading", "You have left the meeting")
        return joined

    async def _stopping(self) -> Seen:
        """Gustav switches microphone and camera off, and it is watched what still flows from him."""
        gustav = self.gustav
        control = [await gustav.flow(), await self._later(gustav)]
        on = await gustav.note("on")
        await gustav.turns("Microphone", on=False)
        await gustav.turns("Camera", on=False)
        off = await gustav.note("off")
        silent = [await self._settled(gustav), await self._later(gustav)]
        return {
            "on": control,
            "off": silent,
            "states": [on["states"], off["states"]],
            "tracks": await gustav.page.evaluate(_SENDING),
        }

    async def _forcing(self) -> Seen:
        """Gustav's page is told by the media engine to switch off, which it does, and then to switch on."""
        gustav = self.gustav
        await gustav.turns("Microphone", on=True)
        tracks = published(await gustav.spied())
        for track in tracks:
            await gustav.is_told(muting(track, muted=True))
        off = gustav.the("button", "Microphone").and_(gustav.page.locator('[aria-pressed="false"]'))
        await off.wait_for()
        for track in tracks:
            await gustav.is_told(muting(track, muted=False))
        after = [await self._settled(gustav), await self._later(gustav)]
        return {
            "tracks": len(tracks),
            "obeyed_off": True,
            "after": after,
            "states": (await gustav.note("told"))["states"],
        }

    async def _settled(self, person: Person) -> Seen:
        """What was on its way when a device was switched off has passed: on a slow machine a last frame may come after
        one quiet look, so there have to be several. Whoever goes on sending is not thereby missed: the fake devices
        give something new within the time that is listened to afterwards."""
        before = now = await person.flow()
        quiet = 0
        for _ in range(_SETTLES):
            await asyncio.sleep(_SETTLES_S)
            now = await person.flow()
            quiet = quiet + 1 if all(now.get(name) == before.get(name) for name in _OF_DEVICES) else 0
            if quiet == _QUIET_LOOKS:
                break
            before = now
        return now

    async def _later(self, person: Person) -> Seen:
        await asyncio.sleep(_LISTENS_S)
        return await person.flow()

    async def _removal(self) -> Seen:
        """Hanna removes Gustav; what she sends after that still reaches Otto, and would reach whoever listens in."""
        hanna, gustav, otto = self.hanna, self.gustav, self.otto
        keys = [b64decode(key) for key in (await gustav.spied())["keys"]]
        before = _kept(await otto.spied())
        await hanna.clicks("button", "People")
        await hanna.clicks("button", "Remove Gustav")
        await hanna.page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        await gustav.sees("heading", "You were removed")
        await hanna.clicks("button", "Close")
        await gustav.note("removed")
        await otto.page.evaluate("() => { klausurSeen.kept.length = 0; klausurSeen.arrived.video.length = 0 }")
        await otto.until(f"seen.arrived.video.length >= {_ENOUGH} && seen.kept.length >= 6")
        seen = await otto.spied()
        sent = _pieces(await hanna.spied(), "sent")
        after = _kept(seen)
        return {
            "before": {"frames": len(before), "readable": sum(opens(frame, kind, keys) for kind, frame in before)},
            "after": {
                "frames": len(after),
                "readable": sum(opens(frame, kind, keys) for kind, frame in after),
                "in_clear": len(_pieces(seen, "arrived") & sent),
            },
            "others_still_see": len(_pieces(seen, "opened") & sent),
        }

    async def _after(self) -> Seen:
        """Otto leaves, and comes back by the button that is offered."""
        otto = self.otto
        await otto.clicks("button", "Leave")
        await otto.sees("heading", "You have left the meeting")
        await otto.note("after")
        self.barriers["after"] = await barriers(otto)
        await otto.clicks("button", "Rejoin")
        # Who left gave up the seat, and knocks again.
        if not await otto.the("region", "Meeting").is_visible():
            await self._let_in_again(otto)
        await otto.note("again in the meeting")
        await otto.clicks("button", "Leave")
        await otto.sees("heading", "You have left the meeting")
        return {"returned": True}

    async def _let_in_again(self, otto: Person) -> None:
        page, hanna = otto.page, self.hanna
        inside = page.get_by_role("region", name="Meeting", exact=True)
        door = page.get_by_role("heading", name="Waiting to be let in", exact=True)
        join = page.get_by_role("button", name="Join", exact=True)
        await inside.or_(door).or_(join).first.wait_for()
        if await join.is_visible():
            await otto.note("before joining again")
            await join.click()
            await inside.or_(door).first.wait_for()
        if await door.is_visible():
            await hanna.clicks("button", "Admit Otto")
        await inside.wait_for()

    async def _second_meeting(self) -> Seen:
        """Hanna ends the meeting and holds another."""
        hanna = self.hanna
        first = _digests((await hanna.spied())["keys"])
        await hanna.clicks("button", "Leave")
        await hanna.clicks("menuitem", "End for everyone")
        await hanna.sees("heading", "The meeting has ended")
        await hanna.note("after")
        await hanna.opens(self.target.url)
        await hanna.clicks("button", "Start a meeting")
        await hanna.the("textbox", "Your name").fill(hanna.name)
        await hanna.clicks("button", "Join")
        await hanna.sees("region", "Meeting")
        await hanna.until("seen.keys.length > 0")
        second = _digests((await hanna.spied())["keys"])
        await hanna.clicks("button", "Leave")
        await hanna.clicks("menuitem", "End for everyone")
        await hanna.sees("heading", "The meeting has ended")
        return {"first": len(first), "second": len(second), "shared": len(first & second)}

    async def _invitation(self) -> Seen:
        """Of a meeting that Hanna plans; she and Otto come with other browsers than before."""
        if self.target.cast is None:
            return {"failed": "nobody"}
        hanna, otto = [
            await Person.come(self.browser, name, self.target.url, self.faults) for name in ("Hanna", "Otto")
        ]
        if self.target.settings.get("guests") == "accounts":
            await self._signs_in(otto, AccountRole.AUDITOR)
        return await inviting.invited(hanna, otto, await self.target.cast.invited(AccountRole.ORGANISER))


_TABS: Final = 24
_RULES: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
_FOCUSED: Final = """() => {
  const its = document.activeElement
  if (!its || its === document.body) return ''
  return (its.getAttribute('aria-label') ?? its.labels?.[0]?.innerText ?? its.innerText ?? '').trim().slice(0, 60)
}"""
_TRANSPORT: Final = ("dtlsState", "tlsVersion", "dtlsCipher", "srtpCipher")
_FIELDS: Final = """() => [...document.querySelectorAll('input, select, textarea')]
  .filter((each) => each.checkVisibility() && each.type !== 'hidden')
  .map((each) => ({
    name: (each.getAttribute('aria-label') ?? each.labels?.[0]?.innerText ?? '').trim().slice(0, 80),
    kind: each.type,
  }))"""
_WAYS: Final = """() => [...document.querySelectorAll('a[href]')]
  .filter((each) => each.checkVisibility())
  .map((each) => ({ path: new URL(each.href).pathname, words: each.innerText.trim().slice(0, 80) }))"""
_POWERS: Final = """() => [...document.querySelectorAll('[id=people] button, [id=people] [role=switch]')]
  .map((each) => each.getAttribute('aria-label') ?? each.innerText.trim())"""
_LISTED: Final = """() => [...document.querySelectorAll('[id=people] ul:not(.knocks) > li .name')]
  .filter((each) => each.checkVisibility()).map((each) => each.innerText.trim())"""
_SENDING: Final = """() => klausurSeen.connections.flatMap(({ connection }) => connection.getSenders())
  .filter(({ track }) => track)
  .map(({ track }) => ({ kind: track.kind, live: track.readyState === 'live', enabled: track.enabled }))"""


async def passed(sender: Person, receiver: Person) -> Seen:
    """Of one way through the engine: how much arrived, how much of it was as the sender's encoder had made it, and how
    much opened with the keys of the receiver, with none, and with others."""
    sent_by, arrived_at = await sender.spied(), await receiver.spied()
    kinds = {kind: _both_ends(sent_by, arrived_at, kind) for kind in sent_by["sent"]}
    kept = _kept(arrived_at)
    keys = [b64decode(key) for key in arrived_at["keys"]]
    others = [hashlib.sha256(key).digest() for key in keys] + [bytes(32)]
    return {
        "kinds": kinds,
        "in_clear": sum(each["in_clear"] for each in kinds.values()),
        "kept": len(kept),
        "opened_by_right_keys": sum(opens(frame, kind, keys) for kind, frame in kept),
        "opened_by_wrong_keys": sum(opens(frame, kind, others) for kind, frame in kept),
    }


def _both_ends(sent_by: Seen, arrived_at: Seen, kind: str) -> dict[str, int]:
    sent, arrived, opened = (
        {piece for piece in spied[which][kind] if piece}
        for spied, which in ((sent_by, "sent"), (arrived_at, "arrived"), (arrived_at, "opened"))
    )
    return {
        "sent": len(sent),
        "arrived": len(arrived),
        "in_clear": len(arrived & sent),
        "decrypted": len(opened & sent),
    }


async def addresses(person: Person) -> Seen:
    """``told``: by the engine, of whom to send to; ``own``: where the person can be reached. As ``address port``."""
    told: set[str] = set()
    own: set[str] = set()
    for entry in await person.statistics():
        if entry["type"] in ("remote-candidate", "local-candidate"):
            place = f"{entry.get('address') or entry.get('ip') or ''} {entry.get('port')}"
            (told if entry["type"] == "remote-candidate" else own).add(place)
    for connection in (await person.spied())["connections"]:
        for line in connection["described"]:
            words = line.split()
            if "candidate:" in line and len(words) > 5:
                told.add(f"{words[4]} {words[5]}")
    return {"told": sorted(told), "own": sorted(own)}


async def barriers(person: Person) -> Seen:
    """What the rules of axe-core (WCAG 2.2, A and AA) find on the page as it is."""
    from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415

    found = (await Axe().run(person.page, options=_RULES)).response
    broken = [{"rule": each["id"], "times": len(each["nodes"])} for each in found["violations"]]
    return {"kept": len(found["passes"]), "broken": broken}


async def keyboard(person: Person) -> list[str]:
    """Names of what the Tab key leads to, in order."""
    reached: list[str] = []
    await person.page.evaluate("document.activeElement?.blur()")
    for _ in range(_TABS):
        await person.page.keyboard.press("Tab")
        reached.append(await person.page.evaluate(_FOCUSED))
    return reached


def published(spied: Seen) -> list[str]:
    """The engine's names of what somebody sends."""
    told = (published_track(b64decode(message)) for message in spied["signalled"])
    return sorted({track for track in told if track})


def _pieces(spied: Seen, which: str) -> set[str]:
    return {piece for kind in spied[which].values() for piece in kind if piece}


def _kept(spied: Seen) -> Sequence[tuple[str, bytes]]:
    return [(each["kind"], b64decode(each["frame"])) for each in spied["kept"]]


def _digests(keys: Sequence[Any]) -> set[str]:
    return {hashlib.sha256(b64decode(key)).hexdigest() for key in keys}
