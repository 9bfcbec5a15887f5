"""The log names nobody: neither who takes part nor what opens anything nor from where they came."""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
from websockets.exceptions import InvalidHandshake, WebSocketException

from klausur.compliance.controlling import overhearing, run_jobs
from klausur.compliance.grades import Grade
from klausur.compliance.marked import Held, end, spellings, word
from klausur.compliance.meetings import Guest, Meeting
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain import encoding
from klausur.domain.accounts import AccountRole

_CONTROL: Final = "log_overheard"
_ADDRESS: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")
_MAYBE_ADDRESS: Final = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1"})
_LARGE_BYTES: Final = 300 * 1024
_HEARD_SECONDS: Final = 60
"""As long as the server allows (control.py), and longer than all of it may take."""


async def collect(target: Target) -> Evidence:
    """How many lines were logged while marked people did all that they can do, and which marks were in them."""
    said = {name: word() for name in ("account's name", "label", "query", "path", "body", "browser")}
    address = f"127.{secrets.randbelow(250) + 2}.{secrets.randbelow(250) + 2}.{secrets.randbelow(250) + 2}"
    far = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::7"
    at_home = urlsplit(target.url).hostname in _LOOPBACK and urlsplit(target.url).scheme == "http"
    async with overhearing(target, _HEARD_SECONDS) as heard:
        async with holding(target, address=address if at_home else None) as held:
            await _stumble(target, held, said, far)
            await end(held)
        acts = [await _administer(target, said), await _fail_to_sign_in(target, said)]
        await run_jobs(target)
    marks = {name: text.encode() for name, text in said.items()} | {"address": address.encode(), "far": far.encode()}
    marks |= {**held.words, **held.keys, **held.access, **held.stored}
    return target.evidence(
        lines=len(heard.lines),
        missed=heard.missed,
        control=any(_event(line) == _CONTROL for line in heard.lines),
        acts=acts,
        marks=len(marks),
        found=_found(heard.lines, marks),
        addresses=sum(_names_an_address(line) for line in heard.lines),
    )


