"""The main job, from the server's side."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.house import House
from tests.people import sealed, signed


async def test_hanna_opens_a_meeting_and_gustav_joins_it(the_house: House) -> None:
    link = await the_house.open_meeting()
    assert (await the_house.look(link))["state"] == "scheduled"

    hanna = await the_house.join(link, "Hanna")
    assert hanna.roster == []
    async with the_house.attend(hanna) as her_socket:
        gustav = await the_house.join(link, "Gustav")
        assert [other["pseudonym"] for other in gustav.roster] == [hanna.pseudonym]

        arrival = await her_socket.hear()
        assert (arrival["type"], arrival["pseudonym"], arrival["away"]) == ("seat", gustav.pseudonym, False)
        assert (await the_house.look(link))["state"] == "open"

        assert (await the_house.leave(gustav)).status_code == 204
        assert await her_socket.hear() == {"type": "left", "pseudonym": gustav.pseudonym}


async def test_each_hears_what_the_other_announces_and_not_oneself(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.join(link), await the_house.join(link)
    async with the_house.attend(hanna) as her_socket, the_house.attend(gustav) as his_socket:
        news = sealed("a new key")
        await his_socket.say({"type": "announce", "announcement": news})
        told = await her_socket.hear()
        assert (told["pseudonym"], told["announcement"]) == (gustav.pseudonym, news)

        await his_socket.say({"type": "ping"})
        assert (await his_socket.hear())["type"] == "pong"


async def test_gustav_hears_when_it_began_and_what_it_is_called_now(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.join(link)
    await the_house.time_passes(minutes=2)
    gustav = await the_house.join(link)
    first, second = sealed("Budget"), sealed("Budget 2027")
    assert (await the_house.put_card(link, signed(link, 1, first))).status_code == 204
    async with the_house.listen(link.meeting) as his_socket:
        await his_socket.say({"type": "hello", "pseudonym": gustav.pseudonym, "secret": gustav.secret})
        welcome = await his_socket.hear()
        assert welcome["card"] == {"version": 1, "sealed": first}
        began, now = (datetime.fromisoformat(welcome[each]) for each in ("began_at", "server_time"))
        assert now - began == timedelta(minutes=2)

        assert (await the_house.put_card(link, signed(link, 2, second))).status_code == 204
        assert await his_socket.hear() == {"type": "card", "version": 2, "sealed": second}
    await the_house.leave(hanna)
    assert (await the_house.look(link))["card"] == {"version": 2, "sealed": second}


async def test_gustav_reloads_and_has_the_same_seat(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.join(link), await the_house.join(link)
    async with the_house.attend(hanna) as her_socket:
        async with the_house.attend(gustav):
            pass
        assert (await her_socket.hear())["away"] is True

        answer = await the_house.renew(gustav)
        assert answer.status_code == 201
        assert "secret" not in answer.json()
        assert (await her_socket.hear())["away"] is True  # the new announcement; he is not there yet
        async with the_house.attend(gustav):
            assert (await her_socket.hear())["away"] is False


async def test_whoever_is_away_for_five_minutes_is_given_up(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.join(link), await the_house.join(link)
    async with the_house.attend(hanna) as her_socket:
        async with the_house.attend(gustav):
            pass
        assert (await her_socket.hear())["away"] is True
        await the_house.time_passes(minutes=4, seconds=59)
        assert (await the_house.renew(gustav)).status_code == 201
        assert (await her_socket.hear())["type"] == "seat"

        await the_house.time_passes(seconds=1)
        assert await her_socket.hear() == {"type": "left", "pseudonym": gustav.pseudonym}
        refused = await the_house.renew(gustav)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_your_seat")


async def test_an_opening_ends_ten_minutes_after_the_last_has_left_and_nothing_is_left_of_it(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.join(link)
    session = hanna.session
    await the_house.leave(hanna)
    await the_house.time_passes(minutes=9, seconds=59)
    back = await the_house.join(link)
    assert back.session == session
    await the_house.leave(back)

    await the_house.time_passes(minutes=10)
    refused = await the_house.ask(link, session=session)
    assert (refused.status_code, refused.json()["code"]) == (410, "meeting_ended")
    assert the_house.engine.table == {}

    await the_house.time_passes(minutes=10)
    refused = await the_house.ask(link, session=session)
    assert (refused.status_code, refused.json()["code"]) == (404, "no_meeting")
    assert link.meeting.encode() not in b"".join(
        path.read_bytes() for path in the_house.settings.data.iterdir() if path.is_file()
    )


async def test_a_meeting_closes_after_24_hours_with_people_in_it(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.join(link)
    async with the_house.attend(hanna) as her_socket:
        await the_house.time_passes(hours=24)
        assert await her_socket.hear() == {"type": "ended"}
        assert await her_socket.end() == 4410


async def test_before_a_restart_everybody_is_told(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.join(link)
    async with the_house.attend(hanna) as her_socket:
        await the_house.built.hub.restart()
        assert await her_socket.hear() == {"type": "restarting"}
        assert await her_socket.end() == 1012


async def test_after_a_restart_seats_are_still_there_for_five_minutes(the_house: House) -> None:
    link = await the_house.open_meeting()
    gustav = await the_house.join(link)
    await the_house.built.presence.connected(link.meeting, gustav.pseudonym)
    # The process dies without a word, and another one finds the rows.
    await the_house.built.presence.start_afresh()
    assert (await the_house.renew(gustav)).status_code == 201
    await the_house.time_passes(minutes=5)
    assert (await the_house.renew(gustav)).status_code == 401
