"""Vaults, as rows: what browsers have sealed, and the vault's key as it was wrapped by each means of signing in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, delete, func, insert, or_, select, update

from klausur.domain.accounts import Vault, Wrap, WrapKind
from klausur.store import tables
from klausur.store.prepared import Do

_v = tables.vaults.c
_w = tables.vault_wraps.c


class VaultRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def find(self, account: str) -> Vault:
        row = (await self._do(select(tables.vaults).where(_v.account == account))).first()
        wraps = await self.wraps(account)
        return Vault(wraps=wraps) if row is None else Vault(row.version, row.blob, wraps)

    async def size(self, account: str) -> tuple[int, int]:
        held = select(_v.version, func.length(_v.blob).label("size")).where(_v.account == account)
        row = (await self._do(held)).first()
        return (0, 0) if row is None else (row.version, row.size)

    async def put(self, account: str, version: int, blob: str) -> bool:
        if version == 1:
            # Whoever comes second is told so by the version, as with any other; two at once wait for one another.
            if (await self.size(account))[0]:
                return False
            await self._do(insert(tables.vaults).values(account=account, version=1, blob=blob))
            return True
        held = and_(_v.account == account, _v.version == version - 1)
        change = update(tables.vaults).where(held).values(version=version, blob=blob)
        return (await self._do(change)).rowcount == 1

    async def replace(self, account: str, blob: str) -> None:
        await self._do(delete(tables.vaults).where(_v.account == account))
        await self._do(insert(tables.vaults).values(account=account, version=1, blob=blob))

    async def wraps(self, account: str) -> Sequence[Wrap]:
        held = select(tables.vault_wraps).where(_w.account == account).order_by(_w.kind, _w.id)
        return [Wrap(WrapKind(row.kind), row.id, row.wrapped) for row in await self._do(held)]

    async def put_wraps(self, account: str, wraps: Sequence[Wrap]) -> None:
        if not wraps:
            return
        same = or_(*(and_(_w.kind == wrap.kind.value, _w.id == wrap.id) for wrap in wraps))
        await self._do(delete(tables.vault_wraps).where(_w.account == account, same))
        rows = [{"account": account, "kind": wrap.kind.value, "id": wrap.id, "wrapped": wrap.wrapped} for wrap in wraps]
        await self._do(insert(tables.vault_wraps), rows)

    async def drop_wraps(self, account: str, kinds: Sequence[WrapKind]) -> None:
        gone = and_(_w.account == account, _w.kind.in_([kind.value for kind in kinds]))
        await self._do(delete(tables.vault_wraps).where(gone))
