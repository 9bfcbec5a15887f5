"""Every answer tells the browser to keep to itself where somebody comes from, and to lend nothing but what a meeting
needs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.probes.pages import answers, is_page, listed, values
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_EXACTLY: Final = {
    "referrer-policy": frozenset({"no-referrer"}),
    "x-content-type-options": frozenset({"nosniff"}),
    "cross-origin-opener-policy": frozenset({"same-origin"}),
    "cross-origin-resource-policy": frozenset({"same-origin"}),
}
_MEETINGS_NEED: Final = frozenset({"camera", "microphone", "display-capture"})
_NEVER: Final = ("geolocation", "payment", "usb", "serial", "midi", "idle-detection", "browsing-topics")
_TELLTALES: Final = ("server", "x-powered-by", "via")
_TELLS: Final = re.compile(r"\d|uvicorn|python|livekit", re.IGNORECASE)
"""A version, or what is ours behind everything. That nginx or Caddy stands before it helps nobody to break in."""
_PROTOCOL: Final = re.compile(r"(?:^|(?<=,))\s*(?:HTTP/)?\d(?:\.\d)?(?=\s)", re.IGNORECASE)
"""With which each proxy in ``Via`` begins (RFC 9110, 7.6.3): of HTTP, not of software."""


async def collect(target: Target) -> Evidence:
    return target.evidence(answers=await answers(target))


def judge(evidence: Evidence, _params: Params) -> Judged:
    seen = evidence["answers"]
    if not any(is_page(answer) for answer in seen):
        return Judged(Status.NOTHING_SEEN, Text(de="Keine Seite wurde gezeigt.", en="No page was shown."))
    wrong = [f"{answer['path']}: {fault}" for answer in seen for fault in _faults(answer)]
    if wrong:
        told = listed(wrong)
        return Judged(Status.FAIL, Text(de=f"Falsche oder fehlende Kopfzeilen: {told}.", en=f"Wrong headers: {told}."))
    return Judged(
        Status.PASS,
        Text(
            de=f"{len(seen)} Antworten jeder Art trugen alle Kopfzeilen.",
            en=f"{len(seen)} answers of every kind carried all headers.",
        ),
    )


def _faults(answer: dict[str, Any]) -> Iterator[str]:
    for name, allowed in _EXACTLY.items():
        given = values(answer, name)
        if len(given) != 1 or given[0] not in allowed:
            yield name
    if not _lends_only_what_is_needed(values(answer, "permissions-policy")):
        yield "permissions-policy"
    passing = answer["path"].startswith("/api/") or is_page(answer)
    if passing and "no-store" not in ",".join(values(answer, "cache-control")):
        yield "cache-control"
    yield from (name for name in _TELLTALES if any(_tells(name, value) for value in values(answer, name)))


def _tells(name: str, value: str) -> bool:
    return bool(_TELLS.search(_PROTOCOL.sub("", value) if name == "via" else value))


def _lends_only_what_is_needed(given: object) -> bool:
    """Each feature to our own pages or to nobody, and what no meeting needs to nobody."""
    if not isinstance(given, list) or len(given) != 1:
        return False
    lent = dict(part.strip().partition("=")[::2] for part in given[0].split(","))
    to_us = all(to in ("()", "(self)") for to in lent.values())
    return to_us and all(lent.get(name) == "()" for name in _NEVER) and lent.keys() >= _MEETINGS_NEED


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    def without(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/":
            answer.headers["referrer-policy"] = "unsafe-url"
        return answer

    async with damaged(target, without) as broken:
        yield broken


PROBE: Final = Probe(
    id="http.headers",
    version=2,
    proves=Text(
        de="Antworten aller Arten, die Fremde erhalten können, tragen die schützenden Kopfzeilen: keine Herkunft an "
        "andere, kein Erraten von Inhaltsarten, Geräte nur für die eigenen Seiten, nichts im Zwischenspeicher, keine "
        "Version einer Software.",
        en="Answers of every kind that strangers can get carry the protecting headers: no origin to others, no "
        "guessing of content types, devices for our own pages only, nothing in caches, no version of any software.",
    ),
    proves_not=Text(
        de="Dass jeder Browser sich daran hält; was ein Reverse-Proxy anderen Netzen antwortet; dass ein Reverse-Proxy "
        "seinen Namen verschweigt.",
        en="That every browser keeps to them; what a reverse proxy answers to other networks; that a reverse proxy "
        "keeps its name to itself.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert", "trusted_proxies"),
)
