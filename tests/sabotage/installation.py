"""A release of its own, as a copy that can be damaged, set up and really run; and what a check says of it.

It is a process of its own, and so is the check, both from the copy: as somebody runs it whose release is damaged.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.compliance.probes.tls import identity
from tests.sabotage.beside import harmless_advisories, identity_provider
from tests.sabotage.damage import Damage, Kind, damage_database

ROOT: Final = Path(__file__).resolve().parents[2]
_PORTS: Final = 3
_COPIED: Final = ("klausur", "catalogue")
_NOT_THERE: Final = frozenset({*_COPIED, ".git", "web", "var"})
_OF_A_MOMENT: Final = ("control", "*.lock")
"""In the data folder of an installation that does not run any more."""
_STARTS_SECONDS: Final = 120
_BUILDS_SECONDS: Final = 300
_LOOKS_SECONDS: Final = 900
_LIGHTLY: Final = """
import runpy, sys
sys.modules["rfc3987_syntax"] = None
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""A module, without what no installation has: of the developers' packages that one compiles 38 grammars as soon as
jsonschema is imported, which takes longer than most looks."""
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


def copied(to: Path, *, with_source: bool = False) -> Path:
    """The release as it is in this checkout. What no row damages is linked; the source of the client as well, unless it
    is to be built anew."""
    to.mkdir(parents=True)
    for name in _COPIED:
        shutil.copytree(ROOT / name, to / name, symlinks=True)
    for each in ROOT.iterdir():
        if each.name not in _NOT_THERE:
            (to / each.name).symlink_to(each)
    (to / "web").mkdir()
    for each in (ROOT / "web").iterdir():
        if each.name == "dist" or (with_source and each.name != "node_modules"):
            (shutil.copytree if each.is_dir() else shutil.copy2)(each, to / "web" / each.name)
        else:
            (to / "web" / each.name).symlink_to(each)
    return to


def lived_in(folder: Path) -> Path:
    """The data folder of an installation that has been there for a while, as every one in the table has: a copy of
    this, and of the folder with backups beside it. Raises NotRunning."""
    release, data = copied(folder / "release"), folder / "data"
    data.mkdir()
    environment = _environment(data, {})
    with _running(release, environment, folder / "serve.log"):
        _told(release, environment, "tests.sabotage.living")
    return data


def look(folder: Path, lived: Path, probes: Sequence[str], damages: Sequence[Damage], kind: Kind) -> Looked:
    """Copies, damages, runs, checks. ``folder``: a new one. ``damages``: none for a healthy installation. Raises
    SourceMoved, NotRunning."""
    edits = [edit for damage in damages for edit in damage.edits]
    rebuilt = any(edit.is_of_the_client for edit in edits)
    release, data = copied(folder / "release", with_source=rebuilt), folder / "data"
    shutil.copytree(lived, data, ignore=shutil.ignore_patterns(*_OF_A_MOMENT))
    environment = _environment(data, {name: value for each in damages for name, value in each.settings.items()})
    shutil.copytree(lived.with_name("backups"), folder / "backups")
    environment |= {
        "KLAUSUR_ADVISORIES": str(harmless_advisories(folder)),
        "KLAUSUR_BACKUPS": str(folder / "backups"),
    }
    if kind is Kind.TLS:
        environment |= _with_tls(folder, environment["KLAUSUR_PORT"])
    for edit in edits:
        edit.make(release)
    if rebuilt:
        _build(release, environment)
    for damage in damages:
        if damage.sql:
            damage_database(data / "klausur.db", damage.sql)
        if damage.meddle is not None:
            damage.meddle(release, data)
    with ExitStack() as running:
        if kind is Kind.PROVIDER:
            environment |= running.enter_context(identity_provider())
        running.enter_context(_running(release, environment, folder / "serve.log"))
        return Looked(**json.loads(_told(release, environment, "tests.sabotage.looking", *probes)))


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
    """Below those that the kernel gives out by itself: nobody is given one of them before it is used."""
    found: set[int] = set()
    while len(found) < _PORTS:
        port = 15_000 + secrets.randbelow(17_000)
        found |= {port} if _is_free(port) else set()
    return list(found)


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as tried:
                tried.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def _build(release: Path, environment: Mapping[str, str]) -> None:
    tool = str(ROOT / "node_modules" / "vite" / "bin" / "vite.js")
    chosen = {**environment, "NODE_ENV": "production"}
    _run(["node", tool, "build", "web"], release, chosen, _BUILDS_SECONDS)


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


def _told(release: Path, environment: Mapping[str, str], module: str, *words: str) -> bytes:
    """Its last line."""
    said = _run([sys.executable, "-c", _LIGHTLY, module, *words], release, environment, _LOOKS_SECONDS)
    return said.splitlines()[-1] if said else b""


def _run(command: Sequence[str], release: Path, environment: Mapping[str, str], seconds: float) -> bytes:
    try:
        told = subprocess.run(command, cwd=release, env=environment, capture_output=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise NotRunning(f"It did not come to its end: {' '.join(command[2:])[-100:]}") from None
    if told.returncode:
        raise NotRunning(told.stderr.decode("utf-8", "replace")[-800:])
    return told.stdout
