"""``klausur doctor``: looks at this machine and installation, and says what to do. Changes nothing."""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from klausur.machine import CannotStartError, bound, check_folder, check_tls, listening, nearest
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
    account_key: Probe
    engine: Probe
    media_address: Probe


async def examine(settings: Settings, probes: Probes) -> list[Finding]:
    return [finding async for finding in _all(settings, probes)]


async def _all(settings: Settings, probes: Probes) -> AsyncIterator[Finding]:
    yield Finding("settings", True, "read and consistent")
    for finding in _folder(settings.data):
        yield finding
    database = await _probed("database", probes.database, "can be written to")
    yield database
    if database.ok:
        yield await _probed("account key", probes.account_key, "is that of the accounts, or there are none yet")
    for finding in _ports(settings):
        yield finding
    yield await _probed("engine", probes.engine, "is there and of a version that serves")
    yield _clock()
    name = settings.site.hostname or ""
    if settings.tls_cert is not None:
        yield _refused("certificate", lambda: check_tls(settings)) or _certificate(settings.tls_cert, name)
    if not settings.local:
        yield await _name(name)
    if settings.embedded:  # outside nodes say themselves where they are
        yield await _probed("media address", probes.media_address, "can be told to browsers")


async def _probed(check: str, probe: Probe, fine: str) -> Finding:
    wrong = await probe()
    return Finding(check, wrong is None, wrong or fine)


def _refused(check: str, needed: Callable[[], object]) -> Finding | None:
    """What a start would say."""
    try:
        needed()
    except CannotStartError as error:
        return Finding(check, False, str(error))
    return None


def _folder(data: Path) -> Iterator[Finding]:
    existing = nearest(data)
    try:
        yield _space(existing)
    except OSError as error:
        yield Finding("disk", False, f"{existing} cannot be looked at ({error.strerror}); set DATA to another folder.")
    wrong = _refused("data folder", lambda: check_folder(data))
    if wrong is None and existing == data.absolute() and data.stat().st_mode & 0o077:
        wrong = Finding("data folder", False, f"{data} can be read by other users; chmod 700 it.")
    yield wrong or Finding("data folder", True, f"{data} can be written to")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = f"{free // 1024**2} MiB free in {folder}"
    enough = free >= _LEAST_FREE_BYTES
    return Finding("disk", enough, told if enough else f"only {told}; make room, or set DATA to another disk.")


def _ports(settings: Settings) -> Iterator[Finding]:
    """A running klausur holds them itself, which is fine."""
    if _answers(settings):
        yield Finding("ports", True, "klausur is running and has them")
        return
    with ExitStack() as held:  # all at once, as a start does: two settings may name one port
        check = f"port {settings.port}"
        yield _refused(check, lambda: held.enter_context(listening(settings))) or Finding(check, True, "TCP, free")
        for name, kind, address, port in _others(settings):
            word = "UDP" if kind is socket.SOCK_DGRAM else "TCP"
            try:
                held.enter_context(bound(address, port, kind))
            except OSError as error:
                advice = f"({error.strerror}); stop what has it, or set {name} to a free port."
                yield Finding(f"port {port}", False, f"{word} port {port} cannot be opened {advice}")
            else:
                yield Finding(f"port {port}", True, f"{word}, free")


def _others(settings: Settings) -> Iterator[tuple[str, socket.SocketKind, str, int]]:
    """Besides PORT: setting, kind, address and number."""
    if settings.metrics_port is not None:
        yield "METRICS_PORT", socket.SOCK_STREAM, "127.0.0.1", settings.metrics_port
    if settings.embedded:
        yield "MEDIA_UDP_PORT", socket.SOCK_DGRAM, "127.0.0.1" if settings.local else "", settings.media_udp_port
        if not settings.local:
            yield "MEDIA_TCP_PORT", socket.SOCK_STREAM, "", settings.media_tcp_port


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


async def _name(name: str) -> Finding:
    try:
        await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError:
        return Finding("name", False, f"{name} does not resolve here; check PUBLIC_URL and the name's DNS entry.")
    return Finding("name", True, f"{name} leads to an address")


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
