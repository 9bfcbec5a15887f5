"""A session that is ended opens nothing any more, by whichever way it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.cast import Member, session_of
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_ACCOUNT: Final = "/api/account"


async def collect(target: Target) -> Evidence:
    """What the cookie of each session still opens afterwards, as statuses."""
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    here = target.browser(person)
    before = (await here.get(_ACCOUNT)).status_code
    ended = {}
    revoked = await _signed_in(target, person)
    listed = given(await here.get(_ACCOUNT))["sessions"]
    for session in listed:
        if not session["here"]:
            await here.delete(f"{_ACCOUNT}/sessions/{session['id']}")
    ended["revoked"] = await _opens(target, revoked)
    others = [await _signed_in(target, person) for _ in range(2)]
    await here.delete(f"{_ACCOUNT}/sessions")
    ended["all others ended"] = max([await _opens(target, other) for other in others], key=_opened)
    out = await _signed_in(target, person)
    await target.browser(out).delete("/api/session")
    ended["signed out"] = await _opens(target, out)
    after = (await here.get(_ACCOUNT)).status_code
    await here.delete(_ACCOUNT)
    ended["account erased"] = await _opens(target, person.session)
    return target.evidence(ended=ended, kept=[before, after], listed=len(listed))


async def _signed_in(target: Target, person: Member) -> str:
    """A cookie of one more browser."""
    answer = await target.browser().post("/api/signin/password", json={"name": person.name, "key": person.key})
    given(answer)
    return session_of(tuple(answer.headers.get_list("set-cookie")))


async def _opens(target: Target, cookie: str) -> int:
    return (await target.browser(cookie).get(_ACCOUNT)).status_code


def _opened(status: int) -> bool:
    return status < httpx.codes.BAD_REQUEST


def judge(evidence: Evidence, _params: Params) -> Judged:
    if faults := [how for how, status in evidence["ended"].items() if _opened(status)]:
        return failed("Beendete Sitzungen öffneten noch etwas", "Ended sessions still opened something", faults)
    if (blind := unanswered(evidence["ended"])) is not None:
        return blind
    if not evidence["kept"] or not all(map(_opened, evidence["kept"])) or evidence["listed"] != 2:
        return saw_nothing("Auch die laufende Sitzung öffnete nichts.", "The session that went on opened nothing.")
    return passed(
        f"Auf {len(evidence['ended'])} Wegen beendete Sitzungen öffneten nichts mehr; die laufende ging weiter.",
        f"Sessions ended in {len(evidence['ended'])} ways opened nothing any more; the one that was kept went on.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """What a cookie opened once, it opens for ever."""

    def lasting(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == _ACCOUNT and request.method == "GET" and not answer.is_success:
            return httpx.Response(200, json={})
        return answer

    async with damaged(target, lasting) as broken:
        yield broken


PROBE: Final = Probe(
    id="auth.sessions-revocable",
    version=1,
    proves=Text(
        de="Eine Sitzung, die widerrufen, abgemeldet oder mit dem Konto gelöscht ist, öffnet sofort nichts mehr.",
        en="A session that is revoked, signed out of, or erased with its account, opens nothing any more at once.",
    ),
    proves_not=Text(
        de="Dass Sitzungen nach Ablauf ihrer Frist enden, und was ein Identitätsanbieter beendet.",
        en="That sessions end after their time, and what an identity provider ends.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("limit_signins",),
)
