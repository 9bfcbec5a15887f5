"""Nothing carries a meeting out of the system: there is no way to stream it, and nobody can start one unseen."""

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
from klausur.compliance.signalling import with_machine
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_PATHS: Final = (
    "/api/meetings/{meeting}/streams",
    "/api/meetings/{meeting}/stream",
    "/api/meetings/{meeting}/broadcast",
    "/api/admin/meetings/{session}/stream",
    "/api/streams",
    "/live",
    "/rtmp",
    "/whip",
    "/whep",
    "/twirp/livekit.Egress/StartWebEgress",
    "/twirp/livekit.Egress/StartRoomCompositeEgress",
    "/twirp/livekit.Egress/UpdateStream",
    "/twirp/livekit.Ingress/CreateIngress",
    "/twirp/livekit.SIP/CreateSIPParticipant",
    "/twirp/livekit.RoomService/ForwardParticipant",
)
_OPS: Final = ("stream", "start_stream", "broadcast")


async def collect(target: Target) -> Evidence:
    """Which of these doors opened to whom, and what the media engine lets host and guest do."""
    return target.evidence(**await try_all(target, _PATHS, _OPS))


def judge(evidence: Evidence, _params: Params) -> Judged:
    if found := faults(evidence):
        return failed("Nach außen übertragen ist möglich", "Streaming outward is possible", found)
    if not was_there(evidence):
        return saw_nothing(
            "Auch was es gibt, öffnete sich nicht, oder es wurde nur gebremst.",
            "What there is did not open either, or it was merely put off.",
        )
    return passed(
        f"{evidence['tried']} Versuche, eine Besprechung nach außen zu übertragen, blieben ohne Wirkung; die "
        "Medienvermittlung kannte darin nur Menschen.",
        f"{evidence['tried']} attempts to stream a meeting outward had no effect; the media engine knew none but "
        f"people in it.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Something is in the room that carries pictures and sound out of it."""
    yield replace(target, garbled=with_machine, mark=secrets.token_urlsafe(9))


PROBE: Final = Probe(
    id="streaming.absent",
    version=2,
    proves=Text(
        de="Wer auch immer es versucht (Fremde, Teilnehmende, leitende Person, jede Rolle mit Konto), findet keine "
        "Schnittstelle, über die sich eine Besprechung nach außen übertragen oder von außen bespielen ließe, und im "
        "Raum der Medienvermittlung ist außer Menschen nichts.",
        en="Whoever tries (strangers, participants, the host, each role with an account) finds no interface by which "
        "a meeting could be streamed outward or fed from outside, and in the media engine's room there is nothing but "
        "people.",
    ),
    proves_not=Text(
        de="Programme der Teilnehmenden, die ihren Bildschirm weitersenden; was jemand tun kann, der den "
        "API-Schlüssel der Medienvermittlung und Zugang zu ihr hat; Schnittstellen unter Namen, die hier nicht "
        "versucht wurden (authz.matrix).",
        en="Programs of participants that pass their screen on; what somebody can do who has the media engine's API "
        "key and access to it; interfaces under names that were not tried here (authz.matrix).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("engine", "guests", "open_meetings"),
    seconds=40.0,
)
