"""What ``klausur serve`` needs of this machine before anything runs, and every refusal in a sentence. The doctor asks
the same."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from klausur.settings import Settings


class CannotStartError(Exception):
    """``str()`` of it is one sentence with the setting's name."""


# -- the data folder --------------------------------------------------------------------------------------------------


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Ours alone: two servers on one database would give each other's seats up. Raises CannotStartError."""
    os.umask(0o077)  # also where the folder was there before, and others may look into it
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotStartError(_why_not_ours(folder, error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotStartError(
            f"Another klausur is running on the data folder {folder}; stop it, or set DATA to another."
        ) from None
    finally:
        os.close(lock)


def kept_secret(file: Path, new: Callable[[], str]) -> str:
    """What the file holds; made the first time, for this user's eyes only, and whole or not at all. Raises
    CannotStartError, also when it is empty: a secret that was lost must not be replaced unnoticed."""
    try:
        if not file.exists():
            _make_secret(file, new)
        kept = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise CannotStartError(f"{file} cannot be kept or read; check who owns it, and its folder (DATA).") from error
    if not kept:
        raise CannotStartError(f"{file} is empty; please put it back from a backup.")
    return kept


def secret_in(file: Path) -> str | None:
    """What the file holds, or would hold; None where there is none. Makes nothing. Raises as ``kept_secret``."""
    return kept_secret(file, lambda: "") if file.exists() else None


def _make_secret(file: Path, new: Callable[[], str]) -> None:
    half = file.with_name(f"{file.name}.{os.getpid()}")
    with open(half, "x", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as opened:
        opened.write(new())
    with suppress(FileExistsError):  # another command of ours was quicker
        os.link(half, file)
    half.unlink()


def write_new(file: Path, content: bytes) -> None:
    """On the disk when this returns, and for this user's eyes only. Raises OSError, also where it exists."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(descriptor)


def check_folder(folder: Path) -> None:
    """Whether ``own_folder`` could make it and have it, were nobody else running on it. Raises CannotStartError."""
    lock = folder / "lock"
    try:
        try_writing(nearest(folder))
        if os.path.lexists(lock):
            lock.open("r+").close()
    except OSError as error:
        raise CannotStartError(_why_not_ours(folder, error)) from error


def try_writing(folder: Path) -> None:
    """With a file that has no name, so that nothing is left: permissions alone do not tell. Raises OSError."""
    with TemporaryFile(dir=folder):
        pass


def nearest(folder: Path) -> Path:
    """The folder itself, or that which is there of its parents."""
    absolute = folder.absolute()
    return next(path for path in (absolute, *absolute.parents) if os.path.lexists(path))


def _why_not_ours(folder: Path, error: OSError) -> str:
    reason = f"The data folder {folder} cannot be written to ({error.strerror}); "
    return reason + "give it to this user, or set DATA to another."


# -- ports and TLS ----------------------------------------------------------------------------------------------------


@contextmanager
def listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """Raises CannotStartError."""
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in settings.listen:
            try:
                sockets.append(opened.enter_context(bound(address, settings.port)))
            except OSError as error:
                if error.errno in _NO_SUCH_FAMILY and len(settings.listen) > 1:
                    continue  # a machine without IPv6, or with nothing else
                raise CannotStartError(_why_not_bound(address, settings.port, error)) from error
        if not sockets:
            raise CannotStartError("There is no address to listen on; set HOST to one of this machine's.")
        yield sockets


_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def bound(address: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, kind)
    try:
        if kind is socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
        # Listening decides who has the port; binding alone does not, with SO_REUSEADDR.
        if kind is socket.SOCK_STREAM:
            opened.listen(1024)
    except OSError:
        opened.close()
        raise
    return opened


def bound_for_metrics(port: int) -> socket.socket:
    """Raises CannotStartError."""
    try:
        return bound("127.0.0.1", port)
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
