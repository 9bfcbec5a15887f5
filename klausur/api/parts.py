"""What the routes are given, and how they ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import Depends, Request

from klausur.actions.people.circle import People
from klausur.actions.world import World
from klausur.api.attempts import Attempt, Attempts
from klausur.api.network import NETWORK
from klausur.api.people.patience import Patience
from klausur.api.readiness import Readiness
from klausur.api.strangers import Strangers
from klausur.domain.proof_ports import ProofOffice


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    name: str
    contact: str
    language: str
    open_meetings: Literal["accounts", "anyone", "nobody"]
    max_participants: int
    guests: Literal["allowed", "accounts"]


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting as it is in force; without value where that is secret."""

    name: str
    value: str | None
    origin: str
    secret: bool
    help: str


@dataclass(frozen=True, slots=True)
class EngineState:
    kind: str
    healthy: bool
    version: str | None
    nodes: int
    rooms: int | None


@dataclass(frozen=True, slots=True)
class Inside:
    """What administrators may look at."""

    settings: Callable[[], Sequence[Effective]]
    engine: Callable[[], Awaitable[EngineState]]


@dataclass(frozen=True, slots=True)
class Parts:
    world: World
    attempts: Attempts
    readiness: Readiness
    operator: OperatorFacts
    people: People
    patience: Patience
    strangers: Strangers
    inside: Inside
    office: ProofOffice
    secure: bool
    """Browsers reach us by TLS."""


# Coroutines, though they wait for nothing: FastAPI hands other functions to a thread each time.


async def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


async def _proof(request: Request) -> str | None:
    given = request.headers.getlist("klausur-link-proof")
    return given[0] if len(given) == 1 else None


async def _bearer(request: Request) -> str:
    """Empty when there is none: it is nobody's secret."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


TheParts = Annotated[Parts, Depends(_parts)]
Proof = Annotated[str | None, Depends(_proof)]
Bearer = Annotated[str, Depends(_bearer)]


def count(parts: Parts, attempt: Attempt, request: Request) -> None:
    """Raises TooManyAttempts."""
    parts.attempts.count(attempt, network_of(request))


def network_of(request: Request) -> str:
    return cast(Mapping[str, str], request.scope)[NETWORK]
