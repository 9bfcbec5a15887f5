"""What every action on accounts is given."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from klausur.domain.accounts import TOTP_PENDING, Account, Invitation, Means, Session
from klausur.domain.people_ports import Keyring, OneTimeCodes, PasskeyCeremonies
from klausur.domain.ports import Clock, Store
from klausur.domain.provider_ports import ProviderDoor


class SetupLink:
    """The way to the first administrator: of one process, in its memory only."""

    def __init__(self) -> None:
        self._open: Invitation | None = None

    def offer(self, invitation: Invitation) -> None:
        self._open = invitation

    def find(self, hash_: str) -> Invitation | None:
        held = self._open
        return held if held is not None and hmac.compare_digest(held.hash, hash_) else None

    def close(self) -> None:
        self._open = None


class PendingSecrets:
    """Second factors that somebody was shown and has yet to prove: by account, in memory only."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, datetime]] = {}

    def put(self, account: str, secret: str, now: datetime) -> None:
        self._held = _living(self._held, now)
        self._held[account] = (secret, now + TOTP_PENDING)

    def find(self, account: str, now: datetime) -> str | None:
        held = _living(self._held, now).get(account)
        return held[0] if held else None

    def drop(self, account: str) -> None:
        self._held.pop(account, None)


def _living(held: Mapping[str, tuple[str, datetime]], now: datetime) -> dict[str, tuple[str, datetime]]:
    return {account: each for account, each in held.items() if now < each[1]}


@dataclass(frozen=True, slots=True)
class People:
    store: Store
    clock: Clock
    keyring: Keyring
    codes: OneTimeCodes
    passkeys: PasskeyCeremonies | None = None
    """None where the pages' name is an address: browsers bind no passkey to it."""
    provider: ProviderDoor | None = None
    setup: SetupLink = field(default_factory=SetupLink)
    pending: PendingSecrets = field(default_factory=PendingSecrets)

    def means(self, account: Account, passkeys: int) -> Means:
        """As the identity provider that there is counts."""
        strong = self.provider is not None and self.provider.is_second_factor
        return Means.of(account, passkeys, provider_is_strong=strong)


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who has signed in."""

    account: Account
    session: Session
