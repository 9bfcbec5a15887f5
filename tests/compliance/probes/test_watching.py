"""What is concluded from a meeting that was watched in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.live import browser
from klausur.compliance.live.playing import Plays
from klausur.compliance.model import Asking
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Seen, Vantage, look
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text
from tests.compliance.probes.held import OWN, healthy, plays
from tests.house import ManualClock

WATCHING = sorted(name for name, probe in ALL.items() if probe.vantage is Vantage.BROWSER)
NEVER_PASSES = {"e2ee.verified-devices"}
Held = dict[str, Any]
Damage = Callable[[Held], Any]


async def seen(name: str, its: Plays | None, **settings: object) -> Seen:
    async with httpx.AsyncClient(base_url=OWN) as http:
        target = Target(OWN, http, {"operator_name": "Example e. V.", **settings}, plays=its)
        return await look(ALL[name], target, (Asking(name, ()),), ManualClock())


@pytest.mark.parametrize("name", [name for name in WATCHING if name not in NEVER_PASSES])
async def test_a_meeting_that_is_as_it_should_be_passes(name: str) -> None:
    its = await seen(name, plays(healthy()))
    assert its.status is Status.PASS, its.says
    assert its.twin is not None


def page(held: Held, person: str, moment: str) -> Held:
    found: Held = held["people"][person]["moments"][moment]
    return found


def invitation(held: Held) -> Held:
    found: Held = held["scenes"]["invitation"]
    return found


def entry(held: Held, name: str) -> list[str]:
    """Of the calendar file."""
    return next(values for _, its, values in invitation(held)["file"] if its == name)


def encryption(held: Held) -> Held:
    found: Held = held["scenes"]["encryption"]
    return found


WRONG: list[tuple[str, str, Damage]] = [
    (
        "web.invitation",
        "calendar file: address https://a.example/?who=7",
        lambda its: entry(its, "DESCRIPTION").append("ALTREP=https://a.example/?who=7"),
    ),
    (
        "web.invitation",
        "who invites (SUMMARY)",
        lambda its: entry(its, "SUMMARY").__setitem__(0, "ACCOUNT invites you"),
    ),
    ("web.invitation", "more, or less", lambda its: invitation(its).update(link=invitation(its)["link"] + ".xxx")),
    (
        "web.invitation",
        "more, or less",
        lambda its: invitation(its).update(link=invitation(its)["link"].replace("#", "?from=mail#")),
    ),
    ("web.invitation", "mail: a recipient", lambda its: invitation(its)["mail"].update(to="gustav@example.org")),
    ("web.invitation", "mail: bcc", lambda its: invitation(its)["mail"]["fields"].append(["bcc", "gustav"])),
    ("web.invitation", "no way to the notice", lambda its: entry(its, "DESCRIPTION").__setitem__(0, "LINK")),
    ("web.invitation", "calendar file: VALARM", lambda its: invitation(its)["file"].append(["VALARM", "ACTION", []])),
    ("web.invitation", "leads to no meeting", lambda its: invitation(its).update(shown=False)),
    ("web.invitation", "cookie seen", lambda its: invitation(its).update(cookies=["seen"])),
    ("authz.no-force-on", "Unmute Gustav", lambda its: its["scenes"]["panels"]["powers"].append("Unmute Gustav")),
    ("authz.no-force-on", "Microphone", lambda its: its["scenes"]["forcing"]["states"].update(Microphone="true")),
    (
        "web.third-parties",
        "turns:relay.example",
        lambda its: encryption(its)["servers"].append("turns:relay.example:443"),
    ),
    (
        "web.third-parties",
        "wss://elsewhere.example",
        lambda its: its["people"]["Ida"]["hosts"].update({"wss://elsewhere.example": 1}),
    ),
    (
        "web.csp-observed",
        "img-src",
        lambda its: page(its, "Hanna", "devices on")["violations"].append("img-src https://a.example"),
    ),
    ("web.csp-observed", "no policy", lambda its: its["people"]["Otto"]["policies"].update({"/m": False})),
    ("web.storage", "local counter", lambda its: page(its, "Gustav", "preview")["stored"]["local"].append("counter")),
    ("web.storage", "service worker", lambda its: page(its, "Otto", "after")["stored"].update(workers=1)),
    ("web.encryption-shown", "before joining", lambda its: its["scenes"]["before"].update(text="It is encrypted.")),
    ("web.encryption-shown", "guest", lambda its: encryption(its).update(shield=[True, False])),
    ("web.organiser-shown", "name", lambda its: its["scenes"]["before"].update(text="Join the meeting")),
    ("web.organiser-shown", "in the notice", lambda its: its["scenes"]["before"].update(notice="Somebody")),
    (
        "web.devices-off",
        "Otto, again",
        lambda its: page(its, "Otto", "again in the meeting")["states"].update(Microphone="true"),
    ),
    (
        "web.devices-off",
        "audio: 700 B",
        lambda its: page(its, "Otto", "in the meeting")["flow"].update({"audio sent": 700}),
    ),
    (
        "web.permission-on-click",
        "audio + video",
        lambda its: page(its, "Hanna", "devices on")["asked"][0].update(audio=True),
    ),
    (
        "web.guest-name-only",
        "Phone",
        lambda its: its["scenes"]["before"]["fields"].append({"name": "Phone", "kind": "tel"}),
    ),
    ("web.standard-browser", "download", lambda its: its["scenes"]["standard"].update(opened=["download"])),
    ("web.indicators", "who knocks", lambda its: its["scenes"]["meeting"].update(knock_shown=False)),
    ("web.indicators", "Gustav has joined", lambda its: its["scenes"]["panels"].update(heard=["Gustav is waiting"])),
    (
        "web.share-by-choice",
        "preferCurrentTab",
        lambda its: its["scenes"]["sharing"]["asked"][0].update(source='{"preferCurrentTab":true}'),
    ),
    ("web.preview-local", "50000 B", lambda its: page(its, "Gustav", "preview").update(posted=50_000)),
    ("web.preview-local", "no picture", lambda its: page(its, "Gustav", "preview").update(own_picture=False)),
    ("web.accessibility", "Leave by keyboard", lambda its: its["scenes"]["panels"]["keyboard"].remove("Leave")),
    (
        "media.transport",
        "SRTP_AES128_CM",
        lambda its: encryption(its)["transports"][0].update(srtpCipher="SRTP_AES128_CM_HMAC_SHA1_80"),
    ),
    (
        "media.transport",
        "TLS_RSA",
        lambda its: encryption(its)["transports"][0].update(dtlsCipher="TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ),
    ("media.transport", "DTLS failed", lambda its: encryption(its)["transports"][0].update(dtlsState="failed")),
    (
        "media.addresses-hidden",
        "127.0.0.1 50002",
        lambda its: encryption(its)["addresses"][0]["told"].append("127.0.0.1 50002"),
    ),
    ("media.stop", "video: open", lambda its: its["scenes"]["stopping"]["tracks"][0].update(live=True, enabled=True)),
    ("media.mute-at-source", "700", lambda its: its["scenes"]["stopping"]["off"][1].update({"energy recorded": 1600})),
    ("e2ee.frames", "audio: 1/144", lambda its: encryption(its)["ways"][1]["kinds"]["audio"].update(in_clear=1)),
    ("e2ee.wrong-key", "1", lambda its: encryption(its)["ways"][0].update(opened_by_wrong_keys=1)),
    ("e2ee.keys-differ", "2", lambda its: its["scenes"]["second_meeting"].update(shared=2)),
    ("e2ee.removed-blind", "3", lambda its: its["scenes"]["removal"]["after"].update(readable=3)),
    ("e2ee.verified-devices", "no value", lambda _its: None),
    ("roster.complete", "Hanna, People: Otto", lambda its: its["scenes"]["panels"]["listed"].remove("Otto")),
]


@pytest.mark.parametrize(("name", "words", "damage"), WRONG)
async def test_what_is_wrong_is_named(name: str, words: str, damage: Damage) -> None:
    held = healthy()
    damage(held)
    its = await seen(name, plays(held))
    assert its.status is Status.FAIL, its.says
    assert words in its.says.en
    assert words in its.says.de


UNSEEN: list[tuple[str, Damage]] = [
    ("authz.no-force-on", lambda its: its["scenes"]["forcing"].update(tracks=0)),
    ("web.third-parties", lambda its: its["people"]["Otto"].update(hosts={OWN: 2})),
    ("web.csp-observed", lambda its: [each.update(policies={}) for each in its["people"].values()]),
    ("web.storage", lambda its: [each.update(moments={}) for each in its["people"].values()]),
    ("web.encryption-shown", lambda its: its["scenes"]["before"].update(text="")),
    ("web.organiser-shown", lambda its: its["scenes"]["before"].update(text="")),
    ("web.devices-off", lambda its: page(its, "Gustav", "preview").update(asked=[])),
    (
        "web.permission-on-click",
        lambda its: [each.update(asked=[]) for who in its["people"].values() for each in who["moments"].values()],
    ),
    ("web.guest-name-only", lambda its: its["scenes"]["before"].update(fields=[])),
    ("web.indicators", lambda its: its["scenes"]["stopping"].update(states=[{}, {}])),
    ("web.share-by-choice", lambda its: its["scenes"]["sharing"].update(asked=[])),
    ("web.preview-local", lambda its: page(its, "Gustav", "in the meeting").update(connections=0)),
    ("web.accessibility", lambda its: its["barriers"].pop("waiting")),
    ("media.transport", lambda its: encryption(its).update(transports=[])),
    ("media.addresses-hidden", lambda its: encryption(its)["addresses"][1].update(told=[])),
    ("media.stop", lambda its: its["scenes"]["stopping"].update(on=[{}, {}])),
    ("media.mute-at-source", lambda its: its["scenes"]["stopping"].update(on=[{}, {}])),
    ("e2ee.frames", lambda its: encryption(its)["ways"][0]["kinds"]["audio"].update(decrypted=0)),
    ("e2ee.frames", lambda its: encryption(its)["ways"][1]["kinds"].pop("video")),
    ("e2ee.frames", lambda its: encryption(its).update(ways=[])),
    ("e2ee.wrong-key", lambda its: encryption(its)["ways"][0].update(opened_by_right_keys=0)),
    ("e2ee.keys-differ", lambda its: its["scenes"]["second_meeting"].update(second=0)),
    ("e2ee.removed-blind", lambda its: its["scenes"]["removal"].update(before={"frames": 12, "readable": 0})),
    ("roster.complete", lambda its: its["scenes"]["third"].update(receive=["Hanna"])),
    ("web.invitation", lambda its: invitation(its).update(file=[])),
]


@pytest.mark.parametrize(("name", "damage"), UNSEEN)
async def test_what_was_not_seen_is_no_pass(name: str, damage: Damage) -> None:
    held = healthy()
    damage(held)
    its = await seen(name, plays(held))
    assert its.status is Status.NOTHING_SEEN, its.says


async def test_where_an_engine_elsewhere_is_reached_nobody_here_knows() -> None:
    its = await seen("media.addresses-hidden", plays(healthy()), engine=["https://media.example:7880"])
    assert (its.status, "ENGINE" in its.says.en) == (Status.BLOCKED, True)
    assert "engine" in its.probe.depends_on


@pytest.mark.parametrize("told", [["127.0.0.1"], "127.0.0.1", ["203.0.113.5", "127.0.0.1"]])
async def test_the_engine_here_is_where_it_is_said_to_be(told: object) -> None:
    its = await seen("media.addresses-hidden", plays(healthy()), engine=["embedded"], media_address=told)
    assert its.status is Status.PASS, its.says


SCENES = [
    ("e2ee.removed-blind", "removal"),
    ("roster.complete", "third"),
    ("media.stop", "stopping"),
    ("web.invitation", "invitation"),
]


@pytest.mark.parametrize(("name", "scene"), SCENES)
async def test_a_scene_that_broke_off_is_no_pass(name: str, scene: str) -> None:
    held = healthy()
    held["scenes"][scene] = {"failed": "TimeoutError"}
    assert (await seen(name, plays(held))).status is Status.BLOCKED


async def test_a_value_to_compare_is_not_yet_a_proof() -> None:
    held = healthy()
    for panel in encryption(held)["security"]:
        panel.update(text="Meeting code 12345 67890 24680", offers=["Codes match"])
    assert (await seen("e2ee.verified-devices", plays(held))).status is Status.NOTHING_SEEN
    encryption(held)["security"][1]["text"] = "Meeting code 99999 67890 24680"
    its = await seen("e2ee.verified-devices", plays(held))
    assert (its.status, "values differ" in its.says.en) == (Status.FAIL, True)


@pytest.mark.parametrize("name", WATCHING)
async def test_nobody_to_hold_a_meeting_is_no_pass(name: str) -> None:
    assert (await seen(name, None)).status is Status.BLOCKED


async def test_where_guests_need_accounts_nobody_comes_by_name_only() -> None:
    assert (await seen("web.guest-name-only", plays(healthy()), guests="accounts")).status is Status.BLOCKED


async def test_each_meeting_is_held_once_for_all_who_watch() -> None:
    held: list[bool] = []

    async def hold(target: Target) -> Held:
        held.append(target.spoilt)
        return dict(await plays(healthy()).of(target))

    its = Plays(hold)
    for name in ("e2ee.frames", "web.storage", "roster.complete"):
        assert (await seen(name, its)).status is Status.PASS
    assert held == [True, False]


async def test_both_meetings_are_held_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def hold(target: Target) -> Held:
        await both.wait()
        return dict(await plays(healthy()).of(target))

    assert (await seen("e2ee.frames", Plays(hold))).status is Status.PASS


async def test_a_meeting_that_did_not_come_about_is_not_tried_again() -> None:
    tried: list[bool] = []

    async def hold(target: Target) -> Held:
        tried.append(target.spoilt)
        raise CannotLook(Text(de="Kein Browser.", en="No browser."))

    its = Plays(hold)
    for name in ("e2ee.frames", "web.storage"):
        seen_so = await seen(name, its)
        assert (seen_so.status, seen_so.says.en) == (Status.BLOCKED, "No browser.")
    assert tried == [True, False], "one with damaged pages, and one without"


async def test_a_browser_that_was_only_too_slow_is_not_blamed() -> None:
    held = healthy()
    held["scenes"]["standard"] = {"failed": "TimeoutError", "refused": []}
    assert (await seen("web.standard-browser", plays(held))).status is Status.NOTHING_SEEN


def test_without_a_browser_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(CannotLook, match="A browser is missing"):
        browser.found()


def test_without_the_package_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PACKAGE", "no_such_package")
    with pytest.raises(CannotLook, match="playwright is missing"):
        browser.found()


@pytest.mark.parametrize("name", WATCHING)
def test_its_grade_is_what_the_catalogue_asks_for(name: str) -> None:
    effect = name.startswith("e2ee.") and name != "e2ee.keys-differ"
    inside = name in ("e2ee.keys-differ", "media.transport")
    assert ALL[name].worth is (Grade.EFFECT if effect else Grade.OBSERVED_INSIDE if inside else Grade.OBSERVED_OUTSIDE)
