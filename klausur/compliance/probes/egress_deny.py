"""The installation connects to nobody but those who take part, and to what it was set up with."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import make_url
from websockets.exceptions import InvalidHandshake

from klausur.compliance.controlling import run_jobs, server_process
from klausur.compliance.grades import Grade
from klausur.compliance.marked import end
from klausur.compliance.probes import components, connections
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_PAGES: Final = ("/", "/privacy", "/api/operator", "/healthz", "/readyz")
_LOOKS_AT_LEAST: Final = 3
_NAMES: Final = 53
"""Port at which names are resolved."""
_NOWHERE: Final = "198.51.100.7"
"""Nobody's (RFC 5737)."""
_CONNECT: Final = (
    "import socket, sys\n"
    "with socket.socket(type=socket.SOCK_DGRAM) as out:\n"
    "    out.connect((sys.argv[1], 443))\n"
    "    print(flush=True)\n"
    "    sys.stdin.read()\n"
)
"""A connected socket for datagrams: the kernel notes whom it is for, and sends nothing."""
_NO_MEDIA: Final = Text(de="Die Medienvermittlung nahm keine Verbindung an.", en="The media engine took no connection.")
_NO_WAY: Final = Text(
    de="Dieser Rechner hat kein Netz, in dem sich die Gegenprobe machen ließe.",
    en="This machine has no network in which the counter-check could be made.",
)


async def collect(target: Target) -> Evidence:
    """Connections of the server, its media engine and all else that it has started, looked at again and again: while a
    meeting is held, and while it is ended and the periodic work is done. Addresses are noted of those alone to whom the
    installation connects."""
    program = components.engine_program(target.settings)
    async with connections.watching(await server_process(target), target.besides) as looks:
        await _meet(target, looks)
        for page in _PAGES:
            await target.get(page)
        await run_jobs(target)
        await looks.again()
    return target.evidence(**looks.plain(), engine=program.name if program else None, set_up=await _set_up(target))


async def _meet(target: Target, looks: connections.Looks) -> None:
    async with holding(target) as held:
        try:
            async with await held.guest.call(held.access["ticket"].decode()):
                await held.guest.settle()
                await looks.again()
        except (InvalidHandshake, OSError, TimeoutError) as error:
            raise CannotLook(_NO_MEDIA) from error
        await end(held)


async def _set_up(target: Target) -> list[str]:
    """Addresses of what the installation was set up with on other machines."""
    settings, engines = target.settings, target.settings.get("engine")
    named = [settings.get("oidc_issuer"), settings.get("tsa_url"), *(engines if isinstance(engines, list) else ())]
    hosts = {urlsplit(str(url)).hostname for url in named if url}
    if target.inside is not None:
        hosts.add(make_url(target.inside.url).host)
    found: set[str] = set()
    for host in hosts - {None, ""}:
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            continue
        found |= {str(where[0]) for *_, where in answers}
    return sorted(found)


def judge(evidence: Evidence, _params: Params) -> Judged:
    foreign = [place for place in evidence["outgoing"] if not _is_set_up(place, evidence["set_up"])]
    if foreign:
        faults = [f"{program}: {_place(address)} ({protocol})" for program, protocol, address, _ in foreign]
        return failed("Verbindungen zu anderen", "Connections to others", faults)
    if control := _unseen(evidence):
        return control
    count = len(evidence["outgoing"])
    return passed(
        f"Bei {evidence['times']} Blicken auf Server und Medienvermittlung führte keine Verbindung zu anderen; bis zu "
        f"{evidence['incoming']} zugleich kamen von Teilnehmenden, {count} führten zu Eingerichtetem.",
        f"In {evidence['times']} looks at server and media engine no connection led to anybody else; up to "
        f"{evidence['incoming']} at a time came from those who take part, {count} led to what was set up.",
    )


def _place(address: str) -> str:
    host, _, port = address.partition(" ")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_set_up(place: list[Any], set_up: list[str]) -> bool:
    address, _, port = place[2].partition(" ")
    return address in set_up or (bool(set_up) and place[1] == "udp" and port == str(_NAMES))


def _unseen(evidence: Evidence) -> Judged | None:
    if evidence["engine"] is None:
        return saw_nothing(
            "Die Medienvermittlung läuft auf einem anderen Rechner; ihre Verbindungen sind von hier nicht zu sehen.",
            "The media engine runs on another machine; its connections cannot be seen from here.",
        )
    # The kernel cuts names off.
    engine = any(evidence["engine"].startswith(name) for name in evidence["programs"])
    if evidence["hidden"] or not engine:
        return saw_nothing(
            "Nicht alle Prozesse der Installation waren zu sehen.", "Not all processes of the installation were seen."
        )
    if evidence["times"] < _LOOKS_AT_LEAST or not evidence["listening"] or not evidence["incoming"]:
        return saw_nothing(
            "Auch die Verbindungen der Teilnehmenden waren nicht zu sehen.",
            "The connections of those who take part were not seen either.",
        )
    return None


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """One of its processes has a socket for somebody elsewhere."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _CONNECT,
        _NOWHERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if process.stdout is None or not await process.stdout.readline():
            raise CannotLook(_NO_WAY)
        yield replace(target, besides=(process.pid,), mark=secrets.token_urlsafe(9))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


PROBE: Final = Probe(
    id="egress.deny",
    version=1,
    proves=Text(
        de="Während eine Besprechung gehalten und beendet wird und der Server seine regelmäßigen Arbeiten erledigt, "
        "hat keiner seiner Prozesse, auch nicht die Medienvermittlung, eine Verbindung zu jemandem, der nicht selbst "
        "gekommen ist; ausgenommen ist, was eingerichtet wurde: Datenbank, Anmeldedienst und Zeitstempeldienst.",
        en="While a meeting is held and ended and the server does its periodic work, none of its processes, the media "
        "engine included, has a connection to anybody who did not come by themselves, but for what was set up: "
        "database, identity provider and time-stamping authority.",
    ),
    proves_not=Text(
        de="Verbindungen, die zwischen zwei Blicken entstehen und enden; einzelne Datagramme ohne Verbindung, wie sie "
        "auch Bild und Ton tragen; was Datenbank, Umkehrproxy und Betriebssystem tun; was ein anderes Programm auf "
        "diesem Rechner weiterreicht; was Browser tun (web.third-parties). Eine Firewall, die Ausgehendes verbietet, "
        "zeigt mehr.",
        en="Connections that come and go between two looks; single datagrams without a connection, such as also carry "
        "picture and sound; what database, reverse proxy and operating system do; what another program on this "
        "machine passes on; what browsers do (web.third-parties). A firewall that forbids what goes out shows more.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "engine", "engine_binary", "guests", "oidc_issuer", "open_meetings", "tsa_url"),
    may_see=Text(
        de="Mit wem die Installation gerade verbunden ist, auch durch Besprechungen anderer; aufgeschrieben werden nur "
        "Adressen, zu denen sie selbst Verbindung aufnahm.",
        en="Whom the installation is connected to just then, also by meetings of others; noted are the addresses alone "
        "that it connected to by itself.",
    ),
    seconds=45.0,
)
