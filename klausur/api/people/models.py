"""Bodies of requests and answers on accounts, from which the client's types are generated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from klausur.actions.people import own_account
from klausur.actions.people.invitations import (
    Acceptance,
    LookedAt,
    PasskeyGiven,
    PasswordGiven,
    VaultGiven,
)
from klausur.actions.people.own_account import AccountView, SessionView
from klausur.api.models import Answer, Body, Bytes32, Id
from klausur.api.moments import Moment
from klausur.domain import accounts
from klausur.domain.accounts import (
    LABEL_CHARACTERS,
    NAME_CHARACTERS,
    SALT_BYTES,
    TOKEN_BYTES,
    WRAPPED_BYTES,
    WRAPS_AT_MOST,
    AccountRole,
    InvitationKind,
    Notice,
    NoticeKind,
    Vault,
    WrapKind,
)
from klausur.domain.encoding import characters
from klausur.domain.people_ports import Challenge

Role = Literal["organiser", "administrator", "auditor"]
# Before it is folded a name may be longer; the rules judge it after that.
Name = Annotated[str, Field(max_length=4 * NAME_CHARACTERS.stop)]
Label = Annotated[str, Field(max_length=4 * LABEL_CHARACTERS.stop)]
Token = Annotated[str, Field(max_length=characters(TOKEN_BYTES))]
Wrapped = Annotated[str, Field(max_length=characters(WRAPPED_BYTES))]
Code = Annotated[str, Field(max_length=32)]
PasskeyId = Annotated[str, Field(max_length=characters(1023))]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Credential = dict[str, Any]


class Kdf(Body, Answer):
    v: Literal[1]
    salt: Annotated[str, Field(max_length=characters(SALT_BYTES))]
    memory_kib: Annotated[int, Field(ge=1, le=2**31 - 1)]
    passes: Annotated[int, Field(ge=1, le=1000)]
    lanes: Annotated[int, Field(ge=1, le=1000)]

    @classmethod
    def of(cls, kdf: accounts.Kdf) -> Kdf:
        return cls(v=1, salt=kdf.salt, memory_kib=kdf.memory_kib, passes=kdf.passes, lanes=kdf.lanes)

    def given(self) -> accounts.Kdf:
        return accounts.Kdf(self.salt, self.memory_kib, self.passes, self.lanes)


# -- sessions ---------------------------------------------------------------------------------------------------------


class AccountShown(Answer):
    id: str
    name: str
    role: Role


class NoticeShown(Answer):
    id: str
    kind: Literal["second_factor_reset", "credentials_reset", "role_changed"]
    day: date

    @classmethod
    def of(cls, notice: Notice) -> NoticeShown:
        return cls(id=notice.id, kind=_NOTICES[notice.kind], day=notice.day)


_NOTICES: dict[NoticeKind, Literal["second_factor_reset", "credentials_reset", "role_changed"]] = {
    NoticeKind.SECOND_FACTOR_RESET: "second_factor_reset",
    NoticeKind.CREDENTIALS_RESET: "credentials_reset",
    NoticeKind.ROLE_CHANGED: "role_changed",
}
ROLES: dict[AccountRole, Role] = {
    AccountRole.ORGANISER: "organiser",
    AccountRole.ADMINISTRATOR: "administrator",
    AccountRole.AUDITOR: "auditor",
}


class SessionAnswer(Answer):
    account: AccountShown | None
    strong: bool
    has_password: bool
    has_totp: bool
    notices: list[NoticeShown]

    @classmethod
    def of(cls, view: SessionView) -> SessionAnswer:
        if view.here is None:
            return cls(account=None, strong=False, has_password=False, has_totp=False, notices=[])
        its = view.here.account
        return cls(
            account=AccountShown(id=its.id, name=its.name, role=ROLES[its.role]),
            strong=view.here.session.strong,
            has_password=its.has_password,
            has_totp=its.has_totp,
            notices=[NoticeShown.of(notice) for notice in view.notices],
        )


class SignedOut(Answer):
    provider_logout: str | None


class KdfWish(Body):
    name: Name


class KdfAnswer(Answer):
    kdf: Kdf


class PasswordSignin(Body):
    name: Name
    key: Bytes32
    code: Code | None = None


# -- invitations ------------------------------------------------------------------------------------------------------


class InvitationLook(Body):
    token: Token


class InvitationShown(Answer):
    kind: Literal["setup", "invitation", "reset"]
    role: Role
    name: str | None
    account: str
    expires_at: Moment

    @classmethod
    def of(cls, it: LookedAt) -> InvitationShown:
        return cls(kind=KINDS[it.kind], role=ROLES[it.role], name=it.name, account=it.account, expires_at=it.expires_at)


KINDS: dict[InvitationKind, Literal["setup", "invitation", "reset"]] = {
    InvitationKind.SETUP: "setup",
    InvitationKind.INVITATION: "invitation",
    InvitationKind.RESET: "reset",
}


class InvitationPasskey(Body):
    token: Token
    name: Name


class ChallengeAnswer(Answer):
    challenge: str
    options: dict[str, Any]

    @classmethod
    def of(cls, challenge: Challenge) -> ChallengeAnswer:
        return cls(challenge=challenge.id, options=dict(challenge.options))


class NewPassword(Body):
    kdf: Kdf
    key: Bytes32


class NewPasskey(Body):
    challenge: Token
    credential: Credential
    label: Label
    wrap: Wrapped | None = None


class Wrap(Body, Answer):
    kind: Literal["password", "passkey", "recovery"]
    id: PasskeyId
    wrapped: Wrapped

    def given(self) -> accounts.Wrap:
        return accounts.Wrap(WrapKind(self.kind), self.id, self.wrapped)


Wraps = Annotated[list[Wrap], Field(max_length=WRAPS_AT_MOST)]


class NewVault(Body):
    # Its size is the action's to judge: it has a code of its own.
    blob: str
    wraps: Wraps


class InvitationAcceptance(Body):
    token: Token
    name: Name
    password: NewPassword | None = None
    passkey: NewPasskey | None = None
    vault: NewVault | None = None

    def given(self) -> Acceptance:
        word, key, vault = self.password, self.passkey, self.vault
        return Acceptance(
            name=self.name,
            password=None if word is None else PasswordGiven(word.kdf.given(), word.key),
            passkey=None if key is None else PasskeyGiven(key.challenge, key.credential, key.label, key.wrap),
            vault=None if vault is None else VaultGiven(vault.blob, [wrap.given() for wrap in vault.wraps]),
        )


# -- the vault --------------------------------------------------------------------------------------------------------


class VaultAnswer(Answer):
    account: str
    version: int
    blob: str | None
    wraps: list[Wrap]

    @classmethod
    def of(cls, account: str, vault: Vault) -> VaultAnswer:
        wraps = [Wrap(kind=_WRAPS[wrap.kind], id=wrap.id, wrapped=wrap.wrapped) for wrap in vault.wraps]
        return cls(account=account, version=vault.version, blob=vault.blob, wraps=wraps)


_WRAPS: dict[WrapKind, Literal["password", "passkey", "recovery"]] = {
    WrapKind.PASSWORD: "password",
    WrapKind.PASSKEY: "passkey",
    WrapKind.RECOVERY: "recovery",
}


class VaultWritten(Body):
    """``account``: as its browser knows it; another tab may have signed in as somebody else meanwhile."""

    account: Id
    version: Version
    blob: str


class WrapsWritten(Body):
    account: Id
    wraps: Wraps


# -- one's own account ------------------------------------------------------------------------------------------------


class PasskeyShown(Answer):
    id: str
    label: str
    created_day: date
    opens_vault: bool
    backed_up: bool


class SessionShown(Answer):
    id: str
    began_at: Moment
    seen_hour: Moment
    """In which it was used last; nobody keeps it more exactly."""
    browser: str
    strong: bool
    here: bool


class VaultSize(Answer):
    version: int
    bytes: int


class AccountAnswer(Answer):
    id: str
    name: str
    role: Role
    created_day: date
    password: bool
    totp: bool
    backup_codes: int
    provider: bool
    passkeys: list[PasskeyShown]
    sessions: list[SessionShown]
    vault: VaultSize

    @classmethod
    def of(cls, view: AccountView) -> AccountAnswer:
        return cls(**_account_fields(view))


class MeetingExported(Answer):
    """Of what it is about, only its host's browsers know."""

    meeting: str
    opens_at: Moment | None
    """None of one that was started at once."""
    closes_at: Moment
    ended_at: Moment | None
    guests: bool


