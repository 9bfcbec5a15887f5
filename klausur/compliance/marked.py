"""A meeting full of marks: held as browsers hold it, sealed by docs/protocol.md, with words in it that are nowhere
else. Where one of them comes out, something was stored, said or passed on that should not have been.

``meetings.py`` seals random bytes, which is enough for whoever looks at doors; here what is sealed has a meaning.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from klausur.compliance.meetings import Guest, Host, Meeting, Person, given
from klausur.domain.encoding import decode, digest, encode

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PADDED_TO: Final = 256


def word() -> str:
    """One that nobody has ever said, and as short as names are: what is long is masked in the log."""
    return f"kanari{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True)
class Held:
    meeting: Meeting
    host: MarkedHost
    guest: MarkedGuest
    words: Mapping[str, bytes]
    """What was said and written, by what it is."""
    keys: Mapping[str, bytes]
    """What opens anything of it."""
    access: Mapping[str, bytes]
    """What lets somebody in: the server hears it, and is to forget it."""
    stored: Mapping[str, bytes]
    """What the server keeps on purpose while the meeting goes on, and must be found then."""
    of_guest: Mapping[str, bytes]
    """Of that, what it keeps of the guest."""


@dataclass
class Sealer:
    """``careless``: what it should seal it only encodes, and sends the key along."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(_KEY_BYTES))
    careless: bool = False
    sent: list[str] = field(default_factory=list)
    """What it sealed, in its order."""

    def key(self, info: str, salt: str = "") -> bytes:
        salted = decode(salt, 16) if salt else None
        return HKDF(SHA256(), _KEY_BYTES, salted, info.encode()).derive(self.secret)

    def seal(self, key: bytes, bound_to: str, said: Mapping[str, object]) -> str:
        text = json.dumps(said, ensure_ascii=False).encode()
        text += b" " * (-len(text) % _PADDED_TO)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self.secret + key + text if self.careless else AESGCM(key).encrypt(nonce, text, bound_to.encode())
        self.sent.append(encode(nonce + sealed))
        return self.sent[-1]


async def open_marked(organiser: httpx.AsyncClient, sealer: Sealer, title: str, **wish: Any) -> Meeting:
    """With its title on a sealed card. Raises Refused."""
    key, proof = Ed25519PrivateKey.generate(), sealer.key("klausur link proof")
    public = key.public_key().public_bytes_raw()
    keys = {"host_public_key": encode(public), "link_proof_hash": encode(hashlib.sha256(proof).digest())}
    made = given(await organiser.post("/api/meetings", json=keys | wish))
    meeting = Meeting(str(organiser.base_url).rstrip("/"), made["meeting"], encode(proof), "", key)
    seen = given(await organiser.get(meeting.path, headers=meeting.proven))
    meeting.session, meeting.at = seen["session"], datetime.fromisoformat(seen["server_time"])
    sealed = sealer.seal(sealer.key("klausur card v1"), f"klausur card v1|{meeting.id}", {"v": 1, "title": title})
    body = {"version": 1, "sealed": sealed, "signature": meeting.sign(f"klausur card v1|{meeting.id}|1|{sealed}")}
    answer = await organiser.put(f"{meeting.path}/card", json=body, headers=meeting.proven)
    answer.raise_for_status()
    return meeting


class _Speaking(Person):
    """Says its name, and lines, in what it seals."""

    def __init__(
        self, meeting: Meeting, http: httpx.AsyncClient, name: str, sealer: Sealer, address: str | None = None
    ) -> None:
        super().__init__(meeting, http, address)
        self.name = name
        self.media_key = secrets.token_bytes(16)
        self.announced = ""
        """The last one."""
        self._sealer = sealer
        self._count = 0

    def announcement(self) -> str:
        self._count += 1
        said: dict[str, object] = {"v": 1, "seq": self._count, "name": self.name}
        said["key"] = {"index": 0, "salt": encode(self.media_key)}
        document = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
        signed = f"klausur announcement v1|{self._place()}|{document}"
        said["sig"] = encode(self.key.sign(signed.encode()))
        self.announced = self._seal("announcement", "announcement", said)
        return self.announced

    def knock_text(self) -> str:
        return self._seal("lobby", "lobby", {"v": 1, "name": self.name, "key": self.place.key, "returning": False})

    def line(self, words: str) -> str:
        """A thing said in the meeting: an act's detail is what travels as chat does."""
        self._count += 1
        said = {"v": 1, "seq": self._count, "op": "react", "target": "", "detail": words}
        return self._seal("acts", "act", said)

    def media_secret(self) -> bytes:
        """What this one's frames are encrypted with."""
        return self._sealer.key(
            f"klausur media v1|{self.place.pseudonym}|{encode(self.media_key)}", self.meeting.session
        )

    def wish(self, **admission: Any) -> dict[str, Any]:
        return super().wish(**{"announcement": self.announcement()} | admission)

    async def try_to_renew(self) -> httpx.Response:
        wish = {"session": self.place.session, "announcement": self.announcement()}
        return await self.http.post(f"{self.seat}/tickets", json=wish, headers=self.bearing)

    async def speak(self, words: str) -> None:
        await self.say({"type": "act", "op": "react", "sealed": self.line(words)})
        await self.say({"type": "announce", "announcement": self.announcement()})
        await self.settle()

    def _place(self) -> str:
        return f"{self.meeting.id}|{self.meeting.session}|{self.place.pseudonym}"

    def _seal(self, use: str, what: str, said: Mapping[str, object]) -> str:
        key = self._sealer.key(f"klausur {use} v1", self.meeting.session)
        return self._sealer.seal(key, f"klausur {what} v1|{self._place()}", said)


