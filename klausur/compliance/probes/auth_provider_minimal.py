"""The identity provider is asked for what signing in needs, and for nothing else about anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, damaged
from klausur.compliance.words import Text

_DEPARTURE: Final = "/api/signin/provider"
_SETTING: Final = "oidc_issuer"
_WHO: Final = "openid"
_NAME: Final = frozenset({"profile", "email"})
"""Either tells what a new account is to be called (OpenID Connect Core 1.0, 5.4)."""
_NEEDED: Final = frozenset(
    {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
)
_FIELDS_AT_MOST: Final = 50
_NONE: Final = Text(
    de="Es ist kein Identitätsanbieter eingerichtet (OIDC_ISSUER).", en="There is no identity provider (OIDC_ISSUER)."
)
_SILENT: Final = Text(
    de="Der Identitätsanbieter war für den Server nicht zu erreichen.",
    en="The server could not reach the identity provider.",
)


async def collect(target: Target) -> Evidence:
    """A real request to be signed in, as far as the browser would carry it; nobody signs in."""
    if target.settings.get(_SETTING) is None:
        raise CannotLook(_NONE)
    answer = await target.get(_DEPARTURE)
    to = urlsplit(answer.headers.get("location", ""))
    if answer.status_code != httpx.codes.SEE_OTHER or not to.hostname:
        raise CannotLook(_SILENT)
    asked = parse_qs(to.query, max_num_fields=_FIELDS_AT_MOST)
    return target.evidence(
        scopes=sorted(" ".join(asked.get("scope", [])).split()),
        parameters=sorted(asked),
        makes_accounts=bool(target.settings.get("oidc_new_accounts")),
    )


def judge(evidence: Evidence, _params: Params) -> Judged:
    scopes = set(evidence["scopes"])
    if _WHO not in scopes:
        return saw_nothing("Es wurde nicht nach einer Anmeldung gefragt.", "Nobody was asked to sign in.")
    more = scopes - {_WHO}
    # Of who gets an account here the name is needed, told in one of two ways.
    named = more & _NAME if evidence["makes_accounts"] else set()
    faults = sorted(more - named) if len(named) < len(_NAME) else sorted(more)
    faults += [name for name in evidence["parameters"] if name not in _NEEDED]
    if faults:
        return failed("Mehr als nötig wird erfragt", "More is asked for than is needed", faults)
    told = " ".join(sorted(scopes))
    return passed(f"Erfragt wird nur: {told}.", f"Asked for is only: {told}.")


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Also asks for telephone numbers."""

    def curious(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == _DEPARTURE and "location" in answer.headers:
            answer.headers["location"] = answer.headers["location"].replace("scope=openid", "scope=openid+phone")
        return answer

    async with damaged(target, curious) as broken:
        yield broken


PROBE: Final = Probe(
    id="auth.provider-minimal",
    version=1,
    proves=Text(
        de="Wer sich über den Identitätsanbieter anmeldet, wird dort nur gefragt, wer er ist, und nach einem Namen "
        "allein dann, wenn daraus ein neues Konto werden darf.",
        en="Whoever signs in by the identity provider is asked there for who they are alone, and for a name only where "
        "a new account may be made of it.",
    ),
    proves_not=Text(
        de="Was der Anbieter ungefragt mitteilt, und was er selbst darüber aufzeichnet, wer sich wann wo anmeldet.",
        en="What the provider tells unasked, and what it records itself of who signs in where and when.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("oidc_issuer", "oidc_new_accounts", "oidc_name_claim", "public_url"),
    seconds=30.0,
)
