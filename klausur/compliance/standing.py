"""What was seen and still counts: of each asking no more than the engine can still need.

Every run that ends writes it down as one piece, so that the next one reads one piece, however many runs there were;
beside it lies what was looked at since without a run, as one piece too: neither overwrites what the other has seen.
What it is about lies in the ledger under its own number; where that was erased, it counts no longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import rfc8785

from klausur.compliance.evidence import Observation, Status
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking
from klausur.compliance.records import observation_of, plain_observation
from klausur.compliance.words import Text
from klausur.domain.proof_ports import WRITTEN_AT_ONCE, Blob, Entry, EntryType, Proof, is_as_written

NAME: Final = "standing"
"""Of its blob in the ledger."""
WITHOUT_RUN: Final = "standing-without-run"
_FOR_ITSELF: Final = frozenset({Status.PASS, Status.FAIL, Status.CALIBRATION_FAILED})


@dataclass(frozen=True, slots=True)
class Standing:
    observation: Observation
    says: Text
    entry: int
    """Number of the ledger's entry that holds the evidence."""


_Kept = TypeVar("_Kept", Observation, Standing)


def still(seen: Iterable[Standing], now: datetime) -> tuple[Standing, ...]:
    """The newest of each kind and grade: an older one is refuted, or outweighed, by whatever does that to the newest.
    What is neither for nor against counts only until something newer is there. What was seen later than now, by a clock
    that was wrong, takes nothing's place."""
    newest: dict[tuple[Asking, str, Grade, bool], Standing] = {}
    last: dict[tuple[Asking, bool], Standing] = {}
    for one in sorted(seen, key=_when):
        its = one.observation
        ahead = its.seen_at > now
        newest[its.asking, _kind(its.status), its.grade, ahead] = last[its.asking, ahead] = one
    lasting = {id(one) for one in last.values()}
    return tuple(one for one in newest.values() if id(one) in lasting or one.observation.status in _FOR_ITSELF)


def _kind(status: Status) -> str:
    return status.value if status in _FOR_ITSELF else ""


def _when(one: Standing) -> tuple[datetime, int]:
    return one.observation.seen_at, one.entry


# -- written down, and read back --------------------------------------------------------------------------------------


def body_of(standing: Sequence[Standing]) -> bytes:
    return rfc8785.dumps([plain(one) for one in standing])


def plain(one: Standing) -> dict[str, Any]:
    return {
        **plain_observation(one.observation),
        "says": {"de": one.says.de, "en": one.says.en},
        "entry": one.entry,
    }


async def read(proof: Proof) -> Sequence[Standing]:
    """As the newest run that ended left it, and whoever looked without one. For a pass the evidence has to be there
    still, and to say so itself: what was altered since, or cannot be read, shows nothing. What was against us counts
    without it: otherwise it would pay to throw evidence away. Where what a later run left is gone or altered, nothing
    that was for us stands any more."""
    found = [await proof.newest(EntryType.VERDICT, name) for name in (NAME, WITHOUT_RUN)]
    kept = [one for each in found if each is not None for one in _read(*each, _stands_in)]
    passes = {one.entry for one in kept if _is_pass(one)}
    told = {} if await _is_cut(proof, found) else await _told(proof, sorted(passes))
    return [one for one in kept if not _is_pass(one) or one.observation in told.get(one.entry, ())]


def _is_pass(one: Standing) -> bool:
    return one.observation.status is Status.PASS


async def _is_cut(proof: Proof, found: Sequence[tuple[Entry, Blob] | None]) -> bool:
    """Whether there was something newer, or other, than what was found: no verdict is ever erased. What was there
    before the newest run ended is in what that run left."""
    since = 0 if found[0] is None else found[0][0].seq
    newest = [each for each in found if each is not None and each[0].seq >= since]
    return not all(is_as_written(*each) for each in newest) or await proof.has_lost(EntryType.VERDICT, since)


async def _told(proof: Proof, seqs: Sequence[int]) -> Mapping[int, Sequence[Observation]]:
    """What the probes' own entries say that they saw."""
    told: dict[int, Sequence[Observation]] = {}
    for start in range(0, len(seqs), WRITTEN_AT_ONCE):
        for entry, blob in await proof.written_of(seqs[start : start + WRITTEN_AT_ONCE]):
            told[entry.seq] = _read(entry, blob, _told_in) if entry.type == EntryType.EVIDENCE else ()
    return told


def _read(entry: Entry, blob: Blob, parse: Callable[[Any], Sequence[_Kept]]) -> Sequence[_Kept]:
    if not is_as_written(entry, blob):
        return ()
    try:
        return parse(json.loads(blob.body))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return ()


def _told_in(plain: Any) -> Sequence[Observation]:
    return [observation_of(one) for one in plain["observations"]]


def _stands_in(plain: Any) -> Sequence[Standing]:
    return [_standing(one) for one in plain]


def _standing(plain: Any) -> Standing:
    says = plain["says"]
    return Standing(observation_of(plain), Text(str(says["de"]), str(says["en"])), int(plain["entry"]))
