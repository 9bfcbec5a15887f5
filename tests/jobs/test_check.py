"""The daily check: once a day, never because the server was started, and ended with it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pytest

from klausur.domain.proof_ports import BASIS_PAGE, PageRow, basis, is_outdated
from klausur.jobs.check import AGAIN, CHECK, Command, Daily, after_start, daily
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


@pytest.mark.parametrize("outdated", [True, False])
async def test_after_a_start_with_other_settings_it_is_judged_anew_once(*, outdated: bool) -> None:
    asked = Asked()

    async def is_outdated() -> bool:
        return outdated

    async def judge(what: Sequence[str]) -> None:
        nonlocal outdated
        await asked(what)
        outdated = False

    was = outdated
    job = after_start(is_outdated, judge)
    assert job.every_seconds > 30, "not in the way of the start"
    for _ in range(3):
        await job.run()
    assert asked.of == ([AGAIN] if was else [])


async def test_where_something_was_in_its_way_it_is_tried_again_but_not_for_ever() -> None:
    asked = Asked()

    async def is_outdated() -> bool:
        return True

    job = after_start(is_outdated, asked)
    for _ in range(30):
        await job.run()
    assert asked.of == 10 * [AGAIN]


@pytest.mark.parametrize(
    ("ago", "settings", "outdated"),
    [
        (timedelta(hours=23), {"guests": "anyone"}, False),
        (timedelta(hours=25), {"guests": "anyone"}, True),
        (timedelta(hours=-1), {"guests": "anyone"}, True),
        (timedelta(hours=1), {"guests": "accounts"}, True),
    ],
    ids=["young", "evidence grew old while nobody judged", "clock turned back", "other settings"],
)
def test_what_was_judged_is_outdated_after_a_day_or_a_change(
    clock: ManualClock, ago: timedelta, settings: dict[str, object], *, outdated: bool
) -> None:
    now = clock.now()
    page = PageRow(BASIS_PAGE, now - ago, basis({"guests": "anyone"}, "1.0.0"))
    assert is_outdated(page, settings, "1.0.0", now) is outdated
    assert is_outdated(page, settings, "1.0.1", now)
    assert is_outdated(None, settings, "1.0.0", now)


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
