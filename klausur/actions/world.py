"""What every action is given."""

from __future__ import annotations

from dataclasses import dataclass

from klausur.domain.policy import Openers
from klausur.domain.ports import Audience, Clock, Connections, Errands, MediaEngine, Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides."""

    openers: Openers
    max_participants: int
    guests: bool = True
    """Whether people without an account may join."""


@dataclass(frozen=True, slots=True)
class World:
    store: Store
    clock: Clock
    engine: MediaEngine
    audience: Audience
    connections: Connections
    rules: Rules
    errands: Errands