class ActExported(Answer):
    """Of the audit trail. ``object``: an id; one's own where somebody else acted."""

    at: Moment
    act: str
    by_yourself: bool
    object: str


class AccountExport(AccountAnswer):
    notices: list[NoticeShown]
    vault_blob: str | None
    vault_wraps: list[Wrap]
    meetings: list[MeetingExported]
    audit: list[ActExported]

    @classmethod
    def all_of(cls, its: own_account.AccountExport) -> AccountExport:
        return cls(
            **_account_fields(its.view),
            notices=[NoticeShown.of(notice) for notice in its.notices],
            vault_blob=its.vault.blob,
            vault_wraps=VaultAnswer.of(its.view.account.id, its.vault).wraps,
            meetings=[
                MeetingExported(
                    meeting=each.id,
                    opens_at=each.opens_at,
                    closes_at=each.closes_at,
                    ended_at=each.ended_at,
                    guests=each.guests,
                )
                for each in its.meetings
            ],
            audit=[
                ActExported(at=row.at, act=row.act.value, by_yourself=row.by == its.view.account.id, object=row.object_)
                for row in its.audit
            ],
        )


def _account_fields(view: AccountView) -> dict[str, Any]:
    its = view.account
    return {
        "id": its.id,
        "name": its.name,
        "role": ROLES[its.role],
        "created_day": its.created_day,
        "password": its.has_password,
        "totp": its.has_totp,
        "backup_codes": view.backup_codes,
        "provider": its.provider_subject is not None,
        "passkeys": [
            PasskeyShown(
                id=each.id,
                label=each.label,
                created_day=each.created_day,
                opens_vault=each.id in view.opening_passkeys,
                backed_up=each.backed_up,
            )
            for each in view.passkeys
        ],
        "sessions": [
            SessionShown(
                id=each.id,
                began_at=each.began_at,
                seen_hour=each.seen_hour,
                browser=each.browser,
                strong=each.strong,
                here=each.id == view.here,
            )
            for each in view.sessions
        ],
        "vault": VaultSize(version=view.vault_version, bytes=view.vault_bytes),
    }


class PasswordChange(Body):
    kdf: Kdf
    key: Bytes32
    current: Bytes32 | None = None
    wrap: Wrapped | None = None


class Enrolment(Answer):
    secret: str
    address: str


class PasskeySignin(Body):
    challenge: Token
    credential: Credential


class PasskeyAdded(Answer):
    id: str


class PasskeyRenamed(Body):
    label: Label


class CodeGiven(Body):
    code: Code


class BackupCodes(Answer):
    backup_codes: list[str]
