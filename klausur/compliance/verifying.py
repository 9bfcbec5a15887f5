"""Whether a ledger is what it was: says exactly what is wrong and where. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from klausur.compliance.findings import Finding, Judgement, Kind, span
from klausur.compliance.ledger import (
    ERASABLE,
    GENESIS,
    Checkpoint,
    Unreadable,
    Weighed,
    checkpoint_of,
    erased_by,
    fingerprint,
    hash_of,
    swapped_digest,
    well_formed,
)
from klausur.domain.proof_ports import Entry, EntryType

_PAIRED_AT_MOST: Final = 200
"""Blobs that are wrong are compared with one another, to see which were swapped: so many, then it is enough."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A state of the ledger that somebody else has kept."""

    seq: int
    hash: str
    origin: str
    """For people: where it comes from."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint, and where it was found."""

    checkpoint: Checkpoint
    origin: str


def anchor_of(text: str, origin: str) -> Anchor:
    """``SEQ:HASH``, as a judgement tells it. Raises ValueError."""
    seq, _, hash_ = text.strip().partition(":")
    if not seq.isascii() or not seq.isdigit() or len(seq) > 10 or len(hash_) != 64:
        raise ValueError("an anchor has the form NUMBER:HASH")
    return Anchor(int(seq), hash_.lower(), origin)


def verify(
    entries: Sequence[Entry],
    blobs: Mapping[int, Weighed],
    *,
    checkpoints: Sequence[Held] = (),
    anchors: Sequence[Anchor] = (),
    key: str | None = None,
) -> Judgement:
    """``entries``: in the order in which they were found. ``checkpoints``: those kept outside the ledger; its own are
    read from it. ``key``: the public key that all must be signed with, where the asker knows it."""
    findings = [*_malformed(entries), *_broken_links(entries), *_clock(entries)]
    found, right = _own_words(entries, blobs)
    findings += found
    erased, found = _erased(entries, right)
    findings += [*found, *_evidence(entries, blobs, erased)]
    held, found = _signed([*right.checkpoints, *checkpoints], key)
    findings += [*found, *_against(entries, [*(_anchor(each) for each in held), *anchors])]
    findings += _coverage(entries, held)
    return Judgement(
        entries=len(entries),
        head=hash_of(entries[-1]) if entries else "",
        evidence=sum(1 for entry in entries if entry.seq in blobs and blobs[entry.seq].digest == entry.digest),
        erased=len(erased),
        checkpoints=len({(each.checkpoint.seq, each.checkpoint.hash) for each in held}),
        findings=findings,
    )


# -- the chain --------------------------------------------------------------------------------------------------------


def _malformed(entries: Sequence[Entry]) -> Iterator[Finding]:
    return (Finding(Kind.ENTRY_MALFORMED, entry.seq) for entry in entries if not well_formed(entry))


def _broken_links(entries: Sequence[Entry]) -> Iterator[Finding]:
    """An entry whose ``prev`` was changed breaks the link before it and the one after it; any other change breaks only
    the one after it."""
    yield from _twice(entries)
    broken: list[int] = []
    before, hash_ = 0, GENESIS
    for entry in entries:
        if entry.seq > before + 1:
            yield from _edited(broken)
            broken = []
            yield Finding(Kind.ENTRIES_MISSING, before + 1, {"span": span(before + 1, entry.seq - 1)})
        elif entry.seq == before + 1 and entry.prev != hash_:
            if broken and broken[-1] != before - 1:
                yield from _edited(broken)
                broken = []
            broken.append(before)
        before, hash_ = entry.seq, hash_of(entry)
    yield from _edited(broken)


def _twice(entries: Sequence[Entry]) -> Iterator[Finding]:
    for seq, times in Counter(entry.seq for entry in entries).items():
        if times > 1:
            yield Finding(Kind.BRANCHES, seq, {"origin": "ledger"})
    back = next((other.seq for one, other in pairwise(entries) if one.seq > other.seq), None)
    if back is not None:
        yield Finding(Kind.BRANCHES, back, {"origin": "order"})


def _edited(broken: Sequence[int]) -> Iterator[Finding]:
    """``broken``: consecutive links, each by the number before it."""
    if broken:
        first = broken[0] if len(broken) == 1 else broken[0] + 1
        # Before the first entry there is none that could have been edited.
        first = max(first, 1)
        yield Finding(Kind.ENTRY_EDITED, first, {"span": span(first, max(broken[-1], first))})


