"""A run: every probe that the catalogue asks for looks once, what it saw goes into the ledger, and the engine judges.

A run that did not end has no verdicts: they are written last, all in one entry, so that half a run never looks like
one. What an earlier run saw still counts while it is young enough (standing.py); the engine knows how young.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import rfc8785

from klausur.compliance import standing
from klausur.compliance.controlling import forget_us
from klausur.compliance.judging import Installation, Known, differing, is_turned_back, judged, known, put_pages
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.model import Asking, Catalogue
from klausur.compliance.probing import Probe, Seen, look
from klausur.compliance.records import plain_observation
from klausur.compliance.report import both_or_none
from klausur.compliance.standing import Standing
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.trust import trusting
from klausur.compliance.verdicts import Assessment, Invalid
from klausur.domain.ports import UnitOfWork
from klausur.domain.proof_ports import Entry, EntryType, RunRow
from klausur.store.unit import Database

__all__ = [
    "Installation",
    "Outcome",
    "Progress",
    "UnknownRows",
    "Wanted",
    "is_running",
    "look_again",
    "outside",
    "plain_verdicts",
    "run",
    "selected",
    "told_verdicts",
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """``rows``: ids; None: all of the profile."""

    profile: str = "dsk"
    rows: Collection[str] | None = None


class Progress:
    """Told while it goes on; this one says nothing."""

    def begins(self, probes: int) -> None: ...

    def has_looked(self, seen: Seen) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    run: str
    catalogue: Catalogue
    assessment: Assessment
    known: Known
    seen: Sequence[Seen]
    """Of this run alone."""


class UnknownRows(Exception):
    """Asked for what the catalogue does not have; ``str()`` of it names them."""


async def run(
    its: Installation,
    target: Target | None,
    catalogue: Catalogue,
    probes: Mapping[str, Probe],
    wanted: Wanted,
    progress: Progress | None = None,
) -> Outcome:
    """``target``: None where no server is running; then nothing is looked at and the run is invalid.

    Raises UnknownRows, StorageUnavailable.
    """
    told = progress or Progress()
    rows = selected(catalogue, wanted)
    invalid = await _why_not(its, target)
    ledger, number = Ledger(its.store, its.clock), secrets.token_urlsafe(16)
    askings = _askings(catalogue, rows, probes)
    about = await _begin(its, ledger, number, catalogue, wanted, [probes[name] for name in askings])
    # So that it can be read at once that one was begun, should it never come to its end.
    await put_pages(its, catalogue, probes, invalid=invalid)
    told.begins(0 if invalid else len(askings))
    seen: list[Seen] = []
    fresh: list[Standing] = []
    if target is not None and invalid is None:
        async for one in _look_around(its, target, probes, askings):
            fresh += await _written(its, ledger, number, one, askings[one.probe.id])
            seen.append(one)
            told.has_looked(one)
    what = await known(its, fresh)
    found = judged(catalogue, what, rows, invalid=invalid)
    await _end(its, ledger, number, about, found, what.standing)
    await put_pages(its, catalogue, probes, invalid=invalid)
    return Outcome(number, catalogue, found, what, seen)


async def look_again(its: Installation, catalogue: Catalogue, probes: Mapping[str, Probe]) -> None:
    """After what is stored or set has changed: what was seen of nothing else is looked at again, without a run. So a
    fail that the change has overtaken goes by being looked at, never by itself. Where nobody has looked before, nobody
    does now; nor while the running server has other settings. Raises StorageUnavailable."""
    if await differing(its):
        return
    stored = {name: probe for name, probe in probes.items() if probe.stored}
    async with its.store.reading() as unit:
        before = {one.observation.asking for one in await standing.read(unit.proof)}
    ledger = Ledger(its.store, its.clock)
    fresh: list[Standing] = []
    async with _inside(its) as target:
        for name, asked in _askings(catalogue, {row.id for row in catalogue.requirements()}, stored).items():
            if again := tuple(one for one in asked if one in before):
                seen = await look(stored[name], target, again, its.clock)
                fresh += await _written(its, ledger, "", seen, again)
    if fresh:
        await ledger.append(Record(EntryType.VERDICT, standing.WITHOUT_RUN, standing.body_of(fresh)))


async def _why_not(its: Installation, target: Target | None) -> Invalid | None:
    """Why a run could say nothing, where that is known before it begins."""
    if await is_turned_back(its):
        return Invalid.CLOCK_TURNED_BACK
    if target is None:
        return Invalid.NO_SERVER
    return Invalid.OTHER_SETTINGS if await differing(its) else None


async def _written(
    its: Installation, ledger: Ledger, run: str, seen: Seen, askings: Sequence[Asking]
) -> Sequence[Standing]:
    (entry,) = await ledger.append(_evidence(its, run, seen, askings))
    return [_standing(its, seen, asking, entry) for asking in askings]


def _standing(its: Installation, seen: Seen, asking: Asking, entry: Entry) -> Standing:
    found = seen.judged.get(asking)
    return Standing(seen.observation(asking, its.in_effect), found.says if found else seen.says, entry.seq)


def selected(catalogue: Catalogue, wanted: Wanted) -> Collection[str]:
    """Ids of rows. Raises UnknownRows."""
    profile = catalogue.profiles.get(wanted.profile)
    if profile is None:
        raise UnknownRows(wanted.profile)
    if wanted.rows is None:
        return profile.requirements
    known = {row.id for row in catalogue.requirements()}
    if unknown := sorted(set(wanted.rows) - known):
        raise UnknownRows(", ".join(unknown))
    return frozenset(wanted.rows)


def _askings(catalogue: Catalogue, rows: Collection[str], probes: Mapping[str, Probe]) -> dict[str, tuple[Asking, ...]]:
    """By probe, in the catalogue's order; each once."""
    asked: defaultdict[str, dict[Asking, None]] = defaultdict(dict)
    for row in catalogue.requirements():
        for objective in row.objectives if row.id in rows else ():
            for binding in objective.bindings:
                if binding.test is not None and binding.test.probe in probes:
                    asked[binding.test.probe][binding.test] = None
    return {name: tuple(each) for name, each in asked.items()}


