"""B4: resident memory of the whole server and its start-up.

Starts the real product on loopback, reads the resident set of the process tree (server and engine), lets participants
join and leave through the public doors as a browser does (seat, events socket, signalling socket), and reads again.
No media flows: what a participant costs the engine in media is B8's matter.

    .venv/bin/python bench/memory.py [--joins 200] [--out out/bench/B4.json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import platform
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
from livekit.protocol import models, rtc
from websockets.asyncio.client import connect

# The first round brings the engine's heap to its working size; what counts is that the later ones add nothing.
_ROUNDS = 4
# Also keeps a round below the server's own limit on joins from one network.
_REST_S = 60

ROOT = Path(__file__).resolve().parent.parent
KLAUSUR = ROOT / ".venv" / "bin" / "klausur"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One running installation; `ready_s` is the time from exec to the first 200 of /readyz."""

    process: subprocess.Popen[bytes]
    url: str
    ready_s: float

    def resident_mb(self) -> float:
        root = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in [root, *root.children(recursive=True)]) / 2**20

    def by_process_mb(self) -> dict[str, float]:
        root = psutil.Process(self.process.pid)
        return {p.name(): round(p.memory_info().rss / 2**20, 1) for p in [root, *root.children(recursive=True)]}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)


def start(data: Path) -> Server:
    port = free_port()
    settings = {
        "KLAUSUR_DATA": str(data),
        "KLAUSUR_PORT": str(port),
        "KLAUSUR_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "KLAUSUR_MEDIA_TCP_PORT": str(free_port()),
        "KLAUSUR_OPEN_MEETINGS": "anyone",
    }
    # The settings of the person who measures must not leak into the measurement, but where the engine lies is theirs.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KLAUSUR_") or k == "KLAUSUR_ENGINE_BINARY"}
    begun = time.perf_counter()
    process = subprocess.Popen([KLAUSUR, "serve"], env=kept | settings, stdout=subprocess.DEVNULL)
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


@dataclass
class Meeting:
    url: str
    id: str
    proof: str
    session: str


async def open_meeting(http: httpx.AsyncClient, url: str) -> Meeting:
    proof = secrets.token_bytes(32)
    wish = {"host_public_key": b64(secrets.token_bytes(32)), "link_proof_hash": b64(hashlib.sha256(proof).digest())}
    made = (await http.post("/api/meetings", json=wish)).raise_for_status().json()
    seen = await http.get(f"/api/meetings/{made['meeting']}", headers={"Klausur-Link-Proof": b64(proof)})
    return Meeting(url, made["meeting"], b64(proof), seen.raise_for_status().json()["session"])


def join_request() -> str:
    """What livekit-client sends in the query of /rtc/v1, without an offer."""
    request = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=False, adaptive_stream=True),
    )
    wrapped = rtc.WrappedJoinRequest(join_request=request.SerializeToString()).SerializeToString()
    return base64.urlsafe_b64encode(wrapped).decode()


async def come_and_go(http: httpx.AsyncClient, meeting: Meeting, hold: asyncio.Event | None = None) -> None:
    pseudonym = b64(secrets.token_bytes(16))
    wish = {"pseudonym": pseudonym, "session": meeting.session, "announcement": b64(secrets.token_bytes(300))}
    headers = {"Klausur-Link-Proof": meeting.proof, "Origin": meeting.url}
    seat = (await http.post(f"/api/meetings/{meeting.id}/seats", json=wish, headers=headers)).raise_for_status().json()
    ws = meeting.url.replace("http", "ws")
    async with (
        connect(f"{ws}/api/meetings/{meeting.id}/events", origin=meeting.url, proxy=None) as events,  # type: ignore[arg-type]
        connect(
            f"{ws}/rtc/v1?access_token={seat['ticket']}&join_request={quote(join_request())}",
            origin=meeting.url,  # type: ignore[arg-type]
            proxy=None,
            max_size=2**21,
        ) as signalling,
    ):
        await events.send(json.dumps({"type": "hello", "pseudonym": pseudonym, "secret": seat["secret"]}))
        await events.recv()
        await signalling.recv()
        if hold is not None:
            await hold.wait()
    bearer = {"Authorization": f"Bearer {seat['secret']}", "Origin": meeting.url}
    (await http.delete(f"/api/meetings/{meeting.id}/seats/{pseudonym}", headers=bearer)).raise_for_status()


async def measure_joins(server: Server, joins: int) -> dict[str, Any]:
    headers = {"Origin": server.url}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as http:
        meeting = await open_meeting(http, server.url)
        await come_and_go(http, meeting)
        rows = []
        for turn in range(_ROUNDS + 1):
            for _ in range(joins if turn else 0):
                await come_and_go(http, meeting)
            at_once = round(server.resident_mb(), 1)
            await asyncio.sleep(_REST_S)
            rested = round(server.resident_mb(), 1)
            parts = server.by_process_mb()
            rows.append(
                {"joins": turn * joins, "at_once_mb": at_once, "rested_mb": rested, "rested_by_process_mb": parts}
            )
        before, hold, crowd = server.resident_mb(), asyncio.Event(), 20
        inside = [asyncio.create_task(come_and_go(http, meeting, hold)) for _ in range(crowd)]
        await asyncio.wait(inside, timeout=8)
        each = (server.resident_mb() - before) / crowd
        hold.set()
        await asyncio.gather(*inside)
    return {"over_joins": rows, "mb_per_participant": round(each, 2)}


def main() -> None:
    wants = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wants.add_argument("--joins", type=int, default=200)
    wants.add_argument("--out", type=Path, default=ROOT / "out" / "bench" / "B4.json")
    args = wants.parse_args()

    data = Path(tempfile.mkdtemp(prefix="klausur-bench-"))
    try:
        start(data).stop()  # the first start makes the database; a second one is what is measured
        starts = []
        for _ in range(4):
            server = start(data)
            starts.append(server.ready_s)
            server.stop()
        server = start(data)
        try:
            time.sleep(3)  # idle means idle: start-up work has ended
            idle, parts = server.resident_mb(), server.by_process_mb()
            joins = asyncio.run(measure_joins(server, args.joins))
        finally:
            server.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)

    result = {
        "id": "B4",
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "ready_s": {"median": round(statistics.median(starts), 2), "runs": [round(s, 2) for s in starts]},
        "idle_resident_mb": round(idle, 1),
        "idle_by_process_mb": parts,
        **joins,
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"B4  ready on a second start   {result['ready_s']['median']} s (median of {len(starts)})")
    print(f"    idle, whole tree          {result['idle_resident_mb']} MB  {parts}")
    print(f"    per participant inside    {result['mb_per_participant']} MB (signalling and events, no media)")
    for row in joins["over_joins"]:
        figures = f"{row['rested_mb']} MB rested, {row['at_once_mb']} MB at once"
        print(f"    after {row['joins']:>4} joins          {figures}  {row['rested_by_process_mb']}")


if __name__ == "__main__":
    main()
