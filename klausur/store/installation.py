"""Which account key the accounts were made under, as a row: a database and a data folder can be parted, and whoever
brings another key, or none, makes every password, code and second factor void."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, update

from klausur.domain.encoding import encode
from klausur.store import tables
from klausur.store.prepared import Do

_LABEL: Final = b"klausur account key proof v1|"
_THE_ROW: Final = 1
_SOME_SEALED: Final = (
    select(tables.accounts.c.id, tables.accounts.c.totp_sealed)
    .where(tables.accounts.c.totp_sealed.is_not(None))
    .limit(1)
)


def key_proof(account_key: str) -> str:
    """What is held of it: says nothing of the key, and nothing else is made with this label."""
    return encode(hmac.digest(account_key.encode(), _LABEL, hashlib.sha256))


@dataclass(frozen=True, slots=True)
class KeyHeld:
    """What a database says of its account key."""

    needed: bool
    """There are accounts."""
    proof: str | None
    """None in one that no server has had since it knows this row."""
    sealed: tuple[str, str] | None = None
    """An account with a second factor, and that as it was sealed, if there is any."""

    def fits(self, account_key: str) -> bool:
        return not self.needed or self.proof is None or hmac.compare_digest(self.proof, key_proof(account_key))


def key_held(connection: Connection) -> KeyHeld:
    """Of any database, also an older one, or one without tables."""
    there = set(inspect(connection).get_table_names())
    needed = "accounts" in there and connection.execute(select(tables.accounts.c.id).limit(1)).first() is not None
    proof = connection.execute(select(tables.installation.c.key_proof)).scalar() if "installation" in there else None
    sealed = connection.execute(_SOME_SEALED).first() if needed else None
    return KeyHeld(needed, proof, (sealed.id, sealed.totp_sealed) if sealed else None)


class InstallationRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def key_held(self) -> KeyHeld:
        needed = (await self._do(select(tables.accounts.c.id).limit(1))).first() is not None
        proof = (await self._do(select(tables.installation.c.key_proof))).scalar_one_or_none()
        sealed = (await self._do(_SOME_SEALED)).first()
        return KeyHeld(needed, proof, (sealed.id, sealed.totp_sealed) if sealed else None)

    async def keep_key(self, account_key: str) -> None:
        its = {"key_proof": key_proof(account_key)}
        if (await self._do(update(tables.installation).values(its))).rowcount == 0:
            await self._do(insert(tables.installation).values(id=_THE_ROW, **its))
