"""The table of who may do what, against the contract's rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.domain.errors import NotAllowed
from klausur.domain.policy import TABLE, Operation, Role, allows, require

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
