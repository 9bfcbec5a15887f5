"""The very moment at which something begins or ceases to count, and what exactly a verdict names as its reason. Each of
these was once wrong in a copy, and nobody noticed (script/mutate)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from klausur.compliance.engine import Situation
from klausur.compliance.evidence import Attestation, Observation, Status
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking, Condition, OperatingModel
from klausur.compliance.verdicts import Because, Outcome, Reason
from klausur.compliance.words import Text
from tests.compliance.rows import (
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
    requirement,
    seen,
    shown_by,
    waived,
)

NO_TIME = timedelta()
QUESTION = asked()
BINDING = f"{ROW}.a.1"


def answers(*given: Attestation) -> Situation:
    return Situation(NOW, attestations=given)


def looks(*seen_: Observation) -> Situation:
    return Situation(NOW, observations=seen_)


def why(situation: Situation, *, by_person: bool = False) -> tuple[Because, ...]:
    row = requirement(objective(QUESTION)) if by_person else requirement()
    return judged(row, situation).verdict.because


# -- the reasons, whole


def test_no_is_named_with_question_and_answer() -> None:
    assert why(answers(answered(False, name="A1")), by_person=True) == (Because(Reason.ANSWERED_NO, BINDING, "A1"),)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answered(ago=-HOUR, name="A1"), Reason.INCONCLUSIVE),
        (answered(until=NOW - HOUR, name="A1"), Reason.ATTESTATION_EXPIRED),
        (answered(grade=Grade.DECLARED, name="A1"), Reason.INSUFFICIENT_GRADE),
    ],
)
def test_an_answer_that_does_not_count_is_named_with_its_question(given: Attestation, reason: Reason) -> None:
    assert why(answers(given), by_person=True) == (Because(reason, BINDING, "A1"),)


def test_an_answer_to_other_words_is_named_with_the_question_that_is_asked_now() -> None:
    other = asked(question=Text(de="Eine andere?", en="Another?"))
    given = answered(to=other, name="A1")
    assert why(answers(given), by_person=True) == (Because(Reason.CHANGED_SINCE, BINDING, "A1"),)


def test_a_missing_answer_names_its_question_and_nothing_else() -> None:
    assert why(Situation(NOW), by_person=True) == (Because(Reason.ATTESTATION_MISSING, BINDING),)


def test_missing_evidence_names_its_binding_and_nothing_else() -> None:
    assert why(Situation(NOW)) == (Because(Reason.NO_EVIDENCE, BINDING),)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (seen(Status.CRASHED, name="O1"), Reason.PROBE_ERROR),
        (seen(Status.BLOCKED, name="O1"), Reason.BLOCKED),
        (seen(Status.NOTHING_SEEN, name="O1"), Reason.INCONCLUSIVE),
        (seen(ago=-HOUR, name="O1"), Reason.INCONCLUSIVE),
        (seen(ago=8 * DAY, name="O1"), Reason.STALE),
        (seen(under={"port": 8000}, name="O1"), Reason.CHANGED_SINCE),
        (seen(grade=Grade.CONFIGURED, name="O1"), Reason.INSUFFICIENT_GRADE),
    ],
)
def test_a_look_that_does_not_count_is_named_with_its_binding(given: Observation, reason: Reason) -> None:
    assert why(looks(given)) == (Because(reason, BINDING, "O1"),)


def test_a_fail_from_before_a_change_is_named_with_its_binding_twice() -> None:
    failed = seen(Status.FAIL, under={"port": 8000}, name="O1")
    both = {Because(reason, BINDING, "O1") for reason in (Reason.FAILED, Reason.CHANGED_SINCE)}
    assert set(why(looks(failed))) == both


def test_a_row_that_does_not_apply_names_the_facts() -> None:
    model = judged(requirement(models=[OperatingModel.SELF]), Situation(NOW, facts=known(operating_model="online")))
    assert model.verdict.because == (Because(Reason.MODEL, "operating_model"),)
    row = requirement(applies_if=[Condition("chat_offered", frozenset({True}))])
    assert judged(row, Situation(NOW, facts=known(chat_offered=False))).verdict.because == (
        Because(Reason.FACT, "chat_offered"),
    )


def test_contradicting_facts_are_named() -> None:
    found = judged(requirement(), Situation(NOW, facts=contradicted(operating_model="self"), observations=[seen()]))
    assert found.verdict.because == (Because(Reason.CONTRADICTION, "operating_model"),)
    assert found.verdict.outcome == Outcome.NEEDS_ATTENTION


def test_deviations_are_named_with_what_they_are_for() -> None:
    situation = Situation(NOW, observations=[seen(Status.FAIL, name="O1")], waivers=[waived(name="W1")])
    assert set(why(situation)) == {Because(Reason.FAILED, BINDING, "O1"), Because(Reason.WAIVED, "W1")}


def test_a_row_names_its_objectives_with_their_verdicts() -> None:
    its = requirement(objective(letter="a"), objective(QUESTION, letter="b"))
    found = judged(its, looks(seen()))
    assert [one.objective for one in found.objectives] == list(its.objectives)
    assert [one.verdict.outcome for one in found.objectives] == [Outcome.MET, Outcome.OUTSIDE_ENGINE]


def test_what_has_not_been_built_names_its_binding() -> None:
    row = requirement(objective(shown_by(asking=Asking.of("not-built.something"))))
    assert judged(row, Situation(NOW)).verdict.because == (Because(Reason.NOT_BUILT, BINDING),)


def test_what_is_not_met_rests_on_nothing() -> None:
    """Though half of it is shown."""
    its = requirement(objective(letter="a"), objective(QUESTION, letter="b"))
    assert judged(its, looks(seen(name="O1"))).verdict.rests_on == ()


# -- the very moment


def test_yes_at_the_moment_of_no_does_not_take_it_back() -> None:
    assert outcome(requirement(objective(QUESTION)), answers(answered(False), answered(True))) == Outcome.NOT_MET


def test_yes_takes_no_back_from_its_own_moment_on() -> None:
    given = answers(answered(False, ago=HOUR), answered(True, ago=NO_TIME))
    assert outcome(requirement(objective(QUESTION)), given) == Outcome.ATTESTED


def test_an_answer_counts_from_its_moment_on_and_not_at_its_end() -> None:
    row = requirement(objective(QUESTION))
    assert outcome(row, answers(answered(ago=NO_TIME))) == Outcome.ATTESTED
    assert outcome(row, answers(answered(until=NOW))) == Outcome.NEEDS_ATTENTION


def test_a_look_counts_from_its_moment_on_and_not_at_its_end() -> None:
    assert outcome(requirement(), looks(seen(ago=NO_TIME))) == Outcome.MET
    assert outcome(requirement(), looks(seen(ago=7 * DAY))) == Outcome.NEEDS_ATTENTION


def test_a_pass_refutes_from_its_own_moment_on() -> None:
    assert outcome(requirement(), looks(seen(Status.FAIL), seen(ago=NO_TIME))) == Outcome.MET


def test_what_is_exactly_strong_enough_is_enough() -> None:
    strong = requirement(objective(shown_by(grade=Grade.OBSERVED_OUTSIDE)))
    assert outcome(strong, looks(seen(grade=Grade.OBSERVED_OUTSIDE))) == Outcome.MET


def test_a_doubt_at_the_moment_of_the_good_look_is_not_noted() -> None:
    """Only what was seen after it."""
    assert why(looks(seen(name="O1"), seen(Status.BLOCKED, name="O2"))) == ()
    later = looks(seen(name="O1"), seen(Status.BLOCKED, ago=NO_TIME, name="O2"))
    assert why(later) == (Because(Reason.BLOCKED, BINDING, "O2"),)


def test_a_deviation_that_has_yet_to_begin_is_void() -> None:
    situation = Situation(NOW, observations=[seen(Status.FAIL)], waivers=[waived(ago=-HOUR)])
    assert Because(Reason.WAIVER_VOID, "W1") in why(situation)
