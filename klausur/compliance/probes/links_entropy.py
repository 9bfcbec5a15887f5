"""What the installation gives out in links and tickets cannot be guessed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from math import comb
from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_MEETINGS: Final = 8
_TICKETS: Final = 12
_KINDS: Final = ("meeting", "session", "secret", "ticket")
_BITS: Final = 128
_BY_CHANCE: Final = 1e-6
"""So seldom is something random called not random."""


async def collect(target: Target) -> Evidence:
    """Of each kind what was given out: of meetings that are gone, so that none of it opens anything."""
    given: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    async with AsyncExitStack() as stack:
        browser = await target.guests_browser()
        hosts = []
        for _ in range(_MEETINGS):
            meeting = await stack.enter_async_context(target.meeting(fresh=True))
            given["meeting"].append(meeting.id)
            given["session"].append(meeting.session)
            host, guest = Host(meeting, browser), Guest(meeting, browser)
            hosts.append(host)
            seat = await host.ask(certificate=host.certificate_of_oneself())
            given["ticket"].append(seat["ticket"])
            given["secret"] += [seat["secret"], (await guest.knock())["secret"]]
        given["ticket"] += [await hosts[0].renew() for _ in range(_TICKETS)]
    return target.evidence(given=given)


def judge(evidence: Evidence, _params: Params) -> Judged:
    kinds: dict[str, Sequence[str]] = evidence["given"]
    if any(len(kinds.get(kind, ())) < _MEETINGS for kind in _KINDS):
        return saw_nothing("Es wurde zu wenig ausgegeben.", "Too little was given out.")
    faults = [f"{kind}: {fault}" for kind, values in kinds.items() for fault in _faults(values)]
    count = sum(len(values) for values in kinds.values())
    if faults:
        return failed("Kennungen sind zu leicht zu erraten", "Ids are too easily guessed", faults)
    return passed(
        f"{count} Kennungen von {len(kinds)} Arten: jede mindestens {_BITS} Bit lang, keine doppelt, kein Bit fest.",
        f"{count} ids of {len(kinds)} kinds: each of at least {_BITS} bits, none twice, no bit fixed.",
    )


def _faults(values: Sequence[str]) -> Iterator[str]:
    raws = [_decoded(value) for value in values]
    whole = [raw for raw in raws if raw is not None]
    if len(whole) < len(raws) or len({len(raw) for raw in whole}) != 1:
        yield "not one form"
        return
    bits = len(whole[0]) * 8
    if bits < _BITS:
        yield f"{bits} bits"
    if len(set(whole)) < len(whole):
        yield "given out twice"
    numbers = [int.from_bytes(raw) for raw in whole]
    constant = bits - _differing(numbers).bit_count()
    if constant > _constant_by_chance(bits, len(numbers)):
        yield f"{constant} of {bits} bits never change"
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    if len(numbers) > 2 and len(steps) == 1:
        yield "each follows from the one before"


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _differing(numbers: Sequence[int]) -> int:
    differing = 0
    for number in numbers:
        differing |= number ^ numbers[0]
    return differing


def _constant_by_chance(bits: int, values: int) -> int:
    """So many bits of random values may be the same in all of them; more are, less often than ``_BY_CHANCE``."""
    each = 2.0 ** (1 - values)
    rest, count = 1.0, -1
    while rest > _BY_CHANCE and count < bits:
        count += 1
        rest -= comb(bits, count) * each**count * (1 - each) ** (bits - count)
    return count


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Half of each ticket is always the same."""

    def half(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.method != "POST" or not answer.is_success or "ticket" not in (told := _json(answer)):
            return answer
        ticket = told["ticket"]
        told["ticket"] = "A" * (len(ticket) // 2) + ticket[len(ticket) // 2 :]
        return httpx.Response(answer.status_code, json=told)

    async with damaged(target, half) as broken:
        yield broken


def _json(answer: httpx.Response) -> dict[str, Any]:
    told = answer.json() if answer.content else {}
    return told if isinstance(told, dict) else {}


PROBE: Final = Probe(
    id="links.entropy",
    version=2,
    proves=Text(
        de="Kennungen von Besprechungen, Sitzungen, Geheimnisse von Plätzen und Eintrittskarten, wie der Server sie "
        "ausgibt, sind mindestens 128 Bit lang, kommen nicht doppelt vor und haben keine festen oder fortlaufenden "
        "Teile.",
        en="Ids of meetings and openings, secrets of seats and tickets, as the server gives them out, are of at least "
        "128 bits, never the same twice, and no part of them is fixed or counted up.",
    ),
    proves_not=Text(
        de="Dass der Zufall dahinter gut ist: Das sieht man wenigen Werten nicht an. Das Geheimnis im Link hinter dem "
        "#-Zeichen entsteht im Browser und kommt hier nicht vor.",
        en="That the randomness behind them is good, which few values do not show. The secret behind the # of a link "
        "is made in the browser and never seen here.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    seconds=40.0,
)
