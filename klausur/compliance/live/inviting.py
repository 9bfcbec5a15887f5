"""Hanna plans a meeting with an account of her own, and what she would send to those whom she invites: the calendar
file, and the draft of a mail. Otto opens the link in it with a browser that has never been here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from klausur.compliance.live.person import WITHIN_MS, Person, Seen

if TYPE_CHECKING:
    from icalendar import Component
    from playwright.async_api import Page

TITLE: Final = "Prüfung"
_FILE_BYTES: Final = 256 * 1024
_LONGEST: Final = 2000
_LINK: Final = "LINK"
_ACCOUNT: Final = "ACCOUNT"
_SHOWN_WITHIN_MS: Final = WITHIN_MS // 2


async def invited(hanna: Person, otto: Person, account: tuple[str, str, str]) -> Seen:
    """``account``: that Hanna may take up, its name, and the token with which she does."""
    *names, token = account
    await _plans(hanna, token)
    try:
        link, sent = await _sends(hanna, names)
    except ValueError:
        return {"failed": "no calendar file"}
    return {**sent, **await _comes_by(link, otto)}


async def _plans(hanna: Person, token: str) -> None:
    """Her browser makes the vault, in which planned meetings are."""
    page, password = hanna.page, secrets.token_urlsafe(24)
    await hanna.opens(f"{hanna.origin}/invite#{token}")
    for label in ("Password", "Repeat password"):
        await page.get_by_label(label, exact=True).fill(password)
    await hanna.clicks("button", "Continue")
    await hanna.clicks("button", "I have stored it")
    await hanna.clicks("button", "Schedule a meeting")
    await hanna.the("textbox", "Title").fill(TITLE)
    await hanna.clicks("button", "Save")
    await hanna.sees("heading", "Invite people")


async def _sends(hanna: Person, names: Sequence[str]) -> tuple[str, Seen]:
    """The invitation's link, and what the rest says without it. ``names``: of her account; where one stands in it, that
    is told and not the name."""
    async with hanna.page.expect_download() as coming:
        await hanna.clicks("button", "Calendar file")
    link, entries = _read(Path(await (await coming.value).path()))
    draft = await hanna.page.get_by_role("link", name="E-mail draft", exact=True).get_attribute("href")

    def plain(text: str) -> str:
        for name in names:
            text = text.replace(name, _ACCOUNT)
        return (text.replace(link, _LINK) if link else text)[:_LONGEST]

    return link, {
        "link": _masked(link),
        "file": [[part, name, [plain(value) for value in values]] for part, name, values in entries],
        "mail": _mail(draft or "", plain),
    }


def _masked(link: str) -> str:
    """With its shape, and without its secrets: those are behind ``#``."""
    before, sharp, behind = link.partition("#")
    return before + sharp + re.sub(r"[A-Za-z0-9_-]", "x", behind)


def _read(file: Path) -> tuple[str, list[tuple[str, str, list[str]]]]:
    """Of each property: its component, name, and value with parameters; the zone is everybody's. Raises ValueError."""
    import icalendar  # noqa: PLC0415

    with file.open("rb") as written:
        calendar = icalendar.Calendar.from_ical(written.read(_FILE_BYTES))
    entries = [
        (part.name or "", name, [_text(value), *(f"{key}={its}" for key, its in _parameters(value))])
        for part in calendar.walk()
        if not _of_zone(part)
        for name, value in part.property_items(recursive=False)
        if name not in ("BEGIN", "END")
    ]
    link = next((values[0] for part, name, values in entries if (part, name) == ("VEVENT", "URL")), "")
    return link, entries


def _of_zone(part: Component) -> bool:
    return part.name in ("VTIMEZONE", "STANDARD", "DAYLIGHT")


def _text(value: Any) -> str:
    raw = value if isinstance(value, str) else value.to_ical()
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _parameters(value: Any) -> list[tuple[str, str]]:
    return sorted((str(key), str(its)) for key, its in getattr(value, "params", {}).items())


def _mail(draft: str, plain: Callable[[str], str]) -> Seen:
    """``mailto:`` (RFC 6068)."""
    where = urlsplit(draft)
    fields = [[name.lower(), plain(value)] for name, value in parse_qsl(where.query.replace("+", "%2B"))]
    return {"scheme": where.scheme, "to": plain(unquote(where.path)), "fields": fields}


async def _comes_by(link: str, otto: Person) -> Seen:
    """What a stranger sees of it. A link that leads nowhere shows nothing."""
    before = await _cookies(otto)
    await otto.opens(link)
    shown = await _appears(otto.page, TITLE)
    return {"shown": shown, "cookies": sorted(await _cookies(otto) - before)}


async def _cookies(person: Person) -> set[str]:
    return {each.get("name", "") for each in await person.context.cookies()}


async def _appears(page: Page, title: str) -> bool:
    from playwright.async_api import TimeoutError as Late  # noqa: PLC0415

    try:
        await page.get_by_text(title).first.wait_for(timeout=_SHOWN_WITHIN_MS)
    except Late:
        return False
    return True
