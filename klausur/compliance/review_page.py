"""The catalogue as one page for people who do not program: to be read, printed, and compared with the originals.

    python -m klausur.compliance.review_page [--lang de|en] FILE

A single file of HTML, without script and without anything that would be fetched from elsewhere. Nothing in it depends
on an installation: it says what is asked and how it would be shown, never how it came out.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from klausur.compliance.catalogue import load
from klausur.compliance.exports.checklist import VERBS
from klausur.compliance.exports.text import plain
from klausur.compliance.fact_list import FACTS
from klausur.compliance.grades import GRADES
from klausur.compliance.model import (
    Asking,
    Binding,
    Catalogue,
    Chapter,
    Condition,
    How,
    Objective,
    OperatingModel,
    Parameter,
    Place,
    Requirement,
    Source,
)
from klausur.compliance.probes import ALL
from klausur.compliance.probing import VANTAGES, Probe
from klausur.compliance.problems import CatalogueInvalid
from klausur.compliance.verdicts import ANSWERS, REASONS, Answer, Reason
from klausur.compliance.vocabulary import GOALS, RESPONSIBLE, Responsible
from klausur.compliance.words import LANGUAGES, Language, Text

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; hyphens: auto; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 3rem; }
article { margin-top: 2rem; padding-top: 0.5rem; border-top: 2px solid; }
.label { padding: 0.25rem 0.75rem; border-left: 0.5rem solid; }
nav ul { list-style: none; padding: 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: 0.25rem 1rem; }
dt { font-weight: bold; }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { padding: 0.375rem; border: 1px solid; text-align: left; vertical-align: top; }
tbody th { font-weight: normal; }
article th:nth-child(1) { width: 30%; }
article th:nth-child(2) { width: 43%; }
article th:nth-child(3) { width: 17%; }
article th:nth-child(4) { width: 10%; }
@media (max-width: 40rem) {
  dl { grid-template-columns: minmax(0, 1fr); }
  table { font-size: 0.75rem; }
  th, td { padding: 0.125rem; }
}
@page { margin: 18mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  a { color: inherit; text-decoration: none; }
  h2 { break-before: page; }
  nav h2 { break-before: auto; }
  h2, h3, .label { break-after: avoid; }
  tr { break-inside: avoid; }
}
"""
_NOTHING_FETCHED: Final = "default-src 'none'; style-src 'unsafe-inline'"

_NOT_OUR_WORDS: Final = Text(
    de="Alle Texte sind in unseren eigenen Worten; nichts ist zitiert. „Unsere technische Regel“ heißt: Das verlangt "
    "keine Behörde. „Noch nicht mit dem Originaltext verglichen“ heißt: aus dem Gedächtnis; sehen Sie im Original "
    "nach, bevor Sie sich darauf berufen.",
    en="All texts are in our own words; nothing is quoted. “Our engineering rule” means: no authority demands it. “Not "
    "yet compared with the original text” means: from memory; look into the original before you rely on it.",
)
_HOW_SHOWN: Final = Text(
    de="Jede Zeile hat Ziele. Ein Ziel ist erreicht, wenn alles gezeigt ist, was rechts daneben steht; eine Zeile ist "
    "erfüllt, wenn alle ihre Ziele erreicht sind. Diese Seite sagt, was verlangt und wie es gezeigt wird. Wie es um "
    "eine Installation steht, sagt sie nicht.",
    en="Each row has objectives. An objective is met when all is shown that stands to its right; a row is met when all "
    "its objectives are. This page says what is demanded and how it is shown. How an installation stands it does not "
    "say.",
)
_VERSION: Final = Text(
    de="Katalog {version}, {rows} Zeilen. Prüfsumme {digest}.", en="Catalogue {version}, {rows} rows. Digest {digest}."
)
_LABELLED: Final = Text(de="Davon {label}: {count}.", en="Of these {label}: {count}.")
_CONTENTS: Final = Text(de="Inhalt", en="Contents")
_ROWS: Final = Text(de="Zeilen", en="rows")
_VERB: Final = Text(de="Verbindlichkeit", en="Level")
_SOURCES: Final = Text(de="Quellen", en="Sources")
_CHECKLIST: Final = Text(de="Checkliste", en="Checklist")
_MODELS: Final = Text(de="Betriebsmodelle", en="Operating models")
_GOALS: Final = Text(de="Gewährleistungsziele", en="Protection goals")
_CONDITIONS: Final = Text(de="Gilt nur, wenn", en="Applies only if")
_MAPPINGS: Final = Text(de="Siehe auch", en="See also")
_OBJECTIVE: Final = Text(de="Ziel", en="Objective")
_SHOWN: Final = Text(de="Wie es gezeigt wird", en="How it is shown")
_LEAST: Final = Text(de="Mindestens", en="At least")
_DAYS: Final = Text(de="Gilt (Tage)", en="Good for (days)")
_PROBE: Final = Text(de="Verfahren", en="Probe")
_PROBES: Final = Text(de="Prüfverfahren", en="Probes")
_PROVES: Final = Text(de="Beweist", en="Proves")
_PROVES_NOT: Final = Text(de="Beweist nicht", en="Does not prove")
_LOOKS: Final = Text(de="Sieht hin", en="Looks")
_RESPONSIBLE: Final = Text(de="Zuständig", en="Responsible")
_ASKED: Final[Mapping[How, Text]] = {
    How.INTERVIEW: Text(de="Frage an: {role}.", en="Question to: {role}."),
    How.EXAMINE: Text(de="Unterlagen sieht durch: {role}.", en="Documents are read by: {role}."),
}
_OPERATED: Final[Mapping[OperatingModel, Text]] = {
    OperatingModel.SELF: Text(de="selbst betrieben", en="run by oneself"),
    OperatingModel.EXTERNAL: Text(de="durch einen IT-Dienstleister", en="by an IT provider"),
    OperatingModel.ONLINE: Text(de="als Online-Dienst", en="as an online service"),
}
_OR: Final = Text(de=" oder ", en=" or ")


