"""Bodies of requests and answers, from which the client's types are generated. Meaning: docs/protocol.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from klausur.api.moments import Moment
from klausur.domain.encoding import characters
from klausur.domain.limits import RULES_MAX_CHARACTERS, SEALED_MAX_BYTES

Id = Annotated[str, Field(max_length=characters(16))]
Bytes32 = Annotated[str, Field(max_length=characters(32))]
Bytes64 = Annotated[str, Field(max_length=characters(64))]
Sealed = Annotated[str, Field(max_length=characters(SEALED_MAX_BYTES))]


Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _only_text(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError
    return value


Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_only_text)]
"""RFC 3339, as text: numbers of seconds would be times too."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class NewMeeting(_Body):
    host_public_key: Bytes32
    link_proof_hash: Bytes32
    opens_at: Time | None = None
    closes_at: Time | None = None


class OpenedMeeting(_Answer):
    meeting: str
    closes_at: Moment


class SealedCard(_Answer):
    version: int
    sealed: str


class SignedCard(_Body):
    version: Version
    sealed: Sealed
    signature: Bytes64


class SignedRules(_Body):
    version: Version
    document: Annotated[str, Field(max_length=RULES_MAX_CHARACTERS)]
    signature: Bytes64


class RulesAnswer(_Answer):
    version: int
    document: str
    signature: str


class MeetingAnswer(_Answer):
    meeting: str
    state: Literal["scheduled", "open", "locked"]
    session: str
    host_public_key: str
    card: SealedCard | None
    rules: RulesAnswer | None
    must_knock: bool
    opens_at: Moment | None
    closes_at: Moment
    server_time: Moment


class CertificateGiven(_Body):
    role: Literal["host", "participant"]
    not_after: Annotated[int, Field(gt=0, lt=2**40)]
    issuer: Bytes32
    signature: Bytes64


class SeatWish(_Body):
    """With exactly one of ``certificate``, ``mac`` and ``knock``."""

    pseudonym: Id
    session: Id
    announcement: Sealed
    key: Bytes32
    possession: Bytes64
    certificate: CertificateGiven | None = None
    mac: Bytes32 | None = None
    knock: Sealed | None = None


class KnockWish(_Body):
    knock: Sealed


class TicketWish(_Body):
    session: Id
    announcement: Sealed


class Certificate(_Answer):
    role: Literal["host", "participant"]
    not_after: int
    issuer: str
    signature: str


class ByCertificate(_Answer):
    certificate: Certificate


class ByMac(_Answer):
    mac: str


class Roster(_Answer):
    pseudonym: str
    key: str
    admission: ByCertificate | ByMac
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


class Waiting(_Answer):
    pseudonym: str
    secret: str
    session: str
    server_time: Moment


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
