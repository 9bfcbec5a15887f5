"""What every action is given."""

from __future__ import annotations

from dataclasses import dataclass

from klausur.domain.ports import Audience, Clock, Connections, Errands, MediaEngine, Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides."""

    anyone_opens: bool
    max_participants: int


@dataclass(frozen=True, slots=True)
class World:
    store: Store
    clock: Clock
    engine: MediaEngine
    audience: Audience
    connections: Connections
    rules: Rules
    errands: Errands
