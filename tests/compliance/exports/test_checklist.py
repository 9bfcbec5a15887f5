"""The authorities' checklist, opened by other libraries than the ones that wrote it."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from typing import get_args

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klausur.compliance.exports import checklist_csv, checklist_xlsx
from klausur.compliance.exports.material import Material
from klausur.compliance.words import Language
from tests.compliance.exports.exported import CAME_OUT, material, of_a_run_without_server, situation

LANGUAGES: tuple[Language, ...] = get_args(Language)
ANSWERS = {
    "de": ["ja", "ja", "nein", "nein", "nein", "nein", "nein", "entfällt", "nein", "nein"],
    "en": ["yes", "yes", "no", "no", "no", "no", "no", "not applicable", "no", "no"],
}
FORMULAS = ["=cmd|' /C calc'!A0", '"=1+1', "',=1", '";=1', "x;=1+1", 'x;"=1+1', "x\n=1+1", "x;\uff0b1", "@SUM(1)"]
WRITTEN = st.text(st.characters(), max_size=80) | st.sampled_from(
    [*FORMULAS, "<img src=x onerror=alert(1)>", "\x00\x07", "\ud800"]
)


def in_csv(made: Material) -> list[list[str]]:
    text = checklist_csv.make(made).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def in_workbook(made: Material) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(checklist_xlsx.make(made)))
    (sheet,) = book.worksheets
    for row in sheet.iter_rows():
        for found in row:
            assert found.data_type == "s", found.coordinate
            assert found.hyperlink is None
    return [[str(found.value) for found in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_row_has_its_answer_in_the_authority_s_order(language: Language) -> None:
    head, *rows = in_csv(material(language))
    assert len(head) == 3
    assert [row[1] for row in rows] == ANSWERS[language]
    assert [row[0].splitlines()[1].split()[0] for row in rows] == list(CAME_OUT)


def test_no_cell_is_ever_empty() -> None:
    for made in (material(), of_a_run_without_server(), material(selected=frozenset({"V-01"}))):
        for row in in_csv(made):
            assert len(row) == 3
            assert all(cell.strip() for cell in row)


def test_of_an_invalid_run_every_answer_is_no() -> None:
    _, *rows = in_csv(of_a_run_without_server("de"))
    assert {row[1] for row in rows} == {"nein"}
    assert all("Offen: Es läuft kein Server." in row[2] for row in rows)


@pytest.mark.parametrize(
    ("name", "language", "label"),
    [
        ("V-03", "de", "[noch nicht mit dem Originaltext verglichen]"),
        ("V-05", "en", "[not yet compared with the original text]"),
        ("W-01", "de", "[unsere technische Regel]"),
        ("W-01", "en", "[our engineering rule]"),
    ],
)
def test_a_row_that_is_no_demand_of_the_authority_says_so(name: str, language: Language, label: str) -> None:
    rows = {row[0].splitlines()[1].split()[0]: row for row in in_csv(material(language))[1:]}
    assert label in rows[name][0]
    assert not rows["V-01"][0].endswith("]")


def test_the_item_names_chapter_number_and_verb() -> None:
    rows = in_csv(material("de"))
    assert rows[1][0] == "4.1 Übertragung (Checkliste 3.1 Nr. 1)\nV-01 Zeile met\nMUSS: Aussage V-01"
    assert rows[7][0].endswith("SOLL (falls angeboten): Aussage W-02")


def test_the_reference_names_evidence_and_what_is_open() -> None:
    rows = [row[2] for row in in_csv(material("en"))[1:]]
    assert "Evidence seen-V-01 (tls.versions: passed, 2026-11-23T08:00:00+00:00)" in rows[0]
    assert "Evidence said-V-02 (By Ada (dpo), 2026-11-22: yes. Vertrag vom 2. März 2026)" in rows[1]
    assert "Open: The probe failed. (V-03.a.1, seen-V-03; data protection officer)" in rows[2]
    assert "Deviation W1 until 2026-11-24: Weil Vertrag" in rows[3]
    assert "Open: An attestation is missing. (W-02.a.1; data protection officer)" in rows[6]
    assert "Reason: Does not apply by the known facts. (recording_offered)" in rows[7]
    assert not any("Open:" in row for row in (rows[0], rows[1], rows[7]))


def test_however_much_people_write_it_does_not_hide_what_is_open() -> None:
    rows = [row[2] for row in in_csv(material("en", seen=situation("many words " * 363)))[1:]]
    assert "Open: The probe failed. (V-04.a.1, seen-V-04" in rows[3]
    assert "Deviation W1 until 2026-11-24: Weil many words" in rows[3]
    assert "Evidence seen-V-04" in rows[3]
    assert max(map(len, rows)) > 4000


def test_the_head_says_of_what_and_when_it_is() -> None:
    assert in_csv(material("de"))[0][2] == (
        "Verweis (Klausur 0.1.0, Katalog 2026.11, beurteilt 2026-11-23T09:00:00+00:00)"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_says_what_the_file_says(language: Language) -> None:
    assert in_workbook(material(language)) == in_csv(material(language))


@given(WRITTEN, WRITTEN, st.sampled_from(LANGUAGES))
@settings(max_examples=40, deadline=None)
def test_whatever_people_write_stays_text_in_its_cell(written: str, person: str, language: Language) -> None:
    made = material(language, seen=situation(written, person))
    rows = in_csv(made)
    assert len(rows) == len(CAME_OUT) + 1
    for row in rows:
        assert len(row) == 3
        assert all(cell.lstrip()[:1] not in set("=+-@\t\r") for cell in row)
    assert in_workbook(made) == rows


def as_germans_open_it(made: Material) -> list[list[str]]:
    """With a double click: their spreadsheets split at semicolons, and at line breaks, which are in no quotes then."""
    text = checklist_csv.make(made).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


@given(WRITTEN, WRITTEN)
@settings(max_examples=40, deadline=None)
def test_nor_does_a_formula_begin_where_another_program_splits(written: str, person: str) -> None:
    rows = as_germans_open_it(material("de", seen=situation(f"Siehe; {written}\n{written};{written}", person)))
    assert len(rows) > len(CAME_OUT) + 1, "it does split elsewhere"
    for row in rows:
        assert all(cell.lstrip(' "')[:1] not in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20") for cell in row), row


def test_the_workbook_has_no_formula_no_link_and_no_macro() -> None:
    made = material(seen=situation("=HYPERLINK('https://example.org')\nhttps://example.org"))
    with zipfile.ZipFile(io.BytesIO(checklist_xlsx.make(made))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode("utf-8")
        names = " ".join(parts.namelist())
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "vba" not in names
    assert "external" not in names.lower()


def test_even_a_catalogue_cannot_begin_a_cell_with_a_formula() -> None:
    made = material()
    first, *others = made.catalogue.chapters
    chapters = (replace(first, section="=1+1"), *others)
    changed = replace(made, catalogue=replace(made.catalogue, chapters=chapters))
    assert in_csv(changed)[1][0].startswith("'=1+1 Transmission")
    assert in_workbook(changed) == in_csv(changed)
