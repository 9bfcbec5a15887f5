"""Who asks for a seat of one meeting stands in line with nobody but those who ask for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from klausur.api.turns import IN_LINE_AT_MOST, Turns
from klausur.domain.errors import TooManyAttempts

Visit = Callable[[str, str], Awaitable[None]]


class Counter:
    """Where people are served; each stays until told to go."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.served: list[str] = []
        self.goes_on = asyncio.Semaphore(0)
        self.stir = asyncio.Event()

    async def visit(self, line: str, who: str) -> None:
        async with self.turns.of(line):
            self.served.append(who)
            self.stir.set()
            await self.goes_on.acquire()

    async def until(self, served: list[str]) -> None:
        while sorted(self.served) != sorted(served):
            self.stir.clear()
            await self.stir.wait()


async def test_one_of_a_line_is_served_at_a_time_and_in_order() -> None:
    counter = Counter()
    visits = [asyncio.create_task(counter.visit("a", who)) for who in ("hanna", "gustav", "otto")]
    await counter.until(["hanna"])
    counter.goes_on.release()
    await counter.until(["hanna", "gustav"])
    counter.goes_on.release()
    await counter.until(["hanna", "gustav", "otto"])
    counter.goes_on.release()
    await asyncio.gather(*visits)
    assert counter.served == ["hanna", "gustav", "otto"]


async def test_another_line_does_not_wait() -> None:
    counter = Counter()
    visits = [asyncio.create_task(counter.visit(*each)) for each in (("a", "otto"), ("a", "otto again"), ("b", "ada"))]
    await counter.until(["otto", "ada"])
    for _ in visits:
        counter.goes_on.release()
    await asyncio.gather(*visits)


async def test_a_line_has_an_end_and_moves_on_when_somebody_gives_up() -> None:
    counter = Counter()
    visits = [asyncio.create_task(counter.visit("a", "somebody")) for _ in range(IN_LINE_AT_MOST)]
    await counter.until(["somebody"])
    with pytest.raises(TooManyAttempts):
        await counter.visit("a", "otto")
    visits.pop().cancel()
    await asyncio.sleep(0)
    visits.append(asyncio.create_task(counter.visit("a", "hanna")))
    for _ in visits:
        counter.goes_on.release()
    await asyncio.gather(*visits)
    assert counter.served[-1] == "hanna"


async def test_nothing_is_kept_of_a_line_that_is_empty() -> None:
    counter = Counter()
    counter.goes_on.release()
    await counter.visit("a", "hanna")
    assert counter.turns._lines == {}
