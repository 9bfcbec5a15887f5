"""Bodies of requests and answers of the administration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from klausur.actions.people.invitations import MadeInvitation
from klausur.api.models import Answer, Body
from klausur.api.moments import Moment
from klausur.api.people.models import KINDS, ROLES, Name, Role
from klausur.domain.accounts import Invitation
from klausur.domain.people_ports import PersonRow
from klausur.domain.ports import RunningOpening


class PersonShown(Answer):
    id: str
    name: str
    role: Role
    created_day: date
    disabled: bool
    password: bool
    totp: bool
    passkeys: int
    provider: bool

    @classmethod
    def of(cls, row: PersonRow) -> PersonShown:
        its = row.account
        return cls(
            id=its.id,
            name=its.name,
            role=ROLES[its.role],
            created_day=its.created_day,
            disabled=its.disabled,
            password=its.has_password,
            totp=its.has_totp,
            passkeys=row.passkeys,
            provider=its.provider_subject is not None,
        )


class OpenInvitation(Answer):
    id: str
    kind: Literal["setup", "invitation", "reset"]
    role: Role
    name: str | None
    expires_at: Moment

    @classmethod
    def of(cls, it: Invitation, name: str | None) -> OpenInvitation:
        return cls(id=it.id, kind=KINDS[it.kind], role=ROLES[it.role], name=name, expires_at=it.expires_at)


class PeopleAnswer(Answer):
    people: list[PersonShown]
    invitations: list[OpenInvitation]

    @classmethod
    def of(cls, people: Sequence[PersonRow], invitations: Sequence[Invitation]) -> PeopleAnswer:
        names = {row.account.id: row.account.name for row in people}
        return cls(
            people=[PersonShown.of(row) for row in people],
            invitations=[OpenInvitation.of(it, it.name or names.get(it.account)) for it in invitations],
        )


class InvitationWish(Body):
    role: Role
    name: Name | None = None


class InvitationMade(Answer):
    id: str
    token: str
    expires_at: Moment

    @classmethod
    def of(cls, made: MadeInvitation) -> InvitationMade:
        return cls(id=made.id, token=made.token, expires_at=made.expires_at)


class PersonChange(Body):
    role: Role
    disabled: bool


class RunningMeeting(Answer):
    id: str
    began_at: Moment
    seats: int

    @classmethod
    def of(cls, it: RunningOpening) -> RunningMeeting:
        return cls(id=it.session, began_at=it.began_at, seats=it.seats)


class RunningAnswer(Answer):
    meetings: list[RunningMeeting]


class SettingShown(Answer):
    name: str
    value: str | None
    origin: Literal["environment", "file", "option", "default", "generated"]
    secret: bool
    help: str


class SettingsAnswer(Answer):
    settings: list[SettingShown]


class EngineAnswer(Answer):
    kind: Literal["embedded", "outside"]
    healthy: bool
    version: str | None
    nodes: int
    rooms: int | None
    """None where it does not answer."""
