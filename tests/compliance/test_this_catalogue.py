"""What holds in every chapter of the catalogue that this release carries. Ada reads it from end to end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from klausur.compliance.catalogue import load
from klausur.compliance.grades import Grade, SourceGrade
from klausur.compliance.model import Binding, Catalogue
from klausur.compliance.probes import ALL
from klausur.compliance.vocabulary import PROBES

BEFORE_MEETING = {
    "web.organiser-shown",
    "web.preview-local",
    "web.background-local",
    "web.permission-on-click",
    "web.invitation",
}
"""A browser shows it that nobody meets."""
BROWSERS_MEET = {
    probe for probe in PROBES if probe.startswith(("media.", "e2ee.", "web.")) or probe == "roster.complete"
} - {"media.ice-servers", *BEFORE_MEETING}


@pytest.fixture(scope="module")
def held() -> Catalogue:
    return load()


def asked_of_probes(held: Catalogue) -> Iterator[tuple[str, Binding]]:
    """By the name of the probe."""
    for row in held.requirements():
        for objective in row.objectives:
            for binding in objective.bindings:
                if binding.test is not None:
                    yield binding.test.probe, binding


def test_a_rule_of_ours_stands_under_our_name_and_nobody_elses_does(held: Catalogue) -> None:
    ours = {row.id for row in held.requirements() if row.sources[0].source == "OURS"}
    graded = {row.id for row in held.requirements() if row.grade is SourceGrade.OURS}
    assert graded <= ours
    # Known to be the state of the art, from memory; no authority said so.
    assert ours - graded == {"DSK-T-4.1-12"}


def test_a_probe_is_asked_for_the_same_in_every_chapter(held: Catalogue) -> None:
    asked: defaultdict[str, set[tuple[Grade, int]]] = defaultdict(set)
    for probe, binding in asked_of_probes(held):
        asked[probe].add((binding.min_grade, binding.max_age_days))
    assert {probe: wanted for probe, wanted in asked.items() if len(wanted) > 1} == {}


def test_evidence_lives_a_week_and_longer_only_where_it_takes_a_meeting_or_a_restoration(held: Catalogue) -> None:
    for probe, binding in asked_of_probes(held):
        if binding.built:
            days = 90 if probe == "backup.restore" else 30 if probe in BROWSERS_MEET else 7
            assert binding.max_age_days == days, binding.id


def test_no_probe_of_this_release_is_asked_for_more_than_it_is_worth(held: Catalogue) -> None:
    asked = {
        binding.id: (binding.min_grade, ALL[probe].worth) for probe, binding in asked_of_probes(held) if probe in ALL
    }
    assert {name: both for name, both in asked.items() if both[0] > both[1]} == {}
    assert asked
