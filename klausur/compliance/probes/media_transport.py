"""Picture and sound travel in DTLS-SRTP with authenticated encryption."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_VERSIONS: Final = {"FEFD": "DTLS 1.2", "FEFC": "DTLS 1.3"}
_AEAD: Final = ("GCM", "CCM", "POLY1305")
_FORWARD_SECRET: Final = ("TLS_ECDHE_", "TLS_DHE_")


def see(held: Held, _target: Target) -> dict[str, Any]:
    return {"transports": scene(held, "encryption")["transports"]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    transports = evidence["transports"]
    if not transports:
        return saw_nothing("Es gab keine Medienverbindung.", "There was no media connection.")
    if faults := sorted({fault for each in transports for fault in _faults(each)}):
        return failed("Nicht zulässig für Medien", "Not allowed for media", faults)
    told = sorted({f"{_VERSIONS[each['tlsVersion']]}, {each['srtpCipher']}" for each in transports})
    return passed(f"Medienverbindungen: {'; '.join(told)}.", f"Media connections: {'; '.join(told)}.")


def _faults(its: dict[str, Any]) -> list[str]:
    version, suite, srtp = (str(its.get(name) or "") for name in ("tlsVersion", "dtlsCipher", "srtpCipher"))
    faults = [] if its.get("dtlsState") == "connected" else [f"DTLS {its.get('dtlsState')}"]
    faults += [] if version in _VERSIONS else [f"DTLS {version or '?'}"]
    # The suites of DTLS 1.3 say nothing of the exchange of keys: it always is forward secret there.
    secret = version == "FEFC" or suite.startswith(_FORWARD_SECRET)
    faults += [] if secret and _is_aead(suite) else [suite or "?"]
    return faults + ([] if _is_aead(srtp) else [srtp or "SRTP ?"])


def _is_aead(name: str) -> bool:
    return "NULL" not in name and any(kind in name for kind in _AEAD)


PROBE: Final = watching(
    "media.transport",
    see,
    judge,
    grade=Grade.OBSERVED_INSIDE,
    proves=Text(
        de="Die Medienverbindungen von Chromium laufen über DTLS ab 1.2 mit Forward Secrecy, und beide Teile, DTLS und "
        "SRTP, mit einem Verfahren, das Verschlüsselung und Echtheit in einem leistet (AEAD).",
        en="Chromium's media connections use DTLS 1.2 or newer with forward secrecy, and both parts, DTLS and SRTP, a "
        "method that encrypts and authenticates in one (AEAD).",
    ),
    proves_not=Text(
        de="Was andere Browser mit der Medienvermittlung aushandeln.",
        en="What other browsers negotiate with the media engine.",
    ),
)
