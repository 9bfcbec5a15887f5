"""Connections are made with TLS 1.2 and 1.3, and with nothing older."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.handshakes import LOADING_S, outdated, place, versions
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_RECOMMENDED: Final = ("TLS 1.2", "TLS 1.3")
"""BSI TR-02102-2, 3.2."""


async def collect(target: Target) -> Evidence:
    return target.evidence(versions=list(await versions(place(target))))


def judge(evidence: Evidence, _params: Params) -> Judged:
    spoken = evidence["versions"]
    if outdated_ := [version for version in spoken if version not in _RECOMMENDED]:
        return failed("Veraltete Fassungen werden angenommen", "Outdated versions are accepted", outdated_)
    if not spoken:
        return saw_nothing("Kein Handschlag kam zustande.", "No handshake got anywhere.")
    listed = ", ".join(spoken)
    return passed(f"Angenommen wird nur {listed}.", f"Only {listed} is accepted.")


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """A server that gets on with TLS 1.0 and 1.1, too."""
    async with outdated(target, "TLS1", "TLS_RSA_WITH_AES_128_CBC_SHA") as broken:
        yield broken


PROBE: Final = Probe(
    id="tls.versions",
    version=1,
    proves=Text(
        de="Unter der Adresse der Installation kommen Handschläge mit TLS 1.2 oder 1.3 zustande und mit keiner älteren "
        "Fassung bis zurück zu SSL 2 (BSI TR-02102-2).",
        en="At the installation's address handshakes get on with TLS 1.2 or 1.3, and with no older version back to "
        "SSL 2 (BSI TR-02102-2).",
    ),
    proves_not=Text(
        de="Was andere Adressen derselben Maschine annehmen, und ob aus anderen Netzen derselbe Server antwortet.",
        en="What other addresses of the same machine accept, and whether the same server answers to other networks.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert"),
    seconds=LOADING_S,
)
