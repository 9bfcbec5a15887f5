"""The session is in a cookie that no script can read and no other site can use; strangers are given none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.probes.pages import answers, values
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_PREFIX: Final = "__Host-"


async def collect(target: Target) -> Evidence:
    """Every Set-Cookie, values left out: at sign-in, while signed in, at signing out, and of strangers; and with which
    status signing out was answered."""
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    browser = target.browser()
    signed_in = await browser.post("/api/signin/password", json={"name": person.name, "key": person.key})
    during = [await browser.get(path) for path in ("/api/session", "/api/account", "/", "/account")]
    out = await browser.delete("/api/session")
    strangers = [value for answer in await answers(target) for value in values(answer, "set-cookie")]
    return target.evidence(
        secure=target.url.startswith("https://"),
        signed_in=_set(signed_in),
        during=[cookie for answer in during for cookie in _set(answer)],
        out=_set(out),
        signed_out=out.status_code,
        strangers=list(map(_without_value, strangers)),
    )


def _set(answer: httpx.Response) -> list[str]:
    return list(map(_without_value, answer.headers.get_list("set-cookie")))


def _without_value(cookie: str) -> str:
    pair, _, rest = cookie.partition(";")
    return f"{pair.partition('=')[0]};{rest}"


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["signed_in"]:
        return saw_nothing("Beim Anmelden wurde kein Cookie gesetzt.", "Signing in set no cookie.")
    ours = [*evidence["signed_in"], *evidence["during"], *evidence["out"]]
    faults = [fault for cookie in ours for fault in _faults(cookie, secure=evidence["secure"])]
    faults += [f"strangers are given {cookie.partition(';')[0]}" for cookie in evidence["strangers"]]
    if faults:
        return failed("Cookies sind nicht geschützt", "Cookies are not protected", faults)
    if not httpx.codes.is_success(evidence["signed_out"]) or not _names(evidence["signed_in"]) <= _taken_back(evidence):
        return saw_nothing(
            f"Das Abmelden nahm kein Cookie zurück ({evidence['signed_out']}).",
            f"Signing out took back no cookie ({evidence['signed_out']}).",
        )
    return passed(
        f"{len(ours)} Cookies, alle geschützt; Fremde erhielten keines.",
        f"{len(ours)} cookies, all protected; strangers were given none.",
    )


def _names(cookies: Iterable[str]) -> set[str]:
    return {cookie.partition(";")[0] for cookie in cookies}


def _taken_back(evidence: Evidence) -> set[str]:
    """Names of those that browsers forget at signing out."""
    return _names(cookie for cookie in evidence["out"] if "max-age=0" in _attributes(cookie))


def _attributes(cookie: str) -> set[str]:
    return {part.strip().lower() for part in cookie.partition(";")[2].split(";")}


def _faults(cookie: str, *, secure: bool) -> Iterator[str]:
    name, given = cookie.partition(";")[0], _attributes(cookie)
    needed = {"httponly", "samesite=strict", "path=/"} | ({"secure"} if secure else set())
    yield from (f"{name}: no {each}" for each in sorted(needed - given))
    if any(each.startswith("domain=") for each in given):
        yield f"{name}: for other names, too"
    if secure and not name.startswith(_PREFIX):
        yield f"{name}: no {_PREFIX}"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Lets scripts read them."""

    def readable(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        kept = [
            (name, value.replace("; HttpOnly", "") if name == "set-cookie" else value)
            for name, value in answer.headers.multi_items()
        ]
        answer.headers = httpx.Headers(kept)
        return answer

    async with damaged(target, readable) as broken:
        yield broken


PROBE: Final = Probe(
    id="http.cookies",
    version=2,
    proves=Text(
        de="Alle Cookies, die beim Anmelden, danach und beim Abmelden gesetzt werden, sind für Skripte unlesbar, "
        "gelten nur für die eigene Seite und gehen nie mit Anfragen von anderswo; Fremde erhalten keines. Unter TLS "
        "sind sie an den Namen gebunden.",
        en="All cookies that are set at sign-in, after it and at signing out are unreadable to scripts, hold for our "
        "own site only, and never go with requests from elsewhere; strangers are given none. Under TLS they are "
        "bound to the name.",
    ),
    proves_not=Text(
        de="Cookies auf dem Weg über einen Identitätsanbieter; was Skripte selbst ablegen (web.storage). Ohne TLS, "
        "auf dem eigenen Rechner, gibt es weder Secure noch den Namenszusatz.",
        en="Cookies on the way by an identity provider; what scripts store themselves (web.storage). Without TLS, on "
        "one's own machine, there is neither Secure nor the prefix.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert"),
)
