"""What is signed and sealed in rooms, made by another implementation than the client's, from fixed keys.

Both sides compare themselves with the file: tests/domain/test_vectors.py and web/src/call/vectors.test.ts. Written by
``python -m tests.vectors.make``; a change of it is a change of the protocol (docs/protocol.md).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from klausur.domain.encoding import decode, encode

FILE: Final = Path(__file__).with_name("rooms.json")

MEETING, SESSION, GUSTAV, HANNA = (encode(bytes([number]) * 16) for number in (1, 2, 3, 4))
SECRET = bytes(range(32))
SERVER_NOW_MS = 1_795_341_600_123
"""2026-11-22, 10 o'clock in UTC, and a bit."""
NOT_AFTER = SERVER_NOW_MS // 1000 + 23 * 3600
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Keys:
    def __init__(self, number: int) -> None:
        seed = bytes([number]) * 32
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = encode(seed)
        self.public = encode(self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        return encode(self._private.sign(text.encode()))

    def shown(self) -> dict[str, str]:
        return {"seed": self.seed, "public": self.public}


HOST, COHOST, SEAT = Keys(11), Keys(12), Keys(13)


def make() -> dict[str, Any]:
    at = f"{MEETING}|{SESSION}|{GUSTAV}"
    return {
        "meeting": MEETING,
        "session": SESSION,
        "pseudonym": GUSTAV,
        "secret": encode(SECRET),
        "server_now_ms": SERVER_NOW_MS,
        "host": HOST.shown() | {"fingerprint": encode(hashlib.sha256(_raw(HOST.public)).digest()[:16])},
        "cohost": COHOST.shown(),
        "seat": SEAT.shown(),
        "possession": _signed(SEAT, f"klausur seat v1|{at}|{SEAT.public}"),
        "certificates": [
            _certificate(HOST, "host", "host"),
            _certificate(HOST, "host", "participant"),
            _certificate(COHOST, COHOST.public, "participant"),
        ],
        "rules": _rules(),
        "act": _act(at),
        "announcement": _announcement(at),
        "knock": _sealed(
            "lobby",
            f"klausur lobby v1|{at}",
            {"v": 1, "name": "Gustav Gründlich", "key": SEAT.public, "returning": True},
        ),
        "mac": encode(
            hmac.digest(_derived("admission"), f"klausur admission v1|{at}|{SEAT.public}".encode(), "sha256")
        ),
        "code": _code(f"klausur code v1|{at}|{SEAT.public}"),
    }


def text() -> str:
    return json.dumps(make(), indent=2, ensure_ascii=False) + "\n"


def _certificate(signer: Keys, issuer: str, role: str) -> dict[str, Any]:
    statement = f"klausur certificate v1|{MEETING}|{SESSION}|{GUSTAV}|{SEAT.public}|{role}|{NOT_AFTER}"
    signature = signer.sign(statement)
    plain = {"role": role, "not_after": NOT_AFTER, "issuer": issuer, "signature": signature}
    return {"text": statement, "certificate": plain}


def _rules() -> dict[str, Any]:
    told = {
        "waiting_room": True,
        "everyone_shares": False,
        "session": SESSION,
        "cohosts": [COHOST.public],
        "denied": [],
    }
    document = _compact(told)
    return {"version": 7, "document": document} | _signed(HOST, f"klausur rules v1|{MEETING}|7|{document}")


def _act(at: str) -> dict[str, Any]:
    act = {"seq": 9, "op": "mute", "target": HANNA, "detail": ""}
    signed = _signed(SEAT, f"klausur act v1|{at}|9|mute|{HANNA}|")
    return (
        {"act": act} | signed | _sealed("acts", f"klausur act v1|{at}", {"v": 1} | act | {"sig": signed["signature"]})
    )


def _announcement(at: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "v": 1,
        "seq": 3,
        "name": "Gustav \U0001f600 „Gründlich“",
        "key": {"index": 2, "salt": HANNA},
        "hand": SERVER_NOW_MS,
    }
    signed = _signed(SEAT, f"klausur announcement v1|{at}|{_compact(told)}")
    sealed = _sealed("announcement", f"klausur announcement v1|{at}", told | {"sig": signed["signature"]})
    return {"announcement": told} | signed | sealed


def _signed(signer: Keys, statement: str) -> dict[str, str]:
    return {"text": statement, "signature": signer.sign(statement)}


def _sealed(use: str, context: str, value: dict[str, Any]) -> dict[str, str]:
    plain = _compact(value).encode()
    padded = plain.ljust(-(-len(plain) // 256) * 256)
    nonce = bytes(range(12))
    return {"sealed": encode(nonce + AESGCM(_derived(use)).encrypt(nonce, padded, context.encode()))}


def _derived(use: str) -> bytes:
    salt, info = _raw(SESSION), f"klausur {use} v1".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(SECRET)


def _code(statement: str) -> str:
    bits = int.from_bytes(hashlib.sha256(statement.encode()).digest()) >> 226
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(25, -1, -5))
    return f"{letters[:3]} {letters[3:]}"


def _compact(value: dict[str, Any]) -> str:
    """As JSON.stringify writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _raw(encoded: str) -> bytes:
    raw = decode(encoded, 32)
    assert raw is not None
    return raw


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
