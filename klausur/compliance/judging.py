"""Judges an installation by what was seen and said before, and puts the pages together that the server hands out.

``judge_again(its)`` is for whoever changes what people say (facts, attestations, waivers) and for a start with other
settings: no probe runs, nothing is asked of the network.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import rfc8785

from klausur.compliance import report, standing
from klausur.compliance.catalogue import load, release_digest
from klausur.compliance.engine import Situation, assess
from klausur.compliance.evidence import RELEASE
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import Fact, derived, resolve
from klausur.compliance.holding import agreed
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.ledger import moment
from klausur.compliance.model import Catalogue
from klausur.compliance.observed import observed
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Probe
from klausur.compliance.records import attestations_of, facts_of, waivers_of
from klausur.compliance.reopening import CONFIGURATION, changed_rows, names_of_differing, next_end, settings_in
from klausur.compliance.standing import Standing
from klausur.compliance.verdicts import Assessment, Invalid
from klausur.domain.ports import Clock, Store
from klausur.domain.proof_ports import BASIS_PAGE, SERVER_PAGE, UNTIL_PAGE, EntryType, basis

PROFILE: Final = "dsk"
"""Of the pages, whatever a run was about."""
CLOCK: Final = "clock"
"""Of the blob that says that this machine's clock is right."""
_TRIES: Final = 5
_PASSING: Final = frozenset({Invalid.NO_SERVER, Invalid.OTHER_SETTINGS})
"""Of the run alone: a server that hands the pages out runs, with the settings that it was started with."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What a run is about, and where what it finds is kept."""

    store: Store
    clock: Clock
    settings: Mapping[str, object]
    """in effect, by their names in small letters, without secrets"""
    release: str

    @property
    def in_effect(self) -> Mapping[str, object]:
        """What observations depend on: the settings, and the release."""
        return {**self.settings, RELEASE: self.release}


@dataclass(frozen=True, slots=True)
class Known:
    """All that verdicts are made from besides the catalogue."""

    situation: Situation
    standing: Sequence[Standing]
    file_names: Mapping[str, str]
    """of files attached to attestations, by digest"""

    @property
    def facts(self) -> Mapping[str, Fact]:
        return self.situation.facts


async def known(its: Installation, fresh: Iterable[Standing] = ()) -> Known:
    """``fresh``: seen by a run that has not ended yet. Raises StorageUnavailable."""
    now = its.clock.now()
    async with its.store.reading() as unit:
        counts = await agreed(unit)
        stands = standing.still([*await standing.read(unit.proof), *fresh], now)
        changed = await changed_rows(unit, its.settings, now)
    said = list(facts_of(counts.facts, FACTS))
    facts = resolve(derived(FACTS, its.settings, now).items(), said, observed(stands, its.in_effect, now))
    seen = [one.observation for one in stands]
    answers, waivers = list(attestations_of(counts.attestations)), list(waivers_of(counts.waivers))
    situation = Situation(now, facts, its.in_effect, seen, answers, waivers, changed)
    return Known(situation, stands, report.file_names(counts.attestations))


async def is_turned_back(its: Installation) -> bool:
    """Whether the clock is behind anything that the ledger says, since somebody last said that it is right."""
    async with its.store.reading() as unit:
        said = await unit.proof.newest(EntryType.CONFIGURATION, CLOCK)
        latest = await unit.proof.latest(0 if said is None else said[0].seq)
    return moment(its.clock.now()) < latest


async def clock_is_right(its: Installation) -> None:
    """It was ahead before: what was written down then is behind us now. Raises StorageUnavailable."""
    await Ledger(its.store, its.clock).append(Record(EntryType.CONFIGURATION, CLOCK, rfc8785.dumps({"clock": "right"})))


async def differing(its: Installation) -> Sequence[str]:
    """Names of settings that the running server was started with otherwise, and RELEASE where it is another; none where
    no server has ever said so. Raises StorageUnavailable."""
    async with its.store.reading() as unit:
        page = await unit.proof.page(SERVER_PAGE)
    ours = basis(its.settings, its.release)
    if page is None or page.body == ours:
        return ()
    return names_of_differing(_plain_basis(page.body), _plain_basis(ours))


def _plain_basis(body: str) -> Mapping[str, Any]:
    """Empty where somebody has altered it."""
    try:
        plain = json.loads(body)
        return {**plain["settings"], RELEASE: plain["release"]}
    except (KeyError, TypeError, ValueError):
        return {}


def judged(catalogue: Catalogue, its: Known, rows: Collection[str], *, invalid: Invalid | None) -> Assessment:
    """``invalid``: why nothing is to be said, where that is known beforehand."""
    found = assess(catalogue, its.situation, release_digest=release_digest(), server_runs=True, selected=rows)
    return found if invalid is None or found.invalid is not None else replace(found, invalid=invalid, rows=())


async def note_configuration(its: Installation) -> bool:
    """Writes into the ledger what is set now, where that is not what it said last. Raises StorageUnavailable."""
    async with its.store.reading() as unit:
        written = await unit.proof.newest(EntryType.CONFIGURATION, CONFIGURATION)
    changed = names_of_differing(settings_in(None if written is None else written[1]), its.settings)
    if not changed:
        return False
    now: dict[str, Any] = dict(its.settings)
    body = rfc8785.dumps({"changed": changed, "settings": now})
    await Ledger(its.store, its.clock).append(Record(EntryType.CONFIGURATION, CONFIGURATION, body))
    return True


async def judge_again(
    its: Installation, *, catalogue: Catalogue | None = None, probes: Mapping[str, Probe] = ALL
) -> Assessment:
    """From stored evidence, without probes; stores the pages. For a process beside a server that runs, after it has
    changed what people say. Raises CatalogueInvalid, StorageUnavailable."""
    invalid = Invalid.CLOCK_TURNED_BACK if await is_turned_back(its) else None
    return await put_pages(its, catalogue or load(), probes, invalid=invalid)


async def put_pages(
    its: Installation, catalogue: Catalogue, probes: Mapping[str, Probe], *, invalid: Invalid | None
) -> Assessment:
    """All of them in one go: nobody reads a summary of one judgement and rows of another. Whoever writes into the
    ledger meanwhile would have theirs overwritten by ours, which are older: then it is judged again, a few times."""
    tries = _TRIES
    while True:
        tries -= 1
        async with its.store.reading() as unit:
            head, runs = await unit.proof.last_entry(), await unit.proof.runs(report.RUNS)
        what = await known(its)
        found = judged(catalogue, what, catalogue.profiles[PROFILE].requirements, invalid=invalid)
        told = report.Told(
            catalogue=catalogue,
            assessment=found,
            situation=what.situation,
            standing=what.standing,
            file_names=what.file_names,
            runs=runs,
            release=its.release,
            profile=PROFILE,
            probes=probes,
        )
        end = found.at if found.invalid in _PASSING else next_end(catalogue.requirements(), what.situation)
        pages = {
            **report.pages(told),
            BASIS_PAGE: basis(its.settings, its.release),
            UNTIL_PAGE: json.dumps(None if end is None else end.isoformat()),
        }
        # Nothing but this while nobody else may write.
        async with its.store.writing() as unit:
            if tries and await unit.proof.last_entry() != head:
                continue
            for key, body in pages.items():
                await unit.proof.put_page(key, found.at, body)
            return found
