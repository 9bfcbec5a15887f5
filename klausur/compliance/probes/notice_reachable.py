"""The privacy notice can be read before joining, by strangers, without cookies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_PAGES: Final = ("/privacy", "/imprint")
_NOWHERE: Final = "/there/is/no/such/notice"
_SAYS: Final = ("name", "contact", "retention")


async def collect(target: Target) -> Evidence:
    """The pages' statuses, types and cookies; which of the notice's facts there are; and the status of an address where
    there is nothing."""
    pages = [await _page(target, path) for path in _PAGES]
    nowhere = (await target.get(_NOWHERE)).status_code
    facts = await target.get("/api/operator")
    told = facts.json() if facts.is_success else {}
    cookies = len(facts.headers.get_list("set-cookie"))
    return target.evidence(
        pages=pages, facts={name: bool(told.get(name)) for name in _SAYS}, cookies=cookies, nowhere=nowhere
    )


async def _page(target: Target, path: str) -> dict[str, object]:
    answer = await target.get(path)
    return {
        "path": path,
        "status": answer.status_code,
        "type": answer.headers.get("content-type", ""),
        "cookies": len(answer.headers.get_list("set-cookie")),
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [
        f"{page['path']}: {page['status']}"
        for page in evidence["pages"]
        if page["status"] != httpx.codes.OK or not page["type"].startswith("text/html")
    ]
    faults += [f"{page['path']}: cookies" for page in evidence["pages"] if page["cookies"]]
    faults += [f"no {name}" for name, there in evidence["facts"].items() if not there]
    faults += ["facts: cookies"] if evidence["cookies"] else []
    if faults:
        return failed("Der Datenschutzhinweis fehlt oder ist unvollständig", "The notice is missing or lacks", faults)
    seen = {page["path"] for page in evidence["pages"]} == set(_PAGES) and set(evidence["facts"]) == set(_SAYS)
    if not seen or evidence["nowhere"] != httpx.codes.NOT_FOUND:
        return saw_nothing("Auch was es nicht gibt, war da.", "What there is not was there, too.")
    return passed(
        "Hinweis und Impressum waren ohne Anmeldung und ohne Cookie da, mit verantwortlicher Stelle und Fristen.",
        "Notice and imprint were there without signing in and without a cookie, with the responsible body and periods.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Shows the notice to those alone who have signed in."""

    def closed(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(401) if request.url.path == "/privacy" else answer

    async with damaged(target, closed) as broken:
        yield broken


PROBE: Final = Probe(
    id="notice.reachable",
    version=2,
    proves=Text(
        de="Datenschutzhinweis und Impressum sind vor dem Beitreten erreichbar, für alle, ohne Anmeldung und ohne "
        "Cookie; verantwortliche Stelle, Kontakt und Fristen werden genannt.",
        en="Privacy notice and imprint can be reached before joining, by everybody, without signing in and without "
        "cookies; responsible body, contact and periods are named.",
    ),
    proves_not=Text(
        de="Dass der Hinweis vollständig und richtig ist (notice.equals-facts), und wie er im Browser aussieht "
        "(web.organiser-shown).",
        en="That the notice is complete and right (notice.equals-facts), and how it looks in a browser "
        "(web.organiser-shown).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("operator_name", "operator_contact"),
)
