"""The account key: made once, kept for this user's eyes, and never replaced unnoticed."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import pytest

from klausur import run
from klausur.account_key import keep, require
from klausur.domain.errors import StorageUnavailable
from klausur.identity.keyring import AccountKey, new_account_key
from klausur.machine import CannotStartError, kept_secret
from klausur.settings import read
from klausur.store.installation import key_proof
from tests.accounts import again, code_of, person
from tests.cli.test_commands import free_port
from tests.house import house


def test_it_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "account-key"
    made = kept_secret(file, new_account_key)
    assert len(made) == 43
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_secret(file, new_account_key) == made
    assert [path.name for path in tmp_path.iterdir()] == ["account-key"]


def test_of_two_that_begin_at_once_the_second_takes_what_the_first_made(tmp_path: Path) -> None:
    file = tmp_path / "account-key"

    def meanwhile() -> str:
        file.write_text("the other's")
        return new_account_key()

    assert kept_secret(file, meanwhile) == "the other's"
    assert [path.name for path in tmp_path.iterdir()] == ["account-key"]


@pytest.mark.parametrize("contents", [b"", b" \n", b"\xff\xfe"])
def test_what_is_damaged_stops_the_start(tmp_path: Path, contents: bytes) -> None:
    file = tmp_path / "account-key"
    file.write_bytes(contents)
    with pytest.raises(CannotStartError, match="account-key"):
        kept_secret(file, new_account_key)
    assert file.read_bytes() == contents


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="DATA"):
        kept_secret(tmp_path / "missing" / "account-key", new_account_key)


async def test_the_setting_wins_and_another_key_opens_nothing(tmp_path: Path) -> None:
    key = secrets.token_urlsafe(32)
    async with house(tmp_path, account_key=key) as its, person(its, "Hanna", strong=True) as hanna:
        assert not (tmp_path / "account-key").exists()
        async with house(tmp_path, account_key=key[::-1]) as other:
            hanna.its = other
            async with again(hanna) as elsewhere:
                assert code_of(await elsewhere.sign_in()) == (401, "signin_refused")


def test_what_is_sealed_for_one_account_opens_for_no_other() -> None:
    ring = AccountKey(new_account_key())
    sealed = ring.seal("Hanna's", "secret")
    assert ring.open("Hanna's", sealed) == "secret"
    assert ring.seal("Hanna's", "secret") != sealed
    for account, text in (("Otto's", sealed), ("Hanna's", sealed[:-2]), ("Hanna's", ""), ("Hanna's", "A" * 60)):
        with pytest.raises(StorageUnavailable):
            ring.open(account, text)
    with pytest.raises(StorageUnavailable):
        AccountKey(new_account_key()).open("Hanna's", sealed)


def test_of_one_key_nothing_fits_another_purpose_or_another_account() -> None:
    ring, text = AccountKey(new_account_key()), "A" * 43
    made = [
        ring.verifier("one", text),
        ring.verifier("two", text),
        ring.backup_code("one", text),
        ring.backup_code("two", text),
        ring.subject("one", text),
        ring.subject("on", "e" + text),
        ring.pseudo_salt(text),
        ring.pseudo_account(text),
    ]
    assert len(set(made)) == len(made)


# -- and the accounts that were made under it -------------------------------------------------------------------------


async def an_account(folder: Path, **chosen: Any) -> None:
    """In a house that has been started."""
    async with house(folder, **chosen) as its:
        await keep(its.settings, its.built.database)
        async with person(its, "Hanna"):
            pass


def serving(folder: Path, **chosen: Any) -> str:
    """What keeps it from starting."""
    with pytest.raises(CannotStartError) as refused:
        run.serve(read({"data": folder, "port": free_port(), **chosen}, {}).settings, announce=lambda _: None)
    return str(refused.value)


def test_a_fresh_folder_beside_the_accounts_is_noticed_and_gets_no_key_of_its_own(tmp_path: Path) -> None:
    asyncio.run(an_account(tmp_path))
    file = tmp_path / "account-key"
    key = file.read_text()
    file.unlink()
    said = serving(tmp_path)
    assert str(file) in said
    assert "ACCOUNT_KEY" in said
    assert not file.exists()
    assert "the key to them is lost" not in serving(tmp_path, account_key="z" * 43)
    # Put back where it may also be, it is the key of the accounts again.
    asyncio.run(an_account_is_looked_after(tmp_path, account_key=key))


async def an_account_is_looked_after(folder: Path, **chosen: Any) -> None:
    async with house(folder, **chosen) as its:
        await keep(its.settings, its.built.database)


@pytest.mark.parametrize("chosen", [{}, {"account_key": "z" * 43}])
def test_another_key_starts_nothing_wherever_it_is(tmp_path: Path, chosen: dict[str, str]) -> None:
    asyncio.run(an_account(tmp_path))
    if not chosen:
        (tmp_path / "account-key").write_text("z" * 43)
    assert "is not the key of the accounts" in serving(tmp_path, **chosen)


async def test_as_long_as_there_is_no_account_any_key_will_do(tmp_path: Path) -> None:
    for key in ("y" * 43, "z" * 43):
        async with house(tmp_path, account_key=key) as its:
            await keep(its.settings, its.built.database)
    async with house(tmp_path, account_key="z" * 43) as its, person(its, "Hanna"):
        await require(its.settings, its.built.database)


async def test_accounts_from_before_the_key_was_known_again_take_the_one_there_is(tmp_path: Path) -> None:
    async with house(tmp_path) as its, person(its, "Hanna", strong=True):
        await keep(its.settings, its.built.database)
    async with house(tmp_path, account_key="z" * 43) as other:
        with pytest.raises(CannotStartError):
            await keep(other.settings, other.built.database)


async def test_nor_is_another_key_taken_for_theirs_where_a_second_factor_shows_that_it_is_not(tmp_path: Path) -> None:
    key = "k" * 43
    async with house(tmp_path, account_key=key) as its, person(its, "Hanna", strong=True):
        pass
    async with house(tmp_path, account_key="z" * 43) as mistyped:
        with pytest.raises(CannotStartError, match="ACCOUNT_KEY"):
            await keep(mistyped.settings, mistyped.built.database)
    async with house(tmp_path, account_key=key) as its:
        await keep(its.settings, its.built.database)
        await require(its.settings, its.built.database)


async def test_where_nothing_shows_it_nothing_is_noted(tmp_path: Path) -> None:
    key = "k" * 43
    async with house(tmp_path, account_key=key) as its, person(its, "Hanna"):
        pass
    async with house(tmp_path, account_key="z" * 43) as mistyped:
        await keep(mistyped.settings, mistyped.built.database)
    async with house(tmp_path, account_key=key) as its:
        await require(its.settings, its.built.database)


def test_what_is_held_of_the_key_is_not_the_key() -> None:
    assert key_proof("k" * 43) == key_proof("k" * 43) != key_proof("z" * 43)
    assert "kkkk" not in key_proof("k" * 43)
