"""What administrators may see of a meeting leads neither into it nor to who is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host, given, sealed
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_WINDOWS: Final = ("people", "meetings", "settings", "engine")


async def collect(target: Target) -> Evidence:
    """In which answers to an administrator there is a mark of a meeting that goes on, and what he gets by its id."""
    administrator = await target.as_role(AccountRole.ADMINISTRATOR)
    browser = await target.guests_browser()
    async with target.meeting() as meeting:
        host, waiting = Host(meeting, browser), Guest(meeting, browser)
        seat = await host.ask(certificate=host.certificate_of_oneself())
        await host.hello()
        knocked = sealed()
        await waiting.ask(knock=knocked)
        marks = {
            "meeting's id": meeting.id,
            "link proof": meeting.proof,
            "pseudonym": host.place.pseudonym,
            "seat key": host.place.key,
            "ticket": seat["ticket"],
            "secret": host.secret,
            "knock": knocked,
        }
        shown = {path: await administrator.get(f"/api/admin/{path}") for path in _WINDOWS}
        looked = await administrator.get(meeting.path)
        entered = await administrator.post(host.path, json=Guest(meeting, administrator).wish(knock=sealed()))
        running = given(shown["meetings"])["meetings"]
        for person in (waiting, host):
            await person.leave()
    return target.evidence(
        found=[f"{path}: {mark}" for path, its in shown.items() for mark, text in marks.items() if text in its.text],
        statuses={path: answer.status_code for path, answer in shown.items()},
        ways={"look": looked.status_code, "enter": entered.status_code},
        running=[sorted(each) for each in running],
    )


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [*evidence["found"]]
    faults += [f"{way}: {status}" for way, status in evidence["ways"].items() if status < httpx.codes.BAD_REQUEST]
    faults += [name for each in evidence["running"] for name in each if name not in ("id", "began_at", "seats")]
    if faults:
        return failed("Die Verwaltung sieht in Besprechungen", "Administration looks into meetings", faults)
    if (blind := unanswered(evidence["ways"])) is not None:
        return blind
    if evidence["statuses"] != dict.fromkeys(_WINDOWS, httpx.codes.OK):
        return saw_nothing("Die Verwaltung öffnete sich nicht.", "Administration did not open.")
    if not all(evidence["running"]) or not evidence["running"]:
        return saw_nothing("Die Verwaltung sah keine Besprechung.", "Administration saw no meeting.")
    return passed(
        f"In {len(evidence['statuses'])} Ansichten der Verwaltung stand von einer laufenden Besprechung nur Beginn und "
        "Zahl der Plätze; hinein führte kein Weg.",
        f"In {len(evidence['statuses'])} views of the administration there was nothing of a running meeting but its "
        "beginning and number of seats; no way led into it.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Names the running meetings to administrators."""
    ids: list[str] = []

    def telling(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        parts = request.url.path.split("/")
        if request.url.path.endswith("/seats"):
            ids.append(parts[3])
        if request.url.path == "/api/admin/meetings":
            return httpx.Response(200, json={"meetings": [{"meeting": each} for each in ids]})
        return answer

    async with damaged(target, telling) as broken:
        yield broken


PROBE: Final = Probe(
    id="authz.admin-sees-no-content",
    version=1,
    proves=Text(
        de="Wer verwaltet, sieht von laufenden Besprechungen weder Adresse noch Personen noch Inhalt und kommt ohne "
        "ihren Link nicht hinein.",
        en="Administrators see neither address nor people nor content of running meetings, and do not get in without "
        "the link.",
    ),
    proves_not=Text(
        de="Was auf dem Server selbst zu lesen wäre, mit Zugriff auf Datenbank und Dateien: Inhalte sind dort "
        "verschlüsselt (e2ee.no-server-keys).",
        en="What could be read on the server itself, with access to database and files: contents are encrypted there "
        "(e2ee.no-server-keys).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    may_see=Text(
        de="Namen und Rollen der Konten und den Beginn laufender Besprechungen, wie die Verwaltung sie sieht; behalten "
        "werden nur Namen von Feldern.",
        en="Names and roles of accounts, and when running meetings began, as administrators see them; only names of "
        "fields are kept.",
    ),
)
