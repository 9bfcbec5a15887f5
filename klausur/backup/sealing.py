"""Encryption of backups: age, by pyrage, the binding of its Rust implementation. Nothing of it is ours, and what is
written can be opened without us: ``age --decrypt``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyrage
from pyrage import passphrase, x25519

from klausur.backup.errors import BackupError

_FOR_RECIPIENTS = b"\n-> X25519 "
_HEAD_BYTES = 200


class Key(Protocol):
    def seal(self, plain: bytes) -> bytes: ...

    def unseal(self, sealed: bytes) -> bytes:
        """Raises BackupError when it was altered, cut off, or sealed by another key."""
        ...


@dataclass(frozen=True, slots=True)
class Passphrase:
    words: str = field(repr=False)

    def seal(self, plain: bytes) -> bytes:
        return passphrase.encrypt(plain, self.words)

    def unseal(self, sealed: bytes) -> bytes:
        try:
            return passphrase.decrypt(sealed, self.words)
        except pyrage.DecryptError:
            raise BackupError("The backup is damaged, or was made with another passphrase.") from None


class Recipients:
    """Public keys. For the check after writing there is one more, whose other half nobody ever sees."""

    def __init__(self, names: Sequence[str]) -> None:
        self._checks = x25519.Identity.generate()
        try:
            self._recipients = [x25519.Recipient.from_str(name) for name in names]
        except pyrage.RecipientError:
            raise BackupError("BACKUP_RECIPIENT is not a public key of age, such as age1…") from None

    def seal(self, plain: bytes) -> bytes:
        return pyrage.encrypt(plain, [*self._recipients, self._checks.to_public()])

    def unseal(self, sealed: bytes) -> bytes:
        return _opened(sealed, [self._checks])


class Identities:
    """The other half of recipients, as age-keygen writes it: lines, some of them comments."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        try:
            self._identities = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        except pyrage.IdentityError:
            self._identities = []
        if not self._identities:
            raise BackupError("The identity file holds no secret key of age (AGE-SECRET-KEY-1…).")

    @classmethod
    def new(cls) -> Identities:
        return cls(str(x25519.Identity.generate()))

    def seal(self, plain: bytes) -> bytes:
        return pyrage.encrypt(plain, [identity.to_public() for identity in self._identities])

    def unseal(self, sealed: bytes) -> bytes:
        return _opened(sealed, self._identities)


def _opened(sealed: bytes, identities: Sequence[x25519.Identity]) -> bytes:
    try:
        return pyrage.decrypt(sealed, identities)
    except pyrage.DecryptError:
        raise BackupError("The backup is damaged, or was made for another key.") from None


def for_recipients(sealed: bytes) -> bool:
    """Whether a secret key opens it, not a passphrase."""
    return _FOR_RECIPIENTS in sealed[:_HEAD_BYTES]
