"""Ada searches the whole data folder for a meeting that is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from klausur.domain.encoding import decode
from klausur.store.tables import metadata
from tests.house import House, everything, house
from tests.people import Link, Place, sealed, signed


async def canaries(its: House, link: Link, people: list[Place]) -> set[str]:
    """Everything by which the meeting or somebody in it could be known again."""
    async with its.built.database.reading() as unit:
        found = await unit.meetings.find(link.meeting)
        assert found is not None
        known, opening = found
        assert opening is not None
        seats = [await unit.seats.find(link.meeting, place.pseudonym) for place in people]
    told = {link.meeting, known.host_public_key, known.proof_hash, known.rules.signature, known.rules.document}
    told |= {known.card.sealed if known.card else "", opening.session, opening.room}
    for place, seat in zip(people, seats, strict=True):
        assert seat is not None
        told |= {place.pseudonym, place.public, place.secret, place.ticket, seat.secret_hash}
        told |= {seat.announcement, seat.knock, seat.admission}
    return {each for each in told if each}


async def a_whole_meeting(its: House, link: Link) -> tuple[set[str], list[Place], Place]:
    hanna, gustav = await its.host(link), await its.knock(link, "Gustav")
    otto, gerda = await its.knock(link, "Otto"), await its.knock(link, "Gerda")
    assert (await its.put_card(link, signed(link, 1, sealed("Quarterly figures")))).status_code == 204
    async with its.attend(hanna) as hers:
        await its.admit(hers, gustav)
        await hers.say({"type": "decline", "pseudonym": otto.pseudonym})
        await hers.settle()
        await its.knock_again(otto)
        await its.come_in(gustav)
        await its.rule(link, cohosts=[gustav.public], denied=[gerda.public])
        people = [hanna, gustav, otto, gerda]
        before = await canaries(its, link, people)
        async with its.attend(gustav) as his:
            await his.say({"type": "announce", "announcement": sealed("a new key")})
            await its.act(his, "react")
            await his.settle()
        return before | await canaries(its, link, people), people, hanna


@pytest.mark.parametrize("how", ["ended for everyone", "everybody left", "its time was over", "killed and swept"])
async def test_of_a_meeting_that_is_over_no_file_holds_anything(tmp_path: Path, how: str) -> None:
    async with house(tmp_path) as its:
        other = await its.open_meeting()
        async with its.attend(await its.join(other)):
            link = await its.open_meeting(waiting_room=True)
            told, people, hanna = await a_whole_meeting(its, link)
            held = everything(its.settings.data)
            assert sum(each.encode() in held for each in told) > len(told) / 2, "the search finds what is there"

            if how == "ended for everyone":
                async with its.attend(hanna) as hers:
                    await its.act(hers, "end")
                    assert await hers.end() == 4410
                assert_gone(its, told - meetings_own(link, told))
            elif how == "everybody left":
                for place in people:
                    await its.leave(place)
            elif how == "its time was over":
                its.clock.advance(timedelta(hours=24))
            if how == "killed and swept":
                async with its.restarted() as again:
                    for minutes in (5, 10, 10):
                        await again.time_passes(minutes=minutes)
            await its.time_passes(minutes=10)
            await its.time_passes(minutes=10)
            assert_gone(its, told)
            assert (await its.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)).status_code == 404
    assert_gone(its, told)


def meetings_own(link: Link, told: set[str]) -> set[str]:
    """For ten minutes a meeting that has ended still says so to who holds the link: id, and two values to check."""
    return {link.meeting} | {each for each in told if len(each) == 43 and decode(each, 32)}


def assert_gone(its: House, told: set[str]) -> None:
    held = everything(its.settings.data)
    assert not [each for each in told if each.encode() in held]
    # In another spelling neither.
    raw = [decode(each, 8192) for each in told]
    assert not [each for each in raw if each and len(each) >= 16 and each in held]


async def test_of_an_opening_that_is_over_a_planned_meeting_keeps_what_is_the_meetings(tmp_path: Path) -> None:
    async with house(tmp_path) as its:
        now = its.clock.now()
        times = {"opens_at": now.isoformat(), "closes_at": (now + timedelta(days=30)).isoformat()}
        link = await its.open_meeting(waiting_room=True, times=times)
        _, people, hanna = await a_whole_meeting(its, link)
        rows = {place.pseudonym for place in people} | {place.secret for place in people} | {hanna.session}
        async with its.attend(hanna) as hers:
            await its.act(hers, "end")
            await hers.end()
        # The host's signed rules name the keys of that opening until the host signs the next ones.
        await its.rule(link)
        await its.time_passes(minutes=10)
        await its.built.database.scrub(deleted=True)
        assert_gone(its, rows | {place.public for place in people})
        assert (await its.look(link))["card"] is not None


async def test_no_row_of_an_ended_meeting_is_left(tmp_path: Path) -> None:
    async with house(tmp_path) as its:
        link = await its.open_meeting(waiting_room=True)
        await a_whole_meeting(its, link)
        await its.time_passes(hours=24)
        await its.time_passes(minutes=10)

        def left(connection: Connection) -> dict[str, int]:
            counted = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
            return {name: connection.execute(each).scalar_one() for name, each in counted.items()}

        assert set((await its.built.database.look(left)).values()) == {0}
