"""Only those who may open meetings do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance import meetings
from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole
from klausur.domain.limits import MEETING_ID_BYTES

_OPENED: Final = 201
_MAY: Final = frozenset({AccountRole.ORGANISER.value, AccountRole.ADMINISTRATOR.value})
_SETTING: Final = "open_meetings"


async def collect(target: Target) -> Evidence:
    tried = {"stranger": await _try(target.browser())}
    for role in AccountRole:
        tried[role.value] = await _try(await target.as_role(role))
    return target.evidence(tried=tried, setting=target.settings[_SETTING])


async def _try(http: httpx.AsyncClient) -> Sequence[int | str]:
    """Status and code."""
    try:
        meeting = await meetings.open_meeting(http)
    except meetings.Refused as refused:
        return [refused.status, refused.code]
    await meetings.cancel(http, meeting)
    return [_OPENED, ""]


def judge(evidence: Evidence, _params: Params) -> Judged:
    tried = evidence["tried"]
    opened = {who for who, (status, _) in tried.items() if status == _OPENED}
    if intruders := sorted(opened - _MAY):
        return failed("Besprechungen eröffneten auch", "Meetings were opened by", intruders)
    if (blind := unanswered({who: status for who, (status, _) in tried.items()})) is not None:
        return blind
    if evidence["setting"] != "nobody" and not opened:
        return saw_nothing("Auch Berechtigte konnten nicht eröffnen.", "Nobody could open any, not even who may.")
    return passed(
        f"Besprechungen eröffneten nur: {', '.join(sorted(opened)) or 'niemand'}.",
        f"Meetings were opened by these alone: {', '.join(sorted(opened)) or 'nobody'}.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Opens to everybody."""

    def open_to_all(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        path = request.url.path
        if path.startswith("/api/meetings") and not answer.is_success:
            told = {"meeting": random(MEETING_ID_BYTES), "session": "", "server_time": "2026-01-01T00:00:00Z"}
            return httpx.Response(_OPENED, json=told)
        return answer

    async with damaged(target, open_to_all) as broken:
        yield broken


PROBE: Final = Probe(
    id="authz.openers",
    version=1,
    proves=Text(
        de="Ohne Konto, und mit einem Konto, das es nicht darf, lässt sich keine Besprechung eröffnen.",
        en="Without an account, and with one that may not, no meeting can be opened.",
    ),
    proves_not=Text(
        de="Dass die richtigen Personen ein Konto haben.",
        en="That the right people have an account.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=(_SETTING,),
)
