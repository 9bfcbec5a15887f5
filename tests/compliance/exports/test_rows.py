"""Which rows are exported, and what is said to each: all of a profile, and never less than is open."""

from __future__ import annotations

import importlib
import subprocess
import sys

from klausur.compliance.exports.all import FORMATS, everything
from klausur.compliance.exports.material import lines, open_points, tasks
from klausur.compliance.verdicts import FULFILLED, Outcome
from tests.compliance.exports.exported import CAME_OUT, material, of_a_run_without_server, release


def test_in_the_story_everything_came_out_once() -> None:
    found = {line.requirement.id: line.outcome for line in lines(material())}
    assert found == {name: outcome for name, (outcome, _, _) in CAME_OUT.items()}
    assert set(found.values()) == set(Outcome)


def test_rows_come_in_the_authority_s_order_and_those_of_other_lists_stay_away() -> None:
    assert [line.requirement.id for line in lines(material())] == list(CAME_OUT)
    assert [line.requirement.id for line in lines(material(profile="all"))] == [*CAME_OUT, "X-01"]


def test_a_row_that_was_not_looked_at_is_not_verified_and_says_so() -> None:
    only = material(selected=frozenset({"V-01"}))
    found = {line.requirement.id: line for line in lines(only)}
    assert list(found) == list(CAME_OUT)
    assert found["V-01"].outcome == Outcome.MET
    assert found["V-02"].outcome == Outcome.NOT_VERIFIED
    assert open_points(found["V-02"], "en") == ("This row was not judged in this run.",)


def test_no_row_of_an_invalid_run_is_fulfilled() -> None:
    for line in lines(of_a_run_without_server()):
        assert line.outcome == Outcome.NOT_VERIFIED
        assert open_points(line, "en") == ("No server is running.",)


def test_whatever_is_open_says_why() -> None:
    for language in ("de", "en"):
        for line in lines(material()):
            assert bool(open_points(line, language)) == (line.outcome not in FULFILLED), line.requirement.id


def test_what_a_person_must_do_is_a_task() -> None:
    assert [task.objective.id for task in tasks(material())] == ["W-02.a"]


def test_everything_is_exported_under_a_name_of_its_own() -> None:
    made = dict(everything(material(locks=release())))
    assert len(made) == len(FORMATS) == 10
    assert all(made.values())
    assert all("/" not in name for name in made)


def test_an_export_is_the_same_each_time() -> None:
    locks = release()
    assert dict(everything(material(locks=locks))) == dict(everything(material(locks=locks)))


def test_nothing_that_writes_workbooks_or_bills_is_loaded_before_one_is_written() -> None:
    importlib.import_module("klausur.compliance.exports.all")
    program = (
        "import sys, klausur.compliance.exports.all\n"
        "print(sorted({'xlsxwriter', 'cyclonedx', 'packageurl', 'license_expression'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
