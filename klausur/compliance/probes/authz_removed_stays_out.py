"""Who was removed gets in by nothing that they hold or ever held."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed

from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host, given, put_rules, sealed
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.signalling import join_request
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.limits import MAC_BYTES

_REMOVED: Final = 4404
_TAKEN: Final = 503


async def collect(target: Target) -> Evidence:
    """Status, or code of the socket, of each attempt before and after. Without a waiting room, so that others get in
    with the link alone: before, and when the host has barred the one who was removed. In between it opens to nobody."""
    browser = await target.guests_browser()
    async with target.meeting(fresh=True) as meeting:
        host, guest = Host(meeting, browser), Guest(meeting, browser)
        await host.enter()
        await guest.knock()
        await host.admit(guest)
        earlier = await guest.renew()
        before: dict[str, Any] = {"socket": (await guest.hello())["type"]}
        renewed = await guest.try_to_renew()
        before["ticket"], ticket = renewed.status_code, str(given(renewed)["ticket"])
        before["media"] = await _validated(guest, ticket)
        before["rules"] = (await put_rules(host.http, meeting, waiting_room=False)).status_code
        before["link"] = await _by_link(Guest(meeting, browser))
        await host.act("remove", guest)
        told = await guest.settle()
        after = {
            "the ticket": await _validated(guest, ticket),
            "an earlier ticket": await _validated(guest, earlier),
            "new ticket": (await guest.try_to_renew()).status_code,
            "knock with the secret": await _knocked_again(guest),
            "knock with the key": (await _under_another_name(guest).try_to(knock=sealed())).status_code,
            "enter with the key": await _by_link(_under_another_name(guest)),
            "enter with the link": await _by_link(Guest(meeting, browser)),
        }
        again = await _greeted(guest)
        barred = await _barred(host, guest)
        after["enter with the barred key"] = await _by_link(_under_another_name(guest))
        seen = {"before": before, "after": after, "closed": _code(told), "again": again, "barred": barred}
        for person in (guest, host):
            await person.go()
    return target.evidence(**seen)


async def _by_link(guest: Guest) -> int:
    """Status of entering without asking anybody."""
    return (await guest.try_to(mac=random(MAC_BYTES))).status_code


async def _barred(host: Host, guest: Guest) -> dict[str, int]:
    """Status of the rules by which the host bars them, as a host's page does, and of what the link opens to others."""
    rules = await put_rules(host.http, host.meeting, waiting_room=False, denied=[guest.place.key])
    return {"rules": rules.status_code, "link": await _by_link(Guest(host.meeting, guest.http))}


async def _validated(guest: Guest, ticket: str) -> int:
    """At the door to picture and sound, which says 503 of a ticket that it would take."""
    asked = {"access_token": ticket, "join_request": join_request()}
    return (await guest.http.get("/rtc/v1/validate", params=asked)).status_code


async def _knocked_again(guest: Guest) -> int:
    return (await guest.http.post(f"{guest.seat}/knock", json={"knock": sealed()}, headers=guest.bearing)).status_code


def _under_another_name(guest: Guest) -> Guest:
    """The same device at a new seat."""
    other = Guest(guest.meeting, guest.http)
    other.key = guest.key
    other.place = replace(other.place, key=guest.place.key)
    return other


def _code(told: Sequence[dict[str, Any]]) -> int:
    return next((int(each["code"]) for each in told if each["type"] == "closed"), 0)


async def _greeted(guest: Guest) -> str:
    """What a new socket with the old secret is told first."""
    try:
        return str((await guest.hello())["type"])
    except ConnectionClosed as closed:
        return f"closed {closed.rcvd.code if closed.rcvd else 0}"


def judge(evidence: Evidence, _params: Params) -> Judged:
    before = evidence["before"]
    if [before["socket"], before["ticket"], before["media"]] != ["welcome", httpx.codes.CREATED, _TAKEN]:
        return saw_nothing("Vor dem Entfernen kam auch niemand hinein.", "Nobody got in before the removal, either.")
    faults = [way for way, status in evidence["after"].items() if status < httpx.codes.BAD_REQUEST or status == _TAKEN]
    if evidence["closed"] != _REMOVED:
        faults.append("the socket stayed open")
    if evidence["again"] not in ("removed", f"closed {_REMOVED}"):
        faults.append("a new socket")
    if faults:
        return failed("Wer entfernt wurde, kommt wieder hinein", "Who was removed gets in again", faults)
    if (blind := unanswered(evidence["after"])) is not None:
        return blind
    others = [before["link"], evidence["barred"]["link"]]
    if others != [httpx.codes.CREATED, httpx.codes.CREATED]:
        told = ", ".join(map(str, others))
        return saw_nothing(
            f"Auch andere kamen mit dem Link allein nicht hinein ({told}).",
            f"Others did not get in with the link alone, either ({told}).",
        )
    return passed(
        f"Die Verbindung endete sofort; {len(evidence['after']) + 1} weitere Wege mit allem, was die Person je hatte, "
        "blieben verschlossen, während andere mit dem Link allein hineinkamen.",
        f"The socket ended at once; {len(evidence['after']) + 1} further ways with everything they ever held stayed "
        "closed, while others got in with the link alone.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Gives tickets to those who were removed."""

    def forgiving(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path.endswith("/tickets") and answer.status_code == httpx.codes.FORBIDDEN:
            return httpx.Response(201, json={"ticket": "anew"})
        return answer

    async with damaged(target, forgiving) as broken:
        yield broken


PROBE: Final = Probe(
    id="authz.removed-stays-out",
    version=3,
    proves=Text(
        de="Nach dem Entfernen endet die Verbindung, und weder Eintrittskarten noch Geheimnis noch der Link mit dem "
        "Schlüssel des Geräts führen wieder hinein, auch ohne Warteraum nicht. Der Link allein öffnet dann niemandem, "
        "bis die Leitung diesen Schlüssel gesperrt hat; danach öffnet er anderen, und mit diesem Schlüssel nicht.",
        en="After a removal the socket ends, and neither tickets nor secret nor the link with the device's key lead in "
        "again, not even without a waiting room. The link alone then opens to nobody until the host has barred that "
        "key; afterwards it opens to others, and with that key it does not.",
    ),
    proves_not=Text(
        de="Dass dieselbe Person mit einem anderen Gerät nicht im Warteraum erscheinen könnte: Dort entscheidet, wer "
        "leitet. Ohne Warteraum käme sie damit hinein, sobald der alte Schlüssel gesperrt ist. Was sie noch "
        "entschlüsseln könnte (e2ee.removed-blind).",
        en="That the same person could not appear in the waiting room with another device: there the host decides. "
        "Without a waiting room they would get in with it, once the old key is barred. What they could still decrypt "
        "(e2ee.removed-blind).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    seconds=40.0,
)
