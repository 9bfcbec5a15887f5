"""The account key: made once, kept for this user's eyes, and never replaced unnoticed."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from klausur.domain.errors import StorageUnavailable
from klausur.identity.keyring import AccountKey, new_account_key
from klausur.machine import CannotStartError, kept_secret
from tests.accounts import again, code_of, person
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
