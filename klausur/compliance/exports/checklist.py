"""The authorities' checklist in their order and in their three columns: item, fulfilled?, reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from klausur.compliance.exports.material import (
    Line,
    Material,
    attested_words,
    label_words,
    lines,
    open_points,
    outcome_words,
    placed,
    seen_words,
)
from klausur.compliance.exports.text import cell, plain
from klausur.compliance.model import Requirement, Verb
from klausur.compliance.verdicts import ANSWERS, Answer
from klausur.compliance.words import Language, Text

VERBS: Final = {
    Verb.MUST: Text(de="MUSS", en="MUST"),
    Verb.SHOULD: Text(de="SOLL", en="SHOULD"),
    Verb.MAY: Text(de="KANN", en="MAY"),
}
_ITEM: Final = Text(de="Kapitel und Punkt", en="Chapter and item")
_FULFILLED: Final = Text(de="Erfüllt? (ja, nein, entfällt)", en="Fulfilled? (yes, no, not applicable)")
_REFERENCE: Final = Text(
    de="Verweis (Klausur {release}, Katalog {version}, beurteilt {at})",
    en="Reference (Klausur {release}, catalogue {version}, assessed {at})",
)
_SOURCE: Final = Text(de="Fundstelle", en="Source")
_VERDICT: Final = Text(de="Ergebnis", en="Verdict")
_EVIDENCE: Final = Text(de="Nachweis", en="Evidence")
_APPROVED: Final = Text(
    de="Abweichung {id} bis {until}: {reason} Ausgleich: {compensation}",
    en="Deviation {id} until {until}: {reason} Compensation: {compensation}",
)
_OPEN: Final = Text(de="Offen", en="Open")
_WHY: Final = Text(de="Grund", en="Reason")
_CHECKLIST: Final = Text(de="Checkliste", en="checklist")
_TOLD: Final = 2000
"""Characters of what people wrote; all of it is in the ledger."""
_NUMBER: Final = Text(de="Nr.", en="no.")


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]
    """every cell is safe to be opened by a spreadsheet, and none is empty"""


def table(material: Material) -> Table:
    said = material.language
    profile = material.catalogue.profiles[material.profile]
    known = {one.id: seen_words(one, said) for one in material.observations}
    known |= {one.id: attested_words(one, said) for one in material.attestations}
    rows = tuple(
        (cell(_item(line, said)), ANSWERS[line.answer].to(said), cell(_reference(material, line, known)))
        for line in lines(material)
    )
    return Table(cell(profile.title.to(said)), _head(material), rows)


def _head(material: Material) -> tuple[str, str, str]:
    said, assessment = material.language, material.assessment
    told = _REFERENCE.to(said).format(
        release=material.release, version=assessment.version, at=assessment.at.isoformat(timespec="seconds")
    )
    return _ITEM.to(said), _FULFILLED.to(said), cell(told)


def _item(line: Line, said: Language) -> str:
    row = line.requirement
    place = f"{line.chapter.section} {line.chapter.title.to(said)}{_in_checklist(row, said)}"
    verb = VERBS[row.verb].to(said) + (f" ({row.verb_note.to(said)})" if row.verb_note else "")
    label = label_words(row, said)
    parts = [place, f"{row.id} {row.title.to(said)}", f"{verb}: {row.statement.to(said)}"]
    return "\n".join([*parts, f"[{label}]"] if label else parts)


def _in_checklist(row: Requirement, said: Language) -> str:
    if row.checklist is None:
        return ""
    number = "" if row.checklist.number is None else f" {_NUMBER.to(said)} {row.checklist.number}"
    return f" ({_CHECKLIST.to(said)} {row.checklist.chapter}{number})"


def _reference(material: Material, line: Line, known: Mapping[str, str]) -> str:
    """``known``: evidence in words, by id; what is not in it is named by its id alone."""
    said = material.language
    parts = [
        f"{_VERDICT.to(said)}: {outcome_words(line, said)}",
        f"{_SOURCE.to(said)}: {placed(material, line.requirement)}",
    ]
    name = _OPEN if line.answer == Answer.NO else _WHY
    # Before all that people wrote: however much that is, and where it is cut, it does not hide what is open.
    parts += [f"{name.to(said)}: {sentence}" for sentence in open_points(line, said)]
    parts += _deviations(material, line)
    parts += [
        f"{_EVIDENCE.to(said)} {one} ({known[one]})" if one in known else f"{_EVIDENCE.to(said)} {one}"
        for one in line.evidence
    ]
    return "\n".join(parts)


def _deviations(material: Material, line: Line) -> Iterator[str]:
    named = {one.about for one in line.because}
    for waiver in material.waivers:
        if waiver.id in named:
            yield _APPROVED.to(material.language).format(
                id=waiver.id,
                until=waiver.until.date().isoformat(),
                reason=plain(waiver.reason, _TOLD),
                compensation=plain(waiver.compensation, _TOLD),
            )
