"""A release of its own, as a copy that can be damaged, set up and really run; and what a check says of it.

It is a process of its own, and so is the check, both from the copy: as somebody runs it whose release is damaged.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.compliance.probes.tls import identity
from tests.sabotage.damage import Damage, damage_database

ROOT: Final = Path(__file__).resolve().parents[2]
_COPIED: Final = ("klausur", "catalogue")
_NOT_THERE: Final = frozenset({*_COPIED, ".git", "web", "var"})
_STARTS_SECONDS: Final = 60
_LOOKS_SECONDS: Final = 600
DECLARED: Final[Mapping[str, str]] = {
    "OPERATOR_NAME": "Example e. V.",
    "OPERATOR_CONTACT": "hanna@example.org",
    "OPEN_MEETINGS": "accounts",
}


class NotRunning(Exception):
    """The damaged installation did not start, or its check said nothing; ``str()`` of it is what it said instead."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a check of some probes came to."""

    settings: Mapping[str, Any]
    seen: Mapping[str, Mapping[str, str]]
    """By probe: its status, and what it says."""
    observations: Sequence[Mapping[str, Any]]


def copied(to: Path) -> Path:
    """The release as it is in this checkout. What no row damages is linked."""
    to.mkdir(parents=True)
    for name in _COPIED:
        shutil.copytree(ROOT / name, to / name, symlinks=True)
    for each in ROOT.iterdir():
        if each.name not in _NOT_THERE:
            (to / each.name).symlink_to(each)
    (to / "web").mkdir()
    for each in (ROOT / "web").iterdir():
        if each.name != "dist":
            (to / "web" / each.name).symlink_to(each)
    if (ROOT / "web" / "dist").is_dir():
        shutil.copytree(ROOT / "web" / "dist", to / "web" / "dist")
    return to


def look(folder: Path, probes: Sequence[str], damage: Damage | None = None, *, tls: bool = False) -> Looked:
    """Copies, damages, runs, checks. ``folder``: a new one. ``tls``: of an installation that ends TLS itself. Raises
    SourceMoved, NotRunning."""
    release, data = copied(folder / "release"), folder / "data"
    data.mkdir()
    environment = _environment(data, damage.settings if damage else {})
    if tls:
        environment |= _with_tls(folder, environment["KLAUSUR_PORT"])
    if damage is not None:
        for edit in damage.edits:
            edit.make(release)
        if damage.sql:
            _set_up(release, environment)
            damage_database(data / "klausur.db", damage.sql)
        if damage.meddle is not None:
            damage.meddle(release, data)
    with _running(release, environment, folder / "serve.log"):
        return _checked(release, environment, probes)


def _environment(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    here = {name: value for name, value in os.environ.items() if not name.startswith("KLAUSUR_")}  # noqa: TID251
    ports = _free_ports()
    chosen = {
        "DATA": str(data),
        "PORT": str(ports[0]),
        "MEDIA_UDP_PORT": str(ports[1]),
        "MEDIA_TCP_PORT": str(ports[2]),
        **DECLARED,
        **settings,
    }
    # Beside Python's the engine lies as script/setup has put it there.
    path = f"{Path(sys.executable).parent}:{here.get('PATH', '')}"
    return here | {f"KLAUSUR_{name}": value for name, value in chosen.items()} | {"PATH": path, "PYTHONSAFEPATH": ""}


def _with_tls(folder: Path, port: str) -> dict[str, str]:
    """The check trusts who vouches for itself there, and nobody else does."""
    chain, key = identity(folder)
    return {
        "KLAUSUR_PUBLIC_URL": f"https://localhost:{port}",
        "KLAUSUR_HOST": "127.0.0.1",
        "KLAUSUR_MEDIA_ADDRESS": "127.0.0.1",
        "KLAUSUR_TLS_CERT": str(chain),
        "KLAUSUR_TLS_KEY": str(key),
        "SSL_CERT_FILE": str(chain),
    }


def _free_ports() -> Sequence[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _set_up(release: Path, environment: Mapping[str, str]) -> None:
    with _running(release, environment, release.parent / "first.log"):
        pass


@contextmanager
def _running(release: Path, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """From the moment at which it says that it is ready."""
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "klausur", "serve"],
            cwd=release,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=out,
            start_new_session=True,
        ) as server,
    ):
        try:
            _wait(server, log)
            yield
        finally:
            _stop(server)


def _wait(server: subprocess.Popen[bytes], log: Path) -> None:
    """It announces its address when it can be opened."""
    assert server.stdout is not None
    guard = _killed_after(server, _STARTS_SECONDS)
    line = server.stdout.readline()
    guard.cancel()
    if not line:
        raise NotRunning(log.read_text("utf-8", "replace")[-500:])


def _killed_after(server: subprocess.Popen[bytes], seconds: float) -> Any:
    from threading import Timer

    guard = Timer(seconds, server.kill)
    guard.daemon = True
    guard.start()
    return guard


def _stop(server: subprocess.Popen[bytes]) -> None:
    """With its media engine, also where it has to be killed."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)


def _checked(release: Path, environment: Mapping[str, str], probes: Sequence[str]) -> Looked:
    try:
        told = subprocess.run(
            [sys.executable, "-m", "tests.sabotage.looking", *probes],
            cwd=release,
            env=environment,
            capture_output=True,
            check=False,
            timeout=_LOOKS_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotRunning("The check did not come to its end.") from None
    if told.returncode:
        raise NotRunning(told.stderr.decode("utf-8", "replace")[-800:])
    return Looked(**json.loads(told.stdout.splitlines()[-1]))
