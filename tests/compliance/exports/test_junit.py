"""JUnit XML, held against the schema of the tool that invented it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from klausur.compliance.catalogue import load
from klausur.compliance.engine import Situation, assess
from klausur.compliance.exports import junit
from klausur.compliance.exports.material import Material
from klausur.compliance.words import Language
from tests.compliance.exports.exported import CAME_OUT, material, of_a_run_without_server, situation
from tests.compliance.rows import NOW

LANGUAGES: tuple[Language, ...] = get_args(Language)
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "schemas" / "JUnit.xsd"))


def suites(made: Material) -> Element:
    root = ElementTree.fromstring(junit.make(made))  # noqa: S314 - our own
    SCHEMA.validate(root)
    return root


def kinds(made: Material) -> dict[str, str]:
    found = {}
    for test in suites(made).iter("testcase"):
        found[test.get("name", "").split()[0]] = "".join(one.tag for one in test)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_accepts_it(language: Language) -> None:
    rows = load()
    judged = assess(rows, Situation(NOW), release_digest=rows.digest, server_runs=True)
    root = suites(Material(rows, judged, language, "0.1.0"))
    assert len(list(root.iter("testcase"))) == len(rows.profiles["dsk"].requirements)


def test_the_schema_refuses_what_is_no_junit() -> None:
    root = suites(material())
    root[0].set("tests", "all")
    assert not SCHEMA.is_valid(root)


def test_each_chapter_is_a_suite_and_each_row_a_test() -> None:
    root = suites(material())
    assert [one.get("name") for one in root] == ["4.1 Transmission", "4.2 Signing in"]
    assert list(kinds(material())) == list(CAME_OUT)


def test_nothing_passes_but_what_is_met_or_attested() -> None:
    assert kinds(material()) == {
        "V-01": "",
        "V-02": "",
        "V-03": "failure",
        "V-04": "failure",
        "V-05": "error",
        "W-01": "error",
        "W-02": "error",
        "W-03": "skipped",
        "W-04": "failure",
        "W-05": "skipped",
    }


def test_of_an_invalid_run_nothing_passes() -> None:
    found = kinds(of_a_run_without_server())
    assert set(found.values()) == {"error", "skipped"}
    assert [name for name, kind in found.items() if kind == "skipped"] == ["W-05"]


def test_the_sums_are_those_of_the_tests() -> None:
    for suite in suites(material()):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(attribute) == str(len(list(suite.iter(tag))))
        assert suite.get("tests") == str(len(list(suite.iter("testcase"))))


def test_what_is_skipped_or_failed_says_why_and_whose_rule_it_is() -> None:
    tests = {one.get("name", "").split()[0]: one for one in suites(material()).iter("testcase")}
    assert "Does not apply by the known facts." in str(tests["W-03"][0].text)
    assert tests["V-03"][0].get("message") == "MUST: not met"
    assert "seen-V-03" in str(tests["V-03"][0].text)
    assert tests["W-01"].get("name") == "W-01 Row not-verified [our engineering rule]"


@given(st.text(st.characters(), max_size=80) | st.just("]]><failure/>&lt;\x00\x0b\ufffe"), st.sampled_from(LANGUAGES))
@settings(max_examples=40, deadline=None)
def test_whatever_people_write_it_can_be_read(written: str, language: Language) -> None:
    made = material(language, seen=situation(written))
    assert list(kinds(made)) == list(CAME_OUT)
