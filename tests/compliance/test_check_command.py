"""``klausur check`` as Ada starts it, stops it, and starts it twice."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from klausur import cli_check
from klausur.build import SystemClock
from klausur.check_lock import FILE, CheckLocked, check_runs, only_check
from klausur.cli import main
from klausur.compliance import catalogue, judging, running
from klausur.compliance.cast import casting
from klausur.compliance.judging import Installation, judge_again
from klausur.compliance.keeping import CHECKPOINTS_FILE
from klausur.compliance.probing import Probe
from klausur.compliance.stating import Statements
from klausur.compliance.target import Target
from klausur.domain.proof_ports import SequenceTaken
from klausur.store.opening import open_database
from tests.cli.test_commands import free_port
from tests.compliance.probes.running import installed
from tests.compliance.test_retention import ERIKA, NAMES, YES
from tests.house import ManualClock, everything

Command = Callable[..., tuple[int, str, str]]
ROW = "DSK-L-2.3-03"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.setenv("KLAUSUR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KLAUSUR_PORT", str(free_port()))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    assert run("migrate")[0] == 0
    return run


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a server ran there, that nothing but its settings can be asked of."""
    from klausur.compliance import probes

    async def runs(_url: str) -> bool:
        return True

    monkeypatch.setattr(running, "is_running", runs)
    only: dict[str, Probe] = {"config.openers": probes.ALL["config.openers"]}
    monkeypatch.setattr(probes, "ALL", only)


@pytest.mark.parametrize("port", ["", ":443"])
def test_the_installation_is_where_browsers_find_it(
    command: Command, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    """They leave a scheme's own port away, and the server accepts no other origin."""
    asked: list[str] = []

    async def nobody(url: str) -> bool:
        asked.append(url)
        return False

    monkeypatch.setattr(running, "is_running", nobody)
    monkeypatch.setenv("KLAUSUR_PUBLIC_URL", f"https://meet.example.org{port}")
    monkeypatch.setenv("KLAUSUR_TRUSTED_PROXIES", "10.0.0.0/8")
    assert command("check")[0] == 3
    assert asked == ["https://meet.example.org"]


def test_without_a_server_it_ends_with_3(command: Command) -> None:
    code, _, err = command("check")
    assert (code, "No server" in err) == (3, True)


def test_with_settings_that_make_no_sense_it_ends_with_3(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLAUSUR_PORT", "banana")
    code, out, err = command("check")
    assert (code, out, "KLAUSUR_PORT" in err) == (3, "", True)


def test_what_the_catalogue_does_not_have_is_a_mistake_of_usage(command: Command) -> None:
    for arguments in (("--only", "DSK-X"), ("--profile", "everything")):
        code, out, err = command("check", *arguments)
        assert (code, out, arguments[1] in err) == (4, "", True)


def test_a_second_one_is_refused(command: Command, tmp_path: Path) -> None:
    with only_check(tmp_path / "data"):
        assert check_runs(tmp_path / "data")
        code, _, err = command("check")
        assert (code, "Another check" in err) == (3, True)
    assert not check_runs(tmp_path / "data")


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    hold = f"import os, klausur.check_lock as c\nwith c.only_check({str(tmp_path)!r}): print(1, flush=True); input()"
    code = hold.replace(repr(str(tmp_path)), f"__import__('pathlib').Path({str(tmp_path)!r})")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        with pytest.raises(CheckLocked), only_check(tmp_path):
            pytest.fail("two at once")
        other.kill()
    with only_check(tmp_path):
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("answering")
def test_a_row_is_judged_and_told_in_full(command: Command) -> None:
    code, out, _ = command("check", "--only", ROW, "--json")
    told = json.loads(out)
    assert (code, told["exit"], told["invalid"], told["unsigned"]) == (2, 2, None, None)
    assert [one["id"] for one in told["rows"]] == [ROW]
    assert {one["id"]: one["status"] for one in told["probes"]} == {"config.openers": "pass"}
    assert told["probes"][0]["evidence"]["value"] == "accounts"
    assert rests(told) == [("config.openers", "pass", 2)]


def rests(told: Any) -> list[tuple[str, str, int]]:
    """What the rows rest on, by the ids that they name."""
    seen = {one["id"]: one for one in told["observations"]}
    named = {each for row in told["rows"] for one in row["objectives"] for each in one["rests_on"]}
    return [(seen[each]["asking"]["probe"], seen[each]["status"], seen[each]["grade"]) for each in named]


def shortened(folder: Path) -> None:
    """By its last row: what is left is in order."""
    chapter = folder / "dsk" / "4.1-transmission.yaml"
    chapter.write_text(chapter.read_text()[: chapter.read_text().rindex("\n  - id: ") + 1])


def cut(folder: Path) -> None:
    chapter = folder / "dsk" / "4.1-transmission.yaml"
    chapter.write_text(chapter.read_text()[: chapter.stat().st_size // 2])


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (shortened, "not the one that this release carries"),
        (cut, "catalogue/dsk/4.1-transmission.yaml:"),
    ],
)
def test_another_catalogue_than_this_releases_makes_a_run_say_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None], said: str
) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(catalogue.FOLDER, folder)
    load = catalogue.load
    damage(folder)
    monkeypatch.setattr(catalogue, "load", lambda: load(folder))
    for how in ((), ("--again",)):
        code, out, err = command("check", *how)
        assert (code, out, said in err) == (3, "", True), how


