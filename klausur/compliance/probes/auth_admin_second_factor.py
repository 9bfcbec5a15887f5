"""Without a second factor nobody administers anything."""

from __future__ import annotations

from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import code_of
from klausur.compliance.probes.lenient import granting
from klausur.compliance.probes.saying import failed, is_answer, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_PATHS: Final = ("people", "meetings", "settings", "engine")
_NEEDED: Final = "second_factor_required"


async def collect(target: Target) -> Evidence:
    """Status and code by path: of an administrator with a password alone, then of the same one with a code."""
    person = await target.newcomer(AccountRole.ADMINISTRATOR, strong=False)
    weak = await _seen(target.browser(person))
    invited = await _try_to_invite(target.browser(person))
    strong = await _seen(await target.as_role(AccountRole.ADMINISTRATOR))
    return target.evidence(weak=weak | {"invitations": invited}, strong=strong)


async def _seen(browser: httpx.AsyncClient) -> dict[str, list[Any]]:
    return {path: _shown(await browser.get(f"/api/admin/{path}")) for path in _PATHS}


async def _try_to_invite(browser: httpx.AsyncClient) -> list[Any]:
    """Somebody with a role that there is not, so that nobody is invited whatever happens."""
    return _shown(await browser.post("/api/admin/invitations", json={"role": "nobody"}))


def _shown(answer: httpx.Response) -> list[Any]:
    return [answer.status_code, code_of(answer)]


def judge(evidence: Evidence, _params: Params) -> Judged:
    weak = evidence["weak"]
    if faults := [path for path, (status, code) in weak.items() if code != _NEEDED and is_answer(status)]:
        return failed("Ohne zweiten Faktor zugänglich", "Open without a second factor", faults)
    if (blind := unanswered({path: status for path, (status, _) in weak.items()})) is not None:
        return blind
    strong = {path: status for path, (status, _) in evidence["strong"].items()}
    if strong != dict.fromkeys(_PATHS, httpx.codes.OK):
        return saw_nothing("Auch mit zweitem Faktor verweigert.", "Refused with a second factor, too.")
    return passed(
        f"{len(weak)} Bereiche der Verwaltung verlangten den zweiten Faktor und öffneten sich mit ihm.",
        f"{len(weak)} parts of the administration demanded the second factor, and opened with it.",
    )


PROBE: Final = Probe(
    id="auth.admin-second-factor",
    version=1,
    proves=Text(
        de="Wer verwaltet und sich nur mit einem Passwort angemeldet hat, kann nichts einsehen und nichts ändern.",
        en="An administrator who has signed in by a password alone sees nothing and changes nothing.",
    ),
    proves_not=Text(
        de="Dass der zweite Faktor sicher verwahrt ist; ob ein Identitätsanbieter, dem die Einstellungen trauen, "
        "einen verlangt.",
        en="That the second factor is kept safe; whether an identity provider that the settings trust asks for one.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=granting(_NEEDED),  # takes a password for enough
    depends_on=("oidc_second_factor",),
    may_see=Text(
        de="Namen und Rollen der Konten, in einer Antwort an die Verwaltung; behalten wird nur der Status.",
        en="Names and roles of accounts, in an answer to an administrator; only its status is kept.",
    ),
)