async def _stumble(target: Target, held: Held, said: Mapping[str, str], far: str) -> None:
    """Goes wrong wherever one can, with marks in it: what fails is what gets logged."""
    browser, meeting = target.browser(), held.meeting
    marked = {"User-Agent": said["browser"], "X-Forwarded-For": far, "Referer": f"{target.url}/{said['path']}"}
    browser.headers.update(marked)
    ticket = held.access["ticket"].decode()
    await browser.get(f"/{said['path']}", params={"q": said["query"], "name": said["body"]})
    await browser.get(f"/rtc/v1/validate?access_token={ticket}&q={said['query']}")
    await browser.get(f"/api/meetings/{said['path']}", headers={"Klausur-Link-Proof": said["query"]})
    await browser.put(f"{meeting.path}/card", content=said["body"].encode(), headers=meeting.proven)
    await browser.put(f"{meeting.path}/rules", json={"document": said["body"]}, headers=meeting.proven)
    await browser.post(f"{meeting.path}/seats", json={"pseudonym": said["body"]}, headers=meeting.proven)
    await browser.post("/api/meetings", content=(said["body"] * (_LARGE_BYTES // len(said["body"]))).encode())
    with suppress(InvalidHandshake, WebSocketException, OSError, TimeoutError):
        await held.guest.joined(ticket)
    await _stumble_on_sockets(target, meeting, said)


async def _stumble_on_sockets(target: Target, meeting: Meeting, said: Mapping[str, str]) -> None:
    stranger = Guest(meeting, target.browser())
    with suppress(WebSocketException, OSError, TimeoutError):
        await stranger.hello(path=f"{meeting.path}", secret=said["query"])
    with suppress(WebSocketException, OSError, TimeoutError):
        await stranger.hello(path=f"/api/meetings/{quote(said['path'])}", secret=said["query"])
    with suppress(InvalidHandshake, WebSocketException, OSError, TimeoutError):
        await stranger.joined(said["query"])


async def _administer(target: Target, said: Mapping[str, str]) -> int:
    """An account is made for somebody marked. The status of it."""
    ada = await target.as_role(AccountRole.ADMINISTRATOR)
    answer = await ada.post("/api/admin/invitations", json={"role": "organiser", "name": said["account's name"]})
    if answer.is_success:
        await ada.delete(f"/api/admin/invitations/{answer.json()['id']}")
    await ada.put(f"/api/account/passkeys/{said['label']}", json={"label": said["label"]})
    return answer.status_code


async def _fail_to_sign_in(target: Target, said: Mapping[str, str]) -> int:
    body = {"name": said["account's name"], "key": encoding.encode(secrets.token_bytes(32))}
    return (await target.browser().post("/api/signin/password", json=body)).status_code


def _event(line: str) -> str:
    try:
        told: Any = json.loads(line)
    except ValueError:
        return ""
    return str(told.get("event", "")) if isinstance(told, dict) else ""


def _names_an_address(line: str) -> bool:
    """Of either version. A time of day looks like the newer one to a pattern, not to who reads it."""
    return bool(_ADDRESS.search(line)) or any(map(_is_address, _MAYBE_ADDRESS.findall(line)))


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(text))
    except ValueError:
        return False


def _found(lines: Iterable[str], marks: Mapping[str, bytes]) -> list[str]:
    text = "\n".join(lines).encode()
    return sorted(name for name, mark in marks.items() if any(way in text for way in spellings(mark)))


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = list(evidence["found"])
    faults += [f"{evidence['addresses']} lines with a network address"] if evidence["addresses"] else []
    if faults:
        return failed("Im Protokoll stand", "In the log there was", faults)
    if not evidence["control"] or evidence["missed"]:
        return saw_nothing(
            f"Das Protokoll war nicht ganz zu hören ({evidence['missed']} Zeilen fehlen).",
            f"The log could not be heard as a whole ({evidence['missed']} lines are missing).",
        )
    if evidence["acts"] != [httpx.codes.CREATED, httpx.codes.UNAUTHORIZED]:
        return saw_nothing(
            "Einladen oder vergebliches Anmelden kam nicht zustande.",
            "Inviting or failing to sign in did not come about.",
        )
    return passed(
        f"In {evidence['lines']} Zeilen des Protokolls stand von {evidence['marks']} Kennzeichen keines, und keine "
        "Netzadresse.",
        f"In {evidence['lines']} lines of the log there was none of {evidence['marks']} marks, and no network address.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Keeps a log of access as web servers do."""
    lines: list[str] = []

    def noted(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        told = f'"{request.method} {request.url.raw_path.decode()}" {answer.status_code}'
        lines.append(f"{told} {request.headers.get('user-agent', '')}")
        return answer

    async with damaged(target, noted) as broken:
        yield replace(broken, logged=lambda: tuple(lines))


PROBE: Final = Probe(
    id="log.canary",
    version=2,
    proves=Text(
        de="Während gekennzeichnete Personen eine Besprechung führten, sich vergeblich anmeldeten, eingeladen wurden "
        "und vieles falsch machten, schrieb der laufende Server keines ihrer Kennzeichen in sein Protokoll: nicht "
        "Namen, Titel, Gesagtes, Anmeldenamen, Adressen, Browser, Tickets, Schlüssel und Kennungen. Dass das Protokoll "
        "zu hören war, zeigt eine Zeile darin.",
        en="While marked people held a meeting, failed to sign in, were invited and did much wrong, the running server "
        "wrote none of their marks into its log: no names, titles, lines, sign-in names, addresses, browsers, tickets, "
        "keys and ids. A line in it shows that the log was heard.",
    ),
    proves_not=Text(
        de="Protokolle von Reverse-Proxy, Betriebssystem und PostgreSQL; Zeilen bei Störungen, die von außen nicht "
        "herbeizuführen sind; Zeilen der Medienvermittlung, sofern hier keine läuft.",
        en="Logs of reverse proxy, operating system and PostgreSQL; lines in failures that cannot be brought about "
        "from outside; lines of the media engine where none is running here.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "engine", "guests", "log_level", "open_meetings", "trusted_proxies"),
    may_see=Text(
        de="Hört die Zeilen des Protokolls, die währenddessen entstehen, und behält nur ihre Zahl.",
        en="Hears the lines of the log that are written meanwhile, and keeps only their number.",
    ),
    seconds=40.0,
)
