"""The media engine goes down while a meeting is watched: nobody concludes anything from what did not come any more."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.async_api import TimeoutError as NothingCame

from klausur.compliance.evidence import Status
from klausur.compliance.live.playing import Plays
from klausur.compliance.live.stage import Stage
from klausur.compliance.target import CannotLook, Target
from tests.compliance.probes.held import OWN, healthy, plays
from tests.compliance.probes.test_watching import NEVER_PASSES, WATCHING, seen

BEFORE = {"web.organiser-shown", "web.preview-local"}
"""What they show has been seen when people meet."""
UNTIL = {
    "authz.no-force-on": "forcing",
    "e2ee.frames": "encryption",
    "e2ee.keys-differ": "second_meeting",
    "e2ee.removed-blind": "removal",
    "e2ee.wrong-key": "encryption",
    "media.addresses-hidden": "encryption",
    "media.mute-at-source": "stopping",
    "media.stop": "stopping",
    "media.transport": "encryption",
    "roster.complete": "panels",
    "web.accessibility": "after",
    "web.csp-observed": "after",
    "web.devices-off": "after",
    "web.encryption-shown": "encryption",
    "web.guest-name-only": "third",
    "web.indicators": "stopping",
    "web.invitation": "invitation",
    "web.permission-on-click": "after",
    "web.share-by-choice": "sharing",
    "web.standard-browser": "standard",
    "web.storage": "after",
    "web.third-parties": "after",
}
"""The last scene without which nothing can be said."""


def test_every_probe_that_watches_a_meeting_is_among_them() -> None:
    assert BEFORE | set(UNTIL) | NEVER_PASSES >= set(WATCHING)


@pytest.mark.parametrize("name", sorted(UNTIL.keys() & set(WATCHING)))
async def test_from_whichever_scene_on_it_is_down_nothing_passes_that_was_not_seen(name: str) -> None:
    scenes = list(healthy()["scenes"])
    last = scenes.index(UNTIL[name])
    for first, expected in ((0, Status.BLOCKED), (last, Status.BLOCKED), (last + 1, Status.PASS)):
        held = healthy()
        for scene in scenes[first:]:
            held["scenes"][scene] = {"failed": "TimeoutError"}
        assert (await seen(name, plays(held))).status is expected, scenes[first:]


FINE = {"fine": True}


def playing(name: str, *, down: bool) -> Any:
    """A scene of that name."""

    async def scene(*_: Any) -> Any:
        if down:
            raise NothingCame("frames")
        return FINE

    scene.__name__ = f"_{name}"
    return scene


async def a_stage(http: httpx.AsyncClient) -> Stage:
    return Stage(Target(OWN, http, {}), None)  # type: ignore[arg-type] # nobody comes


async def test_a_scene_in_which_nothing_came_is_told_as_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [name for name in healthy()["scenes"] if hasattr(Stage, f"_{name}")]
    for number, name in enumerate(scenes):
        monkeypatch.setattr(Stage, f"_{name}", playing(name, down=number >= 3))
    async with httpx.AsyncClient(base_url=OWN) as http:
        held = await (await a_stage(http)).hold()
    assert len(scenes) > 8
    assert held["scenes"] == {
        name: FINE if number < 3 else {"failed": "TimeoutError"} for number, name in enumerate(scenes)
    }


async def test_where_nobody_could_meet_everybody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stage, "_before", playing("before", down=False))
    monkeypatch.setattr(Stage, "_meeting", playing("meeting", down=True))
    async with httpx.AsyncClient(base_url=OWN) as http:
        with pytest.raises(CannotLook, match="did not come about"):
            await (await a_stage(http)).hold()

        async def hold(target: Target) -> Any:
            return await Stage(target, None).hold()  # type: ignore[arg-type]

        its = Plays(hold)
        for name in WATCHING:
            assert (await seen(name, its)).status is Status.BLOCKED
