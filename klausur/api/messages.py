"""What clients may say on the events socket: one registry, by type, or for acts by ``op``. Each entry names the power
that it needs; the action behind it judges by the seat's role at that moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from klausur.actions.acts import Act
from klausur.actions.admit import admit
from klausur.actions.announce import announce
from klausur.actions.certify import certify
from klausur.actions.decline import decline
from klausur.actions.end_opening import end_for_everyone
from klausur.actions.lock_meeting import lock_meeting
from klausur.actions.react import react
from klausur.actions.remove_somebody import remove_somebody
from klausur.actions.silence import mute_all, silence
from klausur.actions.world import World
from klausur.api.hub import Listener, encode
from klausur.domain import encoding
from klausur.domain.errors import Malformed
from klausur.domain.limits import PSEUDONYM_BYTES
from klausur.domain.policy import Operation

Message = Mapping[str, Any]
Handler = Callable[[World, Listener, Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    operation: Operation
    handle: Handler
    is_act: bool = False


async def _ping(world: World, who: Listener, _message: Message) -> None:
    who.put(encode({"type": "pong", "server_time": world.clock.now()}))


async def _announce(world: World, who: Listener, message: Message) -> None:
    await announce(world, who.meeting, who.pseudonym, _text(message, "announcement"))


async def _admit(world: World, who: Listener, message: Message) -> None:
    await admit(world, who.meeting, who.pseudonym, _whom(message, "pseudonym"), message.get("certificate"))


async def _certify(world: World, who: Listener, message: Message) -> None:
    await certify(world, who.meeting, who.pseudonym, _whom(message, "pseudonym"), message.get("certificate"))


async def _decline(world: World, who: Listener, message: Message) -> None:
    await decline(world, who.meeting, who.pseudonym, _whom(message, "pseudonym"))


def _act(action: Callable[[World, str, str, Act], Awaitable[None]], *, aimed: bool = False) -> Handler:
    async def handle(world: World, who: Listener, message: Message) -> None:
        sealed = _text(message, "sealed")
        if not encoding.is_sealed(sealed) or (not aimed and message.get("target") is not None):
            raise Malformed
        target = _whom(message, "target") if aimed else None
        await action(world, who.meeting, who.pseudonym, Act(_text(message, "op"), target, sealed))

    return handle


def _text(message: Message, key: str) -> str:
    text = message.get(key)
    if not isinstance(text, str):
        raise Malformed
    return text


def _whom(message: Message, key: str) -> str:
    pseudonym = _text(message, key)
    if not encoding.is_sized(pseudonym, PSEUDONYM_BYTES):
        raise Malformed
    return pseudonym


REGISTRY: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "ping": Command(Operation.LISTEN, _ping),
        "announce": Command(Operation.ANNOUNCE, _announce),
        "admit": Command(Operation.ADMIT, _admit),
        "decline": Command(Operation.DECLINE, _decline),
        "certify": Command(Operation.RECERTIFY, _certify),
        "mute": Command(Operation.MUTE, _act(silence, aimed=True), is_act=True),
        "stop_video": Command(Operation.STOP_VIDEO, _act(silence, aimed=True), is_act=True),
        "stop_screen": Command(Operation.STOP_SCREEN, _act(silence, aimed=True), is_act=True),
        "remove": Command(Operation.REMOVE, _act(remove_somebody, aimed=True), is_act=True),
        "mute_all": Command(Operation.MUTE, _act(mute_all), is_act=True),
        "lock": Command(Operation.LOCK, _act(lock_meeting), is_act=True),
        "unlock": Command(Operation.LOCK, _act(lock_meeting), is_act=True),
        "end": Command(Operation.END, _act(end_for_everyone), is_act=True),
        "react": Command(Operation.REACT, _act(react), is_act=True),
    }
)


def find(message: Message) -> tuple[str, Command]:
    """Type or op, and what is to be done. Raises Malformed."""
    is_act = message.get("type") == "act"
    name = _text(message, "op" if is_act else "type")
    command = REGISTRY.get(name)
    if command is None or command.is_act is not is_act:
        raise Malformed
    return name, command


def refused(name: str, message: Message, code: str) -> dict[str, Any]:
    """Of what was sent only what a well-formed message could hold: what is queued must not grow with it."""
    target = message.get("target", message.get("pseudonym"))
    known = isinstance(target, str) and encoding.is_sized(target, PSEUDONYM_BYTES)
    return {"type": "refused", "what": name, "target": target if known else None, "code": code}
