"""Who may do what, in two tables: in a meeting by role there, elsewhere by account. Doors ask them before they act; a
test walks every route and socket message.

``against``: roles whose bearers the operation may be aimed at; empty where it is aimed at nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from klausur.domain.accounts import AccountRole
from klausur.domain.errors import MeetingsNotOpen, NotAllowed, SecondFactorRequired, SigninNeeded


class Role(StrEnum):
    """What somebody is to a meeting. By power, not by account: a host is who holds the host key."""

    HOST = "host"
    COHOST = "cohost"
    PARTICIPANT = "participant"
    WAITING = "waiting"
    OUTSIDER = "outsider"


class Operation(StrEnum):
    LOOK = "look"
    """at title, state and host key, with the link proof"""
    KNOCK = "knock"
    LISTEN = "listen"
    """on the events socket"""
    LEAVE = "leave"
    CONNECT = "connect"
    """to the media engine: see and hear the others"""
    SEE_ROSTER = "see_roster"
    ANNOUNCE = "announce"
    """name, media key, raised hand"""
    REACT = "react"
    SEE_WAITING = "see_waiting"
    ADMIT = "admit"
    RECERTIFY = "recertify"
    """Somebody inside gets a certificate of the host's instead of what let them in."""
    DECLINE = "decline"
    LOCK = "lock"
    MUTE = "mute"
    STOP_VIDEO = "stop_video"
    STOP_SCREEN = "stop_screen"
    REMOVE = "remove"
    WRITE_CARD = "write_card"
    RULE = "rule"
    """waiting room, who may share, co-hosts, deny list"""
    END = "end"
    SET_TIMES = "set_times"
    CANCEL = "cancel"
    """for good, with all that is left of it; an opening ends with it"""


@dataclass(frozen=True, slots=True)
class _Row:
    by: frozenset[Role]
    against: frozenset[Role] = frozenset()


_H, _C, _P, _W, _O = Role.HOST, Role.COHOST, Role.PARTICIPANT, Role.WAITING, Role.OUTSIDER
_INSIDE = frozenset({_H, _C, _P})
_MODERATORS = frozenset({_H, _C})

TABLE: Final[Mapping[Operation, _Row]] = MappingProxyType(
    {
        Operation.LOOK: _Row(frozenset(Role)),
        Operation.KNOCK: _Row(frozenset({_O, _W})),
        Operation.LISTEN: _Row(_INSIDE | {_W}),
        Operation.LEAVE: _Row(_INSIDE | {_W}),
        Operation.CONNECT: _Row(_INSIDE),
        Operation.SEE_ROSTER: _Row(_INSIDE),
        Operation.ANNOUNCE: _Row(_INSIDE),
        Operation.REACT: _Row(_INSIDE),
        Operation.SEE_WAITING: _Row(_MODERATORS),
        Operation.ADMIT: _Row(_MODERATORS, frozenset({_W})),
        Operation.DECLINE: _Row(_MODERATORS, frozenset({_W})),
        Operation.RECERTIFY: _Row(frozenset({_H}), _INSIDE),
        Operation.LOCK: _Row(_MODERATORS),
        Operation.MUTE: _Row(_MODERATORS, _INSIDE),
        Operation.STOP_VIDEO: _Row(_MODERATORS, _INSIDE),
        Operation.STOP_SCREEN: _Row(_MODERATORS, _INSIDE),
        Operation.REMOVE: _Row(_MODERATORS, _INSIDE),
        Operation.WRITE_CARD: _Row(frozenset({_H})),
        Operation.RULE: _Row(frozenset({_H})),
        Operation.END: _Row(_MODERATORS),
        Operation.SET_TIMES: _Row(frozenset({_H})),
        Operation.CANCEL: _Row(frozenset({_H})),
    }
)


def require(role: Role, operation: Operation, target: Role | None = None, *, host_present: bool = True) -> None:
    """Raises NotAllowed. ``target``: the role of whom it is aimed at. ``host_present``: whether a host is inside, which
    is what co-hosts may not end a meeting in spite of."""
    row = TABLE[operation]
    if role not in row.by:
        raise NotAllowed
    if row.against and (target not in row.against or (role is _C and target is _H)):
        raise NotAllowed
    if role is _C and operation is Operation.END and host_present:
        raise NotAllowed


def allows(role: Role, operation: Operation, target: Role | None = None, *, host_present: bool = True) -> bool:
    try:
        require(role, operation, target, host_present=host_present)
    except NotAllowed:
        return False
    return True


# -- accounts ---------------------------------------------------------------------------------------------------------


