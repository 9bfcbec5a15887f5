"""Who may do what: the one table. Doors ask it before they act; a test walks every route and socket message.

``against``: roles whose bearers the operation may be aimed at; empty where it is aimed at nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from klausur.domain.errors import NotAllowed


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