async def _look_around(
    its: Installation, target: Target, probes: Mapping[str, Probe], askings: Mapping[str, tuple[Asking, ...]]
) -> AsyncIterator[Seen]:
    """One after the other: what one does must not be seen by another, nor be counted against it."""
    for name, asked in sorted(askings.items(), key=lambda one: probes[one[0]].disturbs):
        # Where that cannot be, a probe that comes to a limit cannot look, and says so.
        with suppress(CannotLook):
            await forget_us(target)
        yield await look(probes[name], target, asked, its.clock)


# -- what is written down ---------------------------------------------------------------------------------------------


async def _begin(
    its: Installation, ledger: Ledger, run: str, catalogue: Catalogue, wanted: Wanted, probes: Sequence[Probe]
) -> Mapping[str, Any]:
    """What the run is about."""
    body: dict[str, Any] = {
        "release": its.release,
        "catalogue": {"id": catalogue.id, "version": catalogue.version, "digest": catalogue.digest},
        "profile": wanted.profile,
        "only": sorted(wanted.rows) if wanted.rows is not None else None,
        "probes": [{"id": probe.id, "version": probe.version} for probe in probes],
        "settings": dict(its.settings),
    }

    async def along(unit: UnitOfWork) -> None:
        await unit.proof.begin_run(RunRow(run, its.clock.now(), None, json.dumps(body)))

    await ledger.append(Record(EntryType.RUN_BEGUN, "run", rfc8785.dumps(body), run=run), along=along)
    return body


def _evidence(its: Installation, run: str, seen: Seen, askings: Sequence[Asking]) -> Record:
    body: dict[str, Any] = {
        "probe": {"id": seen.probe.id, "version": seen.probe.version},
        "status": seen.status.value,
        "says": {"de": seen.says.de, "en": seen.says.en},
        "observations": [plain_observation(seen.observation(asking, its.in_effect)) for asking in askings],
        "evidence": seen.evidence,
        "twin": seen.twin,
    }
    return Record(EntryType.EVIDENCE, seen.probe.id, rfc8785.dumps(body), run=run)


