"""Where guests are forbidden nobody gets into a meeting without an account."""

from __future__ import annotations

from typing import Final

import httpx

from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, code_of, sealed
from klausur.compliance.probes.lenient import granting
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole
from klausur.domain.limits import MAC_BYTES

_NEEDED: Final = "signin_needed"


async def collect(target: Target) -> Evidence:
    """Code of each attempt at a meeting for people with accounts alone: of a guest with its link, and of a member."""
    async with target.meeting(guests=False) as meeting:
        member = Guest(meeting, await target.as_role(AccountRole.AUDITOR))
        looked = (await member.http.get(meeting.path, headers=meeting.proven)).status_code
        await member.knock()
        await member.leave()
        guest = await _tries(Guest(meeting, target.browser()))
    return target.evidence(guest=guest, member=looked)


async def _tries(guest: Guest) -> dict[str, str]:
    looked = await guest.http.get(guest.meeting.path, headers=guest.meeting.proven)
    knocked = await guest.try_to(knock=sealed())
    entered = await guest.try_to(mac=random(MAC_BYTES))
    return {"look": code_of(looked), "knock": code_of(knocked), "enter": code_of(entered)}


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["member"] != httpx.codes.OK:
        return saw_nothing("Auch ein Konto führte zu nichts.", "An account, too, led to nothing.")
    if not evidence["guest"]:
        return saw_nothing("Es wurde nichts versucht.", "Nothing was tried.")
    if faults := [way for way, code in evidence["guest"].items() if code != _NEEDED]:
        return failed("Ohne Konto möglich", "Possible without an account", faults)
    return passed(
        "Ohne Konto war die Besprechung weder zu sehen noch zu betreten; mit Konto und Link ja.",
        "Without an account the meeting could neither be seen nor entered; with one and the link it could.",
    )


PROBE: Final = Probe(
    id="authz.guests-can-be-forbidden",
    version=1,
    proves=Text(
        de="Eine Besprechung ohne Gäste bleibt allen verschlossen, die kein Konto haben, auch mit ihrem Link.",
        en="A meeting without guests stays closed to everybody without an account, even with its link.",
    ),
    proves_not=Text(
        de="Dass die Organisation Gäste insgesamt verboten hat: Das zeigt config.guests. Ob wer ein Konto hat, "
        "teilnehmen soll.",
        en="That the organisation has forbidden guests at all, which config.guests shows. Whether who has an account "
        "should take part.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=granting(_NEEDED),  # lets everybody with the link in
    depends_on=("guests", "open_meetings"),
)
