"""Who waits to be admitted receives nothing of the meeting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host, code_of, sealed
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_TOLD_AT_THE_DOOR: Final = frozenset({"pseudonym", "secret", "session", "server_time"})
_TOLD_ON_THE_SOCKET: Final = frozenset({"type", "session", "server_time"})
_TOLD_BY_THE_LINK: Final = frozenset(
    {
        "meeting",
        "state",
        "session",
        "host_public_key",
        "card",
        "rules",
        "must_knock",
        "opens_at",
        "closes_at",
        "times_version",
        "server_time",
    }
)
"""What everybody with the link is told, waiting or not: no name, no number of people."""
_HAPPENED: Final = frozenset({"seat", "act", "left"})


async def collect(target: Target) -> Evidence:
    browser = await target.guests_browser()
    async with target.meeting() as meeting:
        host, inside = Host(meeting, browser), Guest(meeting, browser)
        waiting, another = Guest(meeting, browser), Guest(meeting, browser)
        await host.enter()
        await inside.knock()
        await host.admit(inside)
        await inside.renew()
        await inside.hello()
        knocked = (await waiting.try_to(knock=sealed())).json()
        waiting.secret = knocked["secret"]
        greeted = await waiting.hello()
        await _life_goes_on(host, inside, another)
        ticket = await waiting.try_to_renew()
        looked = await waiting.http.get(meeting.path, headers=meeting.proven)
        seen = {
            "knocked": sorted(knocked),
            "greeted": sorted(greeted),
            "heard": _types(await waiting.settle()),
            "refused": await _tries(waiting, inside),
            "ticket": [ticket.status_code, code_of(ticket)],
            "looked": sorted(looked.json()),
            "inside_heard": _types(await inside.settle()),
        }
        for person in (waiting, inside, host):
            await person.leave()
    return target.evidence(**seen)


async def _life_goes_on(host: Host, inside: Guest, another: Guest) -> None:
    """Somebody comes, writes, raises a hand, is muted, and leaves."""
    await another.knock()
    await host.admit(another)
    await another.renew()
    await another.hello()
    await another.say({"type": "announce", "announcement": sealed()})
    await another.act("react")
    await host.act("mute", inside)
    await another.leave()


async def _tries(waiting: Guest, inside: Guest) -> Sequence[str]:
    """The codes with which it is refused to do anything inside; ``told`` where it is not."""
    await waiting.say({"type": "announce", "announcement": sealed()})
    told = await waiting.settle()
    for op, target in (("react", None), ("lock", None), ("mute", inside)):
        told += await waiting.act(op, target)
    return [str(each.get("code", "told")) for each in told]


def _types(told: Sequence[dict[str, Any]]) -> Sequence[str]:
    return [each["type"] for each in told]


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not set(evidence["inside_heard"]) >= _HAPPENED:
        return saw_nothing("Drinnen geschah nichts.", "Nothing happened inside.")
    if not all(evidence[name] for name in ("knocked", "greeted", "looked")):
        return saw_nothing("Vor der Tür geschah nichts.", "Nothing happened at the door.")
    if faults := list(_faults(evidence)):
        return failed("Wer wartet, erfährt etwas", "Who waits learns something", faults)
    if (blind := unanswered({"a ticket": evidence["ticket"][0]})) is not None:
        return blind
    happened = len(evidence["inside_heard"])
    return passed(
        f"Von {happened} Ereignissen drinnen erreichte keines den Warteraum; eine Eintrittskarte gab es nicht.",
        f"Of {happened} events inside none reached the waiting room; there was no ticket.",
    )


def _faults(evidence: Evidence) -> Iterator[str]:
    told = {
        "knock": set(evidence["knocked"]) - _TOLD_AT_THE_DOOR,
        "socket": set(evidence["greeted"]) - _TOLD_ON_THE_SOCKET,
        "link": set(evidence["looked"]) - _TOLD_BY_THE_LINK,
    }
    yield from (f"{where}: {', '.join(sorted(names))}" for where, names in told.items() if names)
    yield from (f"heard {kind}" for kind in evidence["heard"])
    if evidence["ticket"][0] < httpx.codes.BAD_REQUEST:
        yield "a ticket"
    refused = evidence["refused"]
    if len(refused) != 4 or set(refused) != {"not_allowed"}:
        yield f"acts: {', '.join(refused) or 'nothing refused'}"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Tells who knocks how many are inside."""

    def talkative(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if answer.status_code != httpx.codes.ACCEPTED:
            return answer
        return httpx.Response(answer.status_code, json=answer.json() | {"seats": 2})

    async with damaged(target, talkative) as broken:
        yield broken


PROBE: Final = Probe(
    id="lobby.isolation",
    version=1,
    proves=Text(
        de="Während drinnen Personen kommen, schreiben und gehen, erfährt der Warteraum davon nichts: keine "
        "Teilnehmerliste, keine Anzahl, keine Nachricht, keine Eintrittskarte zu Bild und Ton.",
        en="While people inside come, write and leave, the waiting room learns nothing of it: no list, no number, no "
        "message, no ticket to picture and sound.",
    ),
    proves_not=Text(
        de="Dass der Warteraum eingeschaltet ist: Das entscheidet, wer die Besprechung leitet. Ob sie begonnen hat, "
        "erfährt jede Person mit dem Link.",
        en="That the waiting room is on, which whoever hosts the meeting decides. Whether it has begun everybody with "
        "the link is told.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    seconds=30.0,
)
