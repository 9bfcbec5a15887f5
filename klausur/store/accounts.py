"""Accounts and what belongs to them, sessions, invitations and the audit trail, as rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from klausur.domain.accounts import (
    RESERVED_PREFIX,
    Account,
    AccountRole,
    AuditAct,
    Invitation,
    InvitationKind,
    Kdf,
    Notice,
    NoticeKind,
    Passkey,
    Session,
    WrapKind,
    name_key,
)
from klausur.domain.errors import Malformed, NameTaken
from klausur.domain.people_ports import AuditRow, PersonRow
from klausur.store import tables
from klausur.store.prepared import Do

_a = tables.accounts.c
_p = tables.passkeys.c
_b = tables.backup_codes.c
_s = tables.sessions.c
_i = tables.invitations.c
_n = tables.notices.c
_w = tables.vault_wraps.c


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=AccountRole(row.role),
        created_day=row.created_day,
        disabled=row.disabled,
        kdf=None if row.kdf is None else Kdf(**json.loads(row.kdf)),
        verifier=row.verifier,
        totp_sealed=row.totp_sealed,
        totp_last_step=row.totp_last_step,
        provider_subject=row.provider_subject,
    )


def _changeable(account: Account) -> dict[str, object]:
    return {
        "role": account.role.value,
        "disabled": account.disabled,
        "kdf": None if account.kdf is None else json.dumps(asdict(account.kdf)),
        "verifier": account.verifier,
        "totp_sealed": account.totp_sealed,
        "totp_last_step": account.totp_last_step,
        "provider_subject": account.provider_subject,
    }


_PASSKEYS: Final = select(func.count()).where(_p.account == _a.id).correlate(tables.accounts).scalar_subquery()


class AccountRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, account: Account) -> None:
        row = {
            "id": account.id,
            "name": account.name,
            "name_key": name_key(account.name),
            "created_day": account.created_day,
            **_changeable(account),
        }
        # Asked first: PostgreSQL ends a transaction in which an insertion fails.
        if await self.named(account.name) is not None:
            raise NameTaken
        try:
            await self._do(insert(tables.accounts).values(row))
        except IntegrityError:
            raise NameTaken from None

    async def find(self, account: str) -> Account | None:
        return await self._one(_a.id == account)

    async def named(self, name_key_: str) -> Account | None:
        return await self._one(_a.name_key == name_key(name_key_))

    async def of_subject(self, provider_subject: str) -> Account | None:
        return await self._one(_a.provider_subject == provider_subject)

    async def _one(self, which: Any) -> Account | None:
        row = (await self._do(select(tables.accounts).where(which))).first()
        return None if row is None else account_of(row)

    async def keep(self, account: Account) -> bool:
        change = update(tables.accounts).where(_a.id == account.id).values(_changeable(account))
        return (await self._do(change)).rowcount == 1

    async def use_step(self, account: str, step: int) -> bool:
        fresh = and_(_a.id == account, _a.totp_last_step < step)
        return (await self._do(update(tables.accounts).where(fresh).values(totp_last_step=step))).rowcount == 1

    async def erase(self, account: str) -> bool:
        return (await self._do(delete(tables.accounts).where(_a.id == account))).rowcount == 1

    async def people(self) -> Sequence[PersonRow]:
        rows = await self._do(select(tables.accounts, _PASSKEYS.label("passkeys")).order_by(_a.name_key))
        return [PersonRow(account_of(row), row.passkeys) for row in rows]

    async def other_administrators(self, but: str) -> int:
        able = or_(_a.verifier.is_not(None), _a.provider_subject.is_not(None), _PASSKEYS > 0)
        somebodys = _a.name_key.not_like(f"{RESERVED_PREFIX}%")
        others = and_(_a.role == AccountRole.ADMINISTRATOR.value, _a.disabled.is_(False), _a.id != but, able, somebodys)
        return int((await self._do(select(func.count()).select_from(tables.accounts).where(others))).scalar_one())

    async def put_backup_codes(self, account: str, hashes: Sequence[str]) -> None:
        await self._do(delete(tables.backup_codes).where(_b.account == account))
        if hashes:
            await self._do(insert(tables.backup_codes), [{"account": account, "hash": hash_} for hash_ in hashes])

    async def use_backup_code(self, account: str, hash_: str) -> bool:
        used = delete(tables.backup_codes).where(_b.account == account, _b.hash == hash_)
        return (await self._do(used)).rowcount == 1

    async def backup_codes(self, account: str) -> int:
        held = select(func.count()).select_from(tables.backup_codes).where(_b.account == account)
        return int((await self._do(held)).scalar_one())

    async def notices(self, account: str) -> Sequence[Notice]:
        rows = await self._do(select(tables.notices).where(_n.account == account).order_by(_n.day, _n.id))
        return [Notice(row.id, row.account, NoticeKind(row.kind), row.day) for row in rows]

    async def notify(self, notice: Notice) -> None:
        row = {"id": notice.id, "account": notice.account, "kind": notice.kind.value, "day": notice.day}
        await self._do(insert(tables.notices).values(row))

    async def drop_notice(self, account: str, notice: str) -> bool:
        gone = delete(tables.notices).where(_n.account == account, _n.id == notice)
        return (await self._do(gone)).rowcount == 1


class PasskeyRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, passkey: Passkey) -> None:
        if await self.find(passkey.id) is not None:
            raise Malformed
        row = {
            "id": passkey.id,
            "account": passkey.account,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "label": passkey.label,
            "created_day": passkey.created_day,
            "backed_up": passkey.backed_up,
        }
        await self._do(insert(tables.passkeys).values(row))

    async def find(self, passkey: str) -> Passkey | None:
        row = (await self._do(select(tables.passkeys).where(_p.id == passkey))).first()
        return None if row is None else _passkey_of(row)

    async def of_account(self, account: str) -> Sequence[Passkey]:
        rows = await self._do(
            select(tables.passkeys).where(_p.account == account).order_by(_p.created_day, _p.label, _p.id)
        )
        return [_passkey_of(row) for row in rows]

    async def count(self, account: str) -> int:
        held = select(func.count()).select_from(tables.passkeys).where(_p.account == account)
        return int((await self._do(held)).scalar_one())

    async def used(self, passkey: str, *, sign_count: int, backed_up: bool) -> None:
        await self._do(
            update(tables.passkeys).where(_p.id == passkey).values(sign_count=sign_count, backed_up=backed_up)
        )

    async def rename(self, account: str, passkey: str, label: str) -> bool:
        change = update(tables.passkeys).where(_p.account == account, _p.id == passkey).values(label=label)
        return (await self._do(change)).rowcount == 1

    async def remove(self, account: str, passkey: str) -> bool:
        wrap = and_(_w.account == account, _w.kind == WrapKind.PASSKEY.value, _w.id == passkey)
        await self._do(delete(tables.vault_wraps).where(wrap))
        gone = delete(tables.passkeys).where(_p.account == account, _p.id == passkey)
        return (await self._do(gone)).rowcount == 1

    async def remove_all(self, account: str) -> None:
        await self._do(delete(tables.passkeys).where(_p.account == account))


def _passkey_of(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        account=row.account,
        public_key=row.public_key,
        sign_count=row.sign_count,
        label=row.label,
        created_day=row.created_day,
        backed_up=row.backed_up,
    )


_SESSION_COLUMNS: Final = [column.label(f"its_{column.name}") for column in tables.sessions.c]
_FIND_SESSION: Final = (
    select(tables.accounts, *_SESSION_COLUMNS)
    .select_from(tables.sessions.join(tables.accounts, _a.id == _s.account))
    .where(_s.hash == bindparam("which"))
)


class SessionRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, session: Session) -> None:
        row = {
            "hash": session.hash,
            "id": session.id,
            "account": session.account,
            "began_at": session.began_at,
            "seen_hour": session.seen_hour,
            "strong": session.strong,
            "browser": session.browser,
            "provider": session.provider,
            "provider_session": session.provider_session,
        }
        await self._do(insert(tables.sessions).values(row))

    async def find(self, hash_: str) -> tuple[Session, Account] | None:
        row = (await self._do(_FIND_SESSION, {"which": hash_})).first()
        return None if row is None else (_session_of(row, "its_"), account_of(row))

    async def seen(self, hash_: str, hour: datetime) -> None:
        await self._do(update(tables.sessions).where(_s.hash == hash_).values(seen_hour=hour))

    async def strengthen(self, hash_: str) -> None:
        await self._do(update(tables.sessions).where(_s.hash == hash_).values(strong=True))

    async def of_account(self, account: str) -> Sequence[Session]:
        rows = await self._do(select(tables.sessions).where(_s.account == account).order_by(_s.began_at.desc()))
        return [_session_of(row) for row in rows]

    async def end(self, hash_: str) -> bool:
        return await self._end(_s.hash == hash_) == 1

    async def end_one(self, account: str, session: str) -> bool:
        return await self._end(and_(_s.account == account, _s.id == session)) == 1

    async def end_all(self, account: str, *, but: str = "") -> int:
        return await self._end(and_(_s.account == account, _s.hash != but))

    async def end_of_provider(self, *, subject: str | None, session: str | None) -> int:
        if subject is None and session is None:
            return 0
        which: Any = _s.provider.is_(True)
        if session is not None:
            which = and_(which, _s.provider_session == session)
        if subject is not None:
            which = and_(which, _s.account.in_(select(_a.id).where(_a.provider_subject == subject)))
        return await self._end(which)

    async def end_over(self, began_by: datetime, seen_by: datetime) -> int:
        return await self._end(or_(_s.began_at <= began_by, _s.seen_hour <= seen_by))

    async def _end(self, which: Any) -> int:
        return (await self._do(delete(tables.sessions).where(which))).rowcount


def _session_of(row: Row[Any], prefix: str = "") -> Session:
    its = row._mapping
    return Session(**{column.name: its[f"{prefix}{column.name}"] for column in tables.sessions.c})


class InvitationRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def add(self, invitation: Invitation) -> None:
        row = {
            "hash": invitation.hash,
            "id": invitation.id,
            "kind": invitation.kind.value,
            "role": invitation.role.value,
            "name": invitation.name,
            "account": invitation.account,
            "expires_at": invitation.expires_at,
            "made_by": invitation.made_by,
        }
        await self._do(insert(tables.invitations).values(row))

    async def find(self, hash_: str) -> Invitation | None:
        row = (await self._do(select(tables.invitations).where(_i.hash == hash_))).first()
        return None if row is None else _invitation_of(row)

    async def take(self, hash_: str) -> bool:
        return await self._end(_i.hash == hash_) == 1

    async def open(self, now: datetime) -> Sequence[Invitation]:
        rows = await self._do(select(tables.invitations).where(_i.expires_at > now).order_by(_i.expires_at, _i.id))
        return [_invitation_of(row) for row in rows]

    async def withdraw(self, invitation: str) -> bool:
        return await self._end(_i.id == invitation) == 1

    async def withdraw_for(self, account: str) -> None:
        await self._end(_i.account == account)

    async def withdraw_by(self, account: str) -> None:
        await self._end(_i.made_by == account)

    async def end_over(self, now: datetime) -> int:
        return await self._end(_i.expires_at <= now)

    async def _end(self, which: Any) -> int:
        return (await self._do(delete(tables.invitations).where(which))).rowcount


def _invitation_of(row: Row[Any]) -> Invitation:
    return Invitation(
        hash=row.hash,
        id=row.id,
        kind=InvitationKind(row.kind),
        role=AccountRole(row.role),
        name=row.name,
        account=row.account,
        expires_at=row.expires_at,
        made_by=row.made_by,
    )


class AuditRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    async def note(self, act: AuditAct, now: datetime, *, by: str | None, object_: str) -> None:
        row = {"at": now, "account": by, "act": act.value, "object": object_}
        await self._do(insert(tables.audit).values(row))

    async def about(self, account: str) -> Sequence[AuditRow]:
        its = tables.audit.c
        theirs = or_(its.account == account, its.object == account)
        rows = await self._do(select(tables.audit).where(theirs).order_by(its.id))
        return [AuditRow(row.at, row.account, AuditAct(row.act), row.object) for row in rows]
