"""The flood of B7: a process of its own, so that what it costs is not taken for the server's slowness.

Requests are written beforehand and sent as they are, over connections that stay open: the cheapest client there is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.people import Guest, Meeting, client, sealed
from bench.server import ROOT

NETWORKS = 10 if sys.platform == "linux" else 1
HOMES = [f"127.1.0.{number + 1}" if NETWORKS > 1 else None for number in range(32)]
"""From where the others come."""
_CONNECTIONS = 2
"""From each network."""


@dataclass(frozen=True)
class Target:
    url: str
    id: str
    proof: str
    session: str
    knocks: int
    turn: int


class Flood:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    async def ready(cls, meeting: Meeting, knocks: int, turn: int) -> Flood:
        """Everything is written down and every connection stands. ``turn``: other networks in each."""
        target = Target(meeting.url, meeting.id, meeting.proof, meeting.session, knocks, turn)
        command = [sys.executable, "-m", "bench.flood", json.dumps(asdict(target))]
        process = subprocess.Popen(  # noqa: ASYNC220 - it takes no time that is measured
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if process.stdout is None or await asyncio.to_thread(process.stdout.readline) != "ready\n":
            raise ChildProcessError("the flood did not begin")
        return cls(process)

    def begin(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def lasts(self) -> bool:
        return self._process.poll() is None

    def result(self) -> dict[str, int]:
        """How often each status was answered."""
        counted: dict[str, int] = json.loads(self._process.communicate()[0])
        return counted


async def _flood(target: Target) -> None:
    requests = await asyncio.to_thread(_written, target)
    lines = [
        await asyncio.open_connection(*_where(target.url), local_addr=(address, 0) if NETWORKS > 1 else None)
        for address in _addresses(target.turn)
        for _ in range(_CONNECTIONS)
    ]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    told: Counter[str] = Counter()
    await asyncio.gather(*(_pour(line, requests[n :: len(lines)], told) for n, line in enumerate(lines)))
    print(json.dumps(told))


def _addresses(turn: int) -> Sequence[str]:
    return [f"127.0.{turn + 1}.{number + 1}" for number in range(NETWORKS)]


def _where(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 80)


def _written(target: Target) -> Sequence[bytes]:
    meeting = Meeting(target.url, target.id, target.proof, target.session, Ed25519PrivateKey.generate())
    http = client(target.url)
    written = []
    for _ in range(target.knocks):
        guest = Guest(meeting, http)
        url = f"{target.url}{guest.path}"
        request = http.build_request("POST", url, json=guest.wish(knock=sealed()), headers=meeting.proven)
        head = f"POST {guest.path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in request.headers.items())
        written.append(head.encode() + b"\r\n" + request.content)
    return written


async def _pour(
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter], requests: Sequence[bytes], told: Counter[str]
) -> None:
    reader, writer = line
    for request in requests:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((each for each in head.split("\r\n") if each.startswith("content-length:")), ": 0")
        await reader.readexactly(int(length.partition(":")[2]))
        told[head.split(" ", 2)[1]] += 1
    writer.close()


if __name__ == "__main__":
    asyncio.run(_flood(Target(**json.loads(sys.argv[1]))))
