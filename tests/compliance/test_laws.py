"""What holds of every verdict, whatever the evidence. Everything generated lies before the moment of judging: what a
clock that runs ahead has written is believed later, and only later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from klausur.compliance.engine import Situation
from klausur.compliance.evidence import Attestation, Observation, Status, Waiver
from klausur.compliance.facts import Fact, Origin, Stated
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking, Condition, OperatingModel, Requirement
from klausur.compliance.verdicts import Outcome, is_worse
from klausur.compliance.words import Text
from tests.compliance.rows import (
    DAY,
    HOUR,
    NOW,
    ROW,
    TLS,
    answered,
    asked,
    judged,
    objective,
    outcome,
    requirement,
    seen,
    shown_by,
    waived,
)

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How long one example takes says nothing about a law."""

T = TypeVar("T")

SUITES = Asking.of("tls.suites", {"port": 443})
UNBUILT = Asking.of("not-built.readability")
ELSE = Text(de="Ist er unterschrieben?", en="Is it signed?")
KEYS = ("recording_offered", "minors")

shown = st.builds(
    shown_by,
    st.integers(1, 3),
    st.sampled_from([TLS, SUITES, UNBUILT]),
    grade=st.sampled_from([Grade.CONFIGURED, Grade.OBSERVED_OUTSIDE, Grade.EFFECT]),
    days=st.sampled_from([1, 7, 30]),
)
said = st.builds(asked, st.integers(1, 3), st.just(asked().question), days=st.sampled_from([30, 365]))
objectives = st.builds(
    lambda letter, bindings: objective(*bindings, letter=letter),
    st.sampled_from("ab"),
    st.lists(st.one_of(shown, said), min_size=1, max_size=3),
)
rows: st.SearchStrategy[Requirement] = st.builds(
    lambda parts, keys, models: requirement(
        *parts, applies_if=[Condition(key, frozenset({True})) for key in keys], models=models
    ),
    st.lists(objectives, min_size=1, max_size=2),
    st.lists(st.sampled_from(KEYS), max_size=2),
    st.lists(st.sampled_from(OperatingModel), min_size=1),
)

names = st.integers(0, 10**6).map(str)
ages = st.sampled_from([1, 2, 5, 20, 30, 200, 1000, 10_000]).map(lambda hours: hours * HOUR)
observations = st.builds(
    seen,
    st.sampled_from([Status.PASS] * 4 + list(Status)),
    ago=ages,
    grade=st.sampled_from([Grade.EFFECT, Grade.INDEPENDENT, *Grade]),
    asking=st.sampled_from([TLS, SUITES, UNBUILT]),
    expires_at=st.one_of(st.none(), st.sampled_from([-20, 0, 20]).map(lambda days: NOW + days * DAY)),
    under=st.one_of(st.none(), st.integers(1, 2).map(lambda port: {"port": port})),
    name=names,
)
attestations = st.builds(
    answered,
    st.sampled_from([True, True, False]),
    ago=ages,
    until=st.sampled_from([-20, 1, 100, 400]).map(lambda days: NOW + days * DAY),
    to=st.sampled_from([asked(), asked(question=ELSE)]),
    grade=st.sampled_from([Grade.ATTESTED, Grade.ATTESTED, *Grade]),
    person=st.sampled_from(["Ada", "Ada", "Hanna", ""]),
    name=names,
)
waivers = st.builds(
    waived,
    target=st.sampled_from([ROW, f"{ROW}.a", f"{ROW}.b"]),
    reason=st.sampled_from(["Umbau", ""]),
    approved_by=st.sampled_from(["Ada", "Hanna"]),
    ago=ages,
    lasts=st.integers(1, 500).map(lambda days: days * DAY),
    name=names,
)
stated = st.builds(Stated, st.booleans(), st.sampled_from(Origin), st.just(NOW - DAY))
models = st.builds(Stated, st.sampled_from(["self", "external", "online"]), st.sampled_from(Origin), st.just(NOW - DAY))


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Fact]:
    held = {key: draw(stated) for key in draw(st.sets(st.sampled_from(KEYS)))}
    if draw(st.booleans()):
        held["operating_model"] = draw(models)
    return {key: Fact(key, says, (says,) if draw(st.booleans()) else ()) for key, says in held.items()}


good_observations = st.builds(
    seen,
    ago=st.sampled_from([HOUR, 20 * HOUR]),
    grade=st.just(Grade.INDEPENDENT),
    asking=st.sampled_from([TLS, SUITES]),
    under=st.sampled_from([None, {"port": 1}]),
    name=names,
)


def any_of(good: st.SearchStrategy[T], other: st.SearchStrategy[T], at_most: int) -> st.SearchStrategy[list[T]]:
    """Half of the lists hold nothing that is wrong: among all that can go wrong, nothing would ever be met."""
    return st.one_of(st.lists(good, min_size=1, max_size=at_most), st.lists(other, max_size=at_most))


situations = st.builds(
    Situation,
    st.just(NOW),
    facts(),
    st.just({"port": 1}),
    any_of(good_observations, observations, 5),
    any_of(st.builds(answered, name=names), attestations, 3),
    st.lists(waivers, max_size=2),
    st.one_of(st.just({}), ages.map(lambda age: {ROW: NOW - age})),
)


class Chance(Protocol):
    def shuffle(self, x: list[T]) -> None: ...


def without(things: Sequence[T], number: int) -> list[T]:
    return [thing for place, thing in enumerate(things) if place != number]


@LAW
@given(rows, situations, observations)
def test_one_more_fail_never_makes_anything_better(
    row: Requirement, situation: Situation, observation: Observation
) -> None:
    failed = replace(observation, status=Status.FAIL)
    worse = replace(situation, observations=[*situation.observations, failed])
    assert not is_worse(outcome(row, situation), outcome(row, worse))


