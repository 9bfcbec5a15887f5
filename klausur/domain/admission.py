"""What hosts and seats sign, as the very words that are signed (docs/protocol.md). No cryptography here: who checks a
signature asks this module what was to be signed and what follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from klausur.domain.encoding import is_sized
from klausur.domain.errors import Malformed
from klausur.domain.limits import RULES_MAX_CHARACTERS, SEAT_KEY_BYTES, SESSION_BYTES, SIGNATURE_BYTES
from klausur.domain.policy import Role

CERTIFICATE_LIVES_AT_MOST: Final = timedelta(hours=24)
COHOSTS_AT_MOST: Final = 20
DENIED_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where and to whom a signature belongs: one of another meeting, opening or seat is void."""

    meeting: str
    session: str
    pseudonym: str
    key: str
    """The seat's raw Ed25519 public key, base64url."""

    def possession(self) -> str:
        """Signed by the seat's own key: whoever copies somebody's certificate does not have it."""
        return f"klausur seat v1|{self.meeting}|{self.session}|{self.pseudonym}|{self.key}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Lets one seat key into one opening. ``role``: host (about oneself, by the host key) or participant."""

    role: Role
    not_after: datetime
    issuer: str
    """`host` for the host key, else the seat key of the co-host who signed."""
    signature: str

    def statement(self, place: Place) -> str:
        until = int(self.not_after.timestamp())
        return (
            f"klausur certificate v1|{place.meeting}|{place.session}|{place.pseudonym}|{place.key}|{self.role}|{until}"
        )

    def holds(self, now: datetime) -> bool:
        return now < self.not_after <= now + CERTIFICATE_LIVES_AT_MOST

    @classmethod
    def read(cls, given: Any) -> Certificate:
        """Raises Malformed."""
        match given:
            case {"role": "host" | "participant" as role, "not_after": int(until), "issuer": str(issuer), **rest}:
                signature = rest.get("signature")
                of_host = issuer == "host"
                if not (of_host or is_sized(issuer, SEAT_KEY_BYTES)) or (role == "host" and not of_host):
                    raise Malformed
                if not isinstance(signature, str) or not is_sized(signature, SIGNATURE_BYTES) or len(given) != 4:
                    raise Malformed
                if isinstance(until, bool) or not 0 < until < 2**40:
                    raise Malformed
                try:
                    not_after = datetime.fromtimestamp(until, UTC)
                except (ValueError, OSError, OverflowError):
                    raise Malformed from None
                return cls(Role(role), not_after, issuer, signature)
        raise Malformed

    def shown(self) -> dict[str, Any]:
        return {
            "role": self.role.value,
            "not_after": int(self.not_after.timestamp()),
            "issuer": self.issuer,
            "signature": self.signature,
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """What the host has decided, in one signed document of growing version: so that no server can show different people
    different parts of it. Without one the defaults hold.

    ``cohosts`` and ``denied`` are seat keys and hold for the opening ``session`` only; the switches outlast it.
    """

    version: int = 0
    waiting_room: bool = True
    everyone_shares: bool = True
    session: str = ""
    cohosts: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    document: str = ""
    """The JSON that was signed, byte for byte."""
    signature: str = ""

    def statement(self, meeting: str) -> str:
        return f"klausur rules v1|{meeting}|{self.version}|{self.document}"

    @classmethod
    def read(cls, version: int, document: str, signature: str) -> Rules:
        """Raises Malformed."""
        if len(document) > RULES_MAX_CHARACTERS or version < 1:
            raise Malformed
        try:
            told = json.loads(document)
        except (ValueError, RecursionError):
            raise Malformed from None
        match told:
            case {
                "waiting_room": bool(waiting_room),
                "everyone_shares": bool(everyone_shares),
                "session": str(session),
                "cohosts": list(cohosts),
                "denied": list(denied),
                **rest,
            } if not rest and is_sized(session, SESSION_BYTES):
                return cls(
                    version=version,
                    waiting_room=waiting_room,
                    everyone_shares=everyone_shares,
                    session=session,
                    cohosts=_keys(cohosts, COHOSTS_AT_MOST),
                    denied=_keys(denied, DENIED_AT_MOST),
                    document=document,
                    signature=signature,
                )
        raise Malformed

    def role_of(self, key: str, certified: Role, session: str) -> Role:
        """Certified as participant, delegated as co-host."""
        delegated = key in self.cohosts_in(session)
        return Role.COHOST if certified is Role.PARTICIPANT and delegated else certified

    def cohosts_in(self, session: str) -> tuple[str, ...]:
        return self.cohosts if self.session == session else ()

    def denies(self, key: str, session: str) -> bool:
        return self.session == session and key in self.denied

    def must_knock(self, session: str, removed: Set[str]) -> bool:
        """Whether guests have to ask at the door. ``removed``: seat keys of those whom moderators removed from this
        opening. While the host has yet to deny one of them the link alone opens nothing, because they have it too."""
        denied = self.denied if self.session == session else ()
        return self.waiting_room or not removed <= set(denied)

    def counts(self, admission: Mapping[str, Any], session: str) -> bool:
        """Whether what let somebody in still does: the link, only without a waiting room; a co-host's word, only as
        long as they are one. ``admission``: as on the roster."""
        match admission:
            case {"certificate": {"issuer": str(issuer)}}:
                return issuer == "host" or issuer in self.cohosts_in(session)
            case {"mac": _}:
                return not self.waiting_room
        return False

    def may_share(self, role: Role) -> bool:
        return self.everyone_shares or role in (Role.HOST, Role.COHOST)


def _keys(given: list[Any], at_most: int) -> tuple[str, ...]:
    if len(given) > at_most or not all(isinstance(key, str) and is_sized(key, SEAT_KEY_BYTES) for key in given):
        raise Malformed
    if len(set(given)) != len(given):
        raise Malformed
    return tuple(given)
