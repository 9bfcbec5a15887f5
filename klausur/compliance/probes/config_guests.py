"""In every meeting there is somebody with an account who answers for whom they let in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, resettled
from klausur.compliance.words import Text

_GUESTS: Final = "guests"
_OPENERS: Final = "open_meetings"


async def collect(target: Target) -> Evidence:
    return target.evidence(guests=target.settings[_GUESTS], openers=target.settings[_OPENERS])


def judge(evidence: Evidence, _params: Params) -> Judged:
    guests, openers = evidence["guests"], evidence["openers"]
    told = f"{_GUESTS.upper()}={guests}, {_OPENERS.upper()}={openers}"
    if guests == "accounts":
        return passed(f"{told}: Ohne Konto nimmt niemand teil.", f"{told}: nobody takes part without an account.")
    if guests == "allowed" and openers in ("accounts", "nobody"):
        return passed(
            f"{told}: Gäste kommen nur zu Besprechungen, die jemand mit einem Konto eröffnet hat.",
            f"{told}: guests come to meetings only that somebody with an account has opened.",
        )
    return failed(
        "Besprechungen ganz ohne angemeldete Person sind möglich",
        "Meetings without anybody who has signed in are possible",
        [told],
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    yield resettled(target, **{_GUESTS: "allowed", _OPENERS: "anyone"})


PROBE: Final = Probe(
    id="config.guests",
    version=1,
    proves=Text(
        de="Nach den geltenden Einstellungen nehmen Gäste ohne Konto entweder gar nicht teil oder nur an "
        "Besprechungen, die jemand mit einem Konto eröffnet hat.",
        en="By the settings in force guests without an account either take no part at all, or only in meetings that "
        "somebody with an account has opened.",
    ),
    proves_not=Text(
        de="Dass das dem Risiko Ihrer Besprechungen genügt: Das legen Sie fest. Dass der Server sich daran hält: Das "
        "zeigen authz.openers und authz.guests-can-be-forbidden.",
        en="That this is enough for the risk of your meetings, which you decide. That the server keeps to it, which "
        "authz.openers and authz.guests-can-be-forbidden show.",
    ),
    vantage=Vantage.SETTINGS,
    grade=Grade.CONFIGURED,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=(_GUESTS, _OPENERS),
)
