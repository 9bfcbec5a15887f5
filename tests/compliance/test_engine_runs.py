"""What comes out for a run: whether it says anything at all, its exit code, the checklist's answers, the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from klausur.compliance.engine import Situation, assess
from klausur.compliance.evidence import STATUSES, Status
from klausur.compliance.grades import GRADES, LABELS, Grade, SourceGrade
from klausur.compliance.model import Asking, Catalogue, Chapter, Condition, NotInCatalogue, Profile, Requirement, Verb
from klausur.compliance.verdicts import (
    ANSWERS,
    INVALID,
    OUTCOMES,
    REASONS,
    WORST_FIRST,
    Answer,
    Assessment,
    ExitCode,
    Invalid,
    Outcome,
    Reason,
    answer,
    worst,
)
from klausur.compliance.vocabulary import GOALS, RESPONSIBLE, Goal, Responsible
from klausur.compliance.words import LANGUAGES, Text
from tests.compliance.rows import (
    NOW,
    ROW,
    WORDS,
    answered,
    asked,
    known,
    objective,
    requirement,
    seen,
    shown_by,
    waived,
)

DIGEST = "d" * 64
SHOULD = "DSK-T-4.1-09"
SUITES = Asking.of("tls.suites")
GOOD, BAD = seen(), seen(Status.FAIL)


def catalogue(*rows: Requirement, digest: str = DIGEST) -> Catalogue:
    chapter = Chapter("dsk-4.1", "OH", "4.1", WORDS, rows)
    profiles = {"short": Profile("short", WORDS, frozenset({SHOULD}))}
    return Catalogue("klausur", "2026.11", WORDS, digest, {}, (chapter,), profiles)


def run(*rows: Requirement, situation: Situation) -> Assessment:
    return assess(catalogue(*rows), situation, release_digest=DIGEST, server_runs=True)


def should() -> Requirement:
    return requirement(objective(shown_by(asking=SUITES)), verb=Verb.SHOULD, name=SHOULD)


# -- a run that says nothing


@pytest.mark.parametrize(
    ("held", "release", "server_runs", "selected", "why"),
    [
        (catalogue(), DIGEST, True, None, Invalid.EMPTY_CATALOGUE),
        (catalogue(requirement()), "e" * 64, True, None, Invalid.FOREIGN_CATALOGUE),
        (catalogue(requirement()), None, True, None, Invalid.FOREIGN_CATALOGUE),
        (catalogue(requirement()), DIGEST, True, set(), Invalid.NOTHING_SELECTED),
        (catalogue(requirement()), DIGEST, False, None, Invalid.NO_SERVER),
    ],
)
def test_a_run_without_ground_is_invalid(
    held: Catalogue, release: str | None, server_runs: bool, selected: set[str] | None, why: Invalid
) -> None:
    situation = Situation(NOW, observations=[GOOD])
    came_to = assess(held, situation, release_digest=release, server_runs=server_runs, selected=selected)
    assert (came_to.invalid, came_to.rows, came_to.exit_code) == (why, (), ExitCode.INVALID)


def test_a_run_says_by_which_catalogue_and_when() -> None:
    came_to = run(requirement(), situation=Situation(NOW, observations=[GOOD]))
    assert (came_to.catalogue, came_to.version, came_to.digest, came_to.at) == ("klausur", "2026.11", DIGEST, NOW)


# -- exit codes


def test_zero_when_every_must_is_met() -> None:
    assert run(requirement(), situation=Situation(NOW, observations=[GOOD])).exit_code == 0


def test_zero_when_a_must_is_attested_or_does_not_apply() -> None:
    by_person = requirement(objective(asked()))
    absent = requirement(applies_if=[Condition("minors", frozenset({True}))], name="DSK-L-9-01")
    situation = Situation(NOW, known(minors=False), attestations=[answered()])
    assert run(by_person, absent, situation=situation).exit_code == 0


def test_a_should_alone_decides_nothing() -> None:
    situation = Situation(NOW, observations=[GOOD, seen(Status.FAIL, asking=SUITES)])
    assert run(requirement(), should(), situation=situation).exit_code == 0


def test_one_when_a_must_is_not_met_whatever_else_is_open() -> None:
    other = requirement(objective(shown_by(asking=SUITES)), name="DSK-T-4.1-03")
    assert run(other, requirement(), situation=Situation(NOW, observations=[BAD])).exit_code == 1


@pytest.mark.parametrize(
    "situation",
    [
        Situation(NOW),
        Situation(NOW, observations=[seen(Status.CRASHED)]),
        Situation(NOW, observations=[BAD], waivers=[waived()]),
    ],
    ids=["not verified", "unclear", "deviation"],
)
def test_two_when_a_must_is_anything_else(situation: Situation) -> None:
    assert run(requirement(), situation=situation).exit_code == 2


def test_two_when_a_person_still_has_to_answer() -> None:
    assert run(requirement(objective(asked())), situation=Situation(NOW)).exit_code == 2


# -- selections


def test_only_selected_rows_are_judged() -> None:
    held = catalogue(requirement(), should())
    chosen = held.selection("short", [])
    came_to = assess(held, Situation(NOW), release_digest=DIGEST, server_runs=True, selected=chosen)
    assert [row.requirement.id for row in came_to.rows] == [SHOULD]


def test_a_selection_is_a_profile_named_rows_or_both() -> None:
    held = catalogue(requirement(), should())
    assert held.selection(None, []) == {ROW, SHOULD}
    assert held.selection(None, [ROW]) == {ROW}
    assert held.selection("short", [ROW]) == frozenset()
    with pytest.raises(NotInCatalogue, match='"nobody"'):
        held.selection("nobody", [])
    with pytest.raises(NotInCatalogue, match='"DSK-X-1"'):
        held.selection(None, ["DSK-X-1"])


# -- what is shown


def test_the_checklist_is_answered_with_three_words_and_never_left_blank() -> None:
    yes = {Outcome.MET, Outcome.ATTESTED}
    assert {outcome for outcome in Outcome if answer(outcome) == Answer.YES} == yes
    assert {outcome for outcome in Outcome if answer(outcome) == Answer.NOT_APPLICABLE} == {Outcome.NOT_APPLICABLE}
    assert {outcome for outcome in Outcome if answer(outcome) == Answer.NO} == set(Outcome) - yes - {
        Outcome.NOT_APPLICABLE
    }


def test_a_row_answers_by_its_verdict() -> None:
    (row,) = run(requirement(), situation=Situation(NOW, observations=[BAD], waivers=[waived()])).rows
    assert row.answer == Answer.NO


def test_outcomes_are_counted_the_worst_first() -> None:
    counts = run(requirement(), should(), situation=Situation(NOW, observations=[BAD])).counts
    assert list(counts) == list(WORST_FIRST)
    assert {outcome: count for outcome, count in counts.items() if count} == {
        Outcome.NOT_MET: 1,
        Outcome.NOT_VERIFIED: 1,
    }


def test_an_approved_deviation_is_listed_even_beside_a_plain_failure() -> None:
    row = requirement(objective(shown_by()), objective(shown_by(asking=SUITES), letter="b"))
    situation = Situation(NOW, observations=[BAD, seen(Status.FAIL, asking=SUITES)], waivers=[waived()])
    came_to = run(row, situation=situation)
    assert [one.requirement.id for one in came_to.deviations] == [ROW]
    assert came_to.exit_code == 1


def test_the_order_of_outcomes_stands_in_one_place() -> None:
    assert [str(outcome) for outcome in WORST_FIRST] == [
        "not-met",
        "deviation-accepted",
        "not-verified",
        "outside-engine",
        "needs-attention",
        "attested",
        "met",
        "not-applicable",
    ]
    for place, outcome in enumerate(WORST_FIRST):
        assert worst(WORST_FIRST[place:]) == outcome
    with pytest.raises(ValueError, match="empty"):
        worst([])


def test_everything_that_is_shown_has_words_in_both_languages() -> None:
    tables: list[tuple[Iterable[object], Mapping[Any, Text]]] = [
        (Outcome, OUTCOMES),
        (Reason, REASONS),
        (Answer, ANSWERS),
        (Invalid, INVALID),
        (Status, STATUSES),
        (Grade, GRADES),
        (Responsible, RESPONSIBLE),
        (Goal, GOALS),
    ]
    for names, table in tables:
        assert list(table) == list(names)
        for text in table.values():
            assert all(text.to(language).strip() for language in LANGUAGES)
        assert len({text.de for text in table.values()}) == len(table)


def test_the_german_names_are_those_that_people_know() -> None:
    assert [OUTCOMES[outcome].de for outcome in (Outcome.MET, Outcome.ATTESTED, Outcome.NOT_MET)] == [
        "erfüllt",
        "bestätigt",
        "nicht erfüllt",
    ]
    assert [OUTCOMES[outcome].de for outcome in (Outcome.DEVIATION_ACCEPTED, Outcome.NEEDS_ATTENTION)] == [
        "Abweichung genehmigt",
        "unklar",
    ]
    assert [OUTCOMES[outcome].de for outcome in (Outcome.NOT_VERIFIED, Outcome.NOT_APPLICABLE)] == [
        "nicht geprüft",
        "entfällt",
    ]


def test_a_row_says_where_it_is_not_the_authoritys_own_words() -> None:
    labels = {grade: requirement(grade=grade).label for grade in SourceGrade}
    assert labels[SourceGrade.READ] is None
    assert labels[SourceGrade.READ_SECONDHAND] is None
    for grade in (SourceGrade.HEADING_ONLY, SourceGrade.FROM_MEMORY):
        assert labels[grade] == Text(
            de="noch nicht mit dem Originaltext verglichen", en="not yet compared with the original text"
        )
    assert labels[SourceGrade.OURS] == Text(de="unsere technische Regel", en="our engineering rule")
    assert set(LABELS) == set(SourceGrade)
