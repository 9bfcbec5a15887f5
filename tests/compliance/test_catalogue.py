"""Otto edits a small catalogue; what is wrong with it afterwards is said with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klausur.compliance.catalogue import DIGEST_FILE, load, release_digest
from klausur.compliance.digest import main
from klausur.compliance.grades import Grade
from klausur.compliance.marked_yaml import MAX_BYTES
from klausur.compliance.model import Asking, Condition, How, OperatingModel, Verb
from klausur.compliance.problems import CatalogueInvalid

HEAD = """\
id: small
version: "2026.11"
title: {en: A small catalogue, de: Ein kleiner Katalog}
files:
  - dsk/4.1-transmission.yaml
profiles:
  - id: all
    title: {en: All, de: Alles}
    includes: [dsk]
  - id: dsk
    title: {en: DSK, de: DSK}
    chapters: [dsk-4.1]
"""
SOURCES = """\
sources:
  - {id: OH, title: {en: Guidance, de: Orientierungshilfe}, authority: {en: DSK, de: DSK}, date: 2020-10-23}
  - {id: GDPR, title: {en: GDPR, de: DSGVO}, authority: null, date: "2016"}
"""
CHAPTER = """\
id: dsk-4.1
source: OH
section: 4.1
title: {en: Transmission, de: Übertragung}
requirements:
  - id: DSK-T-4.1-02
    version: 1
    kind: T
    verb: MUST
    grade: S
    sources:
      - {ref: OH, section: "4.1"}
      - {ref: GDPR, section: "Art. 32"}
    checklist: {chapter: 3.1, no: 4}
    models: [S, E]
    applies_if:
      - {fact: minors, is: true}
      - {fact: operating_model, in: [self, external]}
    protection_goals: [confidentiality]
    title: {en: Encrypted transport, de: Verschlüsselter Transport}
    statement: {en: All of it is encrypted., de: Alles ist verschlüsselt.}
    mappings: ["BSI:KONF.14.1", DSK-T-4.1-03]
    objectives:
      - id: a
        text: {en: TLS only., de: Nur TLS.}
        role: operator
        bindings:
          - {how: TEST, probe: facts.complete, params: {keys: [contact, purposes]}, min_grade: 2, max_age_days: 7}
          - {how: EXAMINE, question: {en: Is it?, de: Ist es so?}, min_grade: 3, max_age_days: 365}
  - id: DSK-T-4.1-03
    version: 1
    kind: L/T
    verb: SHOULD
    grade: D
    sources: [{ref: OH}]
    models: [O]
    protection_goals: [integrity, transparency]
    title: {en: Certificates, de: Zertifikate}
    statement: {en: They hold., de: Sie gelten.}
    objectives:
      - id: a
        text: {en: They hold., de: Sie gelten.}
        role: dpo
        bindings:
          - {how: TEST, probe: tls.certificate, min_grade: 5, max_age_days: 7}
