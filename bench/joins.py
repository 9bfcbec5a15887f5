"""B7: how many people a second the server lets in, and whether a flood of one meeting slows another.

A join is what a guest's browser and the host's do together: knock, events socket, admission with the host's signature,
ticket, events socket again until the welcome. Three installations, on SQLite or PostgreSQL and with the real engine:

- load: limits raised; guests come in to several meetings at once. Beside it, in the same run, the barest request that
  the server answers and the barest write that SQLite commits, for comparison.
- flood: limits as they are. Guests join other meetings, one after another, while it is quiet, and while others with the
  link of a second meeting knock there as fast as they can, from many networks.
- crowd: limits as they are; everybody of a full meeting comes at once, from one address, signalling sockets included.

    .venv/bin/python -m bench.joins [--database postgresql] [--joins 600] [--out out/bench/B7.json]

The flood comes from many addresses of loopback, which Linux lends freely; elsewhere it comes from one.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx

from bench.flood import HOMES, NETWORKS, Flood
from bench.people import Guest, Host, Meeting, Times, client, open_meeting
from bench.server import ROOT, Server, data_folder, machine, served

_RAISED = {
    "limit_openings": 10**6,
    "limit_knocks": 10**6,
    "limit_meeting_knocks": 10**6,
    "limit_sockets": 10**6,
}
_GUESTS = 25
"""In one meeting of the load part."""
_AT_ONCE = 4
_WARM = 40
_OTHERS = 5
"""Meetings beside the one that is flooded."""
_CROWD = 200
"""With the host."""
_PATIENCE_S = 120


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Of milliseconds."""
    ranked = sorted(values)
    p99 = ranked[min(len(ranked) - 1, round(len(ranked) * 0.99))]
    return {"p50_ms": round(statistics.median(ranked), 1), "p99_ms": round(p99, 1)}


async def hosted(http: httpx.AsyncClient) -> Meeting:
    meeting = await open_meeting(http)
    await Host(meeting, http).come()
    return meeting


# -- load -------------------------------------------------------------------------------------------------------------


