"""Who asks for a seat of one meeting stands in line with nobody but those who ask for the same."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from klausur.api.turns import IN_LINE_AT_MOST, PAUSE_SECONDS, Turns
from klausur.domain.errors import TooManyAttempts


class Hall:
    """Where people are served, and a clock that goes on only when told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.served: list[tuple[str, int]] = []
        self._asleep: list[tuple[float, asyncio.Event]] = []
        self.turns = Turns(lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        wake = asyncio.Event()
        self._asleep.append((self.now + seconds, wake))
        await wake.wait()

    async def visit(self, line: str, who: str) -> None:
        """Served, with the number of pauses that have passed."""
        async with self.turns.of(line):
            self.served.append((who, round((self.now - 100.0) / PAUSE_SECONDS)))

    async def pauses(self, number: int) -> None:
        for _ in range(number):
            self.now += PAUSE_SECONDS
            for at, wake in self._asleep:
                if at <= self.now + PAUSE_SECONDS / 2:
                    wake.set()
            for _ in range(3):
                await asyncio.sleep(0)


async def test_a_line_moves_on_by_one_a_pause_and_in_order() -> None:
    hall = Hall()
    visits = [asyncio.create_task(hall.visit("a", who)) for who in ("hanna", "gustav", "otto")]
    await asyncio.sleep(0)
    await hall.pauses(2)
    await asyncio.gather(*visits)
    assert hall.served == [("hanna", 0), ("gustav", 1), ("otto", 2)]


async def test_who_comes_alone_or_later_does_not_wait() -> None:
    hall = Hall()
    await hall.visit("a", "hanna")
    await hall.pauses(1)
    await hall.visit("a", "gustav")
    assert hall.served == [("hanna", 0), ("gustav", 1)]


async def test_another_line_does_not_wait() -> None:
    hall = Hall()
    flood = [asyncio.create_task(hall.visit("a", "otto")) for _ in range(9)]
    await asyncio.sleep(0)
    await hall.visit("b", "hanna")
    assert hall.served == [("otto", 0), ("hanna", 0)]
    await hall.pauses(8)
    await asyncio.gather(*flood)


async def test_a_refusal_takes_its_time_too() -> None:
    """Of the one who is next, that is: a flood of knocks at a full meeting is one as well."""
    hall = Hall()
    with pytest.raises(LookupError):
        async with hall.turns.of("a"):
            raise LookupError
    next_one = asyncio.create_task(hall.visit("a", "hanna"))
    await hall.pauses(1)
    await next_one
    assert hall.served == [("hanna", 1)]


async def test_a_line_has_an_end_and_who_gives_up_leaves_it() -> None:
    hall = Hall()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(hall.turns.of("a"))
        rest = [asyncio.create_task(hall.visit("a", "somebody")) for _ in range(IN_LINE_AT_MOST - 1)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyAttempts):
            await hall.visit("a", "otto")
        rest.pop().cancel()
        await asyncio.sleep(0)
        rest.append(asyncio.create_task(hall.visit("a", "hanna")))
        await hall.pauses(IN_LINE_AT_MOST)
        await asyncio.gather(*rest)
    assert hall.served[-1][0] == "hanna"


async def test_nothing_is_kept_of_lines_that_are_over() -> None:
    hall = Hall()
    for number in range(5):
        await hall.visit(f"line {number}", "otto")
    await hall.pauses(1)
    await hall.visit("a", "hanna")
    assert list(hall.turns._lines) == ["a"]
