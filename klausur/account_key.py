"""The account key and the accounts that were made under it, which can be parted: a database that stays while DATA is a
fresh volume, a setting that is mistyped. Under another key every password, code and second factor would be void, and
nobody would be told why."""

from __future__ import annotations

from klausur.domain.errors import StorageUnavailable
from klausur.identity.keyring import AccountKey, new_account_key
from klausur.machine import CannotStartError, kept_secret, secret_in
from klausur.settings import ACCOUNT_KEY_FILE, Settings
from klausur.store.installation import KeyHeld, key_held
from klausur.store.opening import open_database
from klausur.store.unit import Database


def kept(settings: Settings) -> str:
    """Made the first time. Raises CannotStartError where it cannot be kept."""
    return settings.account_key or kept_secret(settings.data / ACCOUNT_KEY_FILE, new_account_key)


async def require(settings: Settings, database: Database) -> None:
    """That of the accounts, where there are some. Makes none: a new one would hide that theirs is lost. Raises
    CannotStartError, StorageUnavailable."""
    if database.file_to_make() is not None:
        return
    held, file = await database.look(key_held), settings.data / ACCOUNT_KEY_FILE
    key = settings.account_key or secret_in(file)
    if key is None and held.needed:
        raise CannotStartError(
            f"There are accounts, and the key to them is lost; put {file} back from a backup, or set ACCOUNT_KEY to it."
        )
    if key is not None and not (held.fits(key) and _opens(key, held)):
        raise CannotStartError(
            f"ACCOUNT_KEY, or {file}, is not the key of the accounts that there are; put theirs back from a backup."
        )


def _opens(key: str, held: KeyHeld) -> bool:
    """What was sealed under it, in a database that does not say yet which key is its own."""
    if held.proof is not None or held.sealed is None:
        return True
    try:
        AccountKey(key).open(*held.sealed)
    except StorageUnavailable:
        return False
    return True


async def require_beforehand(settings: Settings) -> None:
    """As ``require``, for a server before it makes anything: whoever assembles it makes a key where there is none."""
    database = open_database(settings.database)
    try:
        await require(settings, database)
    finally:
        await database.close()


async def why_not(settings: Settings) -> str | None:
    """What keeps a server from starting; None when nothing does, of the key."""
    try:
        await require_beforehand(settings)
    except CannotStartError as error:
        return str(error)
    except StorageUnavailable:
        return "it cannot be compared with the accounts while the database cannot be used."
    return None


async def keep(settings: Settings, database: Database) -> None:
    """For a server at its start: for as long as there is no account, the key there is will be that of all to come.
    Where accounts are older than this row, it is noted once it is known to be theirs. Raises as ``require``."""
    await require(settings, database)
    async with database.writing() as unit:
        held = await unit.installation.key_held()
        if not held.needed or (held.proof is None and held.sealed is not None):
            await unit.installation.keep_key(kept(settings))
