"""Accounts, sessions, invitations: values, and rules that are pure functions of them.

Nothing is held of a person but what is here: no address, no time of the last visit (a session notes the hour, because
it has to end after twelve idle ones, and is deleted with its end), no picture.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from klausur.domain import encoding
from klausur.domain.errors import LastAdministrator, LastMeans, Malformed, NoInvitation, SecondFactorRequired

ACCOUNT_BYTES: Final = 16
TOKEN_BYTES: Final = 32
"""Of sessions and invitations."""
SIGNIN_KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
WRAPPED_BYTES: Final = 12 + 32 + 16
"""Nonce, the vault's key, tag."""
NAME_CHARACTERS: Final = range(2, 65)
LABEL_CHARACTERS: Final = range(1, 65)
RESERVED_PREFIX: Final = "klausur-check-"
"""How the names of the people begin whom ``klausur check`` makes for itself, and of nobody else: they are removed by
it."""
PASSKEYS_AT_MOST: Final = 20
WRAPS_AT_MOST: Final = 32
BACKUP_CODES: Final = 10
VAULT_MAX_CHARACTERS: Final = 1024 * 1024

SESSION_IDLE: Final = timedelta(hours=12)
SESSION_LIVES: Final = timedelta(days=7)
INVITATION_LIVES: Final = timedelta(days=7)
SETUP_LIVES: Final = timedelta(hours=1)
TOTP_PENDING: Final = timedelta(minutes=10)

_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
"""What JSON can say and databases cannot be asked for."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\u2800]"
)
"""Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), and the braille pattern without a dot. Many of
them are letters or marks by category, and two names that differ in them alone look the same."""


class AccountRole(StrEnum):
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Kdf:
    """How a browser makes keys of the password: Argon2id. The server never sees the password, and sees no more of its
    keys than the one for signing in."""

    salt: str
    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    role: AccountRole
    created_day: date
    disabled: bool = False
    kdf: Kdf | None = None
    verifier: str | None = None
    """Keyed hash of the sign-in key; None without a password."""
    totp_sealed: str | None = None
    totp_last_step: int = 0
    """A code of this step or an earlier one has been used."""
    provider_subject: str | None = None
    """Keyed or plain hash of issuer and subject, as klausur/identity makes it; None where no provider knows them."""

    @property
    def has_password(self) -> bool:
        return self.verifier is not None

    @property
    def has_totp(self) -> bool:
        return self.totp_sealed is not None


@dataclass(frozen=True, slots=True)
class Means:
    """By what an account can be signed in to."""

    password: bool
    totp: bool
    passkeys: int
    provider: bool
    provider_is_strong: bool = False
    """Whoever signs in by it may do so with a second factor that we trust."""

    @classmethod
    def of(cls, account: Account, passkeys: int, *, provider_is_strong: bool = False) -> Means:
        provider = account.provider_subject is not None
        return cls(account.has_password, account.has_totp, passkeys, provider, provider and provider_is_strong)

    @property
    def any(self) -> bool:
        return self.password or self.passkeys > 0 or self.provider

    @property
    def strong(self) -> bool:
        return self.passkeys > 0 or (self.password and self.totp) or self.provider_is_strong


@dataclass(frozen=True, slots=True)
class Passkey:
    id: str
    """The credential's id, base64url: its browser knows it before we do."""
    account: str
    public_key: bytes
    sign_count: int
    label: str
    created_day: date
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Session:
    hash: str
    """Of the token in the cookie."""
    id: str
    account: str
    began_at: datetime
    seen_hour: datetime
    strong: bool
    browser: str
    """One of few words, such as ``Firefox, Linux``: for its owner to know it again."""
    provider: bool = False
    """Begun by the identity provider, which may end it."""
    provider_session: str | None = None
    """Hash of issuer and ``sid``, where the provider told one."""


class InvitationKind(StrEnum):
    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Invitation:
    hash: str
    id: str
    kind: InvitationKind
    role: AccountRole
    name: str | None
    account: str
    """Whose it is, or will be: what a browser seals for the account is bound to it."""
    expires_at: datetime
    made_by: str | None
    """An administrator's account; None from the command line."""


class NoticeKind(StrEnum):
    SECOND_FACTOR_RESET = "second_factor_reset"
    CREDENTIALS_RESET = "credentials_reset"
    ROLE_CHANGED = "role_changed"


@dataclass(frozen=True, slots=True)
class Notice:
    """To the person, of what an administrator did to their account; until they put it away."""

    id: str
    account: str
    kind: NoticeKind
    day: date


class WrapKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 - a kind
    PASSKEY = "passkey"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Wrap:
    """The vault's key, sealed under one that only its owner's browser can make."""

    kind: WrapKind
    id: str
    """The passkey's; empty for the others, of which there is one."""
    wrapped: str


@dataclass(frozen=True, slots=True)
class Vault:
    version: int = 0
    blob: str | None = None
    wraps: Sequence[Wrap] = ()