@dataclass(frozen=True, slots=True)
class _Page:
    catalogue: Catalogue
    probes: Mapping[str, Probe]
    language: Language

    def say(self, text: Text) -> str:
        return text.to(self.language)


def page(catalogue: Catalogue, probes: Mapping[str, Probe], language: Language) -> bytes:
    """HTML in UTF-8. ``probes``: those of this release, by their names."""
    its = _Page(catalogue, probes, language)
    root = ET.Element("html", lang=language)
    _head(root, its)
    body = _add(root, "body")
    _introduction(_add(body, "header"), its)
    _contents(_add(body, "nav", {"aria-labelledby": "contents"}), its)
    main = _add(body, "main")
    for chapter in catalogue.chapters:
        _chapter(main, chapter, its)
    _all_probes(main, its)
    _all_sources(main, its)
    ET.indent(root, "")
    # The serialiser escapes what is in texts and attributes; of all elements only the style, which is ours, is raw.
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n".encode()


def _add(
    parent: ET.Element, tag: str, attributes: Mapping[str, str] | None = None, text: str | None = None
) -> ET.Element:
    element = ET.SubElement(parent, tag, dict(attributes or {}))
    element.text = None if text is None else plain(text)
    return element


def _link(parent: ET.Element, anchor: str, text: str) -> ET.Element:
    return _add(parent, "a", {"href": f"#{anchor}"}, text)


# -- before the chapters


