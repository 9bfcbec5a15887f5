"""No component reports to its maker, or to anybody else: neither in the browser nor on the server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.exports import locks
from klausur.compliance.exports.parts import Unreadable, parts
from klausur.compliance.grades import Grade
from klausur.compliance.probes import components, engine_process
from klausur.compliance.probes.pages import values
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, damaged
from klausur.compliance.words import Text

_FILES_AT_MOST: Final = 300
_REFERENCE: Final = re.compile(r"[\"'`/(]([\w.-]+-[\w-]{8}\.(?:js|mjs|css))\b")
_ADDRESS: Final = re.compile(r"\b(?:https?|wss?)://([A-Za-z0-9][A-Za-z0-9.-]*)|[\"'`(=]//([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_REPORTS: Final = ("sendBeacon", "ReportingObserver")
"""What pages send reports with, and ours has no use for."""
_REPORTING_HEADERS: Final = ("report-to", "reporting-endpoints", "nel")
_MENTIONED: Final = frozenset(
    {
        "www.w3.org",  # names of XML namespaces
        "svelte.dev",  # explanations, in messages of errors
        "simplewebauthn.dev",  # the same
        "www.npmjs.com",  # the same
        "aomediacodec.github.io",  # name of an RTP header extension
    }
)
"""Hosts that the client names and never connects to. Each was looked at where it stands."""

_TELLING: Final = re.compile(
    r"otel|telemetry|sentry|bugsnag|rollbar|raygun|airbrake|datadog|ddtrace|newrelic|posthog|mixpanel|amplitude|segment"
    r"|analytics|matomo|plausible|umami|honeycomb|insights|elastic-apm|statsd|jaeger|zipkin|logrocket|fullstory|hotjar"
    r"|web-vitals|scarf|crash",
    re.IGNORECASE,
)
"""In the names of packages whose purpose is to tell somebody how software is used, or that it broke."""
_SILENT: Final = (
    # An interface without anything behind it: what would send (opentelemetry-sdk) would be found by name.
    ("pypi", "opentelemetry-api"),
    # Within the media engine; sends where its configuration or environment names a collector, which is looked at.
    ("golang", "go.opentelemetry.io/"),
)
# Besides ours, what shells set by themselves: the engine is started by one (media/child.py).
_VARIABLES: Final = frozenset({"LIVEKIT_CONFIG", "PATH", "PWD", "OLDPWD", "SHLVL", "_"})
_OPTIONS: Final = frozenset(
    {
        "port",
        "bind_addresses",
        "keys",
        "rtc",
        "room",
        "limit",
        "logging",
        "webhook",
        "enable_data_tracks",
        "enable_participant_data_blob",
    }
)
"""All that the engine is given. None of them names anybody to report to but the webhook, which is looked at."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NO_LIST: Final = Text(
    de="Die Liste der Bestandteile ist nicht lesbar (supply.sbom).", en="The list of components is unreadable."
)


async def collect(target: Target) -> Evidence:
    program = components.engine_program(target.settings)
    engine = engine_process.started(program, target.settings.get("media_udp_port")) if program else None
    folder = components.lock_folder(target.release)
    try:
        listed = parts(locks.read(folder, folder))
    except (locks.NoLocks, Unreadable):
        raise CannotLook(_NO_LIST) from None
    return target.evidence(
        client=await _client(target),
        components=len(listed),
        telling=[[part.ecosystem, part.name, part.version] for part in listed if _TELLING.search(part.name)],
        engine=engine.plain() if engine else None,
    )


async def _client(target: Target) -> dict[str, Any]:
    """Whom the files name that strangers are given, from the first page on, and with what they could report."""
    page = await target.get("/")
    its = sorted([name.lower(), value] for name, value in page.headers.multi_items())
    seen: dict[str, str] = {"/": page.text}
    ahead = _references(page.text)
    while ahead and len(seen) < _FILES_AT_MOST:
        path = ahead.pop()
        if path in seen:
            continue
        answer = await target.get(path)
        seen[path] = answer.text if answer.status_code == httpx.codes.OK else ""
        ahead |= _references(seen[path])
    hosts = {host for text in seen.values() for host in _hosts(text)}
    return {
        "page": page.status_code == httpx.codes.OK and "<html" in page.text,
        "files": len(seen),
        "left": len(ahead - set(seen)),
        "hosts": sorted(hosts),
        "means": sorted({means for text in seen.values() for means in _REPORTS if means in text}),
        "headers": sorted(_reporting({"headers": its})),
    }