async def _end(
    its: Installation,
    ledger: Ledger,
    run: str,
    about: Mapping[str, Any],
    found: Assessment,
    stands: Sequence[Standing],
) -> None:
    ended = {
        "exit": int(found.exit_code),
        "invalid": found.invalid,
        "counts": {outcome.value: count for outcome, count in found.counts.items()},
        "verdicts": {row.requirement.id: row.verdict.outcome.value for row in found.rows},
    }

    async def along(unit: UnitOfWork) -> None:
        await unit.proof.end_run(run, its.clock.now(), json.dumps({**about, **ended}))

    await ledger.append(
        Record(EntryType.VERDICT, "verdicts", rfc8785.dumps(plain_verdicts(found)), run=run),
        Record(EntryType.VERDICT, standing.NAME, standing.body_of(stands), run=run),
        Record(EntryType.RUN_ENDED, "run", rfc8785.dumps(ended), run=run),
        along=along,
    )


def plain_verdicts(judged: Assessment) -> dict[str, Any]:
    """As JSON: every row with its verdict, its objectives', and why."""
    return {
        "catalogue": judged.catalogue,
        "version": judged.version,
        "digest": judged.digest,
        "at": judged.at.isoformat(),
        "invalid": judged.invalid,
        "rows": [
            {
                "id": row.requirement.id,
                "verb": row.requirement.verb.value,
                "verdict": row.verdict.outcome.value,
                "answer": row.answer.value,
                "because": [_because(one) for one in row.verdict.because],
                "rests_on": list(row.verdict.rests_on),
                "objectives": [
                    {
                        "id": one.objective.id,
                        "verdict": one.verdict.outcome.value,
                        "because": [_because(each) for each in one.verdict.because],
                        "rests_on": list(one.verdict.rests_on),
                    }
                    for one in row.objectives
                ],
            }
            for row in judged.rows
        ],
    }


def told_verdicts(judged: Assessment) -> dict[str, Any]:
    """The same for whoever has no catalogue at hand: of each row also what has to be said beside it, and the ids of all
    evidence for or against it. The ledger does without; it names its catalogue."""
    plain = plain_verdicts(judged)
    more = [
        {
            "label": both_or_none(row.requirement.label),
            "grade_note": both_or_none(row.requirement.grade_note),
            "evidence": list(row.evidence),
        }
        for row in judged.rows
    ]
    return plain | {"rows": [row | its for row, its in zip(plain["rows"], more, strict=True)]}


def _because(one: Any) -> dict[str, str]:
    return {"reason": one.reason.value, "about": one.about, "evidence": one.evidence}


# -- the running server -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def outside(url: str, settings: Mapping[str, object]) -> AsyncIterator[Target]:
    """As a stranger reaches it."""
    limits = httpx.Limits(max_connections=20)
    transport = httpx.AsyncHTTPTransport(
        verify=trusting(), limits=limits, local_address=_own_address(url), trust_env=False
    )
    # For some answers the server starts a process, and waits for it (klausur/proving.py).
    waits = httpx.Timeout(10, read=30)
    async with httpx.AsyncClient(base_url=url, timeout=waits, transport=transport, trust_env=False) as http:
        yield Target(url, http, settings)


@asynccontextmanager
async def _inside(its: Installation) -> AsyncIterator[Target]:
    """What is stored and set, and no way to the server."""
    nobody = httpx.MockTransport(lambda _: httpx.Response(httpx.codes.SERVICE_UNAVAILABLE))
    async with httpx.AsyncClient(base_url="http://localhost", transport=nobody) as http:
        store = its.store if isinstance(its.store, Database) else None
        yield Target("http://localhost", http, its.settings, inside=store)


def _own_address(url: str) -> str | None:
    """On the machine itself each run comes from another address of it. From one and the same, what the last run tried
    would be counted against this one: its probes would find the doors shut, and see nothing. None: it makes no
    difference, or this machine has one such address only."""
    if urlsplit(url).hostname not in ("localhost", "127.0.0.1"):
        return None
    address = ".".join(["127", *(str(1 + secrets.randbelow(254)) for _ in range(3))])
    with socket.socket() as tried:
        try:
            tried.bind((address, 0))
        except OSError:
            return None
    return address


async def is_running(url: str) -> bool:
    """Whether a server is running there."""
    try:
        async with httpx.AsyncClient(base_url=url, verify=trusting(), timeout=5, trust_env=False) as http:
            return (await http.get("/readyz")).status_code == 200
    except httpx.HTTPError:
        return False