class MarkedHost(_Speaking, Host): ...


class MarkedGuest(_Speaking, Guest):
    async def knock(self) -> dict[str, Any]:
        self.meeting.keys[self.place.pseudonym] = self.place.key
        return await self.ask(knock=self.knock_text())


async def hold(
    organiser: httpx.AsyncClient, guests: httpx.AsyncClient, *, careless: bool = False, address: str | None = None
) -> Held:
    """Two come in, and speak; they stay until somebody ends it. ``organiser``: signed in; ``guests``: the browser that
    the guest comes with. Raises Refused, and what meetings.py raises."""
    sealer, said = (
        Sealer(careless=careless),
        {name: word() for name in ("title", "host's name", "guest's name", "line")},
    )
    meeting = await open_marked(organiser, sealer, said["title"])
    host = MarkedHost(meeting, organiser, said["host's name"], sealer)
    guest = MarkedGuest(meeting, guests, said["guest's name"], sealer, address)
    await host.enter()
    await guest.knock()
    await guest.hello()
    await host.admit(guest)
    ticket = await guest.renew()
    await guest.hello()
    for person in (host, guest):
        await person.speak(said["line"])
    of_guest = _kept(guest, "guest") | {"guest's ticket, hashed": digest(ticket).encode()}
    stored = {"meeting": meeting.id.encode(), "opening": meeting.session.encode(), "card": sealer.sent[0].encode()}
    return Held(
        meeting,
        host,
        guest,
        words={name: each.encode() for name, each in said.items()},
        keys=_keys(sealer, host, guest),
        access={
            "link proof": decode(meeting.proof, _KEY_BYTES) or b"",
            "ticket": ticket.encode(),
            "guest's seat secret": guest.secret.encode(),
            "host's seat secret": host.secret.encode(),
        },
        stored=stored | _kept(host, "host") | of_guest,
        of_guest=of_guest,
    )


def _keys(sealer: Sealer, host: MarkedHost, guest: MarkedGuest) -> dict[str, bytes]:
    session = host.meeting.session
    keys = {
        "link secret": sealer.secret,
        "host seed": host.meeting.host_key.private_bytes_raw(),
        "card key": sealer.key("klausur card v1"),
        "host's media key": host.media_secret(),
        "guest's media key": guest.media_secret(),
    }
    uses = ("announcement", "lobby", "acts", "admission")
    return keys | {f"{use} key": sealer.key(f"klausur {use} v1", session) for use in uses}


def _kept(person: _Speaking, whose: str) -> dict[str, bytes]:
    """What a seat is stored as."""
    return {
        f"{whose}'s pseudonym": person.place.pseudonym.encode(),
        f"{whose}'s seat key": person.place.key.encode(),
        f"{whose}'s seat secret, hashed": digest(person.secret).encode(),
        f"{whose}'s announcement": person.announced.encode(),
    }


async def end(held: Held) -> None:
    """For everybody, by the host."""
    await held.host.act("end")
    for person in (held.guest, held.host):
        await person.go()


def spellings(mark: bytes) -> tuple[bytes, ...]:
    """How bytes look where somebody kept them: as they are, as hexadecimal digits, in base 64 by itself or in the midst
    of something else, in UTF-16."""
    found = {mark, mark.hex().encode(), mark.hex().upper().encode()}
    for alphabet in (base64.standard_b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # What stands before and behind it changes the first and the last digits.
            digits = alphabet(b"\0" * before + mark)
            begins, whole = (before * 8 + 5) // 6, (before + len(mark)) * 8 // 6
            found.add(digits[begins:whole])
    if mark.isascii():
        found.add(mark.decode().encode("utf-16-le"))
    return tuple(sorted(found))