class AccountOperation(StrEnum):
    SEE_SESSION = "see_session"
    """Who one is here, if anybody."""
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    ACCEPT_INVITATION = "accept_invitation"
    SEE_OWN_ACCOUNT = "see_own_account"
    CHANGE_OWN_ACCOUNT = "change_own_account"
    """Means of signing in, sessions, notices."""
    ERASE_OWN_ACCOUNT = "erase_own_account"
    KEEP_VAULT = "keep_vault"
    OPEN_MEETING = "open_meeting"
    """By nobody, too, where the installation lets anyone."""
    SEE_PEOPLE = "see_people"
    INVITE = "invite"
    """and withdraw it, and make links for new means of signing in"""
    CHANGE_PEOPLE = "change_people"
    """role, disabled, erased, second factor"""
    SEE_RUNNING = "see_running"
    """meetings, by random id"""
    END_RUNNING = "end_running"
    SEE_SETTINGS = "see_settings"
    SEE_ENGINE = "see_engine"
    SEE_PROOF_SUMMARY = "see_proof_summary"
    """counts and date"""
    SEE_PROOF = "see_proof"
    """all of it, with what people attested and attached to that"""
    CHECK = "check"
    """begin a run"""
    STATE_FACTS = "state_facts"
    ATTEST = "attest"
    """and ask for or approve deviations, and withdraw either"""


@dataclass(frozen=True, slots=True)
class _AccountRow:
    by: frozenset[AccountRole]
    nobody: bool = False
    strong: bool = False
    """Needs a session that was begun with more than a password."""


_EVERYBODY = _AccountRow(frozenset(AccountRole), nobody=True)
_SIGNED_IN = _AccountRow(frozenset(AccountRole))
_ADMINISTRATION = _AccountRow(frozenset({AccountRole.ADMINISTRATOR}), strong=True)
_OVERSEERS = frozenset({AccountRole.ADMINISTRATOR, AccountRole.AUDITOR})

ACCOUNT_TABLE: Final[Mapping[AccountOperation, _AccountRow]] = MappingProxyType(
    {
        AccountOperation.SEE_SESSION: _EVERYBODY,
        AccountOperation.SIGN_IN: _EVERYBODY,
        AccountOperation.SIGN_OUT: _EVERYBODY,
        AccountOperation.ACCEPT_INVITATION: _EVERYBODY,
        AccountOperation.SEE_OWN_ACCOUNT: _SIGNED_IN,
        AccountOperation.CHANGE_OWN_ACCOUNT: _SIGNED_IN,
        AccountOperation.ERASE_OWN_ACCOUNT: _SIGNED_IN,
        AccountOperation.KEEP_VAULT: _SIGNED_IN,
        AccountOperation.OPEN_MEETING: _AccountRow(frozenset({AccountRole.ORGANISER, AccountRole.ADMINISTRATOR})),
        AccountOperation.SEE_PEOPLE: _ADMINISTRATION,
        AccountOperation.INVITE: _ADMINISTRATION,
        AccountOperation.CHANGE_PEOPLE: _ADMINISTRATION,
        AccountOperation.SEE_RUNNING: _ADMINISTRATION,
        AccountOperation.END_RUNNING: _ADMINISTRATION,
        AccountOperation.SEE_SETTINGS: _ADMINISTRATION,
        AccountOperation.SEE_ENGINE: _ADMINISTRATION,
        AccountOperation.SEE_PROOF_SUMMARY: _EVERYBODY,
        AccountOperation.SEE_PROOF: _AccountRow(_OVERSEERS),
        AccountOperation.CHECK: _ADMINISTRATION,
        AccountOperation.STATE_FACTS: _ADMINISTRATION,
        AccountOperation.ATTEST: _AccountRow(_OVERSEERS, strong=True),
    }
)


def require_account(role: AccountRole | None, operation: AccountOperation, *, strong: bool = False) -> None:
    """``role``: None without a session. ``strong``: how that was begun. Raises SigninNeeded, NotAllowed,
    SecondFactorRequired."""
    row = ACCOUNT_TABLE[operation]
    if role is None:
        if not row.nobody:
            raise SigninNeeded
        return
    if role not in row.by:
        raise NotAllowed
    if row.strong and not strong:
        raise SecondFactorRequired


class Openers(StrEnum):
    """Who may open meetings: OPEN_MEETINGS."""

    ACCOUNTS = "accounts"
    ANYONE = "anyone"
    NOBODY = "nobody"


def require_opener(openers: Openers, role: AccountRole | None) -> None:
    """Raises MeetingsNotOpen."""
    if openers is Openers.NOBODY:
        raise MeetingsNotOpen
    if role is None:
        if openers is not Openers.ANYONE:
            raise MeetingsNotOpen
    elif role not in ACCOUNT_TABLE[AccountOperation.OPEN_MEETING].by:
        raise MeetingsNotOpen
