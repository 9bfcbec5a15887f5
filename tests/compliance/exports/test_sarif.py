"""SARIF, held against its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klausur.compliance.catalogue import load
from klausur.compliance.engine import Situation, assess
from klausur.compliance.exports import sarif
from klausur.compliance.exports.material import Material
from klausur.compliance.words import Language
from tests.compliance.exports.exported import CAME_OUT, material, of_a_run_without_server, situation
from tests.compliance.rows import NOW

LANGUAGES: tuple[Language, ...] = get_args(Language)
SCHEMA = Path(__file__).parents[1] / "schemas" / "sarif-schema-2.1.0.json"
VALIDATOR = jsonschema.Draft4Validator(
    json.loads(SCHEMA.read_bytes()), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
)


def run(made: Material) -> Any:
    log = json.loads(sarif.make(made))
    VALIDATOR.validate(log)
    (one,) = log["runs"]
    return one


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_accepts_it(language: Language) -> None:
    assert run(material(language))["language"] == language


def test_the_schema_accepts_the_real_catalogue() -> None:
    rows = load()
    judged = assess(rows, Situation(NOW), release_digest=rows.digest, server_runs=True)
    found = run(Material(rows, judged, "de", "0.1.0"))
    assert len(found["tool"]["driver"]["rules"]) == len(rows.profiles["dsk"].requirements)


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(sarif.make(material()))
    log["runs"][0]["results"][0]["level"] = "red"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(log)


def test_every_row_is_a_rule_and_every_open_one_a_result() -> None:
    found = run(material())
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == list(CAME_OUT)
    assert {one["ruleId"]: one["level"] for one in found["results"]} == {
        "V-03": "error",
        "V-04": "warning",
        "V-05": "warning",
        "W-01": "warning",
        "W-02": "note",
        "W-04": "warning",
        "W-05": "note",
    }
    for one in found["results"]:
        assert found["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_no_result_is_suppressed_and_each_counts_as_a_fail() -> None:
    for one in run(material())["results"]:
        assert "suppressions" not in one
        assert one["kind"] == "fail"


def test_label_evidence_and_reason_stand_with_the_result() -> None:
    found = {one["ruleId"]: one for one in run(material())["results"]}
    assert "not yet compared with the original text" in found["V-03"]["message"]["text"]
    assert "The probe failed. (V-03.a.1, seen-V-03" in found["V-03"]["message"]["text"]
    assert found["V-03"]["properties"]["evidence"] == ["seen-V-03"]
    rules = {one["id"]: one for one in run(material("de"))["tool"]["driver"]["rules"]}
    assert rules["W-01"]["shortDescription"]["text"] == "Zeile not-verified (unsere technische Regel)"
    assert rules["W-01"]["properties"]["label"] == "unsere technische Regel"


def test_an_invalid_run_failed_and_leaves_nothing_that_looks_well() -> None:
    found = run(of_a_run_without_server())
    (invocation,) = found["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "No server is running."
    assert len(found["results"]) == len(CAME_OUT)


@given(st.text(st.characters(), max_size=80), st.sampled_from(LANGUAGES))
@settings(max_examples=15, deadline=None)
def test_whatever_people_write_the_log_stays_valid(written: str, language: Language) -> None:
    made = material(language, seen=situation(written))
    assert len(run(made)["results"]) == 7
    assert sarif.make(made).decode("utf-8")


def test_brackets_and_braces_are_no_links_and_no_places_to_fill() -> None:
    assert sarif._message("[x](http://a) {0}") == {"text": "\\[x\\](http://a) {{0}}"}
