"""B4: resident memory of the whole server and its start-up.

Starts the real product on loopback, reads the resident set of the process tree (server and engine), lets participants
join and leave through the public doors as a browser does (seat, events socket, signalling socket), and reads again.
No media flows: what a participant costs the engine in media is B8's matter.

    .venv/bin/python -m bench.memory [--joins 200] [--out out/bench/B4.json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from bench.people import Guest, Host, Meeting, Times, client, open_meeting
from bench.server import ROOT, Server, data_folder, machine, start

# The first round brings the engine's heap to its working size; what counts is that the later ones add nothing.
_ROUNDS = 4
# Also keeps a round below the server's own limit on joins from one network.
_REST_S = 60


async def come_and_go(http: httpx.AsyncClient, meeting: Meeting, hold: asyncio.Event | None = None) -> None:
    guest = Guest(meeting, http)
    signalling = await guest.call(await guest.join(Times()))
    if hold is not None:
        await hold.wait()
    await signalling.close()
    await guest.leave()


async def measure_joins(server: Server, joins: int) -> dict[str, Any]:
    async with client(server.url) as http:
        meeting = await open_meeting(http)
        await Host(meeting, http).come()
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

    with data_folder() as data:
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

    result = {
        "id": "B4",
        "machine": machine(),
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
