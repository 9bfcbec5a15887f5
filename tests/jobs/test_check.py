"""The daily check: once a day, never because the server was started, and ended with it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest

from klausur.domain.proof_ports import BASIS_PAGE, SERVER_PAGE, UNTIL_PAGE, PageRow, basis, is_outdated, is_over
from klausur.jobs.check import AGAIN, CHECK, Command, Daily, daily, judging
from tests.house import ManualClock


def at(clock: ManualClock, moment: str) -> None:
    """Puts the clock on that, on the wall of this machine."""
    clock.advance(datetime.fromisoformat(moment).astimezone() - clock.now())


@pytest.fixture
def clock() -> ManualClock:
    its = ManualClock()
    at(its, "2026-11-22T01:00")
    return its


class Asked:
    def __init__(self) -> None:
        self.of: list[Sequence[str]] = []

    async def __call__(self, arguments: Sequence[str]) -> None:
        self.of.append(arguments)


def test_it_is_due_once_when_its_time_goes_by(clock: ManualClock) -> None:
    due = Daily(time(3, 30), clock)
    assert not due.is_due()
    at(clock, "2026-11-22T03:29:59")
    assert not due.is_due()
    at(clock, "2026-11-22T03:30:30")
    assert due.is_due()
    at(clock, "2026-11-22T03:31:30")
    assert not due.is_due()
    at(clock, "2026-11-23T03:30")
    assert due.is_due()


def test_a_machine_that_slept_through_it_does_it_once(clock: ManualClock) -> None:
    due = Daily(time(3, 30), clock)
    at(clock, "2026-11-25T12:00")
    assert due.is_due()
    assert not due.is_due()


def test_a_start_after_its_time_waits_for_the_next_day(clock: ManualClock) -> None:
    at(clock, "2026-11-22T09:00")
    due = Daily(time(3, 30), clock)
    clock.advance(timedelta(minutes=1))
    assert not due.is_due()


@pytest.mark.parametrize(("setting", "does"), [("04:05", CHECK), ("off", AGAIN)])
async def test_switched_off_it_still_lets_evidence_grow_old(
    clock: ManualClock, setting: str, does: Sequence[str]
) -> None:
    asked = Asked()
    job = daily(setting, clock, asked)
    await job.run()
    assert asked.of == []
    at(clock, "2026-11-22T06:00")
    await job.run()
    await job.run()
    assert asked.of == [does]


def says(*answers: bool) -> Callable[[], Awaitable[bool]]:
    """One after the other, and then the last for ever."""
    left = list(answers)

    async def asked() -> bool:
        return left.pop(0) if len(left) > 1 else left[0]

    return asked


async def test_after_a_start_with_other_settings_it_is_judged_anew_at_once() -> None:
    asked = Asked()
    job = judging(says(True), says(False), asked)
    assert job.at_once
    for _ in range(3):
        await job.run()
    assert asked.of == [AGAIN]


async def test_what_was_never_judged_is_not_in_the_way_of_the_start() -> None:
    asked = Asked()
    job = judging(says(False), says(True, False), asked)
    await job.run()
    assert asked.of == []
    assert job.every_seconds > 30
    for _ in range(3):
        await job.run()
    assert asked.of == [AGAIN]


async def test_while_the_server_runs_it_is_judged_anew_whenever_something_comes_to_its_end() -> None:
    asked = Asked()
    job = judging(says(False), says(False, True, False, True, False), asked)
    for _ in range(6):
        await job.run()
    assert asked.of == 2 * [AGAIN]


async def test_where_something_is_in_its_way_it_is_tried_again_but_not_for_ever() -> None:
    asked = Asked()
    job = judging(says(False), says(*30 * [True], False, True), asked)
    for _ in range(31):
        await job.run()
    assert asked.of == 10 * [AGAIN]
    for _ in range(3):
        await job.run()
    assert asked.of == 12 * [AGAIN], "afresh, once it was done"


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def judged_pages(ago: timedelta = timedelta(), until: str = "null", **settings: object) -> dict[str, PageRow]:
    """Put together for Example House's settings; ``settings``: those that its server was started with."""
    server = PageRow(SERVER_PAGE, NOW, basis(settings or {"guests": "anyone"}, "1.0.0"))
    judged = PageRow(BASIS_PAGE, NOW - ago, basis({"guests": "anyone"}, "1.0.0"))
    return {page.key: page for page in (server, judged, PageRow(UNTIL_PAGE, NOW - ago, until))}


@pytest.mark.parametrize(
    ("pages", "over", "outdated"),
    [
        (judged_pages(timedelta(hours=23)), False, False),
        (judged_pages(timedelta(hours=25)), False, True),
        (judged_pages(timedelta(hours=-1)), False, True),
        (judged_pages(guests="accounts"), True, True),
        (judged_pages(until='"2026-11-22T12:00:01+00:00"'), False, False),
        (judged_pages(until='"2026-11-22T12:00:00+00:00"'), True, True),
        (judged_pages(until="2026"), True, True),
        (judged_pages(until='"2026-11-22T12:00:01"'), True, True),
        ({}, False, True),
    ],
    ids=[
        "young",
        "evidence grew old while nobody judged",
        "clock turned back",
        "other settings",
        "holds for a second yet",
        "has come to its end",
        "an end that is none",
        "an end nowhere",
        "never judged",
    ],
)
def test_what_was_judged_holds_for_its_settings_and_until_something_ends(
    pages: dict[str, PageRow], *, over: bool, outdated: bool
) -> None:
    assert (is_over(pages, NOW), is_outdated(pages, NOW)) == (over, outdated)


def program(source: str) -> Command:
    return Command((sys.executable, "-c", source), {"KLAUSUR_DATA": "there"})


async def test_of_what_it_says_counts_alone_come_into_the_log(lines: io.StringIO) -> None:
    said = {"exit": 1, "counts": {"met": 3, "not-met": 1, "gustav@example.org": "here"}, "evidence": "Gustav"}
    await program(f"print({json.dumps(said)!r}); raise SystemExit(1)").run(())
    told = [json.loads(line) for line in lines.getvalue().splitlines() if "check_" in line]
    assert [(one["event"], one.get("reason"), one.get("count"), one.get("status")) for one in told] == [
        ("check_counted", "met", 3, None),
        ("check_counted", "not-met", 1, None),
        ("check_ended", None, None, 1),
    ]
    assert "ustav" not in lines.getvalue()


@pytest.mark.parametrize("said", ["", "nonsense", "[]", '{"counts": 3}', "x" * 100_000])
async def test_nonsense_is_not_logged(lines: io.StringIO, said: str) -> None:
    await program(f"print({said!r})").run(())
    told = [json.loads(line) for line in lines.getvalue().splitlines() if "check_" in line]
    assert [one["event"] for one in told] == ["check_ended"]


async def test_it_has_the_settings_that_it_was_given_and_no_others() -> None:
    await program("import os; assert os.environ['KLAUSUR_DATA'] == 'there', os.environ").run(())


async def test_what_takes_too_long_is_asked_to_end(lines: io.StringIO) -> None:
    """And clears up."""
    waits = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        "print('{}', flush=True)\n"
        "signal.pause()"
    )
    await program(waits).run((), longest=0.5)
    assert "check_too_slow" in lines.getvalue()
    assert "check_ended" not in lines.getvalue()
