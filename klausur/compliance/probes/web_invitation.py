"""What is sent to those who are invited holds what they need, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_OF_CALENDAR: Final = frozenset({"PRODID", "VERSION", "METHOD", "CALSCALE"})
_OF_EVENT: Final = frozenset(
    {
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "STATUS",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "URL",
    }
)
"""What a calendar needs for an entry that leads to a meeting (RFC 5545)."""
_OF_MAIL: Final = frozenset({"subject", "body"})
_TEXTS: Final = ("SUMMARY", "DESCRIPTION", "LOCATION")
_INVITATION: Final = re.compile(r"/m/[A-Za-z0-9_-]{22}#x{43}\.x{22}")
"""Meeting, secret and fingerprint (web/src/link.ts); a third part would be the host's power."""
_ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"]+|\bwww\.[^\s<>\"]+", re.IGNORECASE)
_MAILBOX: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|mailto:", re.IGNORECASE)
_LINK: Final = "LINK"
_ACCOUNT: Final = "ACCOUNT"


def see(held: Held, target: Target) -> dict[str, Any]:
    """The calendar file's properties and the fields of the mail's draft, with LINK for the invitation and ACCOUNT for
    what names the one who invites; the link without its secrets; and what a stranger sees by it."""
    return {"url": target.url, **scene(held, "invitation")}


def judge(evidence: Evidence, _params: Params) -> Judged:
    entries, mail = evidence["file"], evidence["mail"]
    written = [text for _, name, values in entries if name in _TEXTS for text in values]
    drafted = [value for _, value in mail["fields"]]
    if not any(name == "DESCRIPTION" for _, name, _ in entries) or not drafted:
        return saw_nothing("Es war keine Einladung zu sehen.", "There was no invitation to be seen.")
    faults = [*_of_link(evidence), *_of_file(entries), *_of_mail(mail)]
    for where, texts in (("calendar file", written), ("mail", drafted)):
        faults += [f"{where}: {fault}" for fault in _of_texts(texts, f"{evidence['url']}/privacy")]
    if faults:
        return failed("Mängel an Einladungen", "Wrong with invitations", faults)
    return passed(
        f"Kalenderdatei ({len(entries)} Angaben) und E-Mail-Entwurf nannten nur die Besprechung, ihren Link und den "
        "Datenschutzhinweis; der Link führte ohne Cookie zur Besprechung.",
        f"The calendar file ({len(entries)} entries) and the draft of the mail named only the meeting, its link and "
        "the notice; the link led to the meeting without a cookie.",
    )


def _of_link(evidence: Evidence) -> Iterator[str]:
    link, url = evidence["link"], evidence["url"]
    if not link.startswith(url) or not _INVITATION.fullmatch(link[len(url) :]):
        yield "more, or less, in the link than an invitation needs"
    if not evidence["shown"]:
        yield "the link leads to no meeting"
    yield from (f"cookie {name}" for name in evidence["cookies"])


def _of_file(entries: Sequence[Sequence[Any]]) -> Iterator[str]:
    for part, name, values in entries:
        needed = {"VCALENDAR": _OF_CALENDAR, "VEVENT": _OF_EVENT}.get(part, frozenset())
        if name not in needed:
            yield f"calendar file: {name}" if needed else f"calendar file: {part}"
        elif any(_ACCOUNT in value for value in values):
            yield f"calendar file: who invites ({name})"
        elif name not in _TEXTS and any(_MAILBOX.search(value) or _ADDRESS.search(value) for value in values):
            yield f"calendar file: an address ({name})"


def _of_mail(mail: Mapping[str, Any]) -> Iterator[str]:
    if mail["scheme"] != "mailto" or mail["to"]:
        yield "mail: a recipient"
    yield from (f"mail: {name}" for name, _ in mail["fields"] if name not in _OF_MAIL)
    if any(_ACCOUNT in value for _, value in mail["fields"]):
        yield "mail: who invites"


def _of_texts(texts: Sequence[str], notice: str) -> Iterator[str]:
    addresses = {address.rstrip(".,;") for text in texts for address in _ADDRESS.findall(text)}
    yield from (f"address {address}" for address in sorted(addresses - {notice}))
    if any(_MAILBOX.search(text) for text in texts):
        yield "a mailbox"
    if notice not in addresses:
        yield "no way to the notice"
    if not any(_LINK in text for text in texts):
        yield "no link"


PROBE: Final = watching(
    "web.invitation",
    see,
    judge,
    proves=Text(
        de="Kalenderdatei und E-Mail-Entwurf einer geplanten Besprechung enthalten Titel, Zeit, Link und den Weg zum "
        "Datenschutzhinweis, sonst nichts: keine Eingeladenen, niemanden, der einlädt, keine Adresse zum "
        "Nachverfolgen, keine Rechte der Moderation. Der Link führt einen Browser, der noch nie hier war, ohne Cookie "
        "zur Besprechung.",
        en="Calendar file and draft of a mail of a planned meeting hold its title, time, link and the way to the "
        "notice, and nothing else: nobody who is invited, nobody who invites, no address to track people by, no power "
        "of hosts. The link leads a browser that was never here to the meeting without a cookie.",
    ),
    proves_not=Text(
        de="Was Menschen selbst in Titel und E-Mail schreiben, wem sie die Einladung schicken und was deren "
        "E-Mail-Anbieter daraus lesen.",
        en="What people themselves write into titles and mails, whom they send the invitation to, and what the mail "
        "providers of those read in it.",
    ),
)
