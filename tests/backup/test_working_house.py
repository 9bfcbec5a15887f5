"""A backup taken while people come and go restores to a working installation."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from klausur.backup.sealing import Recipients
from klausur.backup.take import Taken, take
from klausur.settings import Settings
from klausur.store.migrate import migrate
from tests.accounts import Person, browser_of, person
from tests.backup.organisation import PUBLIC_KEY, RELEASE, held, put_back, settings_of
from tests.house import House, house
from tests.people import Link, sealed, signed

JOINS = 50
LIMITLESS: dict[str, Any] = dict.fromkeys(("limit_knocks", "limit_meeting_knocks", "limit_openings"), 10**6)


def up_to_date(folder: Path) -> Settings:
    """With its tables as a start makes them."""
    folder.mkdir()
    settings = settings_of(folder, open_meetings="anyone")
    migrate(settings.database)
    return settings


async def planned(its: House, card: str) -> Link:
    now = its.clock.now()
    times = {"opens_at": (now - timedelta(hours=1)).isoformat(), "closes_at": (now + timedelta(days=20)).isoformat()}
    link = await its.open_meeting(times=times)
    assert (await its.put_card(link, signed(link, 1, card))).status_code == 204
    return link


async def people_come_until(done: asyncio.Task[Taken], its: House, link: Link) -> int:
    """And at least so many; every fifth leaves again."""
    came = 0
    while came < JOINS or not done.done():
        if came and came % 150 == 0:
            link = await its.open_meeting()
        place = await its.join(link)
        if came % 5 == 0:
            await its.leave(place)
        came += 1
    return came


async def test_a_backup_taken_while_fifty_join_restores_to_a_working_installation(tmp_path: Path) -> None:
    first = await asyncio.to_thread(up_to_date, tmp_path / "first")
    second = settings_of(tmp_path / "second")
    file, card = tmp_path / "klausur.age", sealed("Works council")
    async with house(first.data, **LIMITLESS) as its, person(its, "Hanna", strong=True) as hanna:
        link = await planned(its, card)
        vault = (await hanna.browser.get("/api/vault")).json()
        backing_up = asyncio.create_task(
            asyncio.to_thread(
                take, first, file, Recipients([PUBLIC_KEY]), release=RELEASE, now=its.clock.now(), tell=lambda _: None
            )
        )
        assert await people_come_until(backing_up, its, link) >= JOINS
        assert (await backing_up).rows
        clock = its.clock
    await asyncio.to_thread(put_back, second, file.read_bytes())
    assert held(second)["seats"] == []
    async with house(second.data, clock=clock) as again:
        await she_finds_everything(again, hanna, vault)
        assert (await again.look(link))["card"]["sealed"] == card
        host = await again.host(link)
        guest = await again.join(link, "Gustav")
        assert [seat["pseudonym"] for seat in guest.roster] == [host.pseudonym]


async def she_finds_everything(its: House, hanna: Person, vault: object) -> None:
    async with browser_of(its) as browser:
        browser.cookies = hanna.browser.cookies
        here = Person(its, hanna.name, browser, hanna.password, hanna.id, hanna.kdf, hanna.totp, hanna.backup_codes)
        assert not await here.is_in()  # nobody's session comes back
        its.clock.advance(timedelta(minutes=1))  # a code is good once, before the backup or after it
        answer = await here.sign_in(code=here.code())
        assert answer.status_code == 200, answer.text
        assert answer.json()["strong"]
        assert (await browser.get("/api/vault")).json() == vault
        assert (await here.account())["backup_codes"] == len(hanna.backup_codes)
