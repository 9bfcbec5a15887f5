"""A run: every probe that the catalogue asks for looks once, what it saw goes into the ledger, and the engine judges.

A run that did not end has no verdicts: they are written last, all in one entry, so that half a run never looks like
one. What an earlier run saw still counts while it is young enough; the engine knows how young.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import rfc8785

from klausur.compliance.catalogue import release_digest
from klausur.compliance.engine import Situation, assess
from klausur.compliance.evidence import Observation
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import Fact, derived, resolve
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.model import Asking, Catalogue
from klausur.compliance.probing import Probe, Seen, look
from klausur.compliance.records import attestations_of, facts_of, observation_of, plain_observation, waivers_of
from klausur.compliance.target import Target
from klausur.compliance.verdicts import Assessment
from klausur.domain.ports import Clock, Store
from klausur.domain.proof_ports import EntryType, Proof, RunRow

_EARLIER_RUNS: Final = 50


@dataclass(frozen=True, slots=True)
class Installation:
    """What a run is about, and where what it finds is kept."""

    store: Store
    clock: Clock
    settings: Mapping[str, object]
    """in effect, by their names in small letters, without secrets"""
    release: str


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
    facts: Mapping[str, Fact]
    seen: Sequence[Seen]


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
    rows = _selected(catalogue, wanted)
    ledger, number = Ledger(its.store, its.clock), secrets.token_urlsafe(16)
    askings = _askings(catalogue, rows, probes)
    await _begin(its, ledger, number, catalogue, wanted, [probes[name] for name in askings])
    told.begins(len(askings) if target else 0)
    seen: list[Seen] = []
    if target is not None:
        async for one in _look_around(its, target, probes, askings):
            await ledger.append(_evidence(its, number, one, askings[one.probe.id]))
            seen.append(one)
            told.has_looked(one)
    fresh = [one.observation(asking, its.settings) for one in seen for asking in askings[one.probe.id]]
    situation = await _situation(its, fresh)
    judged = assess(
        catalogue, situation, release_digest=release_digest(), server_runs=target is not None, selected=rows
    )
    await _end(its, ledger, number, judged)
    return Outcome(number, catalogue, judged, situation.facts, seen)


def _selected(catalogue: Catalogue, wanted: Wanted) -> Collection[str]:
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
    """One after the other: what one does must not be seen by another."""
    for name, asked in sorted(askings.items(), key=lambda one: probes[one[0]].disturbs):
        yield await look(probes[name], target, asked, its.clock)


# -- what is written down ---------------------------------------------------------------------------------------------


async def _begin(
    its: Installation, ledger: Ledger, run: str, catalogue: Catalogue, wanted: Wanted, probes: Sequence[Probe]
) -> None:
    body: dict[str, Any] = {
        "release": its.release,
        "catalogue": {"id": catalogue.id, "version": catalogue.version, "digest": catalogue.digest},
        "profile": wanted.profile,
        "only": sorted(wanted.rows) if wanted.rows is not None else None,
        "probes": [{"id": probe.id, "version": probe.version} for probe in probes],
        "settings": dict(its.settings),
    }
    async with its.store.writing() as unit:
        await unit.proof.begin_run(RunRow(run, its.clock.now(), None, json.dumps(body)))
    await ledger.append(Record(EntryType.RUN_BEGUN, "run", rfc8785.dumps(body), run=run))


def _evidence(its: Installation, run: str, seen: Seen, askings: Sequence[Asking]) -> Record:
    body: dict[str, Any] = {
        "probe": {"id": seen.probe.id, "version": seen.probe.version},
        "status": seen.status.value,
        "says": {"de": seen.says.de, "en": seen.says.en},
        "observations": [plain_observation(seen.observation(asking, its.settings)) for asking in askings],
        "evidence": seen.evidence,
        "twin": seen.twin,
    }
    return Record(EntryType.EVIDENCE, seen.probe.id, rfc8785.dumps(body), run=run)


async def _end(its: Installation, ledger: Ledger, run: str, judged: Assessment) -> None:
    counts = {outcome.value: count for outcome, count in judged.counts.items()}
    ended = {"exit": int(judged.exit_code), "invalid": judged.invalid, "counts": counts}
    await ledger.append(
        Record(EntryType.VERDICT, "verdicts", rfc8785.dumps(plain_verdicts(judged)), run=run),
        Record(EntryType.RUN_ENDED, "run", rfc8785.dumps(ended), run=run),
    )
    async with its.store.writing() as unit:
        await unit.proof.end_run(run, its.clock.now(), json.dumps(ended))


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


def _because(one: Any) -> dict[str, str]:
    return {"reason": one.reason.value, "about": one.about, "evidence": one.evidence}


# -- what is known ----------------------------------------------------------------------------------------------------


async def _situation(its: Installation, fresh: Sequence[Observation]) -> Situation:
    now = its.clock.now()
    async with its.store.reading() as unit:
        declared = list(facts_of(await unit.proof.facts(), FACTS))
        attestations = list(attestations_of(await unit.proof.attestations()))
        waivers = list(waivers_of(await unit.proof.waivers()))
        earlier = [one async for one in _earlier(unit.proof)]
    facts = resolve(derived(FACTS, its.settings, now).items(), declared)
    return Situation(now, facts, its.settings, [*earlier, *fresh], attestations, waivers)


async def _earlier(proof: Proof) -> AsyncIterator[Observation]:
    """Of runs that ended; what cannot be read is no evidence."""
    for row in await proof.runs(_EARLIER_RUNS):
        if row.ended_at is None:
            continue
        for seq in await proof.blobs_of(row.id):
            blob = await proof.blob(seq)
            try:
                kept = json.loads(blob.body) if blob is not None else {}
                found = [observation_of(one) for one in kept.get("observations", ())]
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
            for one in found:
                yield one


# -- the running server -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def outside(url: str, settings: Mapping[str, object]) -> AsyncIterator[Target]:
    """As a stranger reaches it."""
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(base_url=url, timeout=10, limits=limits, trust_env=False) as http:
        yield Target(url, http, settings)


async def is_running(url: str) -> bool:
    """Whether a server is running there."""
    try:
        async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
            return (await http.get("/readyz")).status_code == 200
    except httpx.HTTPError:
        return False
