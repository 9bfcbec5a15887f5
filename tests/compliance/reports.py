"""The proof of a whole installation, judged and run: its pages as the server would hand them out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from klausur.compliance.catalogue import load
from klausur.compliance.judging import Installation, judge_again
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Probe
from klausur.compliance.running import Outcome as Ran
from klausur.compliance.running import Wanted, run
from klausur.compliance.stating import Statements
from klausur.compliance.target import Target
from klausur.compliance.verdicts import Assessment
from klausur.settings import plain
from tests.house import House

ROW = "DSK-L-2.3-03"
"""Only persons authorised for it register a conference: open_meetings has to be "accounts"."""
CATALOGUE = load()
OPENERS: Mapping[str, Probe] = {"config.openers": ALL["config.openers"]}


def installation(its: House, **settings: object) -> Installation:
    known = {**plain(its.settings), "open_meetings": "accounts", "log_level": "info", **settings}
    return Installation(its.built.database, its.clock, known, "1.0.0")


async def ran(its: Installation, probes: Mapping[str, Probe] = OPENERS, *rows: str) -> Ran:
    async with target_of(its) as target:
        return await run(its, target, CATALOGUE, probes, Wanted(rows=rows or [ROW]))


async def judged(its: Installation) -> Assessment:
    return await judge_again(its, catalogue=CATALOGUE)


@asynccontextmanager
async def target_of(its: Installation) -> AsyncIterator[Target]:
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: httpx.Response(404)), base_url="http://localhost"
    ) as http:
        yield Target("http://localhost", http, its.settings)


async def page(its: Installation, key: str) -> Any:
    async with its.store.reading() as unit:
        found = await unit.proof.page(key)
    return None if found is None else json.loads(found.body)


async def row(its: Installation, id_: str = ROW) -> Any:
    chapters = (await page(its, "report"))["chapters"]
    return next(one for chapter in chapters for one in chapter["rows"] if one["id"] == id_)


def bindings(told: Any, probe: str) -> Any:
    return next(one for objective in told["objectives"] for one in objective["bindings"] if one["probe"] == probe)


def saying(its: Installation) -> Statements:
    return Statements(its.store, its.clock, CATALOGUE, its.settings)
