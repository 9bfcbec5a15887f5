"""Every route of the API, asked by everybody who may not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import httpx

from klausur.compliance.cast import Member, random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Host, Refused, code_of, sealed
from klausur.compliance.probes.saying import failed, is_answer, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole
from klausur.domain.limits import PSEUDONYM_BYTES, SIGNATURE_BYTES
from klausur.domain.policy import AccountOperation, Operation

_POWER: Final = "x-klausur-power"
_ACCOUNT_POWER: Final = "x-klausur-account-power"
_NO_POWER: Final = "x-klausur-no-power"
_FOR_ANYBODY: Final = frozenset({"/api/operator", "/healthz", "/readyz"})
"""The only paths that may need no power."""
_HOSTS: Final = frozenset({Operation.WRITE_CARD, Operation.RULE, Operation.SET_TIMES, Operation.CANCEL})
_REFUSED: Final = frozenset({401, 403})
_NOT_FOUND: Final = 404
_PARAMETER: Final = re.compile(r"\{[a-z]+\}")


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: str
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def account_operation(self) -> AccountOperation | None:
        given = self.about.get(_ACCOUNT_POWER)
        return AccountOperation(given) if given in set(AccountOperation) else None

    @property
    def operation(self) -> Operation | None:
        given = self.about.get(_POWER)
        return Operation(given) if given in set(Operation) else None

    @property
    def is_known(self) -> bool:
        """In a row of a table, or one of the few that need none."""
        free = _NO_POWER in self.about and self.path in _FOR_ANYBODY
        return free or self.operation is not None or self.account_operation is not None


async def collect(target: Target) -> Evidence:
    """What each route answered whom: status and code. Of what may be read, whether somebody inside is named there."""
    described = (await target.get("/api/openapi.json")).json()
    routes = [
        _Route(method.upper(), path, about)
        for path, methods in described["paths"].items()
        for method, about in methods.items()
    ]
    browser = await target.guests_browser()
    askers = await _askers(target)
    cells: dict[str, dict[str, list[Any]]] = {}
    named: list[str] = []
    # One of its own: where somebody may do what they may not, it has ended for whoever comes after.
    async with target.meeting(fresh=True) as meeting:
        host, waiting = Host(meeting, browser), Guest(meeting, browser)
        await host.enter()
        await waiting.knock()
        marks = [host.place.pseudonym, host.place.key]
        for route in routes:
            row = cells[route.name] = {}
            for who, http in askers.items():
                if (answer := await _ask(route, who, http, waiting)) is not None:
                    if _NO_POWER not in route.about:
                        row[who] = [answer.status_code, code_of(answer)]
                    named += [f"{route.name} ({who})" for mark in marks if mark in answer.text]
        for route in routes:
            if route.operation in _HOSTS:
                body = _body(route, waiting)
                answer = await waiting.http.request(
                    route.method, _filled(route.path, meeting.id), json=body, headers=meeting.proven
                )
                cells[route.name]["guest"] = [answer.status_code, code_of(answer)]
        for person in (waiting, host):
            with suppress(Refused):  # whoever could do what they may not has ended it
                await person.leave()
    unknown = [route.name for route in routes if not route.is_known]
    return target.evidence(cells=cells, unknown=unknown, named=sorted(set(named)), may=_may(routes))


async def _askers(target: Target) -> Mapping[str, httpx.AsyncClient]:
    weak = await target.newcomer(AccountRole.ADMINISTRATOR, strong=False)
    members: dict[str, Member] = {_WEAK: weak}
    for role in AccountRole:
        members[role.value] = await target.newcomer(role)
    return {"stranger": target.browser()} | {who: target.browser(its) for who, its in members.items()}


def _may(routes: Sequence[_Route]) -> Mapping[str, Sequence[str]]:
    """By route, who may."""
    return {
        route.name: [who for who in _EVERYBODY if _allowed(route.account_operation, who)]
        for route in routes
        if route.account_operation is not None
    }


_WEAK: Final = "administrator without second factor"
_EVERYBODY: Final = ("stranger", *(role.value for role in AccountRole), _WEAK)


# Written out once more: an altered table (domain/policy.py) must not be what it is judged by.
_ANYBODYS: Final = frozenset(
    {
        AccountOperation.SEE_SESSION,
        AccountOperation.SIGN_IN,
        AccountOperation.SIGN_OUT,
        AccountOperation.ACCEPT_INVITATION,
        AccountOperation.SEE_PROOF_SUMMARY,
    }
)
_ONES_OWN: Final = frozenset(
    {
        AccountOperation.SEE_OWN_ACCOUNT,
        AccountOperation.CHANGE_OWN_ACCOUNT,
        AccountOperation.ERASE_OWN_ACCOUNT,
        AccountOperation.KEEP_VAULT,
    }
)
_OVERSIGHT: Final = frozenset({AccountOperation.SEE_PROOF, AccountOperation.ATTEST})
_WITHOUT_SECOND_FACTOR: Final = frozenset({AccountOperation.OPEN_MEETING, AccountOperation.SEE_PROOF})
"""Of what administrators may."""


def _allowed(operation: AccountOperation, who: str) -> bool:
    if operation in _ANYBODYS or who == AccountRole.ADMINISTRATOR:
        return True
    if who == "stranger":
        return False
    allowed = {
        AccountRole.ORGANISER.value: frozenset({AccountOperation.OPEN_MEETING}),
        AccountRole.AUDITOR.value: _OVERSIGHT,
        _WEAK: _WITHOUT_SECOND_FACTOR,
    }
    return operation in _ONES_OWN or operation in allowed[who]


async def _ask(route: _Route, who: str, http: httpx.AsyncClient, inside: Guest) -> httpx.Response | None:
    """None where nothing is to be asked: what they may do is asked only where it changes nothing."""
    operation = route.account_operation
    if operation is not None:
        if operation is AccountOperation.OPEN_MEETING or (_allowed(operation, who) and route.method != "GET"):
            return None  # authz.openers asks who may open
        path, body = _filled(route.path, random(PSEUDONYM_BYTES)), {}
    elif route.operation is not None:
        # Of a meeting that is there, without what its link holds.
        seat = route.path.replace("{pseudonym}", inside.place.pseudonym)
        path, body = _filled(seat, inside.meeting.id), _body(route, inside)
    elif route.method == "GET":
        path, body = _filled(route.path, inside.meeting.id), {}
    else:
        return None
    sent = {} if route.method == "GET" else {"json": body}
    return await http.request(route.method, path, **sent)  # type: ignore[arg-type]


def _filled(path: str, meeting: str) -> str:
    """``meeting``: also what stands for any other id."""
    return _PARAMETER.sub(lambda _: random(PSEUDONYM_BYTES), path.replace("{meeting}", meeting))


def _body(route: _Route, person: Guest) -> dict[str, Any]:
    """As a browser sends it, signed by somebody else than the host."""
    signature = random(SIGNATURE_BYTES)
    times = {"opens_at": "2027-01-01T09:00:00Z", "closes_at": "2027-01-01T10:00:00Z"}
    match route.operation:
        case Operation.WRITE_CARD:
            return {"version": 1, "sealed": sealed(), "signature": signature}
        case Operation.RULE:
            return {"version": 9, "document": person.meeting.rules_document(), "signature": signature}
        case Operation.SET_TIMES:
            return times | {"version": 9, "signature": signature}
        case Operation.CANCEL:
            return {"signature": signature}
        case Operation.CONNECT:
            return {"session": person.place.session, "announcement": sealed()}
        case Operation.KNOCK if route.path.endswith("/knock"):
            return {"knock": sealed()}
        case _:
            return person.wish(knock=sealed())


def judge(evidence: Evidence, _params: Params) -> Judged:
    cells: Mapping[str, Mapping[str, Sequence[Any]]] = evidence["cells"]
    faults = [
        *(f"{name}: not in the table" for name in evidence["unknown"]),
        *(f"{name}: names who attends" for name in evidence["named"]),
        *(fault for name, row in cells.items() for fault in _wrong(name, row, evidence["may"].get(name))),
    ]
    if faults:
        return failed("Nicht wie in der Tabelle der Rechte", "Not as in the table of powers", faults)
    statuses = {f"{name} ({who})": status for name, row in cells.items() for who, (status, _) in row.items()}
    if (blind := unanswered(statuses)) is not None:
        return blind
    granted = sum(row[who][0] == httpx.codes.OK for name, row in cells.items() for who in row)
    asked = sum(len(row) for row in cells.values())
    if not granted:
        return saw_nothing("Auch Erlaubtes wurde verweigert.", "What is allowed was refused, too.")
    return passed(
        f"{len(cells)} Wege, {asked} Versuche: {asked - granted} verweigert, {granted} erlaubt, alle wie in der "
        "Tabelle; niemand erhielt eine Liste von Teilnehmenden.",
        f"{len(cells)} routes, {asked} attempts: {asked - granted} refused, {granted} allowed, all as in the table; "
        "nobody was given a list of who attends.",
    )


def _wrong(name: str, row: Mapping[str, Sequence[Any]], may: Sequence[str] | None) -> Iterator[str]:
    for who, (status, code) in row.items():
        if not is_answer(status):
            continue  # refuses nobody, and lets nobody in
        if may is not None and who in may:
            fine = status not in _REFUSED
        elif may is not None:
            # Before anything else is looked at, so that a body that makes no sense never hides an open door.
            fine = status in _REFUSED
        else:
            fine = status in _REFUSED or (status == _NOT_FOUND and code == "no_meeting")
        if not fine:
            yield f"{name} ({who}): {status}"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Shows the list of people to everybody."""

    def open_list(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json={}) if request.url.path == "/api/admin/people" else answer

    async with damaged(target, open_list) as broken:
        yield broken


