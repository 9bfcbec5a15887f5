"""``klausur serve`` from its settings to its end, and every reason why it cannot start, in a sentence."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog
import uvloop

from klausur import build, log
from klausur.api.server import Server, Serving
from klausur.domain.errors import StorageUnavailable
from klausur.settings import Settings

_log = structlog.get_logger(__name__)


class CannotStartError(Exception):
    """``str()`` of it is one sentence with the setting's name."""


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT. ``announce`` gets the address once it can be opened. Raises CannotStartError."""
    log.configure(settings.log_level)
    check_tls(settings)
    with ExitStack() as held:
        held.enter_context(own_folder(settings.data))
        sockets = held.enter_context(listening(settings))
        metrics = held.enter_context(_bound_for_metrics(settings.metrics_port)) if settings.metrics_port else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, sockets, metrics, announce))


async def _serve(
    settings: Settings,
    sockets: list[socket.socket],
    metrics: socket.socket | None,
    announce: Callable[[str], None],
) -> None:
    largest = max(settings.limit_signal_bytes, settings.limit_event_bytes)
    serving = Serving(sockets, largest, settings.tls_cert, settings.tls_key)
    try:
        async with build.running(settings, metrics) as running:
            pages = running.installation.pages
            if not pages.built:
                _log.warning("client_not_built")

            def ready() -> None:
                announce(settings.site.geturl())
                _log.info("ready")

            server = Server(running.installation.app, serving, ready=ready, before_end=running.say_goodbye)
            await server.serve(sockets)
            _log.info("stopping")
    except build.EngineNotStartedError as error:
        raise CannotStartError(error.sentence) from error
    except StorageUnavailable as error:
        raise CannotStartError(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.") from error


def migrate(settings: Settings) -> None:
    """Raises CannotStartError."""
    log.configure(settings.log_level)
    with own_folder(settings.data):
        try:
            build.migrate(settings)
        except StorageUnavailable as error:
            raise CannotStartError(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.") from error


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Ours alone: two servers on one database would give each other's seats up. Raises CannotStartError."""
    os.umask(0o077)  # also where the folder was there before, and others may look into it
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = f"The data folder {folder} cannot be written to ({error.strerror}); "
        raise CannotStartError(reason + "give it to this user, or set DATA to another.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotStartError(
            f"Another klausur is running on the data folder {folder}; stop it, or set DATA to another."
        ) from None
    finally:
        os.close(lock)


@contextmanager
def listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """Raises CannotStartError."""
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in settings.listen:
            try:
                sockets.append(opened.enter_context(_bound(address, settings.port)))
            except OSError as error:
                if error.errno in _NO_SUCH_FAMILY and len(settings.listen) > 1:
                    continue  # a machine without IPv6, or with nothing else
                raise CannotStartError(_why_not_bound(address, settings.port, error)) from error
        if not sockets:
            raise CannotStartError("There is no address to listen on; set HOST to one of this machine's.")
        yield sockets


_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        # Listening decides who has the port; binding alone does not, with SO_REUSEADDR.
        bound.listen(1024)
    except OSError:
        bound.close()
        raise
    return bound


def _bound_for_metrics(port: int) -> socket.socket:
    try:
        return _bound("127.0.0.1", port)
    except OSError as error:
        raise CannotStartError(
            f"Port {port} for metrics cannot be listened on ({error.strerror}); set METRICS_PORT to a free port."
        ) from error


def _why_not_bound(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; stop that, or set PORT to a free port."
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}; set PORT to a port above 1023."
    if error.errno in _NO_SUCH_FAMILY:
        return f"{address} is not an address of this machine; set HOST to one that is."
    return f"{address} port {port} cannot be listened on ({error.strerror}); see HOST and PORT."


def check_tls(settings: Settings) -> None:
    """Raises CannotStartError."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError) as error:
        raise CannotStartError(
            "TLS_CERT and TLS_KEY are not a certificate chain and its private key in PEM; please check both files."
        ) from error
