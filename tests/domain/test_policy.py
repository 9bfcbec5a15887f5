"""The table of who may do what, against the contract's rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.accounts import AccountRole
from klausur.domain.errors import MeetingsNotOpen, NotAllowed, SecondFactorRequired, SigninNeeded
from klausur.domain.policy import (
    ACCOUNT_TABLE,
    TABLE,
    AccountOperation,
    Openers,
    Operation,
    Role,
    allows,
    require,
    require_account,
    require_opener,
)

H, C, P, W, OUT = Role.HOST, Role.COHOST, Role.PARTICIPANT, Role.WAITING, Role.OUTSIDER
INSIDE = {H, C, P}
AIMED = {
    Operation.ADMIT,
    Operation.DECLINE,
    Operation.MUTE,
    Operation.STOP_VIDEO,
    Operation.STOP_SCREEN,
    Operation.REMOVE,
}


def test_every_operation_has_a_row() -> None:
    assert set(TABLE) == set(Operation)


@pytest.mark.parametrize("operation", [Operation.SEE_ROSTER, Operation.CONNECT, Operation.REACT, Operation.ANNOUNCE])
def test_the_waiting_and_outsiders_see_and_say_nothing(operation: Operation) -> None:
    assert {role for role in Role if allows(role, operation)} == INSIDE


@pytest.mark.parametrize("operation", sorted(AIMED))
def test_cohosts_moderate_everybody_but_the_host(operation: Operation) -> None:
    victims = {W} if operation in (Operation.ADMIT, Operation.DECLINE) else {P, C}
    for victim in victims:
        assert {role for role in Role if allows(role, operation, victim)} == {H, C}
    assert not allows(C, operation, H)
    assert not allows(H, operation, OUT)
    assert not allows(H, operation)


def test_only_hosts_rule() -> None:
    for operation in (Operation.RULE, Operation.WRITE_CARD):
        assert {role for role in Role if allows(role, operation)} == {H}
    for target in INSIDE:
        assert {role for role in Role if allows(role, Operation.RECERTIFY, target)} == {H}


def test_outsiders_knock_and_only_the_waiting_knock_again() -> None:
    assert {role for role in Role if allows(role, Operation.KNOCK)} == {OUT, W}
    assert {role for role in Role if allows(role, Operation.LISTEN)} == INSIDE | {W}


def test_a_cohost_ends_the_meeting_only_where_no_host_is() -> None:
    assert allows(H, Operation.END)
    assert not allows(C, Operation.END, host_present=True)
    assert allows(C, Operation.END, host_present=False)
    assert not allows(P, Operation.END, host_present=False)


@given(st.sampled_from(Role), st.sampled_from(Operation), st.none() | st.sampled_from(Role), st.booleans())
def test_whoever_has_less_power_may_do_no_more(
    role: Role, operation: Operation, target: Role | None, host: bool
) -> None:
    """Inside: host over co-host over participant."""
    order = [P, C, H]
    if role in order and allows(role, operation, target, host_present=host):
        for stronger in order[order.index(role) :]:
            require(stronger, operation, target, host_present=host)


def test_what_is_not_allowed_is_said_so() -> None:
    with pytest.raises(NotAllowed):
        require(P, Operation.MUTE, P)


# -- accounts ---------------------------------------------------------------------------------------------------------

ADMINISTRATION = {
    AccountOperation.SEE_PEOPLE,
    AccountOperation.INVITE,
    AccountOperation.CHANGE_PEOPLE,
    AccountOperation.SEE_RUNNING,
    AccountOperation.END_RUNNING,
    AccountOperation.SEE_SETTINGS,
    AccountOperation.SEE_ENGINE,
    AccountOperation.CHECK,
    AccountOperation.STATE_FACTS,
}
OVERSIGHT = {AccountOperation.SEE_PROOF, AccountOperation.ATTEST}
"""Of administrators and auditors."""
NOBODYS = {
    AccountOperation.SEE_SESSION,
    AccountOperation.SIGN_IN,
    AccountOperation.SIGN_OUT,
    AccountOperation.ACCEPT_INVITATION,
    AccountOperation.SEE_PROOF_SUMMARY,
}


def test_every_account_operation_has_a_row() -> None:
    assert set(ACCOUNT_TABLE) == set(AccountOperation)


@pytest.mark.parametrize("operation", AccountOperation)
def test_nobody_signs_in_and_does_nothing_else(operation: AccountOperation) -> None:
    if operation in NOBODYS:
        require_account(None, operation)
    else:
        with pytest.raises(SigninNeeded):
            require_account(None, operation, strong=True)


@pytest.mark.parametrize("operation", sorted(ADMINISTRATION))
def test_administration_is_for_strong_administrators(operation: AccountOperation) -> None:
    require_account(AccountRole.ADMINISTRATOR, operation, strong=True)
    with pytest.raises(SecondFactorRequired):
        require_account(AccountRole.ADMINISTRATOR, operation)
    for role in (AccountRole.ORGANISER, AccountRole.AUDITOR):
        with pytest.raises(NotAllowed):
            require_account(role, operation, strong=True)


def test_auditors_open_no_meetings_and_have_an_account_all_the_same() -> None:
    for operation in set(AccountOperation) - ADMINISTRATION - {AccountOperation.OPEN_MEETING}:
        require_account(AccountRole.AUDITOR, operation, strong=True)
    with pytest.raises(NotAllowed):
        require_account(AccountRole.AUDITOR, AccountOperation.OPEN_MEETING, strong=True)


@pytest.mark.parametrize("role", [AccountRole.ADMINISTRATOR, AccountRole.AUDITOR])
def test_the_proof_is_seen_by_a_password_and_attested_by_more(role: AccountRole) -> None:
    require_account(role, AccountOperation.SEE_PROOF)
    require_account(role, AccountOperation.ATTEST, strong=True)
    with pytest.raises(SecondFactorRequired):
        require_account(role, AccountOperation.ATTEST)


@pytest.mark.parametrize("operation", sorted(OVERSIGHT))
def test_organisers_see_of_the_proof_what_everybody_sees(operation: AccountOperation) -> None:
    with pytest.raises(NotAllowed):
        require_account(AccountRole.ORGANISER, operation, strong=True)


@pytest.mark.parametrize("role", [None, *AccountRole])
@pytest.mark.parametrize("openers", Openers)
def test_who_opens_meetings(openers: Openers, role: AccountRole | None) -> None:
    organises = role in (AccountRole.ORGANISER, AccountRole.ADMINISTRATOR)
    expected = openers is not Openers.NOBODY and (organises or (role is None and openers is Openers.ANYONE))
    try:
        require_opener(openers, role)
    except MeetingsNotOpen:
        assert not expected
    else:
        assert expected
