"""What comes out for a row: each rule of the verdicts, told by what Ada finds on a Monday morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from klausur.compliance.engine import Situation, by_binding
from klausur.compliance.evidence import Attestation, Observation, Status, Waiver, a_year_after
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking, Condition, OperatingModel
from klausur.compliance.verdicts import Outcome, Reason
from klausur.compliance.words import Text
from tests.compliance.rows import (
    CONTRACT,
    DAY,
    HOUR,
    NOW,
    ROW,
    answered,
    asked,
    contradicted,
    judged,
    known,
    objective,
    outcome,
    reasons,
    requirement,
    seen,
    shown_by,
    waived,
)

NO_PASSES = sorted(set(Status) - {Status.PASS, Status.FAIL})


def with_seen(*observations: Observation) -> Situation:
    return Situation(NOW, observations=observations)


# -- by a machine


def test_a_good_pass_meets_a_row_and_is_named() -> None:
    verdict = judged(requirement(), with_seen(seen(name="O1"))).verdict
    assert (verdict.outcome, verdict.because, verdict.rests_on) == (Outcome.MET, (), ("O1",))


def test_one_fail_beats_any_number_of_passes() -> None:
    passes = [seen(ago=hours * HOUR) for hours in range(2, 40)]
    situation = with_seen(*passes, seen(Status.FAIL, name="O1"))
    verdict = judged(requirement(), situation).verdict
    assert verdict.outcome == Outcome.NOT_MET
    assert [(one.reason, one.evidence) for one in verdict.because] == [(Reason.FAILED, "O1")]


def test_of_a_pass_and_a_fail_at_one_moment_the_fail_counts() -> None:
    assert outcome(requirement(), with_seen(seen(), seen(Status.FAIL))) == Outcome.NOT_MET


def test_a_fail_is_over_when_a_later_look_passes() -> None:
    assert outcome(requirement(), with_seen(seen(Status.FAIL, ago=2 * HOUR), seen(ago=HOUR))) == Outcome.MET


def test_a_weaker_look_does_not_refute_a_stronger_one() -> None:
    situation = with_seen(seen(Status.FAIL, ago=2 * HOUR, grade=Grade.EFFECT), seen(grade=Grade.OBSERVED_OUTSIDE))
    assert outcome(requirement(), situation) == Outcome.NOT_MET


@pytest.mark.parametrize("status", NO_PASSES)
def test_what_is_no_pass_does_not_refute_a_fail(status: Status) -> None:
    assert outcome(requirement(), with_seen(seen(Status.FAIL, ago=2 * HOUR), seen(status))) == Outcome.NOT_MET


def test_a_fail_does_not_heal_by_growing_old() -> None:
    assert outcome(requirement(), with_seen(seen(Status.FAIL, ago=900 * DAY))) == Outcome.NOT_MET


def test_a_fail_does_not_heal_by_a_changed_setting() -> None:
    failed = seen(Status.FAIL, under={"tls_cert": "a.pem"})
    situation = Situation(NOW, settings={"tls_cert": "b.pem"}, observations=[failed])
    assert outcome(requirement(), situation) == Outcome.NOT_MET


def test_a_fail_says_that_something_has_changed_since() -> None:
    """So that whoever has mended it knows what is waited for."""
    failed = seen(Status.FAIL, under={"tls_cert": "a.pem"})
    for setting, why in (("a.pem", {Reason.FAILED}), ("b.pem", {Reason.FAILED, Reason.CHANGED_SINCE})):
        assert reasons(requirement(), Situation(NOW, settings={"tls_cert": setting}, observations=[failed])) == why


def test_a_fail_counts_even_from_a_clock_that_runs_ahead() -> None:
    assert outcome(requirement(), with_seen(seen(Status.FAIL, ago=-HOUR))) == Outcome.NOT_MET


def test_a_pass_from_a_clock_that_runs_ahead_neither_counts_nor_refutes() -> None:
    ahead = seen(ago=-HOUR)
    assert reasons(requirement(), with_seen(ahead)) == {Reason.INCONCLUSIVE}
    assert outcome(requirement(), with_seen(ahead, seen(Status.FAIL))) == Outcome.NOT_MET


@pytest.mark.parametrize("status", sorted(set(NO_PASSES) - {Status.BLOCKED}))
def test_crash_timeout_and_silence_are_never_a_pass(status: Status) -> None:
    assert outcome(requirement(), with_seen(seen(status))) == Outcome.NEEDS_ATTENTION


def test_what_could_not_be_tried_here_is_not_verified() -> None:
    """No browser, no list of advisories: nobody has looked, as before."""
    situation = with_seen(seen(Status.BLOCKED))
    assert outcome(requirement(), situation) == Outcome.NOT_VERIFIED
    assert reasons(requirement(), situation) == {Reason.BLOCKED}


@pytest.mark.parametrize("also", [seen(Status.CRASHED, name="O2"), seen(ago=8 * DAY, name="O2")])
def test_what_somebody_saw_besides_is_unclear(also: Observation) -> None:
    assert outcome(requirement(), with_seen(seen(Status.BLOCKED), also)) == Outcome.NEEDS_ATTENTION


@pytest.mark.parametrize("status", [Status.CRASHED, Status.TIMED_OUT, Status.CALIBRATION_FAILED])
def test_a_probe_that_did_not_work_is_called_that(status: Status) -> None:
    assert reasons(requirement(), with_seen(seen(status))) == {Reason.PROBE_ERROR}


@pytest.mark.parametrize("status", [Status.NOTHING_SEEN, Status.INCONCLUSIVE])
def test_a_probe_that_saw_nothing_clear_is_called_that(status: Status) -> None:
    assert reasons(requirement(), with_seen(seen(status))) == {Reason.INCONCLUSIVE}


@pytest.mark.parametrize("status", sorted(set(NO_PASSES) - {Status.CALIBRATION_FAILED}))
def test_a_later_attempt_that_came_to_nothing_takes_nothing_from_a_good_pass_but_is_told(status: Status) -> None:
    situation = with_seen(seen(ago=DAY), seen(status, name="O2"))
    verdict = judged(requirement(), situation).verdict
    assert verdict.outcome == Outcome.MET
    assert [one.evidence for one in verdict.because] == ["O2"]


def test_an_attempt_that_came_to_nothing_before_a_good_pass_is_not_worth_telling() -> None:
    assert reasons(requirement(), with_seen(seen(Status.CRASHED, ago=DAY), seen())) == set()


def test_a_probe_that_missed_its_bad_twin_is_believed_in_nothing_it_said_before() -> None:
    situation = with_seen(seen(ago=DAY), seen(Status.CALIBRATION_FAILED))
    assert outcome(requirement(), situation) == Outcome.NEEDS_ATTENTION
    assert reasons(requirement(), situation) == {Reason.PROBE_ERROR}


def test_a_probe_that_works_again_is_believed_again() -> None:
    situation = with_seen(seen(Status.CALIBRATION_FAILED, ago=DAY), seen())
    assert (outcome(requirement(), situation), reasons(requirement(), situation)) == (Outcome.MET, set())


@pytest.mark.parametrize(
    ("age", "expected"),
    [(7 * DAY - timedelta(seconds=1), Outcome.MET), (7 * DAY, Outcome.NEEDS_ATTENTION)],
)
def test_evidence_is_good_for_as_many_days_as_the_binding_says(age: timedelta, expected: Outcome) -> None:
    assert outcome(requirement(objective(shown_by(days=7))), with_seen(seen(ago=age))) == expected


def test_evidence_can_expire_before_that() -> None:
    situation = with_seen(seen(expires_at=NOW))
    assert outcome(requirement(), situation) == Outcome.NEEDS_ATTENTION
    assert reasons(requirement(), situation) == {Reason.STALE}
    assert outcome(requirement(), with_seen(seen(expires_at=NOW + HOUR))) == Outcome.MET


def test_evidence_below_the_grade_that_is_needed_is_not_enough() -> None:
    situation = with_seen(seen(grade=Grade.OBSERVED_INSIDE))
    assert outcome(requirement(), situation) == Outcome.NEEDS_ATTENTION
    assert reasons(requirement(), situation) == {Reason.INSUFFICIENT_GRADE}


def test_a_questionnaire_never_stands_in_for_a_look() -> None:
    for grade in (Grade.OBSERVED_INSIDE, Grade.OBSERVED_OUTSIDE, Grade.EFFECT, Grade.INDEPENDENT):
        row = requirement(objective(shown_by(grade=grade)))
        assert outcome(row, with_seen(seen(grade=Grade.DECLARED))) == Outcome.NEEDS_ATTENTION
        said = Situation(NOW, attestations=[answered(grade=Grade.INDEPENDENT, to=shown_by())])
        assert outcome(row, said) == Outcome.NOT_VERIFIED


def test_a_changed_setting_reopens_what_depends_on_it() -> None:
    passed = seen(under={"tls_cert": "a.pem", "port": 443})
    as_it_was = {"tls_cert": "a.pem", "port": 443, "language": "de"}
    assert outcome(requirement(), Situation(NOW, settings=as_it_was, observations=[passed])) == Outcome.MET
    for changed in ({**as_it_was, "tls_cert": "b.pem"}, {"tls_cert": "a.pem"}, {}):
        situation = Situation(NOW, settings=changed, observations=[passed])
        assert outcome(requirement(), situation) == Outcome.NEEDS_ATTENTION
        assert reasons(requirement(), situation) == {Reason.CHANGED_SINCE}


def test_what_shows_one_binding_is_known_also_where_another_fails() -> None:
    other = Asking.of("tls.suites")
    passed, failed = seen(name="1"), seen(Status.FAIL, asking=other, name="2")
    row = requirement(objective(shown_by(1), shown_by(2, other)))
    situation = with_seen(passed, failed)
    assert judged(row, situation).verdict.rests_on == ()
    judge, (one,) = by_binding(situation), row.objectives
    verdicts = [judge(row, one, binding) for binding in one.bindings]
    assert [(each.outcome, each.rests_on) for each in verdicts] == [
        (Outcome.MET, (passed.id,)),
        (Outcome.NOT_MET, ()),
    ]


@pytest.mark.parametrize(
    ("ago", "met"), [(3 * HOUR, Outcome.NEEDS_ATTENTION), (HOUR, Outcome.MET), (2 * HOUR, Outcome.MET)]
)
def test_a_changed_setting_reopens_the_row_that_it_bears_on(ago: timedelta, met: Outcome) -> None:
    """Two hours ago; what was seen at that very time was seen after it."""
    situation = Situation(NOW, observations=[seen(ago=ago)], changed={ROW: NOW - 2 * HOUR})
    assert outcome(requirement(), situation) == met
    assert reasons(requirement(), situation) == ({Reason.CHANGED_SINCE} if met is not Outcome.MET else set())
    assert outcome(requirement(), replace(situation, changed={"DSK-T-4.1-03": NOW})) == Outcome.MET
    failed = replace(situation, observations=[seen(Status.FAIL, ago=ago)])
    assert outcome(requirement(), failed) == Outcome.NOT_MET
    assert (Reason.CHANGED_SINCE in reasons(requirement(), failed)) is (met is not Outcome.MET)


@pytest.mark.parametrize(("ago", "met"), [(3 * HOUR, Outcome.NEEDS_ATTENTION), (HOUR, Outcome.ATTESTED)])
def test_it_reopens_what_people_have_answered_too(ago: timedelta, met: Outcome) -> None:
    situation = replace(by_person(answered(ago=ago)), changed={ROW: NOW - 2 * HOUR})
    assert outcome(ASKED, situation) == met
    assert reasons(ASKED, situation) == ({Reason.CHANGED_SINCE} if met is not Outcome.ATTESTED else set())
    no = replace(by_person(answered(False, ago=ago)), changed={ROW: NOW - 2 * HOUR})
    assert outcome(ASKED, no) == Outcome.NOT_MET, "a no stays one"


def test_a_setting_that_is_gone_is_not_one_that_is_empty() -> None:
    passed = seen(under={"oidc_issuer": None})
    assert outcome(requirement(), Situation(NOW, settings={"oidc_issuer": None}, observations=[passed])) == Outcome.MET
    assert reasons(requirement(), with_seen(passed)) == {Reason.CHANGED_SINCE}


def test_a_changed_setting_leaves_alone_what_does_not_depend_on_it() -> None:
    passed = seen(under={"port": 443})
    situation = Situation(NOW, settings={"port": 443, "language": "en"}, observations=[passed])
    assert outcome(requirement(), situation) == Outcome.MET


def test_without_evidence_nothing_is_verified() -> None:
    situation = Situation(NOW)
    assert outcome(requirement(), situation) == Outcome.NOT_VERIFIED
    assert reasons(requirement(), situation) == {Reason.NO_EVIDENCE}


def test_evidence_for_other_parameters_is_no_evidence() -> None:
    notice = Asking.of("documents.current", {"document": "notice"})
    record = Asking.of("documents.current", {"document": "record"})
    row = requirement(objective(shown_by(asking=notice)))
    assert outcome(row, with_seen(seen(asking=record))) == Outcome.NOT_VERIFIED
    assert outcome(row, with_seen(seen(asking=notice))) == Outcome.MET


def test_what_nobody_has_built_verifies_nothing_whatever_is_said_to_have_been_seen() -> None:
    unbuilt = Asking.of("not-built.readability")
    row = requirement(objective(shown_by(asking=unbuilt)))
    situation = with_seen(seen(asking=unbuilt))
    assert outcome(row, situation) == Outcome.NOT_VERIFIED
    assert reasons(row, situation) == {Reason.NOT_BUILT}


def test_every_binding_and_every_objective_has_to_be_met() -> None:
    suites = Asking.of("tls.suites")
    one_objective = requirement(objective(shown_by(1), shown_by(2, suites)))
    two_objectives = requirement(objective(shown_by(1)), objective(shown_by(1, suites), letter="b"))
    for row in (one_objective, two_objectives):
        assert outcome(row, with_seen(seen())) == Outcome.NOT_VERIFIED
        assert outcome(row, with_seen(seen(), seen(asking=suites))) == Outcome.MET
        assert outcome(row, with_seen(seen(), seen(Status.FAIL, asking=suites))) == Outcome.NOT_MET


# -- by a person


def by_person(*attestations: Attestation) -> Situation:
    return Situation(NOW, attestations=attestations)


ASKED = requirement(objective(asked()))


def test_a_persons_yes_is_counted_apart() -> None:
    verdict = judged(ASKED, by_person(answered(name="A1"))).verdict
    assert (verdict.outcome, verdict.rests_on) == (Outcome.ATTESTED, ("A1",))


def test_a_missing_attestation_is_a_task() -> None:
    assert outcome(ASKED, by_person()) == Outcome.OUTSIDE_ENGINE
    assert reasons(ASKED, by_person()) == {Reason.ATTESTATION_MISSING}


def test_an_expired_attestation_needs_attention() -> None:
    for late in (answered(until=NOW), answered(ago=365 * DAY, until=NOW + DAY)):
        assert outcome(ASKED, by_person(late)) == Outcome.NEEDS_ATTENTION
        assert reasons(ASKED, by_person(late)) == {Reason.ATTESTATION_EXPIRED}


def test_a_no_is_a_no_until_a_later_yes() -> None:
    no = answered(False, ago=3 * DAY)
    assert reasons(ASKED, by_person(no)) == {Reason.ANSWERED_NO}
    assert outcome(ASKED, by_person(no, answered(ago=4 * DAY))) == Outcome.NOT_MET
    assert outcome(ASKED, by_person(no, answered(ago=2 * DAY))) == Outcome.ATTESTED


def test_a_ticked_box_does_not_revise_what_a_named_person_said() -> None:
    no, box = answered(False, ago=3 * DAY), answered(grade=Grade.DECLARED)
    assert outcome(ASKED, by_person(no, box)) == Outcome.NOT_MET


def test_a_questionnaire_is_not_a_named_persons_word() -> None:
    situation = by_person(answered(grade=Grade.DECLARED))
    assert outcome(ASKED, situation) == Outcome.NEEDS_ATTENTION
    assert reasons(ASKED, situation) == {Reason.INSUFFICIENT_GRADE}


def test_a_word_without_a_name_is_a_questionnaire() -> None:
    assert reasons(ASKED, by_person(answered(person="  "))) == {Reason.INSUFFICIENT_GRADE}


def test_no_person_attests_beyond_grade_three() -> None:
    row = requirement(objective(asked(grade=Grade.OBSERVED_INSIDE)))
    assert reasons(row, by_person(answered(grade=Grade.INDEPENDENT))) == {Reason.INSUFFICIENT_GRADE}


def test_an_answer_to_other_words_is_no_answer() -> None:
    before = asked(question=Text(de="Gibt es einen Vertrag?", en="Do you have a contract?"))
    situation = by_person(answered(to=before))
    assert outcome(ASKED, situation) == Outcome.NEEDS_ATTENTION
    assert reasons(ASKED, situation) == {Reason.CHANGED_SINCE}


def test_a_no_to_other_words_leaves_the_question_open() -> None:
    before = asked(question=Text(de="Gibt es einen Vertrag?", en="Do you have a contract?"))
    assert outcome(ASKED, by_person(answered(False, to=before))) == Outcome.OUTSIDE_ENGINE


def test_an_answer_from_tomorrow_is_not_believed() -> None:
    assert reasons(ASKED, by_person(answered(ago=-HOUR))) == {Reason.INCONCLUSIVE}
    assert outcome(ASKED, by_person(answered(ago=-HOUR), answered(False))) == Outcome.NOT_MET


def test_of_two_questions_each_wants_its_own_answer() -> None:
    other = asked(2, Text(de="Ist er unterschrieben?", en="Is it signed?"))
    row = requirement(objective(asked(), other))
    assert outcome(row, by_person(answered())) == Outcome.OUTSIDE_ENGINE
    assert outcome(row, by_person(answered(), answered(to=other))) == Outcome.ATTESTED


def test_shown_and_attested_together_are_attested() -> None:
    row = requirement(objective(shown_by(1), asked(2)))
    answer = answered(to=asked(2, CONTRACT))
    situation = Situation(NOW, observations=[seen(name="O1")], attestations=[answer])
    verdict = judged(row, situation).verdict
    assert verdict.outcome == Outcome.ATTESTED
    assert verdict.rests_on == tuple(sorted(["O1", answer.id]))


# -- whether it applies

RECORDING = Condition("recording_offered", frozenset({True}))


def test_a_row_does_not_apply_where_a_known_fact_says_so() -> None:
    verdict = judged(requirement(applies_if=[RECORDING]), Situation(NOW, known(recording_offered=False)))
    assert verdict.verdict.outcome == Outcome.NOT_APPLICABLE
    assert [(one.reason, one.about) for one in verdict.verdict.because] == [(Reason.FACT, "recording_offered")]
    assert verdict.objectives == ()


def test_a_row_applies_while_the_fact_is_unknown() -> None:
    assert outcome(requirement(applies_if=[RECORDING]), Situation(NOW)) == Outcome.NOT_VERIFIED


def test_a_row_applies_where_the_fact_says_so() -> None:
    situation = Situation(NOW, known(recording_offered=True))
    assert outcome(requirement(applies_if=[RECORDING]), situation) == Outcome.NOT_VERIFIED


def test_a_row_needs_all_its_conditions() -> None:
    row = requirement(applies_if=[RECORDING, Condition("minors", frozenset({True}))])
    assert outcome(row, Situation(NOW, known(recording_offered=True, minors=False))) == Outcome.NOT_APPLICABLE
    assert outcome(row, Situation(NOW, known(recording_offered=True))) == Outcome.NOT_VERIFIED


def test_a_row_for_other_operating_models_does_not_apply_once_the_model_is_known() -> None:
    row = requirement(models=[OperatingModel.EXTERNAL, OperatingModel.ONLINE])
    assert outcome(row, Situation(NOW, known(operating_model="self"))) == Outcome.NOT_APPLICABLE
    assert reasons(row, Situation(NOW, known(operating_model="self"))) == {Reason.MODEL}
    for situation in (Situation(NOW), Situation(NOW, known(operating_model="online"))):
        assert outcome(row, situation) == Outcome.NOT_VERIFIED


def test_a_fact_that_something_contradicts_excuses_nothing_and_needs_attention() -> None:
    row = requirement(applies_if=[RECORDING])
    situation = Situation(NOW, contradicted(recording_offered=False), observations=[seen()])
    assert outcome(row, situation) == Outcome.NEEDS_ATTENTION
    assert reasons(row, situation) == {Reason.CONTRADICTION}


def test_a_contradicted_operating_model_excuses_nothing() -> None:
    row = requirement(models=[OperatingModel.ONLINE])
    situation = Situation(NOW, contradicted(operating_model="self"), observations=[seen()])
    assert reasons(row, situation) == {Reason.CONTRADICTION}


def test_facts_that_have_to_be_there_may_not_contradict_each_other() -> None:
    asking = Asking.of("facts.complete", {"keys": ["controller_name", "contact"]})
    row = requirement(objective(shown_by(asking=asking, grade=Grade.CONFIGURED)))
    complete = [seen(asking=asking, grade=Grade.CONFIGURED)]
    assert outcome(row, Situation(NOW, known(contact="x"), observations=complete)) == Outcome.MET
    doubtful = Situation(NOW, contradicted(contact="x"), observations=complete)
    assert reasons(row, doubtful) == {Reason.CONTRADICTION}


def test_a_contradiction_makes_nothing_better() -> None:
    row = requirement(applies_if=[RECORDING])
    situation = Situation(NOW, contradicted(recording_offered=True), observations=[seen(Status.FAIL)])
    assert outcome(row, situation) == Outcome.NOT_MET


# -- approved deviations

FAILED = [seen(Status.FAIL)]


@pytest.mark.parametrize("target", [f"{ROW}.a", ROW])
def test_an_approved_deviation_stays_open_and_is_named(target: str) -> None:
    situation = Situation(NOW, observations=FAILED, waivers=[waived(target=target)])
    assert outcome(requirement(), situation) == Outcome.DEVIATION_ACCEPTED
    assert reasons(requirement(), situation) == {Reason.FAILED, Reason.WAIVED}


@pytest.mark.parametrize(
    "void",
    [
        waived(reason=" "),
        waived(compensation=""),
        waived(approved_by=""),
        waived(approved_by="Hanna"),
        waived(approved_by=" HANNA "),
        waived(asked_by="Hanna  Weiß", approved_by="hanna weiss"),
        waived(lasts=366 * DAY),
        waived(lasts=-DAY, ago=5 * DAY),
        waived(ago=-DAY),
    ],
    ids=["no reason", "no compensation", "one person", "twice the same", "blanks", "spelling", "long", "back", "ahead"],
)
def test_a_void_approval_changes_nothing_and_is_told(void: Waiver) -> None:
    situation = Situation(NOW, observations=FAILED, waivers=[void])
    assert outcome(requirement(), situation) == Outcome.NOT_MET
    assert reasons(requirement(), situation) == {Reason.FAILED, Reason.WAIVER_VOID}


def test_an_approval_ends() -> None:
    over = waived(ago=90 * DAY, lasts=90 * DAY)
    situation = Situation(NOW, observations=FAILED, waivers=[over])
    assert outcome(requirement(), situation) == Outcome.NOT_MET
    assert reasons(requirement(), situation) == {Reason.FAILED, Reason.WAIVER_EXPIRED}


def test_an_approval_may_last_a_year_to_the_day() -> None:
    assert waived(lasts=365 * DAY).flaw is None
    assert a_year_after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)


def test_an_approval_excuses_only_what_it_names() -> None:
    suites = Asking.of("tls.suites")
    row = requirement(objective(shown_by()), objective(shown_by(1, suites), letter="b"))
    both = [seen(Status.FAIL), seen(Status.FAIL, asking=suites)]
    assert outcome(row, Situation(NOW, observations=both, waivers=[waived()])) == Outcome.NOT_MET
    assert outcome(row, Situation(NOW, observations=both, waivers=[waived(target=ROW)])) == Outcome.DEVIATION_ACCEPTED


@pytest.mark.parametrize("observations", [[], [seen(Status.CRASHED)], [seen(ago=30 * DAY)], [seen()]])
def test_an_approval_makes_nothing_of_what_is_not_known_to_be_wrong(observations: list[Observation]) -> None:
    without = Situation(NOW, observations=observations)
    approved = Situation(NOW, observations=observations, waivers=[waived()])
    assert judged(requirement(), approved) == judged(requirement(), without)
