"""``klausur user``: on the database itself, with a server beside it or without one."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from klausur.account_key import keep
from klausur.cli import main
from tests.accounts import code_of, person, stranger
from tests.house import House, house

in_a_thread = asyncio.to_thread
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


def invited(command: Command, *arguments: str) -> str:
    """The token of the link that is printed."""
    code, out, _ = command("user", *arguments)
    assert code == 0
    found = re.fullmatch(r"http://localhost:8000/invite#([\w-]{43})\n", out)
    assert found, out
    return found[1]


async def accepted(its: House, name: str, token: str) -> int:
    async with stranger(its, name) as somebody:
        return (await somebody.accept(token)).status_code


def test_before_there_is_a_database_it_says_what_to_do(command: Command) -> None:
    code, out, err = command("user", "list")
    assert (code, out) == (1, "")
    assert "klausur migrate" in err


def test_people_are_added_listed_disabled_and_given_new_links(command: Command, tmp_path: Path) -> None:
    assert command("migrate")[0] == 0
    token = invited(command, "add", "Ada", "--role", "administrator")
    assert (tmp_path / "account-key").stat().st_mode & 0o077 == 0
    _, out, _ = command("user", "list", "--json")
    told = json.loads(out)
    assert told["people"] == []
    assert [(each["name"], each["role"], each["kind"]) for each in told["invitations"]] == [
        ("Ada", "administrator", "invitation")
    ]
    assert token not in out
    assert "open invitation: Ada, administrator" in command("user", "list")[1]
    code, out, err = command("user", "disable", "Ada")
    assert (code, out) == (1, "")
    assert "nobody of this name" in err
    code, _, err = command("user", "add", "\u202e")
    assert (code, "2 to 64 characters" in err) == (1, True)


@pytest.mark.parametrize(
    "arguments", [["user"], ["user", "add", "--role", "king"], ["user", "disable"], ["user", "reset"], ["user", "x"]]
)
def test_usage_errors_end_with_4(command: Command, arguments: list[str]) -> None:
    assert command(*arguments)[0] == 4


async def test_links_from_the_command_line_are_those_of_the_running_server(tmp_path: Path, command: Command) -> None:
    """The commands run an event loop of their own."""
    await in_a_thread(command, "migrate")
    async with house(tmp_path) as its:
        token = str(await in_a_thread(invited, command, "add", "Ada", "--role", "administrator"))
        assert await accepted(its, "Ada", token) == 201
        assert await accepted(its, "Otto", token) == 404
        code, _, err = await in_a_thread(command, "user", "disable", "ada")
        assert (code, "Nobody would be left" in err) == (1, True)
        async with person(its, "Hanna") as hanna:
            assert (await in_a_thread(command, "user", "disable", "hanna"))[:2] == (
                0,
                "hanna cannot sign in any more.\n",
            )
            assert not await hanna.is_in()
            assert (await in_a_thread(command, "user", "reset", "hanna"))[0] == 1
            assert (await in_a_thread(command, "user", "disable", "hanna", "--undo"))[0] == 0
            reset = str(await in_a_thread(invited, command, "reset", "hanna"))
            hanna.password = "another"
            assert (await hanna.accept(reset)).status_code == 201
            assert code_of(await hanna.sign_in(key="A" * 43))[0] == 401
            assert (await hanna.sign_in()).status_code == 200


async def test_with_another_key_than_the_accounts_nothing_is_done(tmp_path: Path, command: Command) -> None:
    await in_a_thread(command, "migrate")
    file = tmp_path / "account-key"
    async with house(tmp_path) as its, person(its, "Hanna", strong=True):
        await keep(its.settings, its.built.database)
        file.write_text("z" * 43)
        for arguments in (["list"], ["add", "Otto"], ["reset", "Hanna"]):
            code, out, err = await in_a_thread(command, "user", *arguments)
            assert (code, out) == (1, "")
            assert "is not the key of the accounts" in err
        file.unlink()
        code, _, err = await in_a_thread(command, "user", "list")
        assert (code, "the key to them is lost" in err) == (1, True)
        assert not file.exists()
