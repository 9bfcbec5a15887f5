"""The ledger of evidence is what it was when it was written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.holding import at_odds
from klausur.compliance.keeping import KEY_FILE, Ledger, checkpoint_key
from klausur.compliance.ledger import public_key
from klausur.compliance.probes.retold import Rows, inside, retold
from klausur.compliance.probes.saying import failed_in_words, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.proof_ports import Entry, EntryType
from klausur.store.proof import ProofRows

_SHOWN: Final = 50
_IN_GERMAN: Final[Mapping[str, str]] = MappingProxyType(
    {EntryType.FACT: "Angabe", EntryType.ATTESTATION: "Auskunft", EntryType.WAIVER: "Abweichung", "run": "Lauf"}
)
"""What may be at odds (holding.py)."""
_EMPTY: Final = Text(de="Das Protokoll der Nachweise ist leer.", en="The ledger of evidence is empty.")


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def collect(target: Target) -> Evidence:
    folder = Path(str(target.settings["data"]))
    judged = await Ledger(inside(target), _Now()).verify(folder, key=_key(folder))
    async with inside(target).reading() as unit:
        nobodys = await at_odds(unit)
    return target.evidence(
        entries=judged.entries,
        blobs=judged.evidence,
        erased=judged.erased,
        checkpoints=judged.checkpoints,
        head=judged.head,
        findings=[each.plain() | {"says_de": each.to("de")} for each in judged.findings[:_SHOWN]],
        more=max(0, len(judged.findings) - _SHOWN),
        at_odds=nobodys[:_SHOWN],
    )


def _key(folder: Path) -> str | None:
    """The one that all of this installation is signed with; there is none before the end of the first run."""
    return public_key(checkpoint_key(folder)) if (folder / KEY_FILE).exists() else None


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["entries"]:
        return saw_nothing(_EMPTY.de.rstrip("."), _EMPTY.en.rstrip("."))
    wrong = [each for each in evidence["findings"] if not each["noted"]]
    if wrong or evidence["more"]:
        said = [_said(each) for each in wrong]
        if evidence["more"]:
            said.append(Text(de=f"{evidence['more']} weitere Befunde", en=f"{evidence['more']} more findings"))
        return failed_in_words("Das Protokoll ist nicht unversehrt", "The ledger is not intact", said)
    if evidence["at_odds"]:
        return failed_in_words(
            "Es gilt anderes, als laut Protokoll gesagt wurde",
            "What holds is not what was said by the ledger",
            [_named(each) for each in evidence["at_odds"]],
        )
    return passed(
        f"Länge des Protokolls: {evidence['entries']}, ohne Lücke; unveränderte Nachweise: {evidence['blobs']}; "
        f"Bestätigungen, die stimmen: {evidence['checkpoints']}.",
        f"Length of the ledger: {evidence['entries']}, without a gap; unaltered evidence: {evidence['blobs']}; "
        f"checkpoints that hold: {evidence['checkpoints']}.",
    )


def _said(finding: Mapping[str, Any]) -> Text:
    """In the midst of a sentence."""
    return Text(de=finding["says_de"].rstrip("."), en=finding["says"].rstrip("."))


def _named(at_odds: str) -> Text:
    """``at_odds``: what it is, and which one."""
    kind, _, which = at_odds.partition(" ")
    return Text(de=f"{_IN_GERMAN.get(kind, kind)} {which}", en=at_odds)


class _Altered(Rows):
    """Its first entry says that it is about something else."""

    async def entries(self, after: int = 0, at_most: int = 10_000) -> Sequence[Entry]:
        found = await super().entries(after, at_most)
        return [replace(each, digest="0" * 64) if each.seq == 1 else each for each in found]


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    async with inside(target).reading() as unit:
        if await unit.proof.last_entry() is None:
            raise CannotLook(_EMPTY)

    def told(real: ProofRows) -> ProofRows:
        return _Altered(real)

    yield retold(target, told)


PROBE: Final = Probe(
    id="proof.ledger",
    version=3,
    proves=Text(
        de="Das Protokoll der Nachweise hängt Eintrag für Eintrag zusammen, jeder aufbewahrte Nachweis ist der, der "
        "eingetragen wurde, und es gibt nichts, was den Bestätigungen in der Datenbank und neben ihr widerspricht. Was "
        "an Angaben, Auskünften und Abweichungen gilt und von den letzten Läufen erzählt wird, ist das, was "
        "eingetragen wurde.",
        en="The ledger of evidence holds together entry by entry, each piece of evidence that is kept is the one that "
        "was entered, and nothing is at odds with the checkpoints in the database and beside it. The facts, "
        "attestations and deviations that hold are those that were entered, and so is what is told of the last runs.",
    ),
    proves_not=Text(
        de="Dass nie alles neu geschrieben wurde: Der Betreiber hat den Schlüssel. Das zeigt nur, wer einen früheren "
        "Stand anderswo aufbewahrt hat (klausur verify). Auch nicht, dass richtig gemessen wurde.",
        en="That it was never rewritten as a whole: the operator has the key. Only whoever kept an earlier state "
        "elsewhere can show that (klausur verify). Nor that what was measured is right.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data",),
    may_see=Text(
        de="Nachweise und angehängte Dateien, um ihre Prüfsummen zu bilden; nichts davon wird aufgeschrieben.",
        en="Evidence and attached files, to make their checksums; nothing of them is written down.",
    ),
    seconds=90.0,
)
