"""The pages forbid the browser to load from, or send to, anybody but this installation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.probes.pages import answers, is_page, listed, values
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_OURS_ALONE: Final = frozenset({"'self'", "'none'"})
_LOADS: Final = (
    "script-src",
    "style-src",
    "img-src",
    "media-src",
    "font-src",
    "worker-src",
    "connect-src",
    "frame-src",
    "object-src",
    "manifest-src",
)
_MUST: Final[Mapping[str, frozenset[str]]] = {
    "default-src": frozenset({"'none'"}),
    "frame-ancestors": frozenset({"'none'"}),
    "base-uri": frozenset({"'none'"}),
    "form-action": _OURS_ALONE,
    "require-trusted-types-for": frozenset({"'script'"}),
}


async def collect(target: Target) -> Evidence:
    seen = await answers(target)
    return target.evidence(pages=[answer for answer in seen if is_page(answer)])


def judge(evidence: Evidence, _params: Params) -> Judged:
    pages = evidence["pages"]
    if not pages:
        return Judged(Status.NOTHING_SEEN, Text(de="Keine Seite wurde gezeigt.", en="No page was shown."))
    wrong = [f"{page['path']}: {fault}" for page in pages for fault in _faults(page)]
    if wrong:
        told = listed(wrong)
        return Judged(
            Status.FAIL, Text(de=f"Die Richtlinie erlaubt zu viel: {told}.", en=f"It allows too much: {told}.")
        )
    return Judged(
        Status.PASS,
        Text(
            de=f"Die Richtlinien von {len(pages)} Seiten erlauben nur die eigene Adresse.",
            en=f"The policies of {len(pages)} pages allow our own origin only.",
        ),
    )


def _faults(page: dict[str, Any]) -> Iterator[str]:
    given = values(page, "content-security-policy")
    if len(given) != 1:
        yield "content-security-policy"
        return
    policy = _directives(given[0])
    for name, allowed in _MUST.items():
        if not policy.get(name) or not set(policy[name]) <= allowed:
            yield name
    fallback = policy.get("default-src", ["*"])
    for name in _LOADS:
        if not set(policy.get(name, fallback)) <= _OURS_ALONE:
            yield name


def _directives(policy: str) -> Mapping[str, Sequence[str]]:
    """The first of a name counts, as in browsers (CSP level 3, section 2.2.1)."""
    found: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        found.setdefault(name.lower(), sources)
    return found


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    def loosened(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        policy = answer.headers.get("content-security-policy", "")
        answer.headers["content-security-policy"] = policy.replace(
            "connect-src 'self'", "connect-src 'self' https://statistics.example"
        )
        return answer

    async with damaged(target, loosened) as broken:
        yield broken


PROBE: Final = Probe(
    id="http.csp",
    version=1,
    proves=Text(
        de="Die Seiten verbieten dem Browser, von anderen Adressen zu laden oder dorthin zu senden.",
        en="The pages forbid the browser to load from other origins, or to send to them.",
    ),
    proves_not=Text(
        de="Dass der Browser sich daran hält, und was die Medien betrifft: Für sie gilt die Richtlinie nicht.",
        en="That the browser keeps to it, and anything about media, to which the policy does not apply.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "trusted_proxies"),
)
