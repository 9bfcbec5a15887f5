"""``klausur check``: what it says of a row, what it cannot do, and what a run that was killed has left."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from klausur.check_lock import only_check
from klausur.compliance import exporting
from klausur.compliance.catalogue import load
from klausur.compliance.exports import locks
from klausur.compliance.exports.material import label_words
from klausur.compliance.keeping import CHECKPOINTS_FILE, TooMuch
from klausur.domain.accounts import RESERVED_PREFIX, Account, AccountRole
from klausur.store.opening import open_database
from tests.compliance.test_check_command import ROW, Command, answering, command

__all__ = ["answering", "command"]

OURS_AND_NOTED = "DSK-L-1-02"
NOTED = "DSK-L-2.2-02"


# -- called wrongly ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("--only", "DSK-X"), ("--profile", "everything")])
def test_a_mistake_of_usage_is_one_where_there_is_no_database_yet(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path / "empty"))
    assert command("check")[0] == 3
    code, out, err = command("check", *arguments)
    assert (code, out, arguments[1] in err) == (4, "", True)
    assert not (tmp_path / "empty").exists()


def test_a_mistake_of_usage_is_one_while_another_check_runs(command: Command, tmp_path: Path) -> None:
    with only_check(tmp_path / "data"):
        assert command("check", "--only", "DSK-X")[0] == 4


def test_a_folder_that_cannot_be_looked_at_is_told_of_before_anything_is_done(command: Command) -> None:
    code, out, err = command("check", "--export", "x" * 5000)
    assert (code, out) == (4, "")
    assert "cannot be used" in err


# -- what is not exported ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_what_was_found_is_told_where_it_cannot_be_exported(
    command: Command, tmp_path: Path, how: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    code, out, err = command("check", "--only", ROW, "--export", str(tmp_path / "file" / "out"), *how)
    assert (code, ROW in out) == (4, True)
    assert "another new folder" in err
    if how:
        told = json.loads(out)
        assert (told["exit"], told["unsigned"], "cannot be written" in told["unexported"]) == (2, None, True)


@pytest.mark.usefixtures("answering")
def test_a_package_that_would_be_too_large_leaves_the_rest(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def too_much(*_: Any, **__: Any) -> None:
        raise TooMuch("contract.pdf does not fit into a package")

    monkeypatch.setattr(exporting, "hand_out", too_much)
    code, out, err = command("check", "--only", ROW, "--export", str(tmp_path / "out"))
    assert (code, ROW in out) == (4, True)
    assert "contract.pdf does not fit" in err
    assert (tmp_path / "out" / "checklist.csv").exists()


@pytest.mark.usefixtures("answering")
def test_an_installation_that_does_not_know_its_parts_is_told_what_to_do(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unknown() -> None:
        raise locks.NoLocks("engine/go.sum cannot be read (No such file or directory).")

    monkeypatch.setattr(locks, "read", unknown)
    code, out, err = command("check", "--only", ROW, "--export", str(tmp_path / "out"))
    assert (code, ROW in out) == (4, True)
    assert "go.sum cannot be read (No such file or directory); please install" in err


def test_a_run_that_says_nothing_ends_as_one_also_where_it_cannot_be_exported(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, err = command("check", "--export", str(tmp_path / "file" / "out"))
    assert (code, "No server" in err, "not whole" in err) == (3, True, True)


# -- what is said beside a row ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("answering")
def test_whose_demand_a_row_is_stands_beside_it(command: Command) -> None:
    rows = {row.id: row for row in load().requirements()}
    chosen = [word for id_ in (ROW, OURS_AND_NOTED, NOTED) for word in ("--only", id_)]
    told = {row["id"]: row for row in json.loads(command("check", *chosen, "--json")[1])["rows"]}
    assert (told[ROW]["label"], told[ROW]["grade_note"]) == (None, None)
    assert told[OURS_AND_NOTED]["label"] == {"de": "unsere technische Regel", "en": "our engineering rule"}
    note = rows[NOTED].grade_note
    assert note is not None
    assert (told[NOTED]["label"], told[NOTED]["grade_note"]) == (None, {"de": note.de, "en": note.en})
    out = command("check", *chosen)[1]
    for id_ in (OURS_AND_NOTED, NOTED):
        assert f"({label_words(rows[id_], 'en')})" in out


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(("who", "status"), [("accounts", "pass"), ("anyone", "fail")])
def test_a_row_names_what_it_rests_on_and_what_it_failed_by(
    command: Command, monkeypatch: pytest.MonkeyPatch, who: str, status: str
) -> None:
    monkeypatch.setenv("KLAUSUR_OPEN_MEETINGS", who)
    told = json.loads(command("check", "--only", ROW, "--json")[1])
    seen = {one["id"]: (one["asking"]["probe"], one["status"]) for one in told["observations"]}
    assert [seen[id_] for id_ in told["rows"][0]["evidence"]] == [("config.openers", status)]


# -- only judged anew -------------------------------------------------------------------------------------------------


async def left_behind(data: Path) -> None:
    """By a run that was killed."""
    store = open_database(f"sqlite:///{data / 'klausur.db'}")
    async with store.writing() as unit:
        for name in ("Hanna", f"{RESERVED_PREFIX}abcdefgh"):
            await unit.accounts.add(Account(name, name, AccountRole.ADMINISTRATOR, datetime.now(UTC).date()))
    await store.close()


def names(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "klausur.db")) as read:
        return [name for (name,) in read.execute("SELECT name FROM accounts ORDER BY name")]


@pytest.mark.usefixtures("answering")
def test_judging_anew_removes_what_a_killed_run_left_and_a_running_one_keeps_its_own(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "nice", lambda _: 0)
    data = tmp_path / "data"
    command("check", "--again")  # makes the key of the accounts to come
    asyncio.run(left_behind(data))
    with only_check(data):
        assert command("check", "--by-itself", "--again")[0] == 3
        assert len(names(data)) == 2
    assert command("check", "--by-itself", "--again")[0] == 2
    assert names(data) == ["Hanna"]


@pytest.mark.usefixtures("answering")
def test_judging_anew_signs_what_has_come_into_the_ledger_and_nothing_twice(command: Command, tmp_path: Path) -> None:
    signatures = tmp_path / "data" / CHECKPOINTS_FILE
    assert command("facts", "minors", "no")[0] == 0
    for _ in range(2):
        assert command("check", "--again")[0] == 2
        assert len(signatures.read_text().splitlines()) == 1


@pytest.mark.usefixtures("answering")
def test_judging_anew_says_where_it_could_not_sign(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / CHECKPOINTS_FILE).mkdir()
    assert command("facts", "minors", "no")[0] == 0
    code, out, err = command("check", "--again")
    assert (code, ROW in out, "could not be signed" in err) == (3, True, True)
