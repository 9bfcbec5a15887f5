"""What moderators and participants do before everybody's eyes: sealed and signed for the others, who judge it by
themselves; named in clear for the server, which enforces it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from klausur.actions.world import World
from klausur.domain.meeting import Seat


@dataclass(frozen=True, slots=True)
class Act:
    op: str
    target: str | None
    """Pseudonym."""
    sealed: str


def relay(world: World, actor: Seat, act: Act) -> None:
    message: dict[str, Any] = {
        "type": "act",
        "from": actor.pseudonym,
        "op": act.op,
        "target": act.target,
        "sealed": act.sealed,
    }
    world.audience.tell(actor.meeting, message, but=actor.pseudonym)
