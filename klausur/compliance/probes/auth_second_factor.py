"""An account with a second factor does not open without it."""

from __future__ import annotations

import secrets
from typing import Any, Final

import httpx

from klausur.compliance.cast import Member
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import code_of, given
from klausur.compliance.probes.lenient import granting
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import NOBODY, CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_SIGNIN: Final = "/api/signin/password"
_NEEDED: Final = "code_needed"
_TOTP: Final = "/api/account/totp"


async def collect(target: Target) -> Evidence:
    """Status and code of each way to sign in to a marked account with a second factor, and of taking that away."""
    if target.cast is None:
        raise CannotLook(NOBODY)
    person = await target.newcomer(AccountRole.ORGANISER, strong=True)
    right = person.code(target.cast.clock, ahead=1)
    wrong = f"{(int(right) + 1 + secrets.randbelow(900_000)) % 1_000_000:06}"
    another = await target.newcomer(AccountRole.ORGANISER, strong=True)
    tried = {
        "without a code": await _sign_in(target, person, None),
        "with a wrong code": await _sign_in(target, person, wrong),
        "with somebody else's code": await _sign_in(target, person, another.code(target.cast.clock, ahead=1)),
        "with an invented backup code": await _sign_in(target, person, "0000-0000"),
    }
    stranger = target.browser()
    tried["without a session"] = _shown(await stranger.get("/api/account"))
    taken = _shown(await stranger.delete(_TOTP, headers={"Klausur-Account": person.id}))
    tried["taking the factor away"] = taken
    control = await _sign_in(target, person, right)
    tried["with a code used before"] = await _sign_in(target, person, right)
    return target.evidence(tried=tried, control=control)


async def _sign_in(target: Target, person: Member, code: str | None) -> list[Any]:
    body = {"name": person.name, "key": person.key} | ({} if code is None else {"code": code})
    return _shown(await target.browser().post(_SIGNIN, json=body))


def _shown(answer: httpx.Response) -> list[Any]:
    """Status, code, and whether it came with a session."""
    opened = answer.is_success and bool(answer.headers.get("set-cookie"))
    strong = bool(given(answer).get("strong")) if opened else False
    return [answer.status_code, code_of(answer), opened, strong]


def judge(evidence: Evidence, _params: Params) -> Judged:
    tried = evidence["tried"]
    if faults := [way for way, (status, *_) in tried.items() if status < httpx.codes.BAD_REQUEST]:
        return failed("Trotz zweiten Faktors ging", "In spite of the second factor there worked", faults)
    if (blind := unanswered({way: status for way, (status, *_) in tried.items()})) is not None:
        return blind
    _, _, opened, strong = evidence["control"]
    if not (opened and strong) or tried["without a code"][1] != _NEEDED:
        return saw_nothing("Auch mit dem richtigen Code ging es nicht.", "It did not work with the right code either.")
    return passed(
        f"{len(tried)} Versuche ohne den zweiten Faktor wurden abgelehnt; mit ihm öffnete sich das Konto.",
        f"{len(tried)} attempts without the second factor were refused; with it the account opened.",
    )


PROBE: Final = Probe(
    id="auth.second-factor",
    version=2,
    proves=Text(
        de="Ein gekennzeichnetes Konto mit zweitem Faktor öffnet sich mit dem Passwort allein nicht, auch nicht mit "
        "einem falschen, einem schon benutzten oder einem fremden Code; ohne Anmeldung lässt sich der Faktor nicht "
        "entfernen. Mit dem richtigen Code öffnet es sich.",
        en="A marked account with a second factor does not open with the password alone, nor with a wrong code, one "
        "that was used before or somebody else's; without being signed in the factor cannot be taken away. With the "
        "right code it opens.",
    ),
    proves_not=Text(
        de="Dass Konten einen zweiten Faktor haben, die ihn bräuchten; Passkeys und die Anmeldung über einen "
        "Identitätsdienst; Telefone und Menschen, die Codes weitergeben.",
        en="That accounts have a second factor that would need one; passkeys and signing in by an identity provider; "
        "phones and people that pass codes on.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=granting(_NEEDED),  # takes the password for enough
    depends_on=("limit_signins",),
)
