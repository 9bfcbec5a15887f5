"""Whatever is agreed upon, it encrypts with authentication, and keeps what was said secret when a key gets known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.handshakes import LOADING_S, outdated, place, suites
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_NEWEST: Final = "TLS 1.3"
"""Agrees on a key afresh by itself, whatever the suite."""
_EPHEMERAL: Final = ("TLS_ECDHE_ECDSA_", "TLS_ECDHE_RSA_", "TLS_DHE_RSA_")
_AUTHENTICATED: Final = ("_GCM_", "_CCM", "_POLY1305")


async def collect(target: Target) -> Evidence:
    return target.evidence(suites=await suites(place(target)))


def judge(evidence: Evidence, _params: Params) -> Judged:
    accepted = [(version, name) for version, names in evidence["suites"].items() for name in names]
    if faults := [f"{name} ({version})" for version, name in accepted if not _is_good(version, name)]:
        return failed("Zu schwache Verfahren werden angenommen", "Suites that are too weak are accepted", faults)
    if not evidence["suites"] or not all(evidence["suites"].values()):
        return saw_nothing("Kein Handschlag kam zustande.", "No handshake got anywhere.")
    return passed(
        f"Alle {len(accepted)} angenommenen Verfahren verschlüsseln authentisiert und mit Vorwärtsgeheimnis.",
        f"All {len(accepted)} suites that are accepted encrypt with authentication and forward secrecy.",
    )


def _is_good(version: str, name: str) -> bool:
    ephemeral = version == _NEWEST or name.startswith(_EPHEMERAL)
    return ephemeral and any(mode in name for mode in _AUTHENTICATED)


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """A server that also gets on with a suite without forward secrecy."""
    names = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256"
    async with outdated(target, "TLS1_2", *names) as broken:
        yield broken


PROBE: Final = Probe(
    id="tls.suites",
    version=1,
    proves=Text(
        de="Jedes Verfahren, auf das sich der Server in irgendeiner Fassung von TLS einlässt, verschlüsselt "
        "authentisiert (GCM, CCM, Poly1305) und vereinbart die Schlüssel jedes Mal neu (BSI TR-02102-2).",
        en="Each cipher suite that the server agrees to in any version of TLS encrypts with authentication (GCM, CCM, "
        "Poly1305) and agrees on keys afresh every time (BSI TR-02102-2).",
    ),
    proves_not=Text(
        de="Dass jedes davon in der Richtlinie steht: ChaCha20-Poly1305 hat beide Eigenschaften, sie nennt es nicht. "
        "Welche Kurven, Gruppen und Signaturverfahren angenommen werden.",
        en="That each of them stands in the guideline: ChaCha20-Poly1305 has both properties, and it does not name it. "
        "Which curves, groups and signature algorithms are accepted.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert"),
    seconds=LOADING_S,
)
