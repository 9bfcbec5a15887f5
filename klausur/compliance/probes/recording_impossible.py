"""Nobody can record through the system, whatever their role: there is nothing to do it with."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.doors import faults, try_all, was_there
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.signalling import as_recorder
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_PATHS: Final = (
    "/api/meetings/{meeting}/recordings",
    "/api/meetings/{meeting}/recording",
    "/api/meetings/{meeting}/record",
    "/api/meetings/{meeting}/transcripts",
    "/api/recordings",
    "/api/admin/recordings",
    "/api/admin/meetings/{session}/recording",
    "/twirp/livekit.Egress/StartRoomCompositeEgress",
    "/twirp/livekit.Egress/StartTrackCompositeEgress",
    "/twirp/livekit.Egress/StartParticipantEgress",
    "/twirp/livekit.Egress/StartTrackEgress",
    "/twirp/livekit.AgentDispatchService/CreateDispatch",
)
_OPS: Final = ("record", "start_recording", "transcribe")


async def collect(target: Target) -> Evidence:
    """Which of these doors opened to whom, and what the media engine lets host and guest do."""
    return target.evidence(**await try_all(target, _PATHS, _OPS))


def judge(evidence: Evidence, _params: Params) -> Judged:
    if found := faults(evidence):
        return failed("Aufzeichnen ist möglich", "Recording is possible", found)
    if not was_there(evidence):
        return saw_nothing(
            "Auch was es gibt, öffnete sich nicht, oder es wurde nur gebremst.",
            "What there is did not open either, or it was merely put off.",
        )
    return passed(
        f"{evidence['tried']} Versuche, über das System aufzuzeichnen, blieben ohne Wirkung, auch als Verwaltung oder "
        "leitende Person; die Medienvermittlung gewährt das Recht dazu nicht.",
        f"{evidence['tried']} attempts to record through the system had no effect, not as administrator or host "
        "either; the media engine does not grant the right to.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Its media engine lets people record."""
    yield replace(target, garbled=as_recorder, mark=secrets.token_urlsafe(9))


PROBE: Final = Probe(
    id="recording.impossible",
    version=2,
    proves=Text(
        de="Wer auch immer es versucht (Fremde, Teilnehmende, leitende Person, jede Rolle mit Konto), findet keine "
        "Schnittstelle, über die sich eine Besprechung aufzeichnen oder verschriften ließe, und die Medienvermittlung "
        "gewährt niemandem das Recht aufzuzeichnen, sich zu verbergen oder als Maschine teilzunehmen.",
        en="Whoever tries (strangers, participants, the host, each role with an account) finds no interface by which "
        "a meeting could be recorded or transcribed, and the media engine grants nobody the right to record, to hide "
        "or to take part as a machine.",
    ),
    proves_not=Text(
        de="Programme und Geräte der Teilnehmenden, mit denen sich Bild und Ton mitschneiden lassen; Schnittstellen "
        "unter Namen, die hier nicht versucht wurden (authz.matrix).",
        en="Programs and devices of participants by which picture and sound can be captured; interfaces under names "
        "that were not tried here (authz.matrix).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("engine", "guests", "open_meetings"),
    seconds=40.0,
)