def _head(root: ET.Element, its: _Page) -> None:
    head = _add(root, "head")
    _add(head, "meta", {"charset": "utf-8"})
    _add(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _NOTHING_FETCHED})
    _add(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    _add(head, "title", text=its.say(its.catalogue.title))
    _add(head, "style", text=_STYLE)


def _introduction(header: ET.Element, its: _Page) -> None:
    held = its.catalogue
    rows = list(held.requirements())
    _add(header, "h1", text=its.say(held.title))
    told = its.say(_VERSION).format(version=held.version, rows=len(rows), digest=held.digest)
    labels = Counter(its.say(row.label) for row in rows if row.label is not None)
    counted = [its.say(_LABELLED).format(label=label, count=count) for label, count in sorted(labels.items())]
    _add(header, "p", text=" ".join([told, *counted]))
    _add(header, "p", text=its.say(_NOT_OUR_WORDS))
    _add(header, "p", text=its.say(_HOW_SHOWN))


def _contents(nav: ET.Element, its: _Page) -> None:
    _add(nav, "h2", {"id": "contents"}, its.say(_CONTENTS))
    listed = _add(nav, "ul")
    for chapter in its.catalogue.chapters:
        entry = _add(listed, "li")
        _link(entry, _anchor(chapter), _heading(chapter, its)).tail = f" ({len(chapter.requirements)} {its.say(_ROWS)})"
    _link(_add(listed, "li"), "probes", its.say(_PROBES))
    _link(_add(listed, "li"), "sources", its.say(_SOURCES))


def _anchor(chapter: Chapter) -> str:
    return f"chapter-{chapter.id}"


def _heading(chapter: Chapter, its: _Page) -> str:
    """Without its section where that is a name and no number: the title says it then."""
    title = its.say(chapter.title)
    return f"{chapter.section} {title}" if chapter.section[:1].isdigit() else title


# -- rows


def _chapter(main: ET.Element, chapter: Chapter, its: _Page) -> None:
    section = _add(main, "section", {"aria-labelledby": _anchor(chapter)})
    _add(section, "h2", {"id": _anchor(chapter)}, _heading(chapter, its))
    _sources(_add(section, "p"), [Place(chapter.source, None)], its)
    for row in chapter.requirements:
        _row(section, row, its)


def _row(section: ET.Element, row: Requirement, its: _Page) -> None:
    article = _add(section, "article", {"aria-labelledby": row.id})
    _add(article, "h3", {"id": row.id}, f"{row.id} {its.say(row.title)}")
    _label(article, row, its)
    _add(article, "p", text=its.say(row.statement))
    facts = _add(article, "dl")
    note = "" if row.verb_note is None else f" ({its.say(row.verb_note)})"
    _fact(facts, _VERB, its).text = plain(f"{its.say(VERBS[row.verb])}{note}")
    _sources(_fact(facts, _SOURCES, its), row.sources, its)
    for name, text in _further(row, its):
        _fact(facts, name, its).text = plain(text)
    _objectives(article, row, its)


def _label(article: ET.Element, row: Requirement, its: _Page) -> None:
    """What must stand beside the row wherever it is shown."""
    if row.label is None and row.grade_note is None:
        return
    label = _add(article, "p", {"class": "label"})
    if row.label is not None:
        said = its.say(row.label)
        _add(label, "strong", text=f"{said[:1].upper()}{said[1:]}.").tail = " "
    if row.grade_note is not None:
        _add(label, "span", text=its.say(row.grade_note))


def _fact(facts: ET.Element, name: Text, its: _Page) -> ET.Element:
    _add(facts, "dt", text=its.say(name))
    return _add(facts, "dd")


def _sources(parent: ET.Element, places: Sequence[Place], its: _Page) -> None:
    """The one first under which the row is shown."""
    for number, place in enumerate(places):
        source = its.catalogue.sources.get(place.source)
        section = f", {place.section}" if place.section else ""
        title = its.say(source.title) if source else place.source
        link = _link(parent, f"source-{place.source}", f"{title}{section}")
        link.tail = "; " if number + 1 < len(places) else None


def _further(row: Requirement, its: _Page) -> Iterator[tuple[Text, str]]:
    if row.checklist is not None:
        number = "" if row.checklist.number is None else f", {row.checklist.number}"
        yield _CHECKLIST, f"{row.checklist.chapter}{number}"
    yield _MODELS, ", ".join(its.say(_OPERATED[model]) for model in OperatingModel if model in row.models)
    yield _GOALS, ", ".join(its.say(GOALS[goal]) for goal in row.goals)
    if row.applies_if:
        yield _CONDITIONS, "; ".join(_condition(one, its) for one in row.applies_if)
    if row.mappings:
        yield _MAPPINGS, ", ".join(row.mappings)


def _condition(condition: Condition, its: _Page) -> str:
    """The question that the fact answers, and the answers with which the row applies."""
    spec = FACTS[condition.fact]
    named = {choice.value: choice.label for choice in spec.choices}
    values = sorted(
        its.say(ANSWERS[Answer.YES if value else Answer.NO] if isinstance(value, bool) else named[value])
        for value in condition.values
    )
    return f"{its.say(spec.question)} {its.say(_OR).join(values)}"


# -- objectives, and how each is shown


def _objectives(article: ET.Element, row: Requirement, its: _Page) -> None:
    table = _add(article, "table")
    heads = _add(_add(table, "thead"), "tr")
    for name in (_OBJECTIVE, _SHOWN, _LEAST, _DAYS):
        _add(heads, "th", {"scope": "col"}, its.say(name))
    for objective in row.objectives:
        _objective(_add(table, "tbody"), objective, its)


def _objective(group: ET.Element, objective: Objective, its: _Page) -> None:
    for number, binding in enumerate(objective.bindings):
        line = _add(group, "tr")
        if number == 0:
            spanned = {"scope": "rowgroup", "rowspan": str(len(objective.bindings))}
            who = f"{its.say(_RESPONSIBLE)}: {its.say(RESPONSIBLE[objective.role])}."
            _add(line, "th", spanned, f"{objective.id} {its.say(objective.text)} {who}")
        _shown(_add(line, "td"), binding, objective.role, its)
        _add(line, "td", text=f"{binding.min_grade.value} ({its.say(GRADES[binding.min_grade])})")
        _add(line, "td", text=str(binding.max_age_days))


def _shown(cell: ET.Element, binding: Binding, role: Responsible, its: _Page) -> None:
    if binding.test is not None:
        _shown_by_probe(cell, binding.test, its)
    elif binding.question is not None:
        who = its.say(_ASKED[binding.how]).format(role=its.say(RESPONSIBLE[role]))
        cell.text = plain(f"{who} {its.say(binding.question)}")


def _shown_by_probe(cell: ET.Element, asking: Asking, its: _Page) -> None:
    probe = its.probes.get(asking.probe)
    cell.text = f"{its.say(_PROBE)} "
    named = _link(cell, f"probe-{probe.id}", probe.id) if probe else _add(cell, "code", text=asking.probe)
    asked = "; ".join(_parameter(name, value, its) for name, value in asking.params)
    said = its.say(probe.proves if probe else REASONS[Reason.NOT_BUILT])
    named.tail = plain(f" ({asked}): {said}" if asked else f": {said}")


def _parameter(name: str, value: Parameter, its: _Page) -> str:
    """Facts by the questions that they answer."""
    if isinstance(value, tuple):
        return " ".join(its.say(FACTS[one].question) if one in FACTS else one for one in value)
    return f"{name}: {value}"


# -- after the chapters


def _all_probes(main: ET.Element, its: _Page) -> None:
    section = _add(main, "section", {"aria-labelledby": "probes"})
    _add(section, "h2", {"id": "probes"}, its.say(_PROBES))
    table = _add(section, "table")
    heads = _add(_add(table, "thead"), "tr")
    for name in (_PROBE, _PROVES, _PROVES_NOT, _LOOKS):
        _add(heads, "th", {"scope": "col"}, its.say(name))
    rows = _add(table, "tbody")
    for probe in sorted(its.probes.values(), key=lambda one: one.id):
        line = _add(rows, "tr", {"id": f"probe-{probe.id}"})
        _add(line, "th", {"scope": "row"}, probe.id)
        for text in (probe.proves, probe.proves_not):
            _add(line, "td", text=its.say(text))
        worth = f"{probe.worth.value} ({its.say(GRADES[probe.worth])})"
        _add(line, "td", text=f"{its.say(VANTAGES[probe.vantage])}; {worth}")


def _all_sources(main: ET.Element, its: _Page) -> None:
    section = _add(main, "section", {"aria-labelledby": "sources"})
    _add(section, "h2", {"id": "sources"}, its.say(_SOURCES))
    listed = _add(section, "ul")
    for source in its.catalogue.sources.values():
        _source(_add(listed, "li", {"id": f"source-{source.id}"}), source, its)


def _source(entry: ET.Element, source: Source, its: _Page) -> None:
    authority = "" if source.authority is None else f"{its.say(source.authority)}: "
    entry.text = plain(f"{authority}{its.say(source.title)} ({source.date}) ")
    if source.url is not None and source.url.startswith("https://"):
        _add(entry, "a", {"href": source.url, "rel": "noreferrer"}, source.url)


# -- the command


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(4, f"{self.format_usage()}{message}\n")


def main(arguments: Sequence[str]) -> int:
    """0 written, 1 not. Raises SystemExit: 4 called wrongly."""
    parser = _Parser(prog="python -m klausur.compliance.review_page")
    parser.add_argument("--lang", choices=LANGUAGES, default="de")
    parser.add_argument("file", metavar="FILE", type=Path)
    asked = parser.parse_args(arguments)
    try:
        asked.file.write_bytes(page(load(), ALL, asked.lang))
    except CatalogueInvalid as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{asked.file} cannot be written ({error.strerror}).\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