def _clock(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Times are compared as text: in their one form they sort as times do."""
    for one, other in pairwise(entries):
        if other.at < one.at:
            yield Finding(Kind.CLOCK_BACK, other.seq, {"at": other.at, "before": one.at})


# -- what entries are about -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _OwnWords:
    """What the ledger says of itself, as far as it is what was written."""

    erasures: Mapping[int, Sequence[int]]
    checkpoints: Sequence[Held]


def _own_words(entries: Sequence[Entry], blobs: Mapping[int, Weighed]) -> tuple[Sequence[Finding], _OwnWords]:
    erasures: dict[int, Sequence[int]] = {}
    checkpoints: list[Held] = []
    findings: list[Finding] = []
    for entry in entries:
        blob = blobs.get(entry.seq)
        if blob is None or blob.body is None or blob.digest != entry.digest:
            continue
        try:
            if entry.type == EntryType.ERASURE:
                erasures[entry.seq] = erased_by(blob.body)
            elif entry.type == EntryType.CHECKPOINT:
                checkpoints.append(Held(checkpoint_of(blob.body), f"entry {entry.seq}"))
        except Unreadable:
            findings.append(Finding(Kind.UNREADABLE, entry.seq))
    return findings, _OwnWords(erasures, checkpoints)


def _erased(entries: Sequence[Entry], said: _OwnWords) -> tuple[frozenset[int], Sequence[Finding]]:
    types = {entry.seq: entry.type for entry in entries}
    erased: set[int] = set()
    findings: list[Finding] = []
    for at, seqs in said.erasures.items():
        for seq in seqs:
            if seq < at and types.get(seq) in ERASABLE:
                erased.add(seq)
            else:
                findings.append(Finding(Kind.ERASURE_FORBIDDEN, at, {"other": seq}))
    return frozenset(erased), findings


def _evidence(entries: Sequence[Entry], blobs: Mapping[int, Weighed], erased: frozenset[int]) -> Iterator[Finding]:
    wrong: dict[int, Entry] = {}
    for entry in entries:
        if entry.seq not in blobs:
            if entry.seq not in erased:
                yield Finding(Kind.EVIDENCE_MISSING, entry.seq)
        elif entry.seq in erased:
            yield Finding(Kind.ERASED_STILL_THERE, entry.seq)
        elif blobs[entry.seq].digest != entry.digest:
            wrong[entry.seq] = entry
    for seq in wrong:
        yield _swapped(seq, wrong, blobs) or Finding(Kind.EVIDENCE_EDITED, seq)
    for seq in sorted(set(blobs) - {entry.seq for entry in entries}):
        yield Finding(Kind.EVIDENCE_STRAY, seq)


def _swapped(seq: int, wrong: Mapping[int, Entry], blobs: Mapping[int, Weighed]) -> Finding | None:
    """With its name, or without: either way what lies under ``seq`` fits another entry of those that are wrong."""
    here = blobs[seq]
    for other in [*wrong][:_PAIRED_AT_MOST]:
        digest = wrong[other].digest
        if other != seq and digest in (here.digest, swapped_digest(here, blobs[other])):
            run = here.run if here.digest == digest else blobs[other].run
            return Finding(Kind.EVIDENCE_SWAPPED, seq, {"other": other, "run": run or "-"})
    return None


# -- checkpoints ------------------------------------------------------------------------------------------------------


def _signed(all_: Sequence[Held], expected: str | None) -> tuple[Sequence[Held], Sequence[Finding]]:
    held: list[Held] = []
    findings: list[Finding] = []
    for each in sorted(all_, key=lambda one: (one.checkpoint.seq, one.checkpoint.at)):
        its = each.checkpoint
        if not its.is_signed():
            findings.append(Finding(Kind.SIGNATURE_WRONG, its.seq, {"origin": each.origin}))
        elif expected is not None and its.key != expected:
            told = {"key": fingerprint(its.key), "origin": each.origin}
            findings.append(Finding(Kind.KEY_NOT_THE_EXPECTED, its.seq, told))
        else:
            if held and held[-1].checkpoint.key != its.key:
                findings.append(Finding(Kind.KEY_CHANGED, its.seq, {"key": fingerprint(its.key)}))
            held.append(each)
    return held, findings


def _anchor(held: Held) -> Anchor:
    its = held.checkpoint
    return Anchor(its.seq, its.hash, f"{held.origin}, {its.at}")


def _against(entries: Sequence[Entry], anchors: Sequence[Anchor]) -> Iterator[Finding]:
    """Where several say the same, one finding is enough: the one that narrows it down most."""
    hashes = {entry.seq: hash_of(entry) for entry in entries}
    last = max(hashes, default=0)
    in_order = sorted(anchors, key=lambda one: one.seq)
    for one, other in pairwise(in_order):
        if one.seq == other.seq and one.hash != other.hash:
            yield Finding(Kind.BRANCHES, one.seq, {"origin": f"{one.origin}; {other.origin}"})
    wrong = next((each for each in in_order if hashes.get(each.seq, each.hash) != each.hash), None)
    if wrong is not None:
        good = max((each.seq for each in in_order if each.seq < wrong.seq and each.seq in hashes), default=0)
        told = {"span": span(good + 1, wrong.seq), "origin": wrong.origin}
        yield Finding(Kind.REWRITTEN, wrong.seq, told)
    if in_order and in_order[-1].seq > last:
        furthest = in_order[-1]
        yield Finding(Kind.CUT, furthest.seq, {"head": last, "origin": furthest.origin})


def _coverage(entries: Sequence[Entry], held: Sequence[Held]) -> Iterator[Finding]:
    """A checkpoint's own entry comes after what it covers, and says nothing that needs to be covered."""
    if not entries:
        return
    if not held:
        yield Finding(Kind.NO_CHECKPOINT, entries[-1].seq)
        return
    covered = max(each.checkpoint.seq for each in held)
    open_ = [entry.seq for entry in entries if entry.seq > covered and entry.type != EntryType.CHECKPOINT]
    if open_:
        yield Finding(Kind.UNCOVERED, open_[0], {"span": span(open_[0], open_[-1])})


# -- two ledgers ------------------------------------------------------------------------------------------------------


def against_earlier(entries: Sequence[Entry], earlier: Sequence[Entry], origin: str) -> Sequence[Finding]:
    """``earlier``: the same ledger as somebody kept it; all of it must still be there."""
    kept = {entry.seq: hash_of(entry) for entry in entries}
    for entry in earlier:
        if entry.seq not in kept:
            last = max(kept, default=0)
            return [Finding(Kind.CUT, earlier[-1].seq, {"head": last, "origin": origin})]
        if kept[entry.seq] != hash_of(entry):
            return [Finding(Kind.BRANCHES, entry.seq, {"origin": origin})]
    return []
