"""What the administration does leaves one entry each, which says who did what when, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx
from sqlalchemy import Connection, func, select

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of, read_schema
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole, AuditAct
from klausur.store import tables
from klausur.store.unit import Database

_TRAIL: Final = tables.audit
_COLUMNS: Final = frozenset({"id", "at", "account", "act", "object"})
_PEOPLE: Final = "/api/admin/people"
_INVITATIONS: Final = "/api/admin/invitations"


@dataclass(slots=True)
class _Watching:
    """The trail, from act to act."""

    inside: Database
    ada: str
    last: int
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def note(self, act: AuditAct, object_: str, doing: Awaitable[httpx.Response]) -> httpx.Response:
        """Does it, and writes down which entries are there then that were not there before."""
        answer = await doing
        rows = await self.inside.look(lambda connection: _since(connection, self.last))
        self.last = max([self.last, *(row["id"] for row in rows)])
        hers = [row for row in rows if row["account"] == self.ada]
        entries = [self._entry(row, object_ or _id_of(answer)) for row in hers]
        self.seen.append({"act": act.value, "status": answer.status_code, "entries": entries})
        return answer

    def _entry(self, row: dict[str, Any], object_: str) -> dict[str, Any]:
        timed = isinstance(row["at"], datetime)
        return {"act": row["act"], "object": row["object"] == object_, "timed": timed}


async def collect(target: Target) -> Evidence:
    """What is new in the trail after each kind of act of an administrator, and which columns it has."""
    inside = inside_of(target)
    columns = (await inside.look(read_schema)).get(_TRAIL.name, ())
    browser = await target.as_role(AccountRole.ADMINISTRATOR)
    ada = given(await browser.get("/api/session"))["account"]["id"]
    person = await target.newcomer(AccountRole.ORGANISER, strong=True)
    their = f"{_PEOPLE}/{person.id}"
    trail = _Watching(inside, ada, await inside.look(_newest))
    wish = {"role": "organiser", "name": None}
    made = await trail.note(AuditAct.INVITATION_MADE, "", browser.post(_INVITATIONS, json=wish))
    link = _id_of(made)
    await trail.note(AuditAct.INVITATION_WITHDRAWN, link, browser.delete(f"{_INVITATIONS}/{link}"))
    for act, change in _CHANGES:
        await trail.note(act, person.id, browser.put(their, json=change))
    await trail.note(AuditAct.SECOND_FACTOR_RESET, person.id, browser.delete(f"{their}/second-factor"))
    await trail.note(AuditAct.RESET_MADE, person.id, browser.post(f"{their}/reset"))
    async with holding(target) as held:
        session = held.meeting.session
        await trail.note(AuditAct.MEETING_ENDED, session, browser.delete(f"/api/admin/meetings/{session}"))
    await trail.note(AuditAct.ACCOUNT_ERASED, person.id, browser.delete(their))
    return target.evidence(acts=trail.seen, columns=sorted(columns))


_CHANGES: Final = (
    (AuditAct.ROLE_CHANGED, {"role": "auditor", "disabled": False}),
    (AuditAct.ACCOUNT_DISABLED, {"role": "auditor", "disabled": True}),
    (AuditAct.ACCOUNT_ENABLED, {"role": "auditor", "disabled": False}),
)


_EACH: Final = frozenset(
    {
        AuditAct.INVITATION_MADE,
        AuditAct.INVITATION_WITHDRAWN,
        AuditAct.SECOND_FACTOR_RESET,
        AuditAct.RESET_MADE,
        AuditAct.MEETING_ENDED,
        AuditAct.ACCOUNT_ERASED,
        *(act for act, _ in _CHANGES),
    }
)


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(_TRAIL.c.id))).scalar_one() or 0)


def _since(connection: Connection, last: int) -> Sequence[dict[str, Any]]:
    rows = connection.execute(select(_TRAIL).where(_TRAIL.c.id > last).order_by(_TRAIL.c.id))
    return [dict(row) for row in rows.mappings()]


def _id_of(answer: httpx.Response) -> str:
    return str(answer.json().get("id", "")) if answer.is_success and answer.content else ""


def judge(evidence: Evidence, _params: Params) -> Judged:
    acts = evidence["acts"]
    if refused := [act["act"] for act in acts if act["status"] >= httpx.codes.BAD_REQUEST]:
        told = ", ".join(refused)
        return saw_nothing(f"Abgelehnt: {told}.", f"Refused: {told}.")
    faults = [fault for act in acts if (fault := _fault(act))]
    faults += [f"the trail has a place for {column}" for column in evidence["columns"] if column not in _COLUMNS]
    if faults:
        return failed("Ohne richtigen Eintrag", "Without the right entry", faults)
    if {act["act"] for act in acts} != _EACH or not set(evidence["columns"]) >= _COLUMNS:
        return saw_nothing("Nicht jede Handlung war zu sehen.", "Not every kind of act was to be seen.")
    return passed(
        f"{len(acts)} Handlungen der Verwaltung hinterließen je genau einen Eintrag aus Zeit, Konto, Handlung und "
        "Kennung.",
        f"{len(acts)} acts of the administration left exactly one entry each, of time, account, act and id.",
    )


def _fault(act: dict[str, Any]) -> str:
    """Empty where there is none."""
    entries = act["entries"]
    if len(entries) != 1:
        return f"{act['act']}: {len(entries)} entries"
    entry = entries[0]
    right = entry["act"] == act["act"] and entry["object"] and entry["timed"]
    return "" if right else f"{act['act']}: another entry"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Resets a second factor past its own trail: here by not doing it at all."""

    def past(request: httpx.Request) -> httpx.Response | None:
        resets = request.method == "DELETE" and request.url.path.endswith("/second-factor")
        return httpx.Response(204) if resets else None

    async with damaged(target, lambda _request, answer: answer, instead=past) as broken:
        yield broken


PROBE: Final = Probe(
    id="audit.trail",
    version=1,
    proves=Text(
        de="Jede Art von Handlung der Verwaltung (einladen, zurückziehen, Rolle ändern, sperren, entsperren, zweiten "
        "Faktor oder Zugang zurücksetzen, Besprechung beenden, Konto löschen) hinterlässt genau einen Eintrag mit "
        "Zeit, Konto, Handlung und zufälliger Kennung. Für Inhalte hat er keinen Platz.",
        en="Each kind of act of the administration (inviting, withdrawing, changing a role, disabling, enabling, "
        "resetting a second factor or access, ending a meeting, erasing an account) leaves exactly one entry with "
        "time, account, act and a random id. It has no place for content.",
    ),
    proves_not=Text(
        de="Dass niemand den Eintrag in der Datenbank nachträglich ändert; Handlungen am Betriebssystem oder an der "
        "Datenbank vorbei am Server; Handlungen am Nachweis selbst (sie werden nicht ausprobiert, denn sie blieben für "
        "immer darin stehen); dass jemand das Protokoll liest.",
        en="That nobody changes the entry in the database later; acts on the operating system or the database, past "
        "the server; acts on the proof itself (they are not tried out, for they would stand in it for ever); that "
        "anybody reads the trail.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    may_see=Text(
        de="Liest die Einträge, die währenddessen entstehen, und behält nur die der eigenen Konten.",
        en="Reads the entries that are made meanwhile, and keeps only those of its own accounts.",
    ),
    seconds=40.0,
)
