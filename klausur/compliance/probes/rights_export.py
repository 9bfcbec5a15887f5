"""The export of a person contains everything that was stored of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance import meetings
from klausur.compliance.cast import Member
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_MARKS: Final = 7
"""The account's, its meeting's, and one session's at least."""
_IN_FEW_WORDS: Final = "Firefox, Linux"


async def collect(target: Target) -> Evidence:
    """Which marks are missing in the export of somebody who was made with them."""
    person = await target.newcomer(AccountRole.ORGANISER)
    browser = target.browser(person)
    signed_in = {"name": person.name, "key": person.key, "code": await _code(target, person)}
    answer = await target.browser().post("/api/signin/password", json=signed_in, headers={"User-Agent": _BROWSER})
    given(answer)
    meeting = await meetings.open_meeting(browser)
    export = await browser.get("/api/account/export")
    told = given(export)
    text = export.text
    marks = {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "vault": person.vault,
        "meeting": meeting.id,
        "browser of a session": _IN_FEW_WORDS,
    }
    marks |= {f"session {each['id']}": each["id"] for each in given(await browser.get("/api/account"))["sessions"]}
    await meetings.cancel(browser, meeting)
    await browser.delete("/api/account")
    return target.evidence(
        missing=sorted(name for name, mark in marks.items() if mark not in text),
        marks=len(marks),
        wraps=len(told.get("vault_wraps", ())),
        second_factor=bool(told.get("totp")),
        type=export.headers.get("content-type", ""),
    )


async def _code(target: Target, person: Member) -> str:
    """Not the one that made the second factor: each is good once."""
    if target.cast is None:
        raise RuntimeError(person.name)
    return person.code(target.cast.clock, ahead=1)


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [*evidence["missing"]]
    faults += [] if evidence["wraps"] else ["keys of the vault"]
    faults += [] if evidence["second_factor"] else ["second factor"]
    faults += [] if evidence["type"].startswith("application/json") else ["not machine-readable"]
    if evidence["marks"] < _MARKS:
        return saw_nothing("Nach zu wenig wurde gesucht.", "Too little was looked for.")
    if faults:
        return failed("Im Export fehlt", "The export lacks", faults)
    return passed(
        f"Der Export enthielt alle {evidence['marks']} Kennzeichen der Person, maschinenlesbar.",
        f"The export held all {evidence['marks']} marks of the person, machine-readable.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Leaves out the meetings that somebody has made."""

    def forgetful(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path.endswith("/export") and answer.is_success:
            return httpx.Response(200, json=answer.json() | {"meetings": []})
        return answer

    async with damaged(target, forgetful) as broken:
        yield broken


PROBE: Final = Probe(
    id="rights.export",
    version=1,
    proves=Text(
        de="Wer sich Daten ausgeben lässt, erhält alles, was zu einem eigens angelegten, gekennzeichneten Konto "
        "gespeichert wurde: Name, Rolle, Sitzungen, Tresor, Besprechungen.",
        en="Who asks for their data is given everything that was stored of a marked account made for this: name, "
        "role, sessions, vault, meetings.",
    ),
    proves_not=Text(
        de="Dass auch Passkeys, Hinweise und Einträge der Protokollierung enthalten sind: Davon hatte die Person "
        "keine. Werte, die nur etwas beweisen (Prüfsummen, Siegel), gehören nicht dazu.",
        en="That passkeys, notices and entries of the trail are in it, too: the person had none. Values that only "
        "prove something (hashes, seals) do not belong to it.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("open_meetings",),
)