PROBE: Final = Probe(
    id="authz.matrix",
    version=2,
    proves=Text(
        de="Jeder Weg der Schnittstelle steht in der Tabelle der Rechte und verweigert sich allen, die es danach nicht "
        "dürfen: Fremden, jeder Rolle, der Verwaltung ohne zweiten Faktor, Gästen ohne Schlüssel der Leitung. Keine "
        "Rolle erhält eine Liste von Teilnehmenden.",
        en="Every route of the API stands in the table of powers and refuses itself to all who may not by it: "
        "strangers, each role, administrators without a second factor, guests without the host's key. No role is given "
        "a list of who attends.",
    ),
    proves_not=Text(
        de="Was auf den Ereignis-Verbindungen einer Besprechung möglich ist: Das zeigen authz.moderation und "
        "lobby.isolation. Wege, die in der Beschreibung der Schnittstelle fehlen, sieht das Verfahren nicht. Was "
        "erlaubt ist, wird nur versucht, wo es nichts verändert.",
        en="What can be done on the event sockets of a meeting, which authz.moderation and lobby.isolation show. "
        "Routes that the API's description lacks are not seen. What is allowed is tried only where it changes nothing.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "open_meetings"),
    may_see=Text(
        de="Namen und Rollen der Konten, in Antworten an die Verwaltung; behalten wird nur der Status.",
        en="Names and roles of accounts, in answers to an administrator; only the status is kept.",
    ),
    seconds=60.0,
)
