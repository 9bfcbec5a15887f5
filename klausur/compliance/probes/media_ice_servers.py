"""Browsers are sent to nobody but this installation to find their way to each other."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import InvalidHandshake

from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Host
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.signalling import joined, with_server
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_PLAIN: Final = "turn:"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NO_MEDIA: Final = Text(de="Die Medienvermittlung nahm keine Verbindung an.", en="The media engine took no connection.")


async def collect(target: Target) -> Evidence:
    """The addresses that are handed out to somebody who joins, by the first answer of the media engine."""
    async with target.meeting() as meeting:
        host = Host(meeting, await target.guests_browser())
        seat = await host.ask(certificate=host.certificate_of_oneself())
        try:
            first = await host.joined(seat["ticket"])
        except (InvalidHandshake, OSError, TimeoutError) as error:
            raise CannotLook(_NO_MEDIA) from error
        finally:
            await host.leave()
    told = joined(target.garbled(first))
    return target.evidence(
        joined=told.identity == host.place.pseudonym,
        servers=list(told.servers),
        ours=_ours(target),
    )


def _ours(target: Target) -> list[str]:
    return sorted({urlsplit(target.url).hostname or "", *target.several("media_address")} - {""})


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["joined"]:
        return saw_nothing("Es kam keine Antwort auf das Beitreten.", "There was no answer to joining.")
    ours = _LOOPBACK | set(evidence["ours"])
    faults = [url for url in evidence["servers"] if _host(url) not in ours or url.startswith(_PLAIN)]
    if faults:
        return failed("Fremde oder unverschlüsselte Vermittler", "Servers of others, or unencrypted relays", faults)
    return passed(
        f"{len(evidence['servers'])} Vermittler wurden genannt, kein fremder.",
        f"{len(evidence['servers'])} servers were handed out, none of others.",
    )


def _host(url: str) -> str:
    """``turns:name:443?transport=tcp`` -> ``name`` (RFC 7064, RFC 7065)."""
    return urlsplit(f"//{url.partition(':')[2]}").hostname or ""


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Hands out a server of somebody else's."""

    def foreign(first: bytes) -> bytes:
        return with_server(first, "stun:stun.example:3478")

    yield replace(target, garbled=foreign, mark=secrets.token_urlsafe(9))


PROBE: Final = Probe(
    id="media.ice-servers",
    version=2,
    proves=Text(
        de="Wer beitritt, bekommt für den Weg zu den anderen keine Vermittler genannt, oder nur die eigenen der "
        "Installation, und keinen ohne Verschlüsselung.",
        en="Who joins is handed out no servers to find the way to the others, or none but the installation's own, "
        "and none without encryption.",
    ),
    proves_not=Text(
        de="Dass der Browser keine anderen fragt, die in ihm selbst stehen (web.third-parties, egress.deny).",
        en="That the browser asks no others that it knows by itself (web.third-parties, egress.deny).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("media_address", "public_url"),
    seconds=30.0,
)
