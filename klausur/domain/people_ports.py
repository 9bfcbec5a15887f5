"""What the actions on accounts need from outside: rows, keys, codes, ceremonies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from klausur.domain.accounts import (
    Account,
    AuditAct,
    Invitation,
    Notice,
    Passkey,
    Session,
    Vault,
    Wrap,
    WrapKind,
)

# -- what is stored ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonRow:
    """As administrators see somebody."""

    account: Account
    passkeys: int


class Accounts(Protocol):
    async def add(self, account: Account) -> None:
        """Raises NameTaken."""
        ...

    async def find(self, account: str) -> Account | None: ...

    async def named(self, name_key: str) -> Account | None: ...

    async def of_subject(self, provider_subject: str) -> Account | None: ...

    async def keep(self, account: Account) -> bool:
        """Writes all of it but id, name, day; False when it is not there any more."""
        ...

    async def use_step(self, account: str, step: int) -> bool:
        """A one-time code of this step was given; False when one of it, or of a later one, was used before."""
        ...

    async def erase(self, account: str) -> bool:
        """With everything that belongs to it; meetings stay, and forget who made them."""
        ...

    async def people(self) -> Sequence[PersonRow]:
        """By name."""
        ...

    async def other_administrators(self, but: str) -> int:
        """Who are not disabled and have some means of signing in, besides the one named (empty: all). Those whom a
        check makes for itself are nobody's (``is_reserved``): they go with it, or stay behind when it is killed."""
        ...

    async def put_backup_codes(self, account: str, hashes: Sequence[str]) -> None:
        """The earlier ones are void."""
        ...

    async def use_backup_code(self, account: str, hash_: str) -> bool:
        """It is used up; False when there is none such."""
        ...

    async def backup_codes(self, account: str) -> int: ...

    async def notices(self, account: str) -> Sequence[Notice]: ...

    async def notify(self, notice: Notice) -> None: ...

    async def drop_notice(self, account: str, notice: str) -> bool: ...


class PasskeyRows(Protocol):
    async def add(self, passkey: Passkey) -> None:
        """Raises Malformed when there is one of this id, whosever it is."""
        ...

    async def find(self, passkey: str) -> Passkey | None: ...

    async def of_account(self, account: str) -> Sequence[Passkey]:
        """In order of their making."""
        ...

    async def count(self, account: str) -> int: ...

    async def used(self, passkey: str, *, sign_count: int, backed_up: bool) -> None: ...

    async def rename(self, account: str, passkey: str, label: str) -> bool: ...

    async def remove(self, account: str, passkey: str) -> bool:
        """With the vault's key that was wrapped by it."""
        ...

    async def remove_all(self, account: str) -> None:
        """Without the wraps."""
        ...


class Sessions(Protocol):
    async def add(self, session: Session) -> None: ...

    async def find(self, hash_: str) -> tuple[Session, Account] | None:
        """One query. Also of accounts that are disabled, and sessions that are over: the rules say so."""
        ...

    async def seen(self, hash_: str, hour: datetime) -> None: ...

    async def strengthen(self, hash_: str) -> None: ...

    async def of_account(self, account: str) -> Sequence[Session]: ...

    async def end(self, hash_: str) -> bool: ...

    async def end_one(self, account: str, session: str) -> bool:
        """By its id."""
        ...

    async def end_all(self, account: str, *, but: str = "") -> int:
        """``but``: the hash of the one that goes on."""
        ...

    async def end_of_provider(self, *, subject: str | None, session: str | None) -> int:
        """What the identity provider says is over: those it began for an account of this subject, for this ``sid``, or
        both where it names both. Hashes, as klausur/identity makes them. Never one that it did not begin."""
        ...

    async def end_over(self, began_by: datetime, seen_by: datetime) -> int: ...


class Invitations(Protocol):
    async def add(self, invitation: Invitation) -> None: ...

    async def find(self, hash_: str) -> Invitation | None: ...

    async def take(self, hash_: str) -> bool:
        """It is used up; False when somebody else was quicker."""
        ...

    async def open(self, now: datetime) -> Sequence[Invitation]: ...

    async def withdraw(self, invitation: str) -> bool:
        """By its id."""
        ...

    async def withdraw_for(self, account: str) -> None:
        """Links for new means of signing in to this account."""
        ...

    async def withdraw_by(self, account: str) -> None:
        """Links that this account made."""
        ...

    async def end_over(self, now: datetime) -> int: ...


