"""Guessing at a password is slowed down, and what is made of it can hardly be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.cast import Member, random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole

_ENOUGH_KIB: Final = 64 * 1024
_ENOUGH_PASSES: Final = 3
_GUESSES: Final = 8
_SLOWED: Final = 429


async def collect(target: Target) -> Evidence:
    """Statuses of wrong guesses at a name, and parameters as served, of somebody who is there and of nobody."""
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    browser = target.browser()
    kdfs = {who: await _kdf(browser, name) for who, name in (("known", person.name), ("unknown", random(9)))}
    weakened = await _weaken(target.browser(person), person)
    guesses, waits = [], []
    for _ in range(_GUESSES):
        answer = await browser.post("/api/signin/password", json={"name": person.name, "key": random(32)})
        guesses.append(answer.status_code)
        waits += [answer.headers["retry-after"]] if "retry-after" in answer.headers else []
    return target.evidence(kdfs=kdfs, guesses=guesses, waits=waits, weakened=weakened)


async def _kdf(browser: httpx.AsyncClient, name: str) -> dict[str, Any]:
    served: dict[str, Any] = given(await browser.post("/api/signin/password/kdf", json={"name": name}))["kdf"]
    return {key: value for key, value in served.items() if key != "salt"}


async def _weaken(browser: httpx.AsyncClient, person: Member) -> dict[str, int]:
    """By parameter, the status of a wish for less of it, with everything else right; and of one for as much."""
    seen = {}
    for weaker in ({"memory_kib": _ENOUGH_KIB // 2}, {"passes": 1}, {"lanes": 1}):
        change = {"kdf": {**person.kdf, **weaker}, "key": person.key, "current": person.key, "wrap": random(60)}
        answer = await browser.put("/api/account/password", json=change)
        seen[next(iter(weaker))] = answer.status_code
    return seen


def judge(evidence: Evidence, _params: Params) -> Judged:
    guesses, weakened = evidence["guesses"], dict(evidence["weakened"])
    if weakened.pop("lanes") >= httpx.codes.BAD_REQUEST:
        return saw_nothing("Kein Passwort ließ sich ändern.", "No password could be changed.")
    faults = [
        f"{who}: {kdf}"
        for who, kdf in evidence["kdfs"].items()
        if kdf["memory_kib"] < _ENOUGH_KIB or kdf["passes"] < _ENOUGH_PASSES
    ]
    faults += [f"{name} can be lowered" for name, status in weakened.items() if status < httpx.codes.BAD_REQUEST]
    if any(status < httpx.codes.BAD_REQUEST for status in guesses):
        faults.append("a wrong password opened")
    if _SLOWED not in guesses or not evidence["waits"]:
        faults.append(f"{len(guesses)} guesses without a wait")
    if faults:
        return failed("Passwörter sind zu leicht anzugreifen", "Passwords are too easily attacked", faults)
    free = guesses.index(_SLOWED)
    if not free:
        return saw_nothing("Schon der erste Versuch wurde gebremst.", "The very first attempt was slowed down.")
    return passed(
        f"Nach {free} falschen Versuchen wurde gewartet; Argon2id mit mindestens {_ENOUGH_KIB // 1024} MiB und "
        f"{_ENOUGH_PASSES} Durchläufen, weniger nahm der Server nicht an.",
        f"After {free} wrong attempts there was a wait; Argon2id with at least {_ENOUGH_KIB // 1024} MiB and "
        f"{_ENOUGH_PASSES} passes, and the server took no less.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Serves parameters of another age."""

    def cheap(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path.endswith("/kdf") and answer.is_success:
            told = answer.json()
            told["kdf"] |= {"memory_kib": 1024, "passes": 1}
            return httpx.Response(200, json=told)
        return answer

    async with damaged(target, cheap) as broken:
        yield broken


PROBE: Final = Probe(
    id="auth.password-policy",
    version=1,
    proves=Text(
        de="Falsche Versuche an einem Namen werden gebremst, und aus Passwörtern werden Schlüssel mit Argon2id in "
        "einer Stärke, unter die der Server niemanden gehen lässt.",
        en="Wrong attempts at a name are slowed down, and keys are made of passwords by Argon2id, with parameters "
        "below which the server lets nobody go.",
    ),
    proves_not=Text(
        de="Wie lang Passwörter sind: Der Server sieht sie nie, die Mindestlänge prüft der Browser. Dass Browser die "
        "Parameter befolgen.",
        en="How long passwords are: the server never sees them, and their minimum is checked by the browser. That "
        "browsers follow the parameters.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("limit_signins",),
    disturbs=True,  # whoever signs in from this network afterwards has to wait
)
