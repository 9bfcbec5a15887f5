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


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class NewMeeting(Body):
    host_public_key: Bytes32
    link_proof_hash: Bytes32
    opens_at: Time | None = None
    closes_at: Time | None = None
    guests: bool = True


class OpenedMeeting(Answer):
    meeting: str
    closes_at: Moment


class SealedCard(Answer):
    version: int
    sealed: str


class SignedCard(Body):
    version: Version
    sealed: Sealed
    signature: Bytes64


class SignedRules(Body):
    version: Version
    document: Annotated[str, Field(max_length=RULES_MAX_CHARACTERS)]
    signature: Bytes64


MomentText = Annotated[
    str, Field(max_length=40, pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$")
]
"""RFC 3339 in the signer's spelling: it is the text that was signed."""


class SignedTimes(Body):
    opens_at: MomentText
    closes_at: MomentText
    version: Version
    signature: Bytes64


class SignedCancellation(Body):
    signature: Bytes64


class RulesAnswer(Answer):
    version: int
    document: str
    signature: str


class MeetingAnswer(Answer):
    meeting: str
    state: Literal["scheduled", "open", "locked"]
    session: str
    host_public_key: str
    card: SealedCard | None
    rules: RulesAnswer | None
    must_knock: bool
    opens_at: Moment | None
    closes_at: Moment
    times_version: int
    server_time: Moment


class CertificateGiven(Body):
    role: Literal["host", "participant"]
    not_after: Annotated[int, Field(gt=0, lt=2**40)]
    issuer: Bytes32
    signature: Bytes64


class SeatWish(Body):
    """With exactly one of ``certificate``, ``mac`` and ``knock``."""

    pseudonym: Id
    session: Id
    announcement: Sealed
    key: Bytes32
    possession: Bytes64
    certificate: CertificateGiven | None = None
    mac: Bytes32 | None = None
    knock: Sealed | None = None


class KnockWish(Body):
    knock: Sealed


class TicketWish(Body):
    session: Id
    announcement: Sealed


class Certificate(Answer):
    role: Literal["host", "participant"]
    not_after: int
    issuer: str
    signature: str


class ByCertificate(Answer):
    certificate: Certificate


class ByMac(Answer):
    mac: str


class Roster(Answer):
    pseudonym: str
    key: str
    admission: ByCertificate | ByMac
    announcement: str
    away: bool


class SeatRenewed(Answer):
    pseudonym: str
    ticket: str
    session: str
    roster: list[Roster]
    server_time: Moment


class SeatTaken(SeatRenewed):
    secret: str


class Waiting(Answer):
    pseudonym: str
    secret: str
    session: str
    server_time: Moment


class Retention(Answer):
    """How long what is stored: the notice says so."""

    away_minutes: int
    empty_minutes: int
    instant_hours: int
    ended_minutes: int


class SigninWays(Answer):
    """Besides the password."""

    passkeys: bool
    provider: str | None


class OperatorAnswer(Answer):
    name: str
    contact: str
    language: str
    open_meetings: Literal["accounts", "anyone", "nobody"]
    max_participants: int
    guests: Literal["allowed", "accounts"]
    signin: SigninWays
    retention: Retention
