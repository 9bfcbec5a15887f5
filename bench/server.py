"""One running installation for a measurement: the real product on loopback, with a data folder of its own."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
KLAUSUR = ROOT / ".venv" / "bin" / "klausur"


def machine() -> dict[str, Any]:
    return {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """``ready_s`` is the time from exec to the first 200 of /readyz."""

    process: subprocess.Popen[bytes]
    url: str
    ready_s: float

    def resident_mb(self) -> float:
        root = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in [root, *root.children(recursive=True)]) / 2**20

    def by_process_mb(self) -> dict[str, float]:
        root = psutil.Process(self.process.pid)
        return {p.name(): round(p.memory_info().rss / 2**20, 1) for p in [root, *root.children(recursive=True)]}

    def cpu_seconds(self) -> float:
        """That klausur itself has used, without the engine."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)


def start(data: Path, **settings: int | str) -> Server:
    """``settings`` by name, in lower case."""
    port = free_port()
    told = {
        "KLAUSUR_DATA": str(data),
        "KLAUSUR_PORT": str(port),
        "KLAUSUR_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "KLAUSUR_MEDIA_TCP_PORT": str(free_port()),
        "KLAUSUR_OPEN_MEETINGS": "anyone",
        **{f"KLAUSUR_{name.upper()}": str(value) for name, value in settings.items()},
    }
    # The settings of the person who measures must not leak into the measurement, but where the engine lies is theirs.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KLAUSUR_") or k == "KLAUSUR_ENGINE_BINARY"}
    begun = time.perf_counter()
    process = subprocess.Popen([KLAUSUR, "serve"], env=kept | told, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while time.perf_counter() - begun < 60:
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code == 200:
                return Server(process, url, time.perf_counter() - begun)
        except httpx.TransportError:
            pass
        if process.poll() is not None:
            sys.exit("the server did not start; run `klausur doctor`")
        time.sleep(0.02)
    process.kill()
    sys.exit("the server was not ready within 60 s; run `klausur doctor`")


@contextmanager
def data_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="klausur-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of an empty database in a PostgreSQL of its own, as the tests have it: without waiting for the disk."""
    told = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        address = told.stdout.readline().strip() if told.stdout else ""
        if not address:
            sys.exit("PostgreSQL did not start; script/bench installs it where it can")
        yield address
    finally:
        told.communicate()


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """The settings for an empty one: nothing for SQLite, which lies in the data folder."""
    if kind == "sqlite":
        yield {}
        return
    with postgresql() as address:
        yield {"database_url": address}


@contextmanager
def served(kind: str = "sqlite", **settings: int) -> Iterator[Server]:
    with data_folder() as data, database(kind) as its:
        server = start(data, **its, **settings)
        try:
            yield server
        finally:
            server.stop()
