"""What is signed, and what is not even read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.admission import CERTIFICATE_LIVES_AT_MOST, Certificate, Place, Rules
from klausur.domain.encoding import encode
from klausur.domain.errors import Malformed
from klausur.domain.policy import Role

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
P, Q = encode(bytes(16)), encode(bytes([1]) * 16)
KEY, SIGNATURE = encode(bytes(32)), encode(bytes(64))
PLACE = Place("M", "session", P, KEY)
OTHER_KEY = encode(bytes([1]) * 32)
SESSION = encode(bytes([2]) * 16)
DOCUMENT = {
    "waiting_room": False,
    "everyone_shares": True,
    "session": SESSION,
    "cohosts": [OTHER_KEY],
    "denied": [KEY],
}


def certificate(**changed: Any) -> dict[str, Any]:
    plain = {"role": "participant", "not_after": int(NOON.timestamp()), "issuer": "host", "signature": SIGNATURE}
    return plain | changed


def test_a_certificate_names_meeting_opening_seat_key_role_and_end() -> None:
    signed = Certificate.read(certificate()).statement(PLACE)
    for other in (
        Certificate.read(certificate()).statement(Place("N", "session", P, KEY)),
        Certificate.read(certificate()).statement(Place("M", "another", P, KEY)),
        Certificate.read(certificate()).statement(Place("M", "session", Q, KEY)),
        Certificate.read(certificate()).statement(Place("M", "session", P, OTHER_KEY)),
        Certificate.read(certificate(role="host")).statement(PLACE),
        Certificate.read(certificate(not_after=1)).statement(PLACE),
    ):
        assert other != signed
    assert PLACE.possession() not in (signed, Place("M", "session", Q, KEY).possession())


def test_a_certificate_ends_and_may_not_last_for_ever() -> None:
    held = Certificate.read(certificate())
    assert held.holds(NOON - timedelta(seconds=1))
    assert not held.holds(NOON)
    assert not held.holds(NOON - CERTIFICATE_LIVES_AT_MOST - timedelta(seconds=1))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        certificate(role="cohost"),
        certificate(role="host", issuer=OTHER_KEY),
        certificate(issuer=Q),
        certificate(issuer=""),
        certificate(not_after="soon"),
        certificate(not_after=True),
        certificate(not_after=-1),
        certificate(not_after=2**70),
        certificate(signature=SIGNATURE[:-1]),
        certificate(more=1),
    ],
)
def test_what_is_no_certificate_is_refused(wrong: Any) -> None:
    with pytest.raises(Malformed):
        Certificate.read(wrong)


def test_a_certificate_is_shown_as_it_was_read() -> None:
    assert Certificate.read(certificate(issuer=OTHER_KEY)).shown() == certificate(issuer=OTHER_KEY)


def test_rules_say_who_is_cohost_and_who_shares() -> None:
    rules = Rules.read(1, json.dumps(DOCUMENT | {"everyone_shares": False}), SIGNATURE)
    assert rules.role_of(OTHER_KEY, Role.PARTICIPANT, SESSION) is Role.COHOST
    assert rules.role_of(OTHER_KEY, Role.HOST, SESSION) is Role.HOST
    assert rules.role_of(KEY, Role.PARTICIPANT, SESSION) is Role.PARTICIPANT
    assert [rules.may_share(role) for role in (Role.HOST, Role.COHOST, Role.PARTICIPANT)] == [True, True, False]
    assert Rules().may_share(Role.PARTICIPANT)
    assert Rules().waiting_room


def test_cohosts_and_the_removed_are_those_of_one_opening() -> None:
    rules = Rules.read(1, json.dumps(DOCUMENT), SIGNATURE)
    later = encode(bytes(16))
    assert rules.role_of(OTHER_KEY, Role.PARTICIPANT, later) is Role.PARTICIPANT
    assert (rules.cohosts_in(SESSION), rules.cohosts_in(later)) == ((OTHER_KEY,), ())
    assert (rules.denies(KEY, SESSION), rules.denies(KEY, later)) == (True, False)
    assert not rules.waiting_room


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "[" * 100_000,
        "[]",
        "{}",
        json.dumps(DOCUMENT | {"more": 1}),
        json.dumps(DOCUMENT | {"waiting_room": 1}),
        json.dumps(DOCUMENT | {"cohosts": "x"}),
        json.dumps(DOCUMENT | {"session": "x"}),
        json.dumps(DOCUMENT | {"cohosts": [KEY, KEY]}),
        json.dumps(DOCUMENT | {"cohosts": [Q]}),
        json.dumps(DOCUMENT | {"denied": [P]}),
        json.dumps(DOCUMENT | {"cohosts": [encode(bytes([n]) * 32) for n in range(21)]}),
        json.dumps(DOCUMENT) + " " * 24 * 1024,
    ],
)
def test_what_are_no_rules_is_refused(wrong: str) -> None:
    with pytest.raises(Malformed):
        Rules.read(1, wrong, SIGNATURE)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_nothing_that_is_sent_breaks_the_reading(told: Any) -> None:
    for read in (Certificate.read, lambda it: Rules.read(1, json.dumps(it), "")):
        try:
            read(told)
        except Malformed:
            continue
