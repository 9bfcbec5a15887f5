"""What is older than the installation keeps it goes; the ledger's entries stay, and say that it went.

Of what people said goes what has not held for that long: withdrawn, replaced, or over. No verdict that is younger can
rest on it. What still holds stays, however old; so does whatever the tables, or the ledger itself, tell otherwise:
somebody has to be able to look into that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from typing import Final, TypeAlias

from klausur.compliance import standing
from klausur.compliance.holding import OF_NO_SHAPE, Statement, at_odds, statements
from klausur.compliance.keeping import Ledger
from klausur.compliance.ledger import moment
from klausur.domain.ports import Clock, Store, UnitOfWork
from klausur.domain.proof_ports import EntryType, is_as_written

_AT_ONCE: Final = 1000
_REASON: Final = "older than evidence is kept"
_REASON_SAID: Final = "has not held for longer than evidence is kept"


async def erase_old(store: Store, clock: Clock, days: int) -> int:
    """Evidence of probes. Returns how many pieces went. What a verdict may still rest on stays: a fail does not become
    better by being forgotten. Raises StorageUnavailable."""
    before = moment(clock.now() - timedelta(days=days))
    async with store.reading() as unit:
        needed = {one.entry for one in await standing.read(unit.proof)}
        old = await unit.proof.older_evidence(before, _AT_ONCE + len(needed))
    going = [seq for seq in old if seq not in needed][:_AT_ONCE]
    if going:
        await Ledger(store, clock).erase(going, _REASON)
    return len(going)


# -- what people said -------------------------------------------------------------------------------------------------

_Story: TypeAlias = Sequence[Statement]
"""All that was said of one fact, one answer or one deviation, in its order."""


@dataclass(frozen=True, slots=True)
class _Over:
    seqs: Sequence[int]
    """With those of attached files."""
    row: tuple[str, str] | None = None
    """Type and id of what only time has ended, and what is in its table still."""


async def erase_outlived(store: Store, clock: Clock, days: int) -> int:
    """What people said, with what they attached. Returns how many entries' bodies went. Before anything is judged, so
    that neither the pages nor an export name whom the ledger no longer does. Raises StorageUnavailable."""
    before = moment(clock.now() - timedelta(days=days))
    async with store.reading() as unit:
        over = await _over(unit, before)
    seqs = [seq for one in over for seq in one.seqs]
    rows = [one.row for one in over if one.row is not None]

    async def along(unit: UnitOfWork) -> None:
        for type_, id_ in rows:
            await (unit.proof.drop_attestation if type_ == EntryType.ATTESTATION else unit.proof.drop_waiver)(id_)

    if seqs:
        await Ledger(store, clock).erase(seqs, _REASON_SAID, along=along)
    return len(seqs)


async def _over(unit: UnitOfWork, before: str) -> Sequence[_Over]:
    """In the order in which it was said: an older statement never holds again because a newer one went first."""
    doubted = set(await at_odds(unit))
    stories = {key: story for key, story in (await _stories(unit)).items() if " ".join(key) not in doubted}
    facts = [story for (type_, _), story in stories.items() if type_ == EntryType.FACT]
    ended = [story for (type_, _), story in stories.items() if type_ != EntryType.FACT and _ended(story) < before]
    found = [_Over([one.seq]) for story in facts for one in _replaced(story, before)]
    whole = {story[0].key: seqs for story in ended if (seqs := await _with_files(unit, story)) is not None}
    told = [story for story in stories.values() if story[0].type == EntryType.ATTESTATION]
    kept = _against(told, whole)
    found += [
        _Over(whole[key], None if story[-1].withdraws else (story[0].type, key))
        for story in ended
        if (key := story[0].key) in whole and key not in kept
    ]
    return list(_first(sorted(found, key=lambda one: one.seqs[0])))


async def _stories(unit: UnitOfWork) -> Mapping[tuple[str, str], _Story]:
    """By type and key."""
    stories: defaultdict[tuple[str, str], list[Statement]] = defaultdict(list)
    async for one in statements(unit):
        try:
            stories[one.type, one.key].append(one)
        except OF_NO_SHAPE:
            continue
    return stories


def _replaced(story: _Story, before: str) -> Iterator[Statement]:
    """What was said of a fact before it was said otherwise; that it was taken back is over as soon as it is said."""
    yield from (one for one, later in pairwise(story) if later.at < before)
    if story[-1].withdraws and story[-1].at < before:
        yield story[-1]


def _ended(story: _Story) -> str:
    """When an answer or a deviation held no more, or will; never, where it does not say so."""
    last = story[-1]
    try:
        return last.at if last.withdraws else max(last.at, moment(_until(last)))
    except OF_NO_SHAPE:
        return "never"


def _until(said: Statement) -> datetime:
    return datetime.fromisoformat(said.plain["until"])


async def _with_files(unit: UnitOfWork, story: _Story) -> Sequence[int] | None:
    """Numbers of all that is still there; None where somebody has altered a file."""
    seqs = [one.seq for one in story]
    for seq in (one.seq + 1 + file for one in story for file in range(one.files)):
        written = await unit.proof.written(seq)
        if written is not None and not is_as_written(*written):
            return None
        seqs += [] if written is None else [seq]
    return seqs


def _against(stories: Sequence[_Story], whole: Mapping[str, object]) -> frozenset[str]:
    """Ids of answers that must not go yet: a no counts until a later yes, however old it is, so it goes with that yes
    or after it, and that yes not before it."""
    asked: defaultdict[tuple[object, object], list[Statement]] = defaultdict(list)
    for last in (story[-1] for story in stories):
        if not last.withdraws:
            asked[last.plain.get("objective"), last.plain.get("asked")].append(last)
    kept: set[str] = set()
    for answers in asked.values():
        in_time = sorted(answers, key=_as_it_counts)
        going = list(takewhile(lambda one: one.key in whole, in_time))
        while going and not _is_yes(going[-1]):
            going.pop()
        kept.update(one.key for one in in_time[len(going) :])
    return frozenset(kept)


def _as_it_counts(answer: Statement) -> tuple[str, bool]:
    """Of two at once the no comes last: that yes is not later."""
    return str(answer.plain.get("at")), not _is_yes(answer)


def _is_yes(answer: Statement) -> bool:
    return answer.plain.get("answer") is True


def _first(found: Sequence[_Over]) -> Iterator[_Over]:
    """So many that one erasure holds them."""
    count = 0
    for one in found:
        count += len(one.seqs)
        if count > _AT_ONCE and count > len(one.seqs):
            return
        yield one