async def measure_load(server: Server, joins: int) -> dict[str, Any]:
    async with client(server.url) as http:
        warm = await hosted(http)
        for _ in range(_WARM):
            await Guest(warm, http).join(Times())
        meetings = [await hosted(http) for _ in range(-(-joins // _GUESTS))]
        coming = [Guest(meetings[number % len(meetings)], http) for number in range(joins)]
        times = Times()
        seconds, cpu = await timed(server, [_join(guest, times) for guest in coming])
        requests = [_get(http, "/healthz") for _ in range(joins)]
        bare_seconds, bare_cpu = await timed(server, requests)
    each = cpu / joins * 1000
    return {
        "joins": joins,
        "at_once": _AT_ONCE,
        "per_second": round(joins / seconds, 1),
        "per_second_and_core": round(joins / cpu, 1),
        "cpu_ms_each": round(each, 2),
        **percentiles(times.of["join"]),
        "steps": {step: percentiles(values) for step, values in times.of.items() if step != "join"},
        "bare": {
            "healthz_per_second": round(joins / bare_seconds, 1),
            "healthz_cpu_ms": round(bare_cpu / joins * 1000, 2),
            "join_in_healthz": round(each / (bare_cpu / joins * 1000), 1),
            "sqlite_commit_ms": round(_bare_commit(), 3),
        },
    }


async def timed(server: Server, work: Sequence[Any]) -> tuple[float, float]:
    """Seconds by the clock and of klausur's CPU for all of it, a few at once."""
    queue = list(reversed(work))

    async def worker() -> None:
        while queue:
            await queue.pop()

    begun, used = time.perf_counter(), server.cpu_seconds()
    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
    return time.perf_counter() - begun, server.cpu_seconds() - used


async def _join(guest: Guest, times: Times) -> None:
    await guest.join(times)


async def _get(http: httpx.AsyncClient, path: str) -> None:
    (await http.get(path)).raise_for_status()


def _bare_commit(times: int = 300) -> float:
    """Median milliseconds of one small durable write, as klausur opens its database."""
    with data_folder() as folder:
        database = sqlite3.connect(folder / "bare.db", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("CREATE TABLE bare (value BLOB)")
        took = []
        for _ in range(times):
            begun = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO bare VALUES (?)", (b"0" * 400,))
            database.execute("COMMIT")
            took.append((time.perf_counter() - begun) * 1000)
        database.close()
    return statistics.median(took)


# -- flood ------------------------------------------------------------------------------------------------------------


async def measure_flood(server: Server, knocks: int, rounds: int) -> dict[str, Any]:
    """``knocks`` on one meeting in each round. Each round has meetings of its own: the limits of the one before would
    protect the one, and stop the other."""
    async with AsyncExitStack() as stack:
        # Several networks for them too: they are more in a minute than one may be.
        homes = [await stack.enter_async_context(client(server.url, address)) for address in HOMES]
        guests = itertools.cycle(homes)
        quiet, flooded, answers = Times(), Times(), dict[str, int]()
        for turn in range(rounds):
            # Several of the others, too: on a quick machine more come in a minute than one meeting lets ask.
            others = itertools.cycle([await hosted(homes[0]) for _ in range(_OTHERS)])
            target = await hosted(homes[0])
            for _ in range(5):
                await _visit(next(others), next(guests), Times())
            # Quiet and flooded in turn, so that whatever else changes changes for both.
            for _ in range(20):
                await _visit(next(others), next(guests), quiet)
            flood = await Flood.ready(target, knocks, turn)
            flood.begin()
            while flood.lasts():
                await _visit(next(others), next(guests), flooded)
            for status, count in flood.result().items():
                answers[status] = answers.get(status, 0) + count
    before, under = percentiles(quiet.of["join"]), percentiles(flooded.of["join"])
    return {
        "knocks": knocks * rounds,
        "networks": NETWORKS,
        "answers": dict(sorted(answers.items())),
        "joins_quiet": len(quiet.of["join"]),
        "joins_under_flood": len(flooded.of["join"]),
        "quiet": before,
        "under_flood": under,
        "p99_ratio": round(under["p99_ms"] / before["p99_ms"], 2),
    }


async def _visit(meeting: Meeting, http: httpx.AsyncClient, times: Times) -> None:
    guest = Guest(meeting, http)
    await guest.join(times)
    await guest.leave()


# -- crowd ------------------------------------------------------------------------------------------------------------


async def measure_crowd(server: Server) -> dict[str, Any]:
    async with client(server.url) as http:
        meeting = await hosted(http)
        times = Times()
        begun = time.perf_counter()
        come = [_come_to_stay(Guest(meeting, http), times) for _ in range(_CROWD - 1)]
        results = await asyncio.gather(*come, return_exceptions=True)
        seconds = time.perf_counter() - begun
    failed = [result for result in results if isinstance(result, BaseException)]
    if failed:
        print(f"crowd: {len(failed)} did not get in, for example: {failed[0]!r}", file=sys.stderr)
    return {"people": _CROWD, "inside": len(results) - len(failed) + 1, "seconds": round(seconds, 1)}


async def _come_to_stay(guest: Guest, times: Times) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        await guest.call(await guest.join(times))


# -- all of it --------------------------------------------------------------------------------------------------------


def main() -> None:
    wants = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wants.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    wants.add_argument("--joins", type=int, default=600)
    wants.add_argument("--knocks", type=int, default=1000)
    wants.add_argument("--rounds", type=int, default=5)
    wants.add_argument("--only", choices=["load", "flood", "crowd"])
    wants.add_argument("--out", type=Path)
    args = wants.parse_args()
    name = "B7.json" if args.database == "sqlite" else f"B7-{args.database}.json"
    out: Path = args.out or ROOT / "out" / "bench" / name
    result: dict[str, Any] = {"id": "B7", "database": args.database, "machine": machine()}
    if args.only in (None, "load"):
        with served(args.database, **_RAISED) as server:
            result["load"] = asyncio.run(measure_load(server, args.joins))
    if args.only in (None, "flood"):
        with served(args.database) as server:
            result["flood"] = asyncio.run(measure_flood(server, args.knocks, args.rounds))
    if args.only in (None, "crowd"):
        with served(args.database) as server:
            result["crowd"] = asyncio.run(measure_crowd(server))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    _print(result)


def _print(result: dict[str, Any]) -> None:
    if load := result.get("load"):
        bare = load["bare"]
        print(f"B7  joins per second and core {load['per_second_and_core']}  ({load['cpu_ms_each']} ms of CPU each)")
        print(f"    {load['at_once']} at once, p50 / p99      {load['p50_ms']} / {load['p99_ms']} ms")
        print(f"    a join in GET /healthz    {bare['join_in_healthz']}  ({bare['healthz_cpu_ms']} ms of CPU each)")
        print(f"    a bare SQLite commit      {bare['sqlite_commit_ms']} ms")
    if flood := result.get("flood"):
        quiet, under = flood["quiet"], flood["under_flood"]
        print(f"    quiet, p50 / p99          {quiet['p50_ms']} / {quiet['p99_ms']} ms ({flood['joins_quiet']} joins)")
        told = f"{under['p50_ms']} / {under['p99_ms']} ms ({flood['joins_under_flood']} joins)"
        print(f"    beside a flood            {told}, p99 ratio {flood['p99_ratio']}; knocks {flood['answers']}")
    if crowd := result.get("crowd"):
        print(f"    {crowd['inside']} of {crowd['people']} behind one address inside in {crowd['seconds']} s")


if __name__ == "__main__":
    main()
