"""JUnit XML: each chapter is a suite, each row a test.

A row that is not met, or only by an approved deviation, is a failure; one of which nobody knows whether it is met is
an error, so that no green bar ever stands for it. Skipped, with the reason, is what does not apply, and a MAY that is
open.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC
from itertools import groupby
from typing import Final

from klausur.compliance.exports.checklist import VERBS
from klausur.compliance.exports.material import Format, Line, Material, label_words, lines, open_points, outcome_words
from klausur.compliance.exports.text import one_line, plain
from klausur.compliance.model import Verb
from klausur.compliance.verdicts import Outcome
from klausur.compliance.words import Language, Text

_KNOWN_BAD: Final = frozenset({Outcome.NOT_MET, Outcome.DEVIATION_ACCEPTED})


def make(material: Material) -> bytes:
    root = ET.Element("testsuites")
    grouped = groupby(lines(material), key=lambda line: line.chapter.id)
    for number, (_, rows) in enumerate(grouped):
        _suite(root, number, list(rows), material)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(root: ET.Element, number: int, rows: list[Line], material: Material) -> None:
    said, chapter = material.language, rows[0].chapter
    kinds = [_kind(line) for line in rows]
    suite = ET.SubElement(
        root,
        "testsuite",
        id=str(number),
        package=chapter.id,
        name=one_line(f"{chapter.section} {chapter.title.to(said)}"),
        timestamp=material.assessment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
        tests=str(len(rows)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time="0",
    )
    _properties(suite, material)
    for line in rows:
        _test(suite, line, said)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")


def _properties(suite: ET.Element, material: Material) -> None:
    assessment = material.assessment
    said = {"release": material.release, "catalogue": assessment.version, "digest": assessment.digest}
    properties = ET.SubElement(suite, "properties")
    for name, value in said.items():
        ET.SubElement(properties, "property", name=name, value=one_line(value))


def _kind(line: Line) -> str:
    """Of the element that says how it went; empty: it went well."""
    if line.fulfilled:
        return ""
    if line.outcome == Outcome.NOT_APPLICABLE or line.requirement.verb == Verb.MAY:
        return "skipped"
    return "failure" if line.outcome in _KNOWN_BAD else "error"


def _test(suite: ET.Element, line: Line, said: Language) -> None:
    row = line.requirement
    label = label_words(row, said)
    name = f"{row.id} {row.title.to(said)}" + (f" [{label}]" if label else "")
    test = ET.SubElement(suite, "testcase", name=one_line(name), classname=line.chapter.id, time="0")
    kind = _kind(line)
    if not kind:
        return
    told = ET.SubElement(test, kind, message=one_line(f"{VERBS[row.verb].to(said)}: {outcome_words(line, said)}"))
    if kind != "skipped":
        told.set("type", line.outcome.value)
    told.text = plain("\n".join([row.statement.to(said), *open_points(line, said)]))


FORMAT: Final = Format("junit", "junit.xml", "application/xml", Text(de="JUnit-XML", en="JUnit XML"), make)
