"""``klausur doctor``: looks at this machine and installation, and says what to do. Changes nothing."""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from klausur.settings import Settings

_LEAST_FREE_BYTES = 200 * 1024 * 1024
_CERTIFICATE_SOON = timedelta(days=14)
_OLDEST_CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
"""No machine that runs this release has an earlier date."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    says: str


Probe = Callable[[], Awaitable[str | None]]
"""None when fine, otherwise what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What needs parts of the program that this module does not know."""

    database: Probe
    engine: Probe
    addresses: Probe


async def examine(settings: Settings, probes: Probes) -> list[Finding]:
    return [finding async for finding in _all(settings, probes)]


async def _all(settings: Settings, probes: Probes) -> AsyncIterator[Finding]:
    yield Finding("settings", True, "read and consistent")
    for finding in _folder(settings.data):
        yield finding
    yield await _probed("database", probes.database, "can be written to")
    for finding in _ports(settings):
        yield finding
    yield await _probed("engine", probes.engine, "is there and of a version that serves")
    yield _clock()
    if settings.tls_cert is not None:
        yield _certificate(settings.tls_cert, settings.site.hostname or "")
    if not settings.local:
        yield await _probed("name", probes.addresses, f"{settings.site.hostname} leads to an address")


async def _probed(check: str, probe: Probe, fine: str) -> Finding:
    wrong = await probe()
    return Finding(check, wrong is None, wrong or fine)


def _folder(data: Path) -> Iterator[Finding]:
    existing = next(path for path in (data, *data.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    told = f"{free // 1024**2} MiB free in {existing}"
    enough = free >= _LEAST_FREE_BYTES
    yield Finding("disk", enough, told if enough else f"only {told}; make room, or set DATA to another disk.")
    if data.exists() and data.stat().st_mode & 0o077:
        yield Finding("data folder", False, f"{data} can be read by other users; chmod 700 it.")


def _ports(settings: Settings) -> Iterator[Finding]:
    """A running klausur holds them itself, which is fine."""
    if _answers(settings):
        yield Finding("ports", True, "klausur is running and has them")
        return
    for name, kind, port in _wanted(settings):
        taken = _taken(kind, port)
        word = "UDP" if kind is socket.SOCK_DGRAM else "TCP"
        wrong = f"{word} port {port} cannot be opened ({taken}); stop what has it, or set {name} to a free port."
        yield Finding(f"port {port}", taken is None, wrong if taken else f"{word}, free")


def _wanted(settings: Settings) -> Iterator[tuple[str, socket.SocketKind, int]]:
    yield "PORT", socket.SOCK_STREAM, settings.port
    if settings.embedded:
        yield "MEDIA_UDP_PORT", socket.SOCK_DGRAM, settings.media_udp_port
        if not settings.local:
            yield "MEDIA_TCP_PORT", socket.SOCK_STREAM, settings.media_tcp_port


def _taken(kind: socket.SocketKind, port: int) -> str | None:
    with closing(socket.socket(socket.AF_INET, kind)) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            if kind is socket.SOCK_STREAM:
                probe.listen(1)
        except OSError as error:
            return error.strerror
    return None


def _answers(settings: Settings) -> bool:
    """Whether what listens on our port is a klausur: its lock is held."""
    try:
        with (settings.data / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _clock() -> Finding:
    """Without asking anybody: only what cannot be right."""
    sane = datetime.now(UTC) >= _OLDEST_CLOCK
    return Finding("clock", sane, "plausible" if sane else "the date lies in the past; set up time synchronisation.")


def _certificate(path: Path, name: str) -> Finding:
    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError):
        return Finding("certificate", False, f"{path} is not a certificate in PEM; see TLS_CERT.")
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    if certificate.not_valid_before_utc > datetime.now(UTC):
        return Finding("certificate", False, "TLS_CERT is not valid yet; check the clock, or get another.")
    if left < _CERTIFICATE_SOON:
        word = "has run out" if left < timedelta(0) else f"runs out in {left.days} days"
        return Finding("certificate", False, f"TLS_CERT {word}; renew it.")
    if not _names(certificate, name):
        return Finding("certificate", False, f"TLS_CERT is not for {name}, the name in PUBLIC_URL; get one that is.")
    return Finding("certificate", True, f"is for {name} and good for {left.days} days")


def _names(certificate: x509.Certificate, name: str) -> bool:
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return False
    names = extension.value
    if not isinstance(names, x509.SubjectAlternativeName):
        return False
    try:
        return ipaddress.ip_address(name) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        parent = "*." + name.partition(".")[2]
        return bool({name, parent} & {each.lower() for each in names.get_values_for_type(x509.DNSName)})


def run(settings: Settings, probes: Probes) -> list[Finding]:
    return asyncio.run(examine(settings, probes))