def _references(text: str) -> set[str]:
    return {f"/assets/{name}" for name in _REFERENCE.findall(text)}


def _hosts(text: str) -> Iterator[str]:
    for full, without_scheme in _ADDRESS.findall(text):
        yield (full or without_scheme).lower().rstrip(".")


def _reporting(answer: dict[str, Any]) -> Iterator[str]:
    yield from (name for name in _REPORTING_HEADERS if values(answer, name))
    if any("report-" in policy for policy in values(answer, "content-security-policy")):
        yield "content-security-policy: report"


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [*_of_client(evidence["client"]), *_of_components(evidence["telling"]), *_of_engine(evidence["engine"])]
    if faults:
        return failed("Möglicher Rückkanal", "Somebody may be reported to", faults)
    if not evidence["client"]["page"] or evidence["client"]["left"] or not evidence["components"]:
        return saw_nothing("Die Oberfläche war nicht ganz zu sehen.", "Not all of the client was to be seen.")
    if evidence["engine"] is None:
        return saw_nothing(
            "Womit die Medienvermittlung gestartet wurde, ist von hier nicht zu sehen.",
            "What the media engine was started with cannot be seen from here.",
        )
    files, count = evidence["client"]["files"], evidence["components"]
    return passed(
        f"{files} Dateien der Oberfläche nennen niemanden, an den etwas ginge; von {count} Bestandteilen meldet keiner "
        "etwas, und die Medienvermittlung hat keine Adresse dafür.",
        f"{files} files of the client name nobody to send anything to; of {count} components none reports, and the "
        "media engine has no address to report to.",
    )


def _of_client(client: Mapping[str, Any]) -> Iterator[str]:
    yield from (host for host in client["hosts"] if host not in _MENTIONED)
    yield from client["means"]
    yield from client["headers"]


def _of_components(telling: list[list[str]]) -> Iterator[str]:
    for ecosystem, name, version in telling:
        if not any(ecosystem == of and name.startswith(known) for of, known in _SILENT):
            yield f"{name} {version}"


def _of_engine(engine: Mapping[str, Any] | None) -> Iterator[str]:
    if engine is None:
        return
    yield from (f"livekit-server: {name}" for name in engine["variables"] if name not in _VARIABLES)
    yield from (f"livekit-server: {name}" for name in engine["options"] if name not in _OPTIONS)
    yield from (f"livekit-server: {host}" for host in engine["told"] if host not in _LOOPBACK)


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """The first page also loads what counts visitors."""

    def counting(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/":
            return answer
        body = answer.text.replace("</title>", '</title><script src="https://count.example/visit.js"></script>')
        return httpx.Response(answer.status_code, headers=answer.headers, text=body, request=request)

    async with damaged(target, counting) as broken:
        yield broken


PROBE: Final = Probe(
    id="supply.no-telemetry",
    version=1,
    proves=Text(
        de="Kein Bestandteil hat den Zweck, anderswo zu melden, wie er genutzt wird oder dass er abgestürzt ist, oder "
        "er ist nachweislich abgeschaltet; die ausgelieferte Oberfläche nennt keine fremde Adresse, an die sie etwas "
        "senden könnte; die laufende Medienvermittlung wurde ohne Adresse für Berichte gestartet.",
        en="No component has the purpose of reporting elsewhere how it is used or that it crashed, or it is shown to "
        "be switched off; the client as served names no foreign address to send anything to; the running media engine "
        "was started without an address for reports.",
    ),
    proves_not=Text(
        de="Dass kein Programm heimlich sendet, etwa an eine zusammengesetzte Adresse: Wohin wirklich Verbindungen "
        "bestehen, zeigen egress.deny und web.third-parties. Was Betriebssystem, Datenbank und Browser melden.",
        en="That no program sends in secret, such as to an address that it puts together: where connections really "
        "lead, egress.deny and web.third-parties show. What the operating system, database and browsers report.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("engine", "engine_binary", "media_udp_port", "public_url"),
    seconds=60.0,
)
