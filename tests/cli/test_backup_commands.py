"""``klausur backup`` and ``klausur restore`` as a shell sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klausur import machine
from klausur.settings import Settings, read
from tests.backup.organisation import PUBLIC_KEY, SECRET_KEY, held, organisation
from tests.cli.test_commands import status

WORDS = "correct horse battery"
Shell = Any


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path / "data"))


@pytest.fixture
def its(tmp_path: Path) -> Settings:
    return organisation(read({"data": tmp_path / "data"}, {}).settings)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "klausur.age"


def test_by_passphrase_from_a_file_there_and_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "words").write_text(f"{WORDS}\n")
    monkeypatch.setenv("KLAUSUR_BACKUP_PASSPHRASE_FILE", str(tmp_path / "words"))
    code, out, err = status(capsys, "backup", str(file))
    assert (code, err) == (0, "")
    assert "read back and found right" in out
    code, out, err = status(capsys, "restore", str(file), "--data", str(tmp_path / "new"))
    assert (code, err) == (0, "")
    assert "Start it with" in out
    assert held(read({"data": tmp_path / "new"}, {}).settings)["vaults"] == held(its)["vaults"]


def test_for_a_recipient_there_and_with_the_identity_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("KLAUSUR_BACKUP_RECIPIENT", PUBLIC_KEY)
    assert status(capsys, "backup", str(file))[0] == 0
    code, _, err = status(capsys, "restore", str(file), "--replace")
    assert (code, "--identity" in err) == (1, True)
    (tmp_path / "key.txt").write_text(f"# created: 2026-11-22\n{SECRET_KEY}\n")
    code, out, _ = status(capsys, "restore", str(file), "--replace", "--identity", str(tmp_path / "key.txt"))
    assert code == 0
    assert "is kept as" in out
    assert held(its)["accounts"]


def test_where_nobody_can_be_asked_the_setting_is_named(
    capsys: pytest.CaptureFixture[str], its: Settings, file: Path
) -> None:
    code, _, err = status(capsys, "backup", str(file))
    assert (code, "BACKUP_PASSPHRASE" in err) == (1, True)
    assert held(its)["accounts"]
    assert not file.exists()


def test_on_a_terminal_a_new_passphrase_is_asked_for_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path
) -> None:
    asked: list[bool] = []

    def prompt(_text: str, *, hide_input: bool, confirmation_prompt: bool, err: bool) -> str:
        assert hide_input
        assert err
        asked.append(confirmation_prompt)
        return WORDS

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    assert status(capsys, "backup", str(file))[0] == 0
    assert status(capsys, "restore", str(file), "--replace")[0] == 0
    assert asked == [True, False]
    assert held(its)["accounts"]


def test_a_short_passphrase_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "short")
    code, _, err = status(capsys, "backup", str(file))
    assert (code, "at least 12 characters" in err) == (1, True)
    assert its.data.exists()


@pytest.mark.parametrize("recipient", ["age1nonsense", "ssh-ed25519 AAAA"])
def test_a_recipient_that_is_none_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path, recipient: str
) -> None:
    monkeypatch.setenv("KLAUSUR_BACKUP_RECIPIENT", recipient)
    code, _, err = status(capsys, "backup", str(file))
    assert (code, "BACKUP_RECIPIENT" in err) == (1, True)
    assert its.data.exists()


@pytest.mark.parametrize("identity", ["", "# nothing\n", "AGE-SECRET-KEY-1NONSENSE"])
def test_an_identity_that_is_none_is_told(
    capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path, identity: str
) -> None:
    file.write_bytes(b"whatever")
    (tmp_path / "key.txt").write_text(identity)
    code, _, err = status(capsys, "restore", str(file), "--identity", str(tmp_path / "key.txt"))
    assert (code, "no secret key" in err) == (1, True)


def test_while_it_runs_nothing_is_restored(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, file: Path
) -> None:
    monkeypatch.setenv("KLAUSUR_BACKUP_PASSPHRASE", WORDS)
    with machine.own_folder(its.data):
        assert status(capsys, "backup", str(file))[0] == 0  # a backup may be made
        code, _, err = status(capsys, "restore", str(file), "--replace")
    assert (code, "running" in err) == (1, True)


@pytest.mark.parametrize("arguments", [["backup"], ["restore"], ["backup", "a", "b"], ["restore", "a", "--force"]])
def test_usage_errors_end_with_4(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert status(capsys, *arguments)[0] == 4


@pytest.mark.parametrize("where", ["missing/klausur.age", "/proc/klausur.age"])
def test_a_place_where_no_file_can_be_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, its: Settings, tmp_path: Path, where: str
) -> None:
    monkeypatch.setenv("KLAUSUR_BACKUP_RECIPIENT", PUBLIC_KEY)
    code, _, err = status(capsys, "backup", str(tmp_path / where))
    assert (code, "cannot be written" in err) == (1, True)
    assert its.data.exists()
    code, _, err = status(capsys, "restore", str(tmp_path / where))
    assert (code, "cannot be read" in err) == (1, True)
