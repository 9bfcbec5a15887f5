"""Nobody learns from a refusal whether a meeting exists, has been, or never was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed

from klausur.compliance import meetings
from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Meeting, sealed
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.limits import MEETING_ID_BYTES, SECRET_BYTES, SIGNATURE_BYTES

_CHANGES: Final = frozenset({"date"})


async def collect(target: Target) -> Evidence:
    """By door and by what is behind it: status, headers, digest of the body; of sockets, the code."""
    http = target.browser()
    async with target.meeting() as here, target.meeting(fresh=True) as gone:
        guest = Guest(here, await target.guests_browser())
        await guest.knock()
        await _cancelled(target, gone)
        seen: dict[str, dict[str, Any]] = {}
        for kind, path, proof in _kinds(here, gone):
            headers = {"Klausur-Link-Proof": proof} if proof else {}
            for door, (method, where, body) in _doors(path, guest).items():
                answer = await http.request(method, where, json=body, headers=headers)
                seen.setdefault(door, {})[kind] = _shown(answer)
            seen.setdefault("GET events", {})[kind] = await _socket(guest, path)
        right = await guest.http.get(here.path, headers=here.proven)
        await guest.leave()
    return target.evidence(doors=seen, right=right.status_code)


def _kinds(here: Meeting, gone: Meeting) -> Sequence[tuple[str, str, str]]:
    nowhere = f"/api/meetings/{random(MEETING_ID_BYTES)}"
    wrong = random(SECRET_BYTES)
    return (
        ("unknown, no proof", nowhere, ""),
        ("unknown, some proof", nowhere, wrong),
        ("existing, no proof", here.path, ""),
        ("existing, wrong proof", here.path, wrong),
        ("existing, malformed proof", here.path, "x"),
        ("over, no proof", gone.path, ""),
        ("over, its proof", gone.path, gone.proof),
        ("malformed", "/api/meetings/x", ""),
    )


def _doors(path: str, guest: Guest) -> Mapping[str, tuple[str, str, Any]]:
    signature = random(SIGNATURE_BYTES)
    seat = f"{path}/seats/{guest.place.pseudonym}"
    return {
        "GET": ("GET", path, None),
        "PUT card": ("PUT", f"{path}/card", {"version": 1, "sealed": sealed(), "signature": signature}),
        "DELETE": ("DELETE", path, {"signature": signature}),
        "POST seats": ("POST", f"{path}/seats", guest.wish(knock=sealed())),
        "POST tickets": ("POST", f"{seat}/tickets", {"session": guest.place.session, "announcement": sealed()}),
    }


async def _cancelled(target: Target, meeting: Meeting) -> None:
    await meetings.cancel(target.browser(straight=True), meeting)


def _shown(answer: httpx.Response) -> dict[str, Any]:
    headers = sorted([name, value] for name, value in answer.headers.multi_items() if name not in _CHANGES)
    return {"status": answer.status_code, "headers": headers, "body": sha256(answer.content).hexdigest()}


async def _socket(guest: Guest, path: str) -> dict[str, Any]:
    """Of a hello with a wrong secret."""
    other = Guest(guest.meeting, guest.http)
    try:
        told = await other.hello(path=path, secret=random(SECRET_BYTES))
    except ConnectionClosed as closed:
        return {"code": closed.rcvd.code if closed.rcvd else 0}
    finally:
        await other.go()
    return {"told": sorted(told)}


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["right"] != httpx.codes.OK:
        return saw_nothing("Auch der richtige Link führte zu nichts.", "The right link, too, led to nothing.")
    doors: dict[str, dict[str, Any]] = evidence["doors"]
    statuses = dict(_statuses(doors))
    blind = unanswered(statuses)
    if blind is not None and all(status >= httpx.codes.BAD_REQUEST for status in statuses.values()):
        return blind
    faults = [f"{door}: {kind}" for door, kinds in doors.items() for kind in _unlike(kinds)]
    if faults:
        return failed("Antworten verraten, was es gibt", "Answers tell what there is", faults)
    kinds = len(next(iter(doors.values())))
    return passed(
        f"{len(doors)} Türen antworteten in {kinds} Fällen gleich: Status, Kopfzeilen und Inhalt.",
        f"{len(doors)} doors answered alike in {kinds} cases: status, headers and body.",
    )


def _statuses(doors: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Sockets have none: they end with a code."""
    for door, kinds in doors.items():
        yield from ((f"{door}: {kind}", int(shown["status"])) for kind, shown in kinds.items() if "status" in shown)


def _unlike(kinds: Mapping[str, Any]) -> Sequence[str]:
    """Those that are not as most are."""
    written = {kind: json.dumps(shown, sort_keys=True) for kind, shown in kinds.items()}
    usual = Counter(written.values()).most_common(1)[0][0]
    return [kind for kind, shown in kinds.items() if written[kind] != usual or shown.get("status", 400) < 400]


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Each answer is a little longer than the one before."""
    numbers = count()

    def longer(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if not answer.is_success:
            answer.headers["x-looked-at"] = "." * next(numbers)
        return answer

    async with damaged(target, longer) as broken:
        yield broken


PROBE: Final = Probe(
    id="links.uniform",
    version=1,
    proves=Text(
        de="Ohne den Nachweis aus dem Link antworten alle Türen einer Besprechung gleich, ob es sie gibt, gab oder nie "
        "gegeben hat: Status, Kopfzeilen, Inhalt.",
        en="Without the proof from the link all doors of a meeting answer alike, whether it exists, has been or never "
        "was: status, headers, body.",
    ),
    proves_not=Text(
        de="Dass auch die Zeit bis zur Antwort gleich ist.",
        en="That the time until the answer is the same as well.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "limit_tickets", "open_meetings", "public_url", "trusted_proxies"),
    seconds=30.0,
)
