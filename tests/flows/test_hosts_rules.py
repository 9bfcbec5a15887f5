"""What the host signs: who may share, who is co-host, what lets people in."""

from __future__ import annotations

import asyncio

from klausur.actions.expect_rooms import expect_rooms
from klausur.domain.encoding import encode
from klausur.media.reconcile import Reconciler
from tests.flows.inside import code, meeting
from tests.house import House
from tests.people import signed_rules


async def test_sharing_is_forbidden_and_allowed_at_the_engine_too(the_house: House) -> None:
    async with meeting(the_house) as m:

        async def sharers() -> set[str]:
            return {who for who, may in (await the_house.engine.participants(m.room)).items() if may}

        await the_house.rule(m.link, everyone_shares=False)
        assert await sharers() == {m.hanna.pseudonym, m.carla.pseudonym}
        assert not (await the_house.tickets.redeem(m.gustav.ticket)).may_share
        assert (await the_house.tickets.redeem(m.carla.ticket)).may_share
        await the_house.rule(m.link, cohosts=[m.gustav.public])
        assert await sharers() == {m.hanna.pseudonym, m.gustav.pseudonym}
        assert (await expect_rooms(the_house.built.world))[m.room][m.carla.pseudonym] is False
        the_house.engine.fail()
        await the_house.rule(m.link, everyone_shares=True)
        the_house.engine.recover()
        its = the_house.built
        await Reconciler(the_house.engine, lambda: expect_rooms(its.world), its.notes).once()
        assert await sharers() == {m.hanna.pseudonym, m.carla.pseudonym, m.gustav.pseudonym}


async def test_who_was_cohost_has_no_power_any_more_at_once(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, cohosts=[])
        await the_house.act(m.carlas, "mute", m.gustav)
        assert await m.carlas.refusals() == ["not_allowed"]


async def test_everybody_hears_the_rules_and_newcomers_read_them(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, everyone_shares=False)
        told = await m.his.hear()
        assert (told.pop("type"), told["version"]) == ("rules", m.link.version)
        assert (await the_house.look(m.link))["rules"] == told
        welcome = await the_house.hello(m.gustav)
        assert isinstance(welcome, dict)
        assert welcome["rules"] == told


async def test_rules_have_consecutive_versions_and_the_hosts_signature(the_house: House) -> None:
    async with meeting(the_house) as m:
        other = await the_house.open_meeting()
        version = m.link.version + 1
        for wrong in (m.link.version, version + 1):
            answer = await the_house.put_rules(m.link, signed_rules(m.link, wrong, m.link.rules))
            assert code(answer) == (409, "rules_outdated")
        right = signed_rules(m.link, version, m.link.rules)
        forgeries = [
            signed_rules(m.link, version, m.link.rules, m.carla.key),
            signed_rules(other, version, m.link.rules, m.link.host_key),
            right | {"document": str(right["document"]).replace("[]", f'["{m.gustav.public}"]')},
            right | {"signature": encode(bytes(64))},
            right | {"signature": "AAAA"},
            signed_rules(m.link, version + 1, m.link.rules) | {"version": version},
        ]
        for forgery in forgeries:
            assert code(await the_house.put_rules(m.link, forgery)) == (403, "not_host")
        for document in ("{}", "[" * 20_000, right["document"] + " " * 24 * 1024):  # type: ignore[operator]
            assert code(await the_house.put_rules(m.link, right | {"document": document})) == (400, "malformed")
        assert (await the_house.put_rules(m.link, right)).status_code == 204


async def test_of_two_rules_written_at_once_one_loses_and_knows(the_house: House) -> None:
    link = await the_house.open_meeting()
    rules = [signed_rules(link, 2, link.rules | {"everyone_shares": share}) for share in (True, False)]
    answers = await asyncio.gather(*(the_house.put_rules(link, each) for each in rules))
    assert sorted(code(answer) for answer in answers) == [(204, ""), (409, "rules_outdated")]


async def test_the_host_certifies_those_inside_before_what_let_them_in_stops_counting(the_house: House) -> None:
    async with meeting(the_house) as m:
        told = {"type": "certify", "pseudonym": m.gustav.pseudonym, "certificate": the_house.certificate(m.gustav)}
        await m.hers.say(told)
        heard = await m.carlas.hear()
        assert heard["admission"] == {"certificate": told["certificate"]}
        for wrong in (
            the_house.certificate(m.carla),
            the_house.certificate(m.gustav, by=m.carla),
            the_house.certificate(m.gustav, key=m.carla.key),
            the_house.certificate(m.gustav, role="host"),
        ):
            await m.hers.say(told | {"certificate": wrong})
        assert await m.hers.refusals() == ["not_allowed"] * 4
        roster = (await the_house.come_back(m.hanna))["roster"]
        assert {"certificate": told["certificate"]} in [each["admission"] for each in roster]
