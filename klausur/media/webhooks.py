"""Where the embedded engine reports what happens. What never arrives is found by ``reconcile.py``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog

from klausur.domain.errors import KlausurError
from klausur.domain.events import EngineEvent
from klausur.domain.ports import EngineNotes
from klausur.media.livekit import WebhookMessage, read_webhook
from klausur.media.nodes import ApiKey

_log = structlog.get_logger(__name__)

OwnName = Callable[[str], str | None]
"""Our name of one of the engine's rooms; None for a room that is not ours."""

MAX_BODY_BYTES: Final = 64 * 1024
_REMEMBERED: Final = 4096
_KINDS: Final = {
    "room_started": EngineEvent.ROOM_STARTED,
    "room_finished": EngineEvent.ROOM_FINISHED,
    "participant_joined": EngineEvent.PARTICIPANT_JOINED,
    "participant_left": EngineEvent.PARTICIPANT_LEFT,
    "track_published": EngineEvent.TRACK_PUBLISHED,
    "track_unpublished": EngineEvent.TRACK_UNPUBLISHED,
}

_Messages = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class WebhookDoor:
    """ASGI application. Answers 204 to what it took, 401 to what is not signed by our engine, 413, and 503 to what
    could not be noted now, whereupon the engine says it again."""

    def __init__(self, key: Callable[[], ApiKey], own_name: OwnName, note: EngineNotes) -> None:
        self._key = key
        self._own_name = own_name
        self._note = note
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: MutableMapping[str, Any], receive: _Messages, send: _Send) -> None:
        if scope["type"] != "http":
            return
        status = await self._status(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: MutableMapping[str, Any], receive: _Messages) -> int:
        authorization = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        body = await _body(receive)
        if body is None:
            return 413
        try:
            message = read_webhook(self._key(), body, authorization.decode("latin-1"))
        except ValueError:
            _log.warning("webhook_refused")
            return 401
        return await self._take(message)

    async def _take(self, message: WebhookMessage) -> int:
        kind = _kind(message)
        room = self._own_name(message.room)
        if kind is None or room is None or message.id in self._seen:
            return 204
        try:
            await self._note(kind, room, message.identity)
        except KlausurError as error:
            _log.warning("webhook_not_noted", code=error.code)
            return 503
        self._remember(message.id)
        return 204

    def _remember(self, message_id: str) -> None:
        self._seen[message_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def _kind(message: WebhookMessage) -> EngineEvent | None:
    return EngineEvent.PLAIN_TRACK_PUBLISHED if message.in_clear else _KINDS.get(message.kind)


async def _body(receive: _Messages) -> bytes | None:
    """None if it is too large or was cut off."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return body
