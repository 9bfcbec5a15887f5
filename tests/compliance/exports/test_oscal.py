"""The OSCAL documents, read by compliance-trestle: each for itself, and what one says of another."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import trestle.oscal
from hypothesis import given, settings
from hypothesis import strategies as st
from trestle.common import const
from trestle.common.err import TrestleError
from trestle.core.base_model import OscalBaseModel
from trestle.core.validator_factory import validator_factory
from trestle.oscal.assessment_plan import AssessmentPlan
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.poam import PlanOfActionAndMilestones
from trestle.oscal.profile import Profile

from klausur.compliance.catalogue import load
from klausur.compliance.engine import Situation, assess
from klausur.compliance.exports import oscal, oscal_catalog, oscal_plan, oscal_poam, oscal_profile, oscal_results
from klausur.compliance.exports.material import Format, Material
from klausur.compliance.verdicts import Outcome
from klausur.compliance.words import Language
from tests.compliance.exports.exported import CAME_OUT, material, of_a_run_without_server, situation
from tests.compliance.rows import NOW

LANGUAGES: tuple[Language, ...] = get_args(Language)
MODELS: dict[str, tuple[Format, type[OscalBaseModel]]] = {
    "catalog": (oscal_catalog.FORMAT, Catalog),
    "profile": (oscal_profile.FORMAT, Profile),
    "assessment-plan": (oscal_plan.FORMAT, AssessmentPlan),
    "assessment-results": (oscal_results.FORMAT, AssessmentResults),
    "plan-of-action-and-milestones": (oscal_poam.FORMAT, PlanOfActionAndMilestones),
}


def read_by_trestle(name: str, made: Material, folder: Path) -> Any:
    """Its model, after all of its own validations."""
    own, model = MODELS[name]
    file = folder / own.file
    file.write_bytes(own.make(made))
    read = model.oscal_read(file)
    assert read is not None
    assert validator_factory.get(Namespace(mode=const.VAL_MODE_ALL)).model_is_valid(read, quiet=False)
    return read


def said(name: str, made: Material) -> Any:
    document = json.loads(MODELS[name][0].make(made))
    assert list(document) == [name]
    return document[name]


def everywhere(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from everywhere(one)


def results(made: Material) -> Any:
    (result,) = said("assessment-results", made)["results"]
    return result


def of_row(made: Material, name: str) -> Any:
    (finding,) = [one for one in results(made)["findings"] if one["target"]["target-id"] == f"{name}_smt"]
    return finding


def props(node: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in node["props"]}


def test_trestle_reads_the_version_that_is_written() -> None:
    assert trestle.oscal.OSCAL_VERSION == oscal.OSCAL == "1.2.1"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MODELS)
def test_trestle_accepts_what_is_written(name: str, language: Language, tmp_path: Path) -> None:
    read = read_by_trestle(name, material(language), tmp_path)
    assert read.metadata.oscal_version.root.root == "1.2.1"


@pytest.mark.parametrize("name", MODELS)
def test_trestle_accepts_the_real_catalogue(name: str, tmp_path: Path) -> None:
    rows = load()
    judged = assess(rows, Situation(NOW), release_digest=rows.digest, server_runs=True)
    read_by_trestle(name, Material(rows, judged, "de", "0.1.0"), tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_trestle_accepts_an_invalid_run(name: str, tmp_path: Path) -> None:
    read_by_trestle(name, of_a_run_without_server(), tmp_path)


def test_trestle_refuses_what_is_no_oscal(tmp_path: Path) -> None:
    """So that the tests above are worth something."""
    document = json.loads(oscal_results.make(material()))
    document["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "nearly"
    file = tmp_path / "results.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(TrestleError):
        AssessmentResults.oscal_read(file)


@pytest.mark.parametrize("name", MODELS)
def test_every_reference_within_a_document_leads_somewhere(name: str) -> None:
    document = said(name, material())
    there = {one["uuid"] for one in everywhere(document) if "uuid" in one}
    named = set()
    for node in everywhere(document):
        named |= {value for key, value in node.items() if key.endswith("-uuid")}
        named |= {node["href"][1:]} if str(node.get("href", "")).startswith("#") else set()
    assert named <= there


def test_what_one_document_says_of_another_is_there() -> None:
    made = material()
    catalog = said("catalog", made)
    parts = {one["id"] for one in everywhere(catalog) if "id" in one}
    controls = {one["id"] for group in catalog["groups"] for one in group["controls"]}
    (imported,) = said("profile", made)["imports"]
    (chosen,) = imported["include-controls"]
    assert chosen["with-ids"] == list(CAME_OUT)
    assert set(CAME_OUT) < controls
    for name in ("assessment-plan", "assessment-results"):
        assert {one["control-id"] for one in everywhere(said(name, made)) if "control-id" in one} == set(CAME_OUT)
    assert {one["target"]["target-id"] for one in results(made)["findings"]} <= parts


def test_the_next_document_is_found_beside_this_one() -> None:
    made = material()
    for name, beside in (("profile", oscal.CATALOG_FILE), ("assessment-results", oscal.PLAN_FILE)):
        links = [one["rlinks"][0]["href"] for one in said(name, made)["back-matter"]["resources"] if "rlinks" in one]
        assert links == [beside]


def test_satisfied_is_what_is_met_or_attested_and_nothing_else() -> None:
    states = {name: of_row(material(), name)["target"]["status"]["state"] for name in CAME_OUT}
    assert {name for name, state in states.items() if state == "satisfied"} == {"V-01", "V-02"}


def test_nothing_of_an_invalid_run_is_satisfied() -> None:
    result = results(of_a_run_without_server())
    assert {one["target"]["status"]["state"] for one in result["findings"]} == {"not-satisfied"}
    assert props(result)["invalid"] == "no-server"
    assert "No server is running." in result["description"]


def test_each_finding_says_its_verdict_in_our_words_too() -> None:
    for name, (outcome, verb, grade) in CAME_OUT.items():
        found = props(of_row(material(), name))
        assert (found["verdict"], found["verb"], found["source-grade"]) == (outcome, verb, grade)


def test_what_does_not_apply_says_so_and_is_no_risk() -> None:
    finding = of_row(material(), "W-03")
    assert finding["target"]["implementation-status"] == {"state": "not-applicable"}
    assert finding["target"]["status"]["reason"] == "other"
    assert "related-risks" not in finding


@pytest.mark.parametrize("name", ["catalog", "assessment-results", "plan-of-action-and-milestones"])
def test_a_rule_of_ours_is_never_shown_as_the_authority_s(name: str) -> None:
    titled = [one for one in everywhere(said(name, material())) if str(one.get("title", "")).startswith("Row not-ver")]
    assert titled
    for one in titled:
        assert "our engineering rule" in one["title"]
        assert props(one)["source-label"] == "our engineering rule"


def test_each_risk_is_of_a_row_that_is_not_met() -> None:
    risks = {one["title"]: one for one in results(material())["risks"]}
    assert {title.split("(")[0].strip() for title in risks} == {"Row not-met", "Row deviation-accepted"}
    assert len(results(material())["risks"]) == 4
    accepted = risks["Row deviation-accepted"]
    assert accepted["status"] == "deviation-approved"
    assert accepted["deadline"] == (NOW + timedelta(days=1)).isoformat()
    assert accepted["mitigating-factors"][0]["description"] == "Vertrag vom 2. März 2026"


def test_observations_say_how_what_and_until_when() -> None:
    found = {props(one)["evidence-id"]: one for one in results(material())["observations"]}
    assert found["seen-V-01"]["methods"] == ["TEST"]
    assert props(found["seen-V-01"])["grade"] == "5"
    assert found["said-V-02"]["methods"] == ["EXAMINE"]
    assert [props(one) for one in found["said-V-02"]["relevant-evidence"]] == [
        {"evidence-id": "said-V-02"},
        {"sha-256": "f" * 64},
    ]


def test_evidence_that_was_erased_leaves_its_id_and_no_dangling_reference(tmp_path: Path) -> None:
    made = replace(material(), observations=())
    read_by_trestle("assessment-results", made, tmp_path)
    assert "related-observations" not in of_row(made, "V-03")
    assert "seen-V-03" in of_row(made, "V-03")["description"]


def test_the_plan_of_action_has_an_item_for_each_open_row_and_each_task() -> None:
    items = said("plan-of-action-and-milestones", material())["poam-items"]
    opened = [
        name for name, (outcome, _, _) in CAME_OUT.items() if outcome not in {"met", "attested", "not-applicable"}
    ]
    assert [props(one)["requirement"] for one in items[: len(opened)]] == opened
    assert [props(one)["objective"] for one in items[len(opened) :]] == ["W-02.a"]
    assert items[-1]["title"] == "data protection officer: Objective of W-02"
    assert items[-1]["description"] == "Is there a contract?"


def test_a_plan_of_action_without_anything_open_says_that(tmp_path: Path) -> None:
    made = material()
    fine = tuple(row for row in made.assessment.rows if row.requirement.id == "V-01")
    profile = replace(made.catalogue.profiles["dsk"], requirements=frozenset({"V-01"}))
    made = replace(
        made,
        assessment=replace(made.assessment, rows=fine),
        catalogue=replace(made.catalogue, profiles={"dsk": profile}),
    )
    read = read_by_trestle("plan-of-action-and-milestones", made, tmp_path)
    assert [item.title for item in read.poam_items] == ["Nothing is open."]


def test_the_sources_stand_in_the_back_matter_and_are_linked_from_each_row() -> None:
    catalog = said("catalog", material())
    sources = {one["uuid"]: one for one in catalog["back-matter"]["resources"]}
    for group in catalog["groups"]:
        for control in group["controls"]:
            assert sources[control["links"][0]["href"][1:]]["citation"]["text"] == "DSK: Guide, 2020-10-23"


def test_a_document_s_identity_changes_with_what_it_says_and_a_row_s_never() -> None:
    one, other = material(), material("de")
    later = replace(one, assessment=replace(one.assessment, at=NOW + timedelta(days=1)))
    for name in MODELS:
        assert said(name, one)["uuid"] == said(name, one)["uuid"]
        assert len({said(name, made)["uuid"] for made in (one, other, later)}) == 3
    assert {of_row(made, "V-03")["uuid"] for made in (one, other, later)} == {of_row(one, "V-03")["uuid"]}


def test_counts_are_numbers_of_rows_and_never_a_share() -> None:
    result = results(material())
    assert {name: value for name, value in props(result).items() if name.startswith("count-")} == {
        f"count-{outcome}": str([row[0] for row in CAME_OUT.values()].count(outcome)) for outcome in Outcome
    }
    assert "%" not in json.dumps(result)


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=30), st.sampled_from(LANGUAGES))
@settings(max_examples=8, deadline=None)
def test_whatever_people_write_is_neither_markup_nor_a_broken_document(
    tmp_path_factory: pytest.TempPathFactory, written: str, person: str, language: Language
) -> None:
    made = material(language, seen=situation(written, person))
    folder = tmp_path_factory.mktemp("oscal")
    for name in ("assessment-results", "plan-of-action-and-milestones"):
        read_by_trestle(name, made, folder)
        for node in everywhere(said(name, made)):
            for key in {"title", "description", "statement", "prose", "remarks"} & set(node):
                assert not re.search(r"[<>]", node[key])
