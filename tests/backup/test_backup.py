"""Backups: what is in them, what is not, and which are refused. On each kind of database."""

from __future__ import annotations

import fcntl
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from klausur.backup import take as taking
from klausur.backup.archive import Archive, pack
from klausur.backup.errors import BackupError
from klausur.backup.sealing import Identities, Key, Passphrase, Recipients
from klausur.machine import write_new
from klausur.settings import Settings
from klausur.store import copying, tables
from klausur.store.installation import key_proof
from klausur.store.migrate import HEAD, migrate, revision_of, upgrade
from klausur.store.opening import open_alone
from tests.backup.organisation import (
    NEVER,
    PUBLIC_KEY,
    SECRET_KEY,
    back_up,
    held,
    opened,
    organisation,
    put_back,
    settings_of,
)


@pytest.fixture
def house_of_ada(tmp_path: Path) -> Settings:
    return organisation(settings_of(tmp_path / "ada"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """A machine on which nothing is yet."""
    return settings_of(tmp_path / "elsewhere")


@pytest.fixture
def sealed(house_of_ada: Settings, tmp_path: Path) -> bytes:
    return back_up(house_of_ada, tmp_path / "klausur.age")


def test_every_table_is_either_kept_or_left_out() -> None:
    assert set(copying.KEPT) | copying.LEFT_OUT == set(tables.metadata.tables)
    assert not set(copying.KEPT) & copying.LEFT_OUT


def test_what_is_kept_comes_back_as_it_was(house_of_ada: Settings, elsewhere: Settings, sealed: bytes) -> None:
    put_back(elsewhere, sealed)
    before, after = held(house_of_ada), held(elsewhere)
    for name in set(copying.KEPT) - {"audit", "meetings"}:
        assert after[name] == before[name], name
        assert after[name], name
    assert [row["act"] for row in after["audit"]] == ["first", "second"]
    for name in copying.LEFT_OUT - {"openings"}:
        assert after[name] == [], name
    for name in ("account-key", "proof-key", "klausur.toml"):
        assert (elsewhere.data / name).read_bytes() == (house_of_ada.data / name).read_bytes()
        assert stat.S_IMODE((elsewhere.data / name).stat().st_mode) == 0o600


def test_planned_meetings_come_back_with_an_opening_ahead_and_others_do_not(
    house_of_ada: Settings, elsewhere: Settings, sealed: bytes
) -> None:
    put_back(elsewhere, sealed)
    before = {row["id"]: row for row in held(house_of_ada)["meetings"]}
    after = held(elsewhere)
    assert after["meetings"] == [before["alone"], before["planned"] | {"state": "scheduled"}]
    assert {row["meeting"] for row in after["openings"]} == {"alone", "planned"}
    for row in after["openings"]:
        assert not row["session"].startswith("OPENING")
        assert (row["began_at"], row["empty_since"]) == (None, None)


def test_no_seat_ticket_session_or_invitation_is_in_it(sealed: bytes) -> None:
    archive = opened(sealed)
    told = json.dumps([archive.rows, {name: text.decode() for name, text in archive.files.items()}])
    assert "card of planned" in told  # so much for the search itself
    assert not [word for word in NEVER if word in told]


def test_a_backup_says_nothing_without_its_key(sealed: bytes) -> None:
    for word in (b"Ada", b"card of", b"Example House", b"accounts", b"manifest", b"k" * 20):
        assert word not in sealed


def test_a_backup_is_the_owners_alone_and_overwrites_nothing(house_of_ada: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "klausur.age"
    first = back_up(house_of_ada, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(BackupError, match="there already"):
        back_up(house_of_ada, file)
    assert file.read_bytes() == first
    assert [path.name for path in folder.iterdir()] == ["klausur.age"]


def test_what_appears_meanwhile_under_its_name_stays(
    house_of_ada: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "klausur.age"
    check = taking._check

    def somebody_else_writes(beside: Path, key: Key, packed: bytes) -> None:
        check(beside, key, packed)
        file.write_text("Otto's")

    monkeypatch.setattr(taking, "_check", somebody_else_writes)
    with pytest.raises(BackupError, match="there already"):
        back_up(house_of_ada, file)
    assert file.read_text() == "Otto's"


def test_a_disk_that_writes_something_else_is_noticed(
    house_of_ada: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "klausur.backup.take.write_new", lambda file, content: write_new(file, content[:-40] + bytes(40))
    )
    with pytest.raises(BackupError):
        back_up(house_of_ada, tmp_path / "klausur.age")
    assert not [path for path in tmp_path.iterdir() if "age" in path.name]


def test_there_is_nothing_to_back_up_where_there_is_no_installation(elsewhere: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError):
        back_up(elsewhere, tmp_path / "klausur.age")
    assert not elsewhere.data.exists()
    assert not (tmp_path / "klausur.age").exists()


# -- what is refused --------------------------------------------------------------------------------------------------


def untouched(its: Settings) -> None:
    """Neither files nor rows."""
    left = {path.name for path in its.data.iterdir()} if its.data.exists() else set()
    assert left <= {"lock"}
    alone = open_alone(its.database)
    if not alone.is_missing():
        with alone.snapshot() as connection:
            assert not copying.holds_anything(connection)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_backup_is_refused(elsewhere: Settings, sealed: bytes, share: float) -> None:
    with pytest.raises(BackupError, match="damaged"):
        put_back(elsewhere, sealed[: int(len(sealed) * share)])
    untouched(elsewhere)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.35, 0.7, 0.9999])
def test_an_altered_backup_is_refused(elsewhere: Settings, sealed: bytes, share: float) -> None:
    place = int(len(sealed) * share)
    altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    with pytest.raises(BackupError, match="damaged"):
        put_back(elsewhere, altered)
    untouched(elsewhere)


def test_something_behind_its_end_is_refused(elsewhere: Settings, sealed: bytes) -> None:
    with pytest.raises(BackupError, match="damaged"):
        put_back(elsewhere, sealed + b"x")


def test_another_passphrase_opens_nothing(house_of_ada: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = back_up(house_of_ada, tmp_path / "klausur.age", Passphrase("correct horse battery"))
    with pytest.raises(BackupError, match="another passphrase"):
        put_back(elsewhere, made, Passphrase("correct horse batterie"))
    untouched(elsewhere)
    put_back(elsewhere, made, Passphrase("correct horse battery"))
    assert held(elsewhere)["accounts"]


def changed(sealed: bytes, change: Callable[[Archive], Archive]) -> bytes:
    """By somebody who has the key."""
    return Recipients([PUBLIC_KEY]).seal(pack(change(opened(sealed))))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda its: replace(its, schema="9999"), "newer release"),
        (lambda its: replace(its, release="0.2.0"), "newer release"),
        (lambda its: replace(its, release="10.0.0"), "newer release"),
        (lambda its: replace(its, rows={**its.rows, "seats": []}), "damaged"),
        (lambda its: replace(its, files={**its.files, "../../evil": b""}), "damaged"),
        (lambda its: replace(its, rows={"accounts": [{"no_such_column": 1}]}), "does not take"),
        (lambda its: replace(its, rows={**its.rows, "accounts": its.rows["accounts"] * 2}), "does not take"),
        (lambda its: replace(its, rows={**its.rows, "accounts": []}), "does not take|refer to others"),
    ],
)
def test_what_this_release_cannot_put_back_is_refused(
    elsewhere: Settings, sealed: bytes, change: Callable[[Archive], Archive], says: str
) -> None:
    with pytest.raises(BackupError, match=says):
        put_back(elsewhere, changed(sealed, change))
    untouched(elsewhere)


@pytest.mark.parametrize("name", ["manifest.json", "tables/accounts.jsonl", "files/account-key"])
def test_a_part_that_is_not_what_the_manifest_says_is_refused(elsewhere: Settings, sealed: bytes, name: str) -> None:
    import io
    import zipfile

    plain = Identities(SECRET_KEY).unseal(sealed)
    for change in (lambda content: content + b"\n", lambda content: content[:-1], lambda _: None):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w") as new:
            for part in old.namelist():
                content: Any = old.read(part)
                content = change(content) if part == name else content
                if content is not None:
                    new.writestr(part, content)
        if name == "manifest.json" and out.getvalue() and change(b"ab") == b"ab\n":
            continue  # one more line break at its end changes nothing in it
        with pytest.raises(BackupError, match="damaged"):
            put_back(elsewhere, Recipients([PUBLIC_KEY]).seal(out.getvalue()))
    untouched(elsewhere)


def test_an_installation_that_is_there_stays(house_of_ada: Settings, sealed: bytes) -> None:
    before = held(house_of_ada)
    with pytest.raises(BackupError, match="--replace"):
        put_back(house_of_ada, sealed)
    assert held(house_of_ada) == before


def test_an_installation_that_runs_is_left_alone(house_of_ada: Settings, sealed: bytes) -> None:
    before = held(house_of_ada)
    with (house_of_ada.data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="running"):
            put_back(house_of_ada, sealed, replace=True)
    assert held(house_of_ada) == before


def test_a_key_that_would_make_every_password_void_is_refused(sealed: bytes, tmp_path: Path) -> None:
    its = settings_of(tmp_path / "elsewhere", account_key="z" * 43)
    with pytest.raises(BackupError, match="ACCOUNT_KEY"):
        put_back(its, sealed)
    untouched(its)
    put_back(settings_of(tmp_path / "elsewhere", account_key="k" * 43), sealed)
    assert not (its.data / "account-key").exists()


@pytest.mark.parametrize("key", [b"", b"z" * 43, None])
@pytest.mark.parametrize("there", [False, True])
def test_accounts_without_their_key_are_not_put_back(
    elsewhere: Settings, sealed: bytes, key: bytes | None, there: bool
) -> None:
    """Not onto an installation that has a key of its own either: nobody could sign in, and nobody would know why."""

    def without(archive: Archive) -> Archive:
        files = {name: content for name, content in archive.files.items() if name != "account-key"}
        return replace(archive, files=files if key is None else files | {"account-key": key})

    before = held(organisation(elsewhere)) if there else None
    with pytest.raises(BackupError, match="key"):
        put_back(elsewhere, changed(sealed, without), replace=there)
    if there:
        assert held(elsewhere) == before
        assert (elsewhere.data / "account-key").read_text() == "k" * 43
    else:
        untouched(elsewhere)


def test_in_place_of_another_installation_the_accounts_have_their_own_key(
    elsewhere: Settings, sealed: bytes, tmp_path: Path
) -> None:
    organisation(elsewhere)
    (elsewhere.data / "account-key").write_text("z" * 43)
    put_back(elsewhere, sealed, replace=True)
    assert (elsewhere.data / "account-key").read_text() == "k" * 43
    back_up(elsewhere, tmp_path / "again.age")


def test_an_installation_that_was_started_and_never_used_is_none(elsewhere: Settings, sealed: bytes) -> None:
    elsewhere.data.mkdir()
    (elsewhere.data / "account-key").write_text("z" * 43)
    migrate(elsewhere.database)
    with open_alone(elsewhere.database).changing() as connection:
        connection.execute(insert(tables.installation).values(id=1, key_proof=key_proof("z" * 43)))
    put_back(elsewhere, sealed)
    assert (elsewhere.data / "account-key").read_text() == "k" * 43


@pytest.mark.parametrize("key", ["z" * 43, None])
def test_a_backup_without_the_accounts_key_is_not_written(
    house_of_ada: Settings, tmp_path: Path, key: str | None
) -> None:
    file = house_of_ada.data / "account-key"
    file.unlink()
    if key is not None:
        file.write_text(key)
    with pytest.raises(BackupError, match="account-key"):
        back_up(house_of_ada, tmp_path / "klausur.age")
    assert not (tmp_path / "klausur.age").exists()


def test_a_key_given_by_a_setting_comes_along(tmp_path: Path, elsewhere: Settings) -> None:
    its = organisation(settings_of(tmp_path / "ada", account_key="s" * 43))
    (its.data / "account-key").unlink()
    put_back(elsewhere, back_up(its, tmp_path / "klausur.age"))
    assert (elsewhere.data / "account-key").read_text() == "s" * 43


# -- instead of what is there -----------------------------------------------------------------------------------------


def test_what_is_replaced_is_kept_aside(house_of_ada: Settings, sealed: bytes) -> None:
    (house_of_ada.data / "account-key").write_text("n" * 43)
    with open_alone(house_of_ada.database).changing() as connection:
        connection.execute(tables.vaults.update().values(version=8))
    done = put_back(house_of_ada, sealed, replace=True)
    assert held(house_of_ada)["vaults"][0]["version"] == 7
    assert (house_of_ada.data / "account-key").read_text() == "k" * 43
    (kept,) = house_of_ada.data.glob("account-key.before-restore-*")
    assert kept.read_text() == "n" * 43
    assert any("database" in note for note in done.notes)


def test_a_restoration_that_fails_at_its_last_step_leaves_everything_as_it_was(
    house_of_ada: Settings, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house_of_ada.data / "account-key").write_text("n" * 43)
    before = held(house_of_ada)
    there = {path.name for path in house_of_ada.data.iterdir()}
    files = {
        path: path.read_bytes() for path in (house_of_ada.data / "account-key", house_of_ada.data / "klausur.toml")
    }

    def disk_full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("klausur.backup.restore._settings_fit", disk_full)
    with pytest.raises(BackupError, match="No space left"):
        put_back(house_of_ada, sealed, replace=True)
    assert held(house_of_ada) == before
    assert {path: path.read_bytes() for path in files} == files
    assert {path.name for path in house_of_ada.data.iterdir()} - {"lock"} == there - {"lock"}


def test_settings_that_are_there_stay_and_those_of_the_backup_lie_beside(elsewhere: Settings, sealed: bytes) -> None:
    elsewhere.data.mkdir()
    (elsewhere.data / "klausur.toml").write_text("port = 8123\n")
    done = put_back(elsewhere, sealed)
    assert (elsewhere.data / "klausur.toml").read_text() == "port = 8123\n"
    (beside,) = elsewhere.data.glob("klausur.toml.of-restore-*")
    assert "Example House" in beside.read_text()
    assert any(beside.name in note for note in done.notes)


def test_no_settings_lead_to_another_database_than_the_restored_one(
    house_of_ada: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    (house_of_ada.data / "klausur.toml").write_text('database_url = "postgresql://somewhere/else"\n')
    put_back(elsewhere, back_up(house_of_ada, tmp_path / "klausur.age"))
    assert not (elsewhere.data / "klausur.toml").exists()


# -- from and to other schemas ----------------------------------------------------------------------------------------


def test_a_backup_of_an_older_schema_is_brought_up_to_date(elsewhere: Settings, sealed: bytes) -> None:
    added_since = {"account", "guests", "times_version"}

    def as_it_was(archive: Archive) -> Archive:
        meetings = [{k: v for k, v in row.items() if k not in added_since} for row in archive.rows["meetings"]]
        return replace(archive, schema="0003", release="0.0.9", rows={"meetings": meetings})

    put_back(elsewhere, changed(sealed, as_it_was))
    with open_alone(elsewhere.database).snapshot() as connection:
        assert revision_of(connection) == HEAD
    after = held(elsewhere)
    assert [(row["id"], row["guests"]) for row in after["meetings"]] == [("alone", True), ("planned", True)]
    assert len(after["openings"]) == 2


def test_a_database_of_another_schema_is_brought_up_to_date_first(elsewhere: Settings, tmp_path: Path) -> None:
    elsewhere.data.mkdir()
    with open_alone(elsewhere.database).changing() as connection:
        upgrade(connection, "0003")
    with pytest.raises(BackupError, match="klausur migrate"):
        back_up(elsewhere, tmp_path / "klausur.age")


def test_the_next_act_is_noted_behind_those_that_were_restored(elsewhere: Settings, sealed: bytes) -> None:
    """PostgreSQL gives numbers by itself, and would give those of restored rows again."""
    put_back(elsewhere, sealed)
    with open_alone(elsewhere.database).changing() as connection:
        act = {"at": held(elsewhere)["audit"][0]["at"], "act": "third", "object": "x"}
        connection.execute(tables.audit.insert().values(**act))
    assert [row["act"] for row in held(elsewhere)["audit"]] == ["first", "second", "third"]
