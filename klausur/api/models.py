"""Bodies of requests and answers, from which the client's types are generated. Meaning: docs/protocol.md."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from klausur.api.moments import Moment
from klausur.domain.encoding import characters
from klausur.domain.limits import SEALED_MAX_BYTES

Id = Annotated[str, Field(max_length=characters(16))]
Bytes32 = Annotated[str, Field(max_length=characters(32))]
Bytes64 = Annotated[str, Field(max_length=characters(64))]
Sealed = Annotated[str, Field(max_length=characters(SEALED_MAX_BYTES))]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class NewMeeting(_Body):
    host_public_key: Bytes32
    link_proof_hash: Bytes32


class OpenedMeeting(_Answer):
    meeting: str
    closes_at: Moment


class SealedCard(_Answer):
    version: int
    sealed: str


class SignedCard(_Body):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    sealed: Sealed
    signature: Bytes64


class MeetingAnswer(_Answer):
    meeting: str
    state: Literal["scheduled", "open"]
    session: str
    host_public_key: str
    card: SealedCard | None
    closes_at: Moment
    server_time: Moment


class SeatWish(_Body):
    pseudonym: Id
    session: Id
    announcement: Sealed


class TicketWish(_Body):
    session: Id
    announcement: Sealed


class Roster(_Answer):
    pseudonym: str
    announcement: str
    away: bool


class SeatRenewed(_Answer):
    pseudonym: str
    ticket: str
    session: str
    roster: list[Roster]
    server_time: Moment


class SeatTaken(SeatRenewed):
    secret: str


class Retention(_Answer):
    """How long what is stored: the notice says so."""

    away_minutes: int
    empty_minutes: int
    instant_hours: int
    ended_minutes: int


class OperatorAnswer(_Answer):
    name: str
    contact: str
    language: str
    open_meetings: str
    max_participants: int
    retention: Retention