class AuditAct(StrEnum):
    """Closed: what the audit trail can say."""

    INSTALLATION_SET_UP = "installation:set_up"
    INVITATION_MADE = "invitation:made"
    INVITATION_WITHDRAWN = "invitation:withdrawn"
    RESET_MADE = "account:reset_made"
    ROLE_CHANGED = "account:role_changed"
    ACCOUNT_DISABLED = "account:disabled"
    ACCOUNT_ENABLED = "account:enabled"
    ACCOUNT_ERASED = "account:erased"
    SECOND_FACTOR_RESET = "account:second_factor_reset"
    MEETING_ENDED = "meeting:ended"
    CHECK_BEGUN = "proof:check_begun"
    FACT_DECLARED = "proof:fact_declared"
    FACT_WITHDRAWN = "proof:fact_withdrawn"
    ATTESTED = "proof:attested"
    ATTESTATION_WITHDRAWN = "proof:attestation_withdrawn"
    DEVIATION_PROPOSED = "proof:deviation_proposed"
    DEVIATION_APPROVED = "proof:deviation_approved"
    DEVIATION_WITHDRAWN = "proof:deviation_withdrawn"


# -- names ------------------------------------------------------------------------------------------------------------


def sign_in_name(text: str) -> str:
    """As it is kept and shown. Raises Malformed: too short, too long, reserved, or with what cannot be seen in it."""
    name = unicodedata.normalize("NFKC", text).strip()
    visible = _all_visible(name) and not _INVISIBLE.search(name)
    if len(name) not in NAME_CHARACTERS or not visible or is_reserved(name):
        raise Malformed
    return name


def is_reserved(name: str) -> bool:
    return name_key(name).startswith(RESERVED_PREFIX)


def name_key(text: str) -> str:
    """What may be there once: names that differ in case or form alone are one. Of any text, so that a name which
    nobody can have is looked for like one that nobody has."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return _NO_TEXT.sub("\ufffd", unicodedata.normalize("NFKC", folded))


def label(text: str) -> str:
    """Raises Malformed."""
    # Its owner alone sees it, and keyboards put what is invisible into their pictures.
    given = unicodedata.normalize("NFC", text).strip()
    if len(given) not in LABEL_CHARACTERS or not _all_visible(given) or not _INVISIBLE.sub("", given):
        raise Malformed
    return given


def _all_visible(text: str) -> bool:
    """No controls, formats (among them those that turn the direction of writing), surrogates, private or unassigned
    characters, no line ends."""
    return not any(unicodedata.category(each)[0] == "C" or unicodedata.category(each) in ("Zl", "Zp") for each in text)


# -- sessions ---------------------------------------------------------------------------------------------------------


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def session_holds(session: Session, now: datetime) -> bool:
    """The hour is rounded down: idle for twelve hours at most, never longer."""
    return now < session.began_at + SESSION_LIVES and now < session.seen_hour + SESSION_IDLE


def sessions_over(now: datetime) -> tuple[datetime, datetime]:
    """Over are those that began at the first of these instants or earlier, or were last seen in the second or
    earlier."""
    return now - SESSION_LIVES, now - SESSION_IDLE


# -- means ------------------------------------------------------------------------------------------------------------


def require_strong_where_possible(session: Session, means: Means) -> None:
    """For changes to the means themselves: whoever stole a password must not make it a second factor of his own, or
    a passkey, where the account has better ones. Raises SecondFactorRequired."""
    if means.strong and not session.strong:
        raise SecondFactorRequired


def require_means_left(role: AccountRole, left: Means) -> None:
    """Raises LastMeans: nobody could sign in any more; or an administrator, who has had one, has none that is enough
    for administration."""
    if not left.any:
        raise LastMeans
    if role is AccountRole.ADMINISTRATOR and not left.strong and not left.provider:
        raise LastMeans


def require_second_factor_left(role: AccountRole, left: Means) -> None:
    """Raises LastMeans for administrators whose only second factor it is: of a provider we do not know whether it
    asks for one."""
    if role is AccountRole.ADMINISTRATOR and left.passkeys == 0:
        raise LastMeans


def require_another_administrator(others: int) -> None:
    """``others``: administrators besides this one who can sign in."""
    if others == 0:
        raise LastAdministrator


# -- invitations ------------------------------------------------------------------------------------------------------


def require_open(invitation: Invitation | None, now: datetime) -> Invitation:
    if invitation is None or now >= invitation.expires_at:
        raise NoInvitation
    return invitation


# -- what browsers give -----------------------------------------------------------------------------------------------


def require_kdf(kdf: Kdf) -> None:
    """Neither weaker than agreed, nor so costly that its owner's next browser refuses. Raises Malformed."""
    fine = 64 * 1024 <= kdf.memory_kib <= 1024 * 1024 and 3 <= kdf.passes <= 10 and 1 <= kdf.lanes <= 4
    if not fine or not encoding.is_sized(kdf.salt, SALT_BYTES):
        raise Malformed


def require_signin_key(key: str) -> None:
    if not encoding.is_sized(key, SIGNIN_KEY_BYTES):
        raise Malformed


def require_wraps(wraps: Sequence[Wrap], *, password: bool, passkeys: Sequence[str]) -> None:
    """Of means that the account has, each once. Raises Malformed."""
    allowed = {(WrapKind.RECOVERY, "")} | {(WrapKind.PASSKEY, id_) for id_ in passkeys}
    if password:
        allowed.add((WrapKind.PASSWORD, ""))
    named = [(wrap.kind, wrap.id) for wrap in wraps]
    if len(named) > WRAPS_AT_MOST or len(set(named)) != len(named) or not set(named) <= allowed:
        raise Malformed
    if not all(encoding.is_sized(wrap.wrapped, WRAPPED_BYTES) for wrap in wraps):
        raise Malformed
