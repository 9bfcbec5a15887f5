"""As shipped, every setting stands at its most private value, and who comes to a new meeting waits to be let in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, sealed
from klausur.compliance.probes.pages import listed
from klausur.compliance.probes.privacy_of_settings import SETTINGS, is_private
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.limits import MAC_BYTES
from klausur.settings import Settings

_OPEN: Final = frozenset({httpx.codes.CREATED, httpx.codes.OK})


async def collect(target: Target) -> Evidence:
    """The defaults, what is in effect, and what a new meeting of which nobody said anything does with a guest."""
    defaults = Settings.model_construct().model_dump(mode="json")
    async with target.meeting(fresh=True) as meeting:
        guest = Guest(meeting, await target.guests_browser())
        entered = (await guest.try_to(mac=random(MAC_BYTES))).status_code
        knocked = (await Guest(meeting, await target.guests_browser()).try_to(knock=sealed())).status_code
    return target.evidence(
        unjudged=sorted(set(defaults) - set(SETTINGS)),
        judged=len(SETTINGS),
        loose=_loose(defaults),
        deviating=_loose({name: value for name, value in target.settings.items() if name in SETTINGS}),
        entered=entered,
        knocked=knocked,
    )


def _loose(values: dict[str, object]) -> Sequence[str]:
    return sorted(name for name, value in values.items() if name in SETTINGS and not is_private(name, value))


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [f"{name.upper()} (default)" for name in evidence["loose"]]
    faults += [f"{name.upper()} (never judged)" for name in evidence["unjudged"]]
    if evidence["entered"] in _OPEN:
        faults.append(f"no waiting room ({evidence['entered']})")
    if faults:
        return failed("Nicht das Datensparsamste", "Not the most private", faults)
    if (blind := unanswered({"entering": evidence["entered"]})) is not None:
        return blind
    if not evidence["judged"] or evidence["knocked"] != httpx.codes.ACCEPTED:
        return saw_nothing("Auch anklopfen konnte niemand.", "Nobody could knock either.")
    differ = listed((name.upper() for name in evidence["deviating"]), 10) or "-"
    return passed(
        f"{evidence['judged']} Einstellungen stehen in der Voreinstellung auf dem datensparsamsten Wert, und in einer "
        f"neuen Besprechung ist der Warteraum an. Hier davon abweichend eingestellt: {differ}.",
        f"{evidence['judged']} settings have the most private default, and a new meeting has its waiting room on. Set "
        f"otherwise here: {differ}.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Whoever has the link of a new meeting walks in."""

    def open_door(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        entering = request.url.path.endswith("/seats") and b'"mac"' in request.content
        return httpx.Response(201, json={}, request=request) if entering else answer

    async with damaged(target, open_door) as broken:
        yield broken


PROBE: Final = Probe(
    id="config.defaults",
    version=1,
    proves=Text(
        de="Jede Einstellung dieser Version steht, wenn niemand etwas einstellt, auf dem datensparsamsten ihrer Werte; "
        "keine wurde dabei übergangen. Wer mit dem Link zu einer neuen Besprechung kommt, bei der nichts gewählt "
        "wurde, wartet vor der Tür. Keine Einstellung "
        "schaltet Aufzeichnung, Einwahl, Auswertung oder KI-Funktionen ein.",
        en="Every setting of this release has, where nobody sets anything, the most private of its values; none was "
        "passed over. Whoever comes by the link to a new meeting for which nothing was chosen waits before the door. "
        "No setting switches on recording, dialling in, evaluation or AI functions.",
    ),
    proves_not=Text(
        de="Dass hier alles so eingestellt ist: Was abweicht, wird genannt, denn es ist Ihre Entscheidung. Was die "
        "Oberfläche beim Anlegen vorschlägt; was andere Programme auf der Maschine tun.",
        en="That everything is set so here: what differs is named, for it is your decision. What the client proposes "
        "when a meeting is made; what other programs on the machine do.",
    ),
    vantage=Vantage.SETTINGS,
    grade=Grade.CONFIGURED,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=tuple(sorted(SETTINGS)),
)
