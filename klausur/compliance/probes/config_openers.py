"""Only people with an account may open meetings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, resettled
from klausur.compliance.words import Text

_NAME: Final = "open_meetings"


async def collect(target: Target) -> Evidence:
    return target.evidence(value=target.settings[_NAME])


def judge(evidence: Evidence, _params: Params) -> Judged:
    value = evidence["value"]
    if value in ("accounts", "nobody"):
        return Judged(Status.PASS, Text(de=f"{_NAME.upper()} steht auf {value}.", en=f"{_NAME.upper()} is {value}."))
    return Judged(
        Status.FAIL,
        Text(
            de=f"{_NAME.upper()} steht auf {value}: Wer den Server erreicht, darf Besprechungen eröffnen.",
            en=f"{_NAME.upper()} is {value}: whoever reaches the server may open meetings.",
        ),
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    yield resettled(target, **{_NAME: "anyone"})


PROBE: Final = Probe(
    id="config.openers",
    version=1,
    proves=Text(
        de="Nach den geltenden Einstellungen eröffnen nur Personen mit einem Konto Besprechungen.",
        en="By the settings in force only people with an account open meetings.",
    ),
    proves_not=Text(
        de="Dass der Server sich daran hält: Das zeigt authz.openers.",
        en="That the server keeps to it, which authz.openers shows.",
    ),
    vantage=Vantage.SETTINGS,
    grade=Grade.CONFIGURED,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=(_NAME,),
)
