"""A probe may be wrong in every way there is; none of them ever ends in a pass."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking
from klausur.compliance.probes import ALL
from klausur.compliance.probing import CANNED_AT_MOST, Evidence, Judged, Params, Probe, Seen, Vantage, look
from klausur.compliance.target import MARK, CannotLook, Target, resettled
from klausur.compliance.words import Text
from tests.house import ManualClock

WORDS = Text(de="Wort", en="word")
ASKING = Asking.of("door.shut")


def nobody(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(404)


@pytest.fixture
async def the_target() -> AsyncIterator[Target]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(nobody), base_url="http://localhost") as http:
        yield Target("http://localhost", http, {"door": "shut"})


async def sees_the_door(target: Target) -> Evidence:
    return target.evidence(door=target.settings["door"])


def wants_it_shut(evidence: Evidence, _params: Params) -> Judged:
    return Judged(Status.PASS if evidence["door"] == "shut" else Status.FAIL, WORDS)


@asynccontextmanager
async def opened(target: Target) -> AsyncIterator[Target]:
    yield resettled(target, door="open")


RIGHT = Probe("door.shut", 1, WORDS, WORDS, Vantage.SETTINGS, Grade.CONFIGURED, sees_the_door, wants_it_shut, opened)


async def looked(probe: Probe, target: Target) -> Seen:
    return await look(probe, target, (ASKING,), ManualClock())


async def test_a_probe_that_finds_its_twin_bad_is_believed(the_target: Target) -> None:
    seen = await looked(RIGHT, the_target)
    assert (seen.status, seen.evidence) == (Status.PASS, {MARK: the_target.mark, "door": "shut"})
    assert seen.twin is not None
    assert seen.twin["door"] == "open"
    assert (await looked(RIGHT, resettled(the_target, door="ajar"))).status is Status.FAIL


async def raises(_target: Target) -> Evidence:
    raise RuntimeError("Hanna Canary")


async def ends_everything(_target: Target) -> Evidence:
    sys.exit(0)


async def loses_something_of_its_own(_target: Target) -> Evidence:
    own = asyncio.ensure_future(asyncio.Event().wait())
    asyncio.get_running_loop().call_soon(own.cancel)
    await own
    raise AssertionError


async def hangs(_target: Target) -> Evidence:
    await asyncio.Event().wait()
    raise AssertionError


async def sees_nothing(_target: Target) -> Evidence:
    return {}


async def sees_the_mark_only(target: Target) -> Evidence:
    return target.evidence()


async def sees_too_much(target: Target) -> Evidence:
    return target.evidence(door=target.settings["door"], much="x" * 2_000_000)


async def sees_what_no_json_can_say(target: Target) -> Evidence:
    return target.evidence(door=target.settings["door"], more=object())


async def cannot(_target: Target) -> Evidence:
    raise CannotLook(WORDS)


def of_the_twin() -> Callable[[Target], Awaitable[Evidence]]:
    """Looks once, and tells the same for ever."""
    first: list[Evidence] = []

    async def collect(target: Target) -> Evidence:
        first.append(await sees_the_door(target))
        return first[0]

    return collect


@pytest.mark.parametrize(
    ("collect", "status"),
    [
        (raises, Status.CRASHED),
        (ends_everything, Status.CRASHED),
        (loses_something_of_its_own, Status.CRASHED),
        (hangs, Status.TIMED_OUT),
        (sees_nothing, Status.NOTHING_SEEN),
        (sees_the_mark_only, Status.NOTHING_SEEN),
        (sees_too_much, Status.CRASHED),
        (sees_what_no_json_can_say, Status.CRASHED),
        (cannot, Status.BLOCKED),
        (of_the_twin(), Status.CRASHED),
    ],
)
async def test_whatever_goes_wrong_is_no_pass(the_target: Target, collect: Any, status: Status) -> None:
    seen = await looked(replace(RIGHT, collect=collect, seconds=0.01), the_target)
    assert seen.status is status
    assert seen.observation(ASKING, {}).status is status
    assert seen.evidence is None
    assert "Canary" not in seen.says.en + seen.says.de


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.FAIL])
async def test_whoever_does_not_call_the_twin_bad_is_not_believed(the_target: Target, status: Status) -> None:
    blind = replace(RIGHT, judge=lambda _evidence, _params: Judged(status, WORDS))
    assert (await looked(blind, the_target)).status is Status.CALIBRATION_FAILED


async def test_a_twin_that_cannot_be_made_is_no_pass(the_target: Target) -> None:
    @asynccontextmanager
    async def broken(_target: Target) -> AsyncIterator[Target]:
        raise OSError
        yield _target  # type: ignore[unreachable]

    assert (await looked(replace(RIGHT, twin=broken), the_target)).status is Status.CRASHED


async def test_a_twin_that_is_never_made_is_no_pass(the_target: Target) -> None:
    @asynccontextmanager
    async def slow(_target: Target) -> AsyncIterator[Target]:
        await asyncio.Event().wait()
        yield _target

    assert (await looked(replace(RIGHT, twin=slow, seconds=0.01), the_target)).status is Status.TIMED_OUT


async def test_a_run_that_is_asked_to_end_ends(the_target: Target) -> None:
    """What a probe cancels of its own is not that."""
    going = asyncio.create_task(looked(replace(RIGHT, collect=hangs, seconds=3600), the_target))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going


async def test_a_judge_that_raises_is_no_pass(the_target: Target) -> None:
    def raises_on_what_is_shut(evidence: Evidence, _params: Params) -> Judged:
        if evidence["door"] == "shut":
            raise KeyError
        return Judged(Status.FAIL, WORDS)

    assert (await looked(replace(RIGHT, judge=raises_on_what_is_shut), the_target)).status is Status.CRASHED


async def test_canned_twins_make_evidence_worth_less(the_target: Target) -> None:
    strong = replace(RIGHT, grade=Grade.EFFECT)
    for probe, worth in ((strong, Grade.EFFECT), (replace(strong, canned=True), CANNED_AT_MOST)):
        assert (await looked(probe, the_target)).observation(ASKING, {}).grade is worth


async def test_an_observation_knows_the_settings_it_depends_on(the_target: Target) -> None:
    seen = await looked(replace(RIGHT, depends_on=("door",)), the_target)
    observation = seen.observation(ASKING, {"door": "shut", "lamp": "on"})
    assert observation.is_current({"door": "shut", "lamp": "off"})
    assert not observation.is_current({"door": "open", "lamp": "on"})


def test_every_probe_says_what_it_shows_and_what_not() -> None:
    for name, probe in ALL.items():
        assert probe.id == name
        for text in (probe.proves, probe.proves_not):
            assert min(len(text.de), len(text.en)) > 20
