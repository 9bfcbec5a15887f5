"""People and what they hold: links, keys, seats; and what their browsers sign and seal."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode

Way = Literal["mac", "knock", "host"]


def sealed(text: str = "", size: int = 300) -> str:
    """What a browser would have encrypted: to the server as good as this."""
    return encode(secrets.token_bytes(12) + hashlib.sha256(text.encode()).digest() + secrets.token_bytes(size))


def public(key: Ed25519PrivateKey) -> str:
    return encode(key.public_key().public_bytes_raw())


def sign(key: Ed25519PrivateKey, statement: str) -> str:
    return encode(key.sign(statement.encode()))


@dataclass
class Link:
    """An invitation, as its host holds it: what is behind the # stays with people."""

    meeting: str
    proof: str
    host_key: Ed25519PrivateKey
    version: int = 0
    rules: dict[str, Any] = field(
        default_factory=lambda: {"waiting_room": True, "everyone_shares": True, "cohosts": [], "denied": []}
    )

    @property
    def headers(self) -> dict[str, str]:
        return {"Klausur-Link-Proof": self.proof}


def signed(link: Link, version: int, card: str, key: Ed25519PrivateKey | None = None) -> dict[str, object]:
    """A card as the host's browser sends it."""
    statement = f"klausur card v1|{link.meeting}|{version}|{card}"
    return {"version": version, "sealed": card, "signature": sign(key or link.host_key, statement)}


def signed_rules(
    link: Link, version: int, rules: dict[str, Any], key: Ed25519PrivateKey | None = None
) -> dict[str, object]:
    document = json.dumps(rules, separators=(",", ":"))
    statement = f"klausur rules v1|{link.meeting}|{version}|{document}"
    return {"version": version, "document": document, "signature": sign(key or link.host_key, statement)}


def signed_times(
    link: Link, version: int, opens_at: str, closes_at: str, key: Ed25519PrivateKey | None = None
) -> dict[str, object]:
    statement = f"klausur times v1|{link.meeting}|{version}|{opens_at}|{closes_at}"
    return {
        "opens_at": opens_at,
        "closes_at": closes_at,
        "version": version,
        "signature": sign(key or link.host_key, statement),
    }


def signed_cancellation(link: Link, key: Ed25519PrivateKey | None = None) -> dict[str, object]:
    return {"signature": sign(key or link.host_key, f"klausur cancel v1|{link.meeting}")}


@dataclass
class Place:
    """A seat, as its bearer knows it."""

    link: Link
    pseudonym: str
    secret: str
    ticket: str
    """Empty in front of the door."""
    session: str
    roster: list[dict[str, Any]]
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    is_host: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def path(self) -> str:
        return f"/api/meetings/{self.link.meeting}/seats/{self.pseudonym}"

    @property
    def public(self) -> str:
        return public(self.key)


def certificate(place: Place, now: datetime, *, by: Place | None = None, **changed: Any) -> dict[str, Any]:
    """By the host key, or by a co-host's seat key. ``changed``: fields, or ``key`` to sign with another one."""
    key = changed.pop("key", None) or (by.key if by and not by.is_host else place.link.host_key)
    statement = {
        "meeting": place.link.meeting,
        "session": place.session,
        "pseudonym": place.pseudonym,
        "seat_key": place.public,
        "role": "participant",
        "not_after": int((now + timedelta(hours=23)).timestamp()),
    } | changed
    issuer = statement.pop("issuer", by.public if by and not by.is_host else "host")
    text = "|".join(map(str, ("klausur certificate v1", *statement.values())))
    told = {"role": statement["role"], "not_after": statement["not_after"], "issuer": issuer}
    return told | {"signature": sign(key, text)}


def wish(link: Link, session: str, now: datetime, *, by: Way = "mac", name: str = "", **changed: Any) -> dict[str, Any]:
    """What a browser posts for a seat. ``key``: a private key, of which the body holds the public half."""
    key: Ed25519PrivateKey = changed.pop("key", None) or Ed25519PrivateKey.generate()
    pseudonym = changed.get("pseudonym") or encode(secrets.token_bytes(16))
    place = Place(link, pseudonym, "", "", session, [], key)
    ways: dict[Way, dict[str, Any]] = {
        "mac": {"mac": encode(secrets.token_bytes(32))},
        "knock": {"knock": sealed(name)},
        "host": {"certificate": certificate(place, now, role="host")},
    }
    possession = f"klausur seat v1|{link.meeting}|{session}|{pseudonym}|{place.public}"
    body = {
        "pseudonym": pseudonym,
        "session": session,
        "announcement": sealed(name),
        "key": place.public,
        "possession": sign(key, possession),
    }
    return body | ways[by] | changed
