"""The log says no more than running it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, resettled
from klausur.compliance.words import Text

_NAME: Final = "log_level"
_QUIET: Final = frozenset({"info", "warning", "error"})


async def collect(target: Target) -> Evidence:
    return target.evidence(value=target.settings[_NAME])


def judge(evidence: Evidence, _params: Params) -> Judged:
    value = evidence["value"]
    if value in _QUIET:
        return Judged(Status.PASS, Text(de=f"{_NAME.upper()} steht auf {value}.", en=f"{_NAME.upper()} is {value}."))
    return Judged(
        Status.FAIL,
        Text(
            de=f"{_NAME.upper()} steht auf {value}: Das Protokoll ist gesprächiger als im Betrieb nötig.",
            en=f"{_NAME.upper()} is {value}: the log is more talkative than running it needs.",
        ),
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    yield resettled(target, **{_NAME: "debug"})


PROBE: Final = Probe(
    id="config.logging",
    version=1,
    proves=Text(
        de="Nach den geltenden Einstellungen protokolliert der Server nicht mehr, als sein Betrieb braucht.",
        en="By the settings in force the server logs no more than running it needs.",
    ),
    proves_not=Text(
        de="Was im Protokoll steht: Das zeigt log.canary.",
        en="What is in the log, which log.canary shows.",
    ),
    vantage=Vantage.SETTINGS,
    grade=Grade.CONFIGURED,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=(_NAME,),
)
