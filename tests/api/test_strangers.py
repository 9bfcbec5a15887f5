"""Ada's check comes to the limits of its network; what it has tried may be forgotten, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from klausur.api.strangers import AWAITED_AT_MOST
from klausur.compliance.controlling import forget_us
from klausur.compliance.target import CannotLook, Target
from klausur.control import ControlDoor
from tests.house import ORIGIN, House, house

OPENINGS = 3
WISH = {"host_public_key": "x", "link_proof_hash": "y"}
"""Is refused as soon as it is looked at."""


@asynccontextmanager
async def strict(folder: Path) -> AsyncIterator[House]:
    async with house(folder, limit_openings=OPENINGS, data=folder) as its:
        yield its


@asynccontextmanager
async def somebody(its: House, address: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(its.built.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as browser:
        yield browser


async def until_shut(browser: httpx.AsyncClient) -> int:
    """How often could be tried before that was too often."""
    for times in range(50):
        if (await browser.post("/api/meetings", json=WISH)).status_code == httpx.codes.TOO_MANY_REQUESTS:
            return times
    raise AssertionError


async def test_who_shows_the_word_may_try_again_and_nobody_else(tmp_path: Path) -> None:
    async with strict(tmp_path) as its, somebody(its, "192.0.2.7") as check, somebody(its, "192.0.2.8") as otto:
        assert [await until_shut(each) for each in (check, otto)] == [OPENINGS, OPENINGS]
        word, shown = its.built.strangers.await_one()
        await otto.get("/readyz", params={"word": "W" * len(word)})
        assert not shown.is_set()
        await check.get("/readyz", params={"word": word})
        assert shown.is_set()
        assert [await until_shut(each) for each in (check, otto)] == [OPENINGS, 0]


async def test_a_word_is_good_once(tmp_path: Path) -> None:
    async with strict(tmp_path) as its, somebody(its, "192.0.2.7") as check, somebody(its, "192.0.2.8") as otto:
        assert await until_shut(otto) == OPENINGS
        word, _ = its.built.strangers.await_one()
        for each in (check, otto):
            await each.get("/readyz", params={"word": word})
        assert await until_shut(otto) == 0


async def test_a_word_that_was_given_up_is_good_for_nothing(tmp_path: Path) -> None:
    async with strict(tmp_path) as its, somebody(its, "192.0.2.8") as otto:
        assert await until_shut(otto) == OPENINGS
        given_up, _ = its.built.strangers.await_one()
        its.built.strangers.give_up(given_up)
        crowded_out, _ = its.built.strangers.await_one()
        for _ in range(AWAITED_AT_MOST):
            its.built.strangers.await_one()
        for word in (given_up, crowded_out, "", "\udcff"):
            await otto.get("/readyz?word=" + word.encode("utf-8", "surrogateescape").decode("latin-1"))
        assert await until_shut(otto) == 0


async def test_a_check_has_itself_forgotten_through_the_control_door(tmp_path: Path) -> None:
    async with strict(tmp_path) as its, somebody(its, "192.0.2.7") as check:
        door = ControlDoor(tmp_path, [], its.built.strangers)
        await door.start()
        try:
            for _ in range(2):
                assert await until_shut(check) == OPENINGS
                await forget_us(Target(ORIGIN, check, {"data": str(tmp_path)}))
        finally:
            await door.stop()


async def test_without_a_control_door_nothing_is_forgotten(tmp_path: Path) -> None:
    async with strict(tmp_path) as its, somebody(its, "192.0.2.7") as check:
        assert await until_shut(check) == OPENINGS
        for settings in ({}, {"data": str(tmp_path)}):
            with pytest.raises(CannotLook):
                await forget_us(Target(ORIGIN, check, settings))
        assert await until_shut(check) == 0