class Vaults(Protocol):
    async def find(self, account: str) -> Vault:
        """Version 0 and no blob where there is none yet."""
        ...

    async def size(self, account: str) -> tuple[int, int]:
        """Version and characters, without reading them."""
        ...

    async def put(self, account: str, version: int, blob: str) -> bool:
        """False when the held version is not the one before."""
        ...

    async def replace(self, account: str, blob: str) -> None:
        """Version 1, whatever was there."""
        ...

    async def wraps(self, account: str) -> Sequence[Wrap]: ...

    async def put_wraps(self, account: str, wraps: Sequence[Wrap]) -> None: ...

    async def drop_wraps(self, account: str, kinds: Sequence[WrapKind]) -> None: ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: datetime
    by: str | None
    act: AuditAct
    object_: str


class Audit(Protocol):
    async def note(self, act: AuditAct, now: datetime, *, by: str | None, object_: str) -> None:
        """``by``: an account's id, None for the command line. ``object_``: an id, never a name."""
        ...

    async def about(self, account: str) -> Sequence[AuditRow]:
        """What this account did, or what was done to it, the oldest first."""
        ...


# -- keys and codes ----------------------------------------------------------------------------------------------------


class Keyring(Protocol):
    """The installation's account key at work. Everything is base64url."""

    def verifier(self, account: str, key: str) -> str:
        """What is held of a sign-in key."""
        ...

    def pseudo_salt(self, name_key: str) -> str:
        """For names that have no password; always the same."""
        ...

    def pseudo_account(self, name_key: str) -> str:
        """An id that is nobody's, for the same work on names that nobody has."""
        ...

    def backup_code(self, account: str, code: str) -> str:
        """What is held of a backup code. ``code``: its 8 characters, in capitals."""
        ...

    def subject(self, issuer: str, subject: str) -> str:
        """What is held of who somebody is at the identity provider; of its ``sid`` likewise."""
        ...

    def seal(self, account: str, secret: str) -> str: ...

    def open(self, account: str, sealed: str) -> str:
        """Raises StorageUnavailable when it was not sealed so, for this account, under this key."""
        ...


class OneTimeCodes(Protocol):
    """Time-based codes (RFC 6238): six digits, a step of 30 s."""

    def new_secret(self) -> str: ...

    def address(self, secret: str, name: str) -> str:
        """``otpauth:`` as apps read it from a QR code."""
        ...

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """Whose code it is: the present step, the one before or the one after; None for any other text. The same work
        for each."""
        ...


# -- who somebody is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Challenge:
    """``id``: by which the answer names it. ``options``: for the browser, as WebAuthn writes them in JSON."""

    id: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    id: str
    """base64url, as everywhere."""
    public_key: bytes
    """COSE."""
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class HeldPasskey:
    """What is needed of a stored one for a sign-in."""

    account: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class PasskeyUse:
    sign_count: int
    """To be stored, if it is still larger than what is held, or both are 0."""
    backed_up: bool


class PasskeyCeremonies(Protocol):
    """``credential`` is what a browser's ``toJSON()`` gives. A challenge is used up by the attempt, whatever comes of
    it."""

    async def begin_registration(self, account: str, name: str, held: Sequence[str]) -> Challenge:
        """``account``: the id that it has or will have. ``held``: ids of passkeys that it has already."""
        ...

    async def finish_registration(self, account: str, challenge: str, credential: Mapping[str, Any]) -> NewPasskey:
        """Raises Malformed: also when the challenge is unknown, used, too old, or another account's."""
        ...

    async def begin_sign_in(self) -> Challenge: ...

    def passkey_named_in(self, credential: Mapping[str, Any]) -> str:
        """Its id, nothing of which is proven. Raises Malformed."""
        ...

    async def finish_sign_in(
        self, challenge: str, credential: Mapping[str, Any], held: HeldPasskey | None
    ) -> PasskeyUse:
        """``held`` is None for an unknown passkey: the work is the same. Raises Malformed, SigninRefused."""
        ...


class IdentityProvider(Protocol):
    """OpenID Connect, as far as all actions need to know of it; signing in by it is in provider_ports.py."""

    @property
    def name(self) -> str:
        """What the button says."""
        ...

    async def logout_address(self) -> str | None:
        """Where a browser goes to sign out there too. None where the provider has no such place, or does not answer."""
        ...