@pytest.mark.usefixtures("answering")
def test_by_itself_it_tells_counts_alone(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    nicer: list[int] = []
    monkeypatch.setattr(os, "nice", nicer.append)
    _, out, _ = command("check", "--only", ROW, "--by-itself")
    assert set(json.loads(out)) == {"exit", "invalid", "counts"}
    assert nicer == [19]


@pytest.mark.usefixtures("answering")
def test_again_judges_without_looking(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command("check", "--only", ROW)

    async def unexpected(*_: Any, **__: Any) -> None:
        pytest.fail("it looked")

    monkeypatch.setattr(running, "run", unexpected)
    _, out, _ = command("check", "--again", "--json")
    told = json.loads(out)
    assert (told["run"], told["probes"]) == (None, [])
    assert rests(told) == [("config.openers", "pass", 2)], "seen before"
    assert len(told["rows"]) > 100
    assert command("check", "--again", "--only", ROW)[0] == 4
    assert command("check", "--again", "--profile", "berlin")[0] == 4, "it would judge another list than was asked for"


@pytest.mark.usefixtures("answering")
def test_a_server_that_was_started_otherwise_is_named_with_what_differs(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def other(_its: object) -> list[str]:
        return ["open_meetings"]

    monkeypatch.setattr(running, "differing", other)
    monkeypatch.setattr(judging, "differing", other)
    code, _, err = command("check", "--only", ROW)
    assert code == 3
    assert "started with other settings" in err
    assert "open_meetings." in err


@pytest.mark.usefixtures("answering")
def test_somebody_says_that_the_clock_was_ahead_before(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = datetime.now(UTC) + timedelta(days=30)
    with monkeypatch.context() as moved:
        moved.setattr(SystemClock, "now", lambda _: ahead)
        assert command("check", "--only", ROW)[0] == 2
    for _ in range(2):
        code, _, err = command("check", "--only", ROW)
        assert (code, "clock is behind" in err) == (3, True)
    assert command("check", "--only", ROW, "--clock-is-right")[0] == 2
    assert command("check", "--only", ROW)[0] == 2, "and need not be told again"


@pytest.mark.usefixtures("answering")
def test_everything_is_exported_into_a_new_folder_and_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "handed" / "out"
    assert command("check", "--only", ROW, "--export", str(folder))[0] == 2
    names = {file.name for file in folder.iterdir()}
    assert {"package.zip", "checklist.csv", "oscal-catalog.json", "klausur.sarif", "sbom.cdx.json"} <= names
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    assert command("verify", str(folder / "package.zip"))[0] == 0
    assert command("check", "--export", str(folder))[0] == 4
    assert {file.name for file in folder.iterdir()} == names


@pytest.mark.usefixtures("answering")
def test_a_ledger_that_cannot_be_signed_is_no_success(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / CHECKPOINTS_FILE).mkdir()
    code, out, err = command("check", "--only", ROW)
    assert (code, ROW in out) == (3, True), "what was found is told all the same"
    assert "could not be signed" in err


async def answered_long_ago(data: Path) -> None:
    """By Erika; it ended more than 400 days before today, and a page still names her."""
    store, clock = open_database(f"sqlite:///{data / 'klausur.db'}"), ManualClock()
    clock.advance(datetime.now(UTC) - timedelta(days=800) - clock.now())
    until = f"{clock.now() + timedelta(days=300):%Y-%m-%d}"
    await Statements(store, clock, catalogue.load(), {}).attest(ERIKA, replace(YES, until=until))
    await judge_again(Installation(store, clock, {}, "1.0.0"))
    await store.close()


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize("how", [("--again",), ("--only", ROW)])
def test_after_a_check_nobody_is_named_who_said_it_too_long_ago(
    command: Command, tmp_path: Path, how: tuple[str, ...]
) -> None:
    asyncio.run(answered_long_ago(tmp_path / "data"))
    with closing(sqlite3.connect(tmp_path / "data" / "klausur.db")) as server:
        assert server.execute("SELECT count(*) FROM proof_entries").fetchall(), "open, as a server has it"
        assert all(name in everything(tmp_path) for name in NAMES)
        code, _, err = command("check", *how)
        assert (code, err) == (2, "")
        assert [name for name in NAMES if name in everything(tmp_path)] == []


@pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_stop_it_clears_up_first(tmp_path: Path, request_: signal.Signals) -> None:
    async with installed(tmp_path) as its:
        store, clock = its.house.built.database, its.house.clock

        async def works() -> None:
            async with casting(store, clock) as cast:
                await cast.newcomer(its.target.browser(), next(iter(_roles())), strong=False)
                assert await its.house.counted("accounts") == 1
                signal.raise_signal(request_)
                signal.raise_signal(request_)
                await asyncio.Event().wait()

        before = signal.getsignal(request_)
        with pytest.raises(asyncio.CancelledError):
            await cli_check._stoppable(works())
        assert signal.getsignal(request_) is before
        assert await its.house.counted("accounts") == 0


def _roles() -> Iterator[Any]:
    from klausur.domain.accounts import AccountRole

    return iter(AccountRole)


def test_an_interrupted_run_is_told_of_in_a_sentence(
    command: Command, monkeypatch: pytest.MonkeyPatch, answering: None
) -> None:
    del answering

    @asynccontextmanager
    async def interrupted(*_: Any) -> AsyncIterator[Target]:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()
        yield  # type: ignore[misc] # never comes to that

    monkeypatch.setattr("klausur.compliance.cast.peopled", interrupted)
    code, out, err = command("check")
    assert (code, out) == (3, "")
    assert "interrupted" in err


def test_what_klausur_itself_does_wrong_is_not_called_a_requirement_that_is_not_met(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise SequenceTaken

    monkeypatch.setattr(running, "run", fails)
    code, out, err = command("check")
    assert (code, out) == (3, "")
    assert "it says nothing" in err
    assert "SequenceTaken" in err


async def test_each_run_on_this_machine_comes_from_an_address_of_its_own() -> None:
    found = {running._own_address("http://localhost:8000") for _ in range(5)}
    assert all(address is None or address.startswith("127.") for address in found)
    assert found == {None} or len(found) > 1
    assert running._own_address("https://meet.example.org") is None