"""
FILE = "dsk/4.1-transmission.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dsk").mkdir()
    (tmp_path / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / FILE).write_text(CHAPTER, encoding="utf-8")
    return tmp_path


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Returns the number of the line that was edited first."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(folder: Path) -> list[str]:
    with pytest.raises(CatalogueInvalid) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


# -- what is right


def test_what_the_files_say_becomes_values(folder: Path) -> None:
    held = load(folder)
    first, second = held.requirements()
    assert (held.id, held.version, held.title.de) == ("small", "2026.11", "Ein kleiner Katalog")
    assert (held.chapters[0].section, held.sources["OH"].date) == ("4.1", "2020-10-23")
    assert held.sources["GDPR"].authority is None
    assert (first.verb, first.checklist and first.checklist.number) == (Verb.MUST, 4)
    assert first.models == {OperatingModel.SELF, OperatingModel.EXTERNAL}
    assert first.applies_if == (
        Condition("minors", frozenset({True})),
        Condition("operating_model", frozenset({"self", "external"})),
    )
    assert first.mappings == ("BSI:KONF.14.1", "DSK-T-4.1-03")
    assert second.sources[0].section is None
    assert [place.source for place in first.sources] == ["OH", "GDPR"]


def test_objectives_and_bindings_have_ids_in_full(folder: Path) -> None:
    (objective,) = next(load(folder).requirements()).objectives
    test, question = objective.bindings
    assert objective.id == "DSK-T-4.1-02.a"
    assert (test.id, question.id) == ("DSK-T-4.1-02.a.1", "DSK-T-4.1-02.a.2")
    assert test.test == Asking.of("facts.complete", {"keys": ("contact", "purposes")})
    assert (test.min_grade, test.how) == (Grade.CONFIGURED, How.TEST)
    assert question.question is not None
    assert question.test is None


def test_a_rows_uuid_follows_from_its_id_for_ever(folder: Path) -> None:
    first, second = load(folder).requirements()
    assert str(first.uuid) == "0d741d73-642a-53e9-832e-b6246b7998bc"
    assert second.uuid.version == 5
    assert second.uuid != first.uuid


def test_a_profile_holds_the_rows_of_those_that_it_includes(folder: Path) -> None:
    held = load(folder)
    assert held.selection("all", []) == {"DSK-T-4.1-02", "DSK-T-4.1-03"} == held.profiles["dsk"].requirements


def test_a_question_put_differently_is_another_question(folder: Path) -> None:
    before = next(load(folder).requirements()).objectives[0].bindings[1].asked
    edit(folder, FILE, "Ist es so?", "Ist es wirklich so?")
    assert next(load(folder).requirements()).objectives[0].bindings[1].asked != before


# -- its digest


def test_the_digest_is_of_what_is_said_not_of_how_it_is_written(folder: Path) -> None:
    before = load(folder).digest
    edit(folder, FILE, "source: OH\n", "source: 'OH'   # the guidance\n\n")
    assert load(folder).digest == before
    assert len(before) == 64


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FILE, "Alles ist", "Vieles ist"),
        (FILE, "min_grade: 5", "min_grade: 4"),
        (FILE, "version: 1", "version: 2"),
        ("sources.yaml", "2020-10-23", "2020-10-24"),
        ("catalogue.yaml", "2026.11", "2026.12"),
    ],
)
def test_whatever_is_said_differently_changes_the_digest(folder: Path, file: str, old: str, new: str) -> None:
    before = load(folder).digest
    edit(folder, file, old, new)
    assert load(folder).digest != before


def test_the_command_writes_the_digest_and_notices_when_it_is_old(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check"], folder) == 1
    assert "out of date" in capsys.readouterr().err
    assert main([], folder) == 0
    assert main(["--check"], folder) == 0
    assert release_digest(folder) == load(folder).digest
    edit(folder, FILE, "Nur TLS.", "Nur TLS 1.3.")
    assert main(["--check"], folder) == 1
    assert main(["--chekc"], folder) == 4


def test_the_command_names_what_is_wrong_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = edit(folder, FILE, "ref: GDPR", "ref: DSGVO")
    assert main([], folder) == 1
    assert capsys.readouterr().err == f'catalogue/{FILE}:{line}: there is no source "DSGVO"\n'
    assert not (folder / DIGEST_FILE).exists()


@pytest.mark.parametrize("content", [b"", b"d" * 63, b"D" * 64, b"d" * 64 + b"\nmore", b"\xff" * 64, b"d" * 5000])
def test_what_is_no_digest_is_none(folder: Path, content: bytes) -> None:
    assert release_digest(folder) is None
    (folder / DIGEST_FILE).write_bytes(content)
    assert release_digest(folder) is None


# -- what is wrong, in a file of its own


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("verb: MUST", "verb: MAYBE", "requirements.0.verb: 'MAYBE' is not one of ['MUST', 'SHOULD', 'MAY']"),
        ("grade: S\n", "grade: A\n", "requirements.0.grade: 'A' is not one of ['S', 'S2', 'H', 'M', 'D']"),
        ("min_grade: 3,", "min_grade: 4,", "min_grade: 4 is greater than the maximum of 3"),
        ("Nur TLS.", " ", "objectives.0.text.de: "),
        ("probe: tls.certificate, ", "", "'probe' is a required property"),
        (", question: {en: Is it?, de: Ist es so?}", "", "'question' is a required property"),
        ("how: EXAMINE, ", "how: EXAMINE, probe: tls.suites, ", "probe: does not belong here"),
        ("models: [O]", "models: [O, O]", "has non-unique elements"),
        ("kind: L/T", "kind: X", "requirements.1.kind: 'X' does not match"),
        ("is: true", "is: 7", "applies_if.0.is: may not be '7'"),
    ],
)
def test_what_breaks_the_schema(folder: Path, old: str, new: str, sentence: str) -> None:
    line = edit(folder, FILE, old, new)
    (problem,) = problems(folder)
    assert problem.startswith(f"catalogue/{FILE}:{line}: ")
    assert sentence in problem


def test_a_text_of_several_lines_is_asked_to_be_one(folder: Path) -> None:
    edit(
        folder,
        FILE,
        "text: {en: TLS only., de: Nur TLS.}",
        "text:\n          en: TLS only.\n          de: |\n            A",
    )
    (problem,) = problems(folder)
    assert "is to be one line" in problem


def test_a_text_without_end_is_not_quoted_in_full(folder: Path) -> None:
    edit(folder, FILE, "All of it is encrypted.", "x" * 5000)
    (problem,) = problems(folder)
    assert problem.endswith("statement.en: is longer than 900 characters")


def test_a_key_that_nobody_knows(folder: Path) -> None:
    edit(folder, FILE, "    kind: T\n", "    kind: T\n    kindd: T\n")
    (problem,) = problems(folder)
    assert "'kindd' was unexpected" in problem


def test_an_objective_without_a_binding(folder: Path) -> None:
    text = (folder / FILE).read_text(encoding="utf-8")
    start = text.rindex("        bindings:")
    (folder / FILE).write_text(text[:start] + "        bindings: []\n", encoding="utf-8")
    line = text[:start].count("\n") + 1
    assert problems(folder) == [f"catalogue/{FILE}:{line}: requirements.1.objectives.0.bindings: is an empty list"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("source: OH", "source: &oh OH", "anchors and aliases are not used here"),
        ("source: OH", "source: *oh", "anchors and aliases are not used here"),
        ("source: OH", "source: !!python/name:os.system OH", "tags are not used here"),
        ("source: OH", "source: !include secrets.yaml", "tags are not used here"),
        ("source: OH", "source: OH\nsource: GDPR", 'the key "source" a second time'),
        ("source: OH", "7: OH", "a key that is no text"),
        ("source: OH", "? [a]\n: OH", "a key that is no text"),
        ("source: OH", "source: 'OH", "no YAML"),
        ("source: OH", "---\nsource: OH", "a second document"),
        ("source: OH", "source: " + "[" * 30 + "]" * 30, "nested more than 20 deep"),
        ("source: OH", "source: [" + "x," * 60_000 + "]", "more than 50000 values"),
    ],
)
def test_what_yaml_could_do_besides(folder: Path, old: str, new: str, sentence: str) -> None:
    edit(folder, FILE, old, new)
    (problem,) = problems(folder)
    assert sentence in problem
    assert problem.startswith(f"catalogue/{FILE}:")


def test_words_that_yaml_likes_to_guess_at_stay_words(folder: Path) -> None:
    edit(folder, FILE, "de: Nur TLS.", "de: no")
    edit(folder, FILE, "en: TLS only.", "en: 2020-10-23")
    text = next(load(folder).requirements()).objectives[0].text
    assert (text.de, text.en) == ("no", "2020-10-23")


def test_bytes_that_are_no_text_and_files_without_end(folder: Path) -> None:
    (folder / FILE).write_bytes(b"id: dsk-4.1\nsource: \xff\n")
    assert problems(folder) == [f"catalogue/{FILE}:2: not UTF-8"]
    (folder / FILE).write_bytes(b"id: a\x00b\n")
    assert "no YAML" in problems(folder)[0]
    (folder / FILE).write_bytes(b"#" * (MAX_BYTES + 1))
    assert problems(folder) == [f"catalogue/{FILE}:1: larger than {MAX_BYTES} bytes"]


# -- what is wrong between files


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (FILE, "source: OH", "source: CHK", 'there is no source "CHK"'),
        (FILE, "{ref: OH}", "{ref: CHK}", 'there is no source "CHK"'),
        (FILE, "tls.certificate", "tls.certificates", 'there is no probe "tls.certificates"'),
        (FILE, "tls.certificate", "config.defaults", "config.defaults reads settings and never gets beyond grade 2"),
        (FILE, "tls.certificate,", "documents.current, params: {document: vow},", 'there is no document "vow"'),
        (FILE, "tls.certificate,", "documents.current,", 'there is no document "None"'),
        (FILE, "keys: [contact, purposes]", "keys: [contact, weather]", 'there is no fact "weather"'),
        (FILE, "keys: [contact, purposes]", "keys: contact", "facts.complete needs params.keys: a list of facts"),
        (FILE, "fact: minors", "fact: minor", 'there is no fact "minor" that a row could depend on'),
        (FILE, "fact: minors", "fact: contact", 'there is no fact "contact" that a row could depend on'),
        (FILE, "[self, external]", "[self, extern]", "the fact \"operating_model\" is never 'extern'"),
        (FILE, "is: true", "is: yes", "the fact \"minors\" is never 'yes'"),
        (FILE, '["BSI:KONF.14.1", DSK-T-4.1-03]', "[DSK-T-4.1-99]", 'there is no requirement "DSK-T-4.1-99"'),
        ("catalogue.yaml", "[dsk-4.1]", "[dsk-4.2]", 'there is no chapter "dsk-4.2"'),
        ("catalogue.yaml", "[dsk]", "[bsi]", 'there is no profile "bsi"'),
    ],
)
def test_names_that_point_nowhere(folder: Path, file: str, old: str, new: str, sentence: str) -> None:
    line = edit(folder, file, old, new)
    assert problems(folder) == [f"catalogue/{file}:{line}: {sentence}"]


def test_a_requirement_twice_names_both_places(folder: Path) -> None:
    edit(folder, FILE, "id: DSK-T-4.1-03", "id: DSK-T-4.1-02")
    edit(folder, FILE, ", DSK-T-4.1-03]", "]")
    found = problems(folder)
    assert f'catalogue/{FILE}:30: the requirement "DSK-T-4.1-02" a second time; first in {FILE}:6' in found


def test_a_requirement_twice_in_two_files(folder: Path) -> None:
    edit(folder, "catalogue.yaml", f"  - {FILE}\n", f"  - {FILE}\n  - bsi/more.yaml\n")
    (folder / "bsi").mkdir()
    (folder / "bsi" / "more.yaml").write_text(CHAPTER.replace("id: dsk-4.1", "id: bsi"), encoding="utf-8")
    assert [problem.split(" ")[0] for problem in problems(folder)] == ["catalogue/bsi/more.yaml:6:"] + [
        f"catalogue/bsi/more.yaml:{line}:" for line in (24, 30, 41)
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "name"),
    [
        ("sources.yaml", "id: GDPR", "id: OH", 'source "OH"'),
        ("catalogue.yaml", "id: dsk", "id: all", 'profile "all"'),
    ],
)
def test_other_names_twice(folder: Path, file: str, old: str, new: str, name: str) -> None:
    edit(folder, file, old, new)
    assert any(f"the {name} a second time" in problem for problem in problems(folder))


def test_two_objectives_of_one_letter(folder: Path) -> None:
    last = CHAPTER[CHAPTER.rindex("      - id: a") :]
    (folder / FILE).write_text(CHAPTER + last, encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.endswith(f'the objective "DSK-T-4.1-03.a" a second time; first in {FILE}:41')


def test_profiles_that_include_each_other(folder: Path) -> None:
    line = edit(folder, "catalogue.yaml", "    chapters: [dsk-4.1]", "    includes: [all]")
    assert problems(folder) == [
        'catalogue/catalogue.yaml:9: "all" leads back to itself by includes',
        f'catalogue/catalogue.yaml:{line}: "dsk" leads back to itself by includes',
    ]


def test_mappings_that_lead_back(folder: Path) -> None:
    edit(folder, FILE, "    sources: [{ref: OH}]\n", "    sources: [{ref: OH}]\n    mappings: [DSK-T-4.1-02]\n")
    assert [problem.split(": ", 1)[1] for problem in problems(folder)] == [
        '"DSK-T-4.1-02" leads back to itself by mappings',
        '"DSK-T-4.1-03" leads back to itself by mappings',
    ]


# -- files that are not there, and files that should not be


@pytest.mark.parametrize("file", ["catalogue.yaml", "sources.yaml", FILE])
def test_a_file_that_is_missing(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert f"catalogue/{file}:1: cannot be read: No such file or directory" in problems(folder)


@pytest.mark.parametrize("file", ["catalogue.yaml", "sources.yaml", FILE])
@pytest.mark.parametrize("content", ["", "# only a remark\n", "null\n"])
def test_a_file_that_is_empty(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content, encoding="utf-8")
    assert f"catalogue/{file}:1: is empty" in problems(folder)


@pytest.mark.parametrize("file", ["catalogue.yaml", "sources.yaml", FILE])
def test_a_file_that_was_cut_is_refused_or_is_not_this_releases(folder: Path, file: str) -> None:
    """Wherever it was cut: half a list is a list, too."""
    whole, text = load(folder).digest, (folder / file).read_text(encoding="utf-8")
    refused = 0
    for at in range(0, len(text.rstrip()), 23):
        (folder / file).write_text(text[:at], encoding="utf-8")
        try:
            assert load(folder).digest != whole, at
        except CatalogueInvalid:
            refused += 1
    assert refused


def test_a_catalogue_without_files_and_a_chapter_without_rows(folder: Path) -> None:
    edit(folder, "catalogue.yaml", f"files:\n  - {FILE}", "files: []")
    assert "catalogue/catalogue.yaml:4: files: is an empty list" in problems(folder)
    (folder / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    start = CHAPTER.index("requirements:")
    (folder / FILE).write_text(CHAPTER[:start] + "requirements: []\n", encoding="utf-8")
    assert problems(folder) == [f"catalogue/{FILE}:5: requirements: is an empty list"]


def test_a_chapter_that_nobody_lists_is_not_lost_silently(folder: Path) -> None:
    (folder / "dsk" / "4.9-forgotten.yaml").write_text(CHAPTER, encoding="utf-8")
    assert problems(folder) == ["catalogue/dsk/4.9-forgotten.yaml:1: is not listed in catalogue.yaml"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "dsk/../../x.yaml", "dsk/x.yml", "x.yaml"])
def test_a_listed_name_that_leads_elsewhere_is_not_opened(folder: Path, name: str) -> None:
    edit(folder, "catalogue.yaml", FILE, name)
    found = problems(folder)
    assert any(problem.startswith("catalogue/catalogue.yaml:5: files.0: ") for problem in found)
    assert not any("passwd:" in problem for problem in found)


def test_a_link_or_a_pipe_is_not_followed(folder: Path) -> None:
    (folder / FILE).rename(folder / "elsewhere")
    (folder / FILE).symlink_to(folder / "elsewhere")
    assert "cannot be read" in problems(folder)[0]
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE)
    assert problems(folder) == [f"catalogue/{FILE}:1: cannot be read: not an ordinary file"]


def test_all_problems_are_told_at_once_in_the_order_of_the_files(folder: Path) -> None:
    edit(folder, "sources.yaml", 'date: "2016"', "date: lately")
    edit(folder, FILE, "verb: MUST", "verb: MAYBE")
    edit(folder, FILE, "kind: L/T", "kind: X")
    assert [problem.split(":")[0] for problem in problems(folder)] == [
        "catalogue/sources.yaml",
        f"catalogue/{FILE}",
        f"catalogue/{FILE}",
    ]


# -- the one that this release carries


def test_this_releases_catalogue_is_in_order_and_its_digest_current() -> None:
    assert load().digest == release_digest(), "python -m klausur.compliance.digest"
