"""The engine's reports, over a real socket, signed or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from livekit.protocol import models, webhook

from klausur.domain.errors import StorageUnavailable
from klausur.domain.events import EngineEvent
from klausur.loopback import LoopbackListener
from klausur.media.webhooks import MAX_BODY_BYTES, WebhookDoor
from tests.media.stage import HANNA
from tests.media.test_livekit import KEY, OTHER_KEY, signed


@dataclass
class Notes:
    taken: list[tuple[EngineEvent, str, str]] = field(default_factory=list)
    failing: bool = False

    async def __call__(self, event: EngineEvent, room: str, identity: str) -> None:
        if self.failing:
            raise StorageUnavailable
        self.taken.append((event, room, identity))


def own_name(room: str) -> str | None:
    return room.removeprefix("k-") if room.startswith("k-") else None


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
async def url(notes: Notes) -> AsyncIterator[str]:
    listener = LoopbackListener(WebhookDoor(lambda: KEY, own_name, notes))
    await listener.start()
    assert listener.url is not None
    yield listener.url
    await listener.stop()


def event(kind: str, number: int = 1, room: str = "k-abc") -> bytes:
    message = webhook.WebhookEvent(event=kind, id=f"EV_{number}")
    message.room.name = room
    message.participant.identity = HANNA
    return MessageToJson(message).encode()


async def post(url: str, body: bytes, authorization: str | None = None) -> int:
    headers = {"Authorization": signed(body) if authorization is None else authorization}
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=body, headers=headers)).status_code


@pytest.mark.parametrize(
    ("kind", "noted"),
    [
        ("participant_joined", EngineEvent.PARTICIPANT_JOINED),
        ("participant_left", EngineEvent.PARTICIPANT_LEFT),
        ("room_started", EngineEvent.ROOM_STARTED),
        ("room_finished", EngineEvent.ROOM_FINISHED),
        ("track_published", EngineEvent.PLAIN_TRACK_PUBLISHED),
        ("track_unpublished", EngineEvent.TRACK_UNPUBLISHED),
    ],
)
async def test_what_the_engine_reports_is_noted_in_our_words(
    url: str, notes: Notes, kind: str, noted: EngineEvent
) -> None:
    assert await post(url, event(kind)) == 204
    assert notes.taken == [(noted, "abc", HANNA)]


async def test_an_encrypted_track_is_an_ordinary_one(url: str, notes: Notes) -> None:
    message = webhook.WebhookEvent(event="track_published", id="EV_1")
    message.room.name = "k-abc"
    message.track.encryption = models.Encryption.GCM
    await post(url, MessageToJson(message).encode())
    assert [kind for kind, _, _ in notes.taken] == [EngineEvent.TRACK_PUBLISHED]


async def test_a_message_said_twice_or_replayed_is_noted_once(url: str, notes: Notes) -> None:
    assert [await post(url, event("room_finished")) for _ in range(2)] == [204, 204]
    assert len(notes.taken) == 1


async def test_what_could_not_be_noted_is_asked_for_again(url: str, notes: Notes) -> None:
    notes.failing = True
    assert await post(url, event("participant_joined")) == 503
    notes.failing = False
    assert await post(url, event("participant_joined")) == 204
    assert len(notes.taken) == 1


async def test_unknown_kinds_and_rooms_of_others_are_none_of_our_business(url: str, notes: Notes) -> None:
    assert await post(url, event("egress_started")) == 204
    assert await post(url, event("participant_joined", room="theirs")) == 204
    assert notes.taken == []


async def test_otto_cannot_report_anything(url: str, notes: Notes) -> None:
    body = event("participant_left")
    for forged in ("", "Bearer x", signed(body, OTHER_KEY), signed(event("room_finished"))):
        assert await post(url, body, forged) == 401
    assert notes.taken == []


async def test_a_huge_body_is_not_read_to_its_end(url: str, notes: Notes) -> None:
    assert await post(url, b" " * (MAX_BODY_BYTES + 1)) == 413
    assert notes.taken == []
