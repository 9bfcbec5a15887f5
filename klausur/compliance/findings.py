"""What can be found of a ledger, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from klausur.compliance.words import Language, Text


class Kind(StrEnum):
    """The upper ones say that something is not as it was; those from CLOCK_BACK on say what has to be known."""

    ENTRY_MALFORMED = "entry-malformed"
    ENTRY_EDITED = "entry-edited"
    ENTRIES_MISSING = "entries-missing"
    BRANCHES = "two-branches"
    REWRITTEN = "rewritten"
    CUT = "cut-at-the-end"
    EVIDENCE_EDITED = "evidence-edited"
    EVIDENCE_SWAPPED = "evidence-swapped"
    EVIDENCE_MISSING = "evidence-missing"
    EVIDENCE_STRAY = "evidence-stray"
    ERASURE_FORBIDDEN = "erasure-forbidden"
    ERASED_STILL_THERE = "erased-still-there"
    UNREADABLE = "unreadable"
    SIGNATURE_WRONG = "signature-wrong"
    KEY_NOT_THE_EXPECTED = "key-not-the-expected"
    TIMESTAMP_WRONG = "timestamp-wrong"
    MANIFEST_UNSIGNED = "manifest-signature-wrong"
    MEMBER_CHANGED = "member-changed"
    MEMBER_MISSING = "member-missing"
    HEAD_OTHER = "head-other"
    CLOCK_BACK = "clock-turned-back"
    KEY_CHANGED = "key-changed"
    NO_CHECKPOINT = "no-checkpoint"
    UNCOVERED = "after-last-checkpoint"
    UNTIMED = "without-timestamp"
    TIME_DIFFERS = "time-differs"


class Unstamped(StrEnum):
    """Why a checkpoint has no time stamp that holds."""

    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    NONE = "none"
    OF_SOMETHING_ELSE = "of-something-else"
    DOES_NOT_HOLD = "does-not-hold"
    NO_CERTIFICATES = "no-certificates"


_REASONS: Final[Mapping[str, Text]] = {
    Unstamped.NO_ANSWER: Text("die Zeitstempelstelle antwortete nicht", "the authority did not answer"),
    Unstamped.REFUSED: Text("die Zeitstempelstelle lehnte ab", "the authority refused"),
    Unstamped.NONE: Text("was kam, war kein Zeitstempel", "what came was no time stamp"),
    Unstamped.OF_SOMETHING_ELSE: Text("er gilt etwas anderem", "it is of something else"),
    Unstamped.DOES_NOT_HOLD: Text(
        "er hält nicht gegen die Zertifikate der Zeitstempelstelle",
        "it does not hold against the authority's certificates",
    ),
    Unstamped.NO_CERTIFICATES: Text(
        "es gibt keine Zertifikate, gegen die er zu prüfen wäre", "there are no certificates to hold it against"
    ),
}

NOTED: Final = frozenset(
    {
        Kind.CLOCK_BACK,
        Kind.KEY_CHANGED,
        Kind.NO_CHECKPOINT,
        Kind.UNCOVERED,
        Kind.UNTIMED,
        Kind.TIME_DIFFERS,
    }
)

_WORDS: Final[Mapping[Kind, Text]] = {
    Kind.ENTRY_MALFORMED: Text(
        "Eintrag {seq} hat nicht die Form eines Eintrags.", "Entry {seq} does not have the form of an entry."
    ),
    Kind.ENTRY_EDITED: Text(
        "Eintrag {span} wurde verändert: Der Eintrag danach nennt einen anderen Hashwert.",
        "Entry {span} was edited: the entry after it names another hash.",
    ),
    Kind.ENTRIES_MISSING: Text("Es fehlen die Einträge {span}.", "Entries {span} are missing."),
    Kind.BRANCHES: Text(
        "Das Protokoll hat zwei Zweige: Für die Nummer {seq} gibt es zwei verschiedene Stände ({origin}).",
        "The ledger has two branches: there are two different states of number {seq} ({origin}).",
    ),
    Kind.REWRITTEN: Text(
        "Das Protokoll wurde neu geschrieben, und zwar ab einem der Einträge {span}: Bei Nummer {seq} steht etwas "
        "anderes, als bestätigt wurde ({origin}).",
        "The ledger was rewritten, from one of the entries {span} on: at number {seq} there is something else than was "
        "confirmed ({origin}).",
    ),
    Kind.CUT: Text(
        "Das Protokoll wurde am Ende abgeschnitten: Es endet mit {head}, bestätigt sind Einträge bis {seq} ({origin}). "
        "So sieht es auch aus, wenn eine ältere Sicherung zurückgespielt wurde.",
        "The ledger was cut at its end: it ends with {head}, and entries up to {seq} are confirmed ({origin}). It "
        "looks the same after an older backup was restored.",
    ),
    Kind.EVIDENCE_EDITED: Text(
        "Der Nachweis zu Eintrag {seq} wurde verändert.", "The evidence of entry {seq} was edited."
    ),
    Kind.EVIDENCE_SWAPPED: Text(
        "Der Nachweis zu Eintrag {seq} ist vertauscht: Was dort liegt, gehört zu Eintrag {other} (Lauf {run}).",
        "The evidence of entry {seq} was swapped: what lies there belongs to entry {other} (run {run}).",
    ),
    Kind.EVIDENCE_MISSING: Text(
        "Der Nachweis zu Eintrag {seq} fehlt, und kein Eintrag sagt, dass er gelöscht wurde.",
        "The evidence of entry {seq} is missing, and no entry says that it was erased.",
    ),
    Kind.EVIDENCE_STRAY: Text(
        "Unter der Nummer {seq} liegt ein Nachweis, zu dem es keinen Eintrag gibt.",
        "There is evidence under number {seq} without an entry.",
    ),
    Kind.ERASURE_FORBIDDEN: Text(
        "Eintrag {seq} will Nummer {other} gelöscht haben; das darf er nicht.",
        "Entry {seq} says that number {other} was erased, which it may not be.",
    ),
    Kind.ERASED_STILL_THERE: Text(
        "Der Nachweis zu Eintrag {seq} gilt als gelöscht und ist noch da.",
        "The evidence of entry {seq} is said to be erased and is still there.",
    ),
    Kind.UNREADABLE: Text("Was Eintrag {seq} sagt, ist nicht lesbar.", "What entry {seq} says cannot be read."),
    Kind.SIGNATURE_WRONG: Text(
        "Die Unterschrift unter der Bestätigung von Nummer {seq} stimmt nicht ({origin}).",
        "The signature of the checkpoint of number {seq} is wrong ({origin}).",
    ),
    Kind.KEY_NOT_THE_EXPECTED: Text(
        "Unterschrieben ist mit dem Schlüssel {key}, nicht mit dem erwarteten ({origin}).",
        "It is signed with the key {key}, not with the one expected ({origin}).",
    ),
    Kind.TIMESTAMP_WRONG: Text(
        "Der Zeitstempel zur Bestätigung von Nummer {seq} hält nicht ({reason}).",
        "The time stamp of the checkpoint of number {seq} does not hold ({reason}).",
    ),
    Kind.MANIFEST_UNSIGNED: Text(
        "Die Unterschrift unter dem Inhaltsverzeichnis (manifest.json) stimmt nicht.",
        "The signature of the table of contents (manifest.json) is wrong.",
    ),
    Kind.MEMBER_CHANGED: Text(
        "{name} ist nicht, was das Inhaltsverzeichnis nennt.", "{name} is not what the table of contents says."
    ),
    Kind.MEMBER_MISSING: Text(
        "{name} steht im Inhaltsverzeichnis und fehlt.", "{name} is in the table of contents and is missing."
    ),
    Kind.HEAD_OTHER: Text(
        "Das Protokoll endet anders, als das Inhaltsverzeichnis sagt (dort mit Nummer {seq}).",
        "The ledger ends otherwise than the table of contents says (there, with number {seq}).",
    ),
    Kind.CLOCK_BACK: Text(
        "Die Uhr wurde zurückgestellt: Eintrag {seq} ist früher ({at}) als der davor ({before}).",
        "The clock was turned back: entry {seq} is earlier ({at}) than the one before ({before}).",
    ),
    Kind.KEY_CHANGED: Text(
        "Ab der Bestätigung von Nummer {seq} gilt ein anderer Schlüssel: {key}.",
        "From the checkpoint of number {seq} on there is another key: {key}.",
    ),
    Kind.NO_CHECKPOINT: Text(
        "Es gibt keine unterschriebene Bestätigung eines Stands.", "There is no signed checkpoint of any state."
    ),
    Kind.UNCOVERED: Text(
        "Die Einträge {span} sind jünger als die letzte Bestätigung; von ihnen zeigt erst die nächste, dass sie "
        "blieben.",
        "Entries {span} are younger than the last checkpoint; only the next one will show that they stayed.",
    ),
    Kind.UNTIMED: Text(
        "Die Bestätigung von Nummer {seq} hat keinen Zeitstempel: {reason}.",
        "The checkpoint of number {seq} has no time stamp: {reason}.",
    ),
    Kind.TIME_DIFFERS: Text(
        "Die Zeit der Bestätigung von Nummer {seq} ({at}) und die ihres Zeitstempels ({stamped}) gehen auseinander.",
        "The time of the checkpoint of number {seq} ({at}) and that of its time stamp ({stamped}) differ.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    seq: int
    """Where: the number of an entry, or that which a checkpoint names."""
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def noted(self) -> bool:
        """To be known, but nothing that was changed."""
        return self.kind in NOTED

    def to(self, language: Language) -> str:
        told = dict(self.told)
        if "reason" in told:
            told["reason"] = _REASONS[told["reason"]].to(language) if told["reason"] in _REASONS else told["reason"]
        return _WORDS[self.kind].to(language).format(**{"seq": self.seq, **told})

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "seq": self.seq, "noted": self.noted, **self.told, "says": self.to("en")}


def span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of a ledger."""

    entries: int
    head: str
    """Hash of the last entry; empty where there is none."""
    evidence: int
    """Blobs that are there and right."""
    erased: int
    checkpoints: int
    """Signed rightly, over what is there."""
    findings: Sequence[Finding]

    @property
    def intact(self) -> bool:
        return all(finding.noted for finding in self.findings)

    @property
    def anchor(self) -> str:
        """To be written down elsewhere, and compared with later."""
        return f"{self.entries}:{self.head}" if self.head else ""