@LAW
@given(rows, situations, attestations)
def test_one_more_no_never_makes_anything_better(row: Requirement, situation: Situation, said_so: Attestation) -> None:
    worse = replace(situation, attestations=[*situation.attestations, replace(said_so, answer=False)])
    assert not is_worse(outcome(row, situation), outcome(row, worse))


@LAW
@given(rows, situations)
def test_taking_evidence_away_never_makes_anything_better(row: Requirement, situation: Situation) -> None:
    """But for what speaks against the row: a fail, a no, a probe that missed its twin."""
    before = outcome(row, situation)
    for number, observation in enumerate(situation.observations):
        if observation.status not in (Status.FAIL, Status.CALIBRATION_FAILED):
            less = replace(situation, observations=without(situation.observations, number))
            assert not is_worse(before, outcome(row, less))
    for number, attestation in enumerate(situation.attestations):
        if attestation.answer:
            less = replace(situation, attestations=without(situation.attestations, number))
            assert not is_worse(before, outcome(row, less))
    for number in range(len(situation.waivers)):
        less = replace(situation, waivers=without(situation.waivers, number))
        assert not is_worse(before, outcome(row, less))


@LAW
@given(rows, situations)
def test_only_passes_and_yeses_make_anything_met(row: Requirement, situation: Situation) -> None:
    passes = [one for one in situation.observations if one.status == Status.PASS]
    yeses = [one for one in situation.attestations if one.answer]
    found = judged(row, situation).verdict
    if found.outcome in (Outcome.MET, Outcome.ATTESTED):
        assert found.rests_on
        assert set(found.rests_on) <= {one.id for one in passes} | {one.id for one in yeses}
    hopeless = replace(
        situation,
        observations=[one for one in situation.observations if one not in passes],
        attestations=[one for one in situation.attestations if one not in yeses],
    )
    assert outcome(row, hopeless) not in (Outcome.MET, Outcome.ATTESTED)


@LAW
@given(rows, situations, st.sets(st.sampled_from([*KEYS, "operating_model"])))
def test_not_knowing_a_fact_never_makes_a_row_go_away(
    row: Requirement, situation: Situation, forgotten: set[str]
) -> None:
    fewer = {key: fact for key, fact in situation.facts.items() if key not in forgotten}
    if outcome(row, replace(situation, facts=fewer)) == Outcome.NOT_APPLICABLE:
        assert outcome(row, situation) == Outcome.NOT_APPLICABLE
    assert outcome(row, replace(situation, facts={})) != Outcome.NOT_APPLICABLE


@LAW
@given(rows, situations, st.sampled_from([*KEYS, "operating_model"]))
def test_contradicting_a_fact_never_makes_anything_better(row: Requirement, situation: Situation, key: str) -> None:
    if key in situation.facts:
        fact = situation.facts[key]
        doubted = {**situation.facts, key: replace(fact, against=(fact.stands,))}
        assert not is_worse(outcome(row, situation), outcome(row, replace(situation, facts=doubted)))


@LAW
@given(rows, situations, ages)
def test_a_change_never_makes_anything_better_and_the_later_the_less(
    row: Requirement, situation: Situation, age: timedelta
) -> None:
    before = replace(situation, changed={})
    changed = replace(situation, changed={ROW: NOW - age})
    later = replace(situation, changed={ROW: NOW})
    assert not is_worse(outcome(row, before), outcome(row, changed))
    assert not is_worse(outcome(row, changed), outcome(row, later))


@LAW
@given(rows, situations, st.randoms(use_true_random=False))
def test_the_order_of_evidence_does_not_matter(row: Requirement, situation: Situation, chance: Chance) -> None:
    shuffled = replace(
        situation,
        observations=_shuffled(situation.observations, chance),
        attestations=_shuffled(situation.attestations, chance),
        waivers=_shuffled(situation.waivers, chance),
    )
    assert judged(row, shuffled) == judged(row, situation)


def _shuffled(things: Sequence[T], chance: Chance) -> list[T]:
    mixed = list(things)
    chance.shuffle(mixed)
    return mixed


@LAW
@given(rows, situations, st.integers(1, 800 * 24).map(lambda hours: timedelta(hours=hours)))
def test_time_alone_never_makes_anything_better(row: Requirement, situation: Situation, passes: timedelta) -> None:
    later = replace(situation, now=situation.now + passes)
    assert not is_worse(outcome(row, situation), outcome(row, later))


@LAW
@given(rows, situations)
def test_saying_the_same_twice_changes_nothing(row: Requirement, situation: Situation) -> None:
    twice = replace(
        situation,
        observations=[*situation.observations, *situation.observations],
        attestations=[*situation.attestations, *situation.attestations],
        waivers=[*situation.waivers, *situation.waivers],
    )
    assert judged(row, twice) == judged(row, situation)


@LAW
@given(rows, situations, st.lists(waivers, max_size=2))
def test_an_approval_only_ever_turns_not_met_into_an_open_deviation(
    row: Requirement, situation: Situation, more: list[Waiver]
) -> None:
    before = outcome(row, situation)
    after = outcome(row, replace(situation, waivers=[*situation.waivers, *more]))
    assert after == before or (before, after) == (Outcome.NOT_MET, Outcome.DEVIATION_ACCEPTED)


def test_the_laws_speak_of_every_outcome() -> None:
    """What is generated above is rich enough for each of them."""
    met_with: set[Outcome] = set()

    @settings(LAW, max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(rows, situations)
    def meet(row: Requirement, situation: Situation) -> None:
        met_with.add(outcome(row, situation))

    meet()
    assert met_with == set(Outcome)
