"""Keys of a password, and a vault sealed with them, made by another implementation than the client's.

web/src/people/vectors.test.ts compares itself with the file. Written by ``python -m tests.vectors.make_people``; a
change of it locks everybody out of their vaults (docs/protocol.md).
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from klausur.domain.encoding import encode

FILE: Final = Path(__file__).with_name("people.json")

ACCOUNT = encode(bytes([7]) * 16)
PASSKEY = encode(bytes([8]) * 32)
SALT = bytes(range(16))
PRF = bytes(range(100, 132))
RECOVERY = bytes(range(200, 220))
VAULT_KEY = bytes(range(50, 82))
NONCE = bytes(range(12))
VERSION = 3
PASSWORD = "Fähre ﬁndet Nebel №7"
"""With a ligature and a sign that NFKC takes apart."""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def make() -> dict[str, Any]:
    root = Argon2id(salt=SALT, length=32, iterations=3, lanes=1, memory_cost=65536).derive(
        unicodedata.normalize("NFKC", PASSWORD).encode()
    )
    ways = [
        ("password", "", _hkdf(root, "klausur vault by password v1")),
        ("passkey", PASSKEY, _hkdf(PRF, "klausur vault by passkey v1")),
        ("recovery", "", _hkdf(RECOVERY, "klausur vault by recovery v1")),
    ]
    return {
        "account": ACCOUNT,
        "password": unicodedata.normalize("NFD", PASSWORD),
        "kdf": {"v": 1, "salt": encode(SALT), "memory_kib": 65536, "passes": 3, "lanes": 1},
        "sign_in_key": encode(_hkdf(root, "klausur sign-in v1")),
        "prf": encode(PRF),
        "recovery_key": _crockford(RECOVERY),
        "vault_key": encode(VAULT_KEY),
        "wraps": [_wrap(*way) for way in ways],
        "version": VERSION,
        "blob": _blob({"v": 1, "meetings": []}),
    }


def text() -> str:
    return json.dumps(make(), indent=2, ensure_ascii=False) + "\n"


def _hkdf(secret: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(secret)


def _wrap(kind: str, id_: str, key: bytes) -> dict[str, str]:
    context = f"klausur vault wrap v1|{ACCOUNT}|{kind}|{id_}"
    return {"kind": kind, "id": id_, "wrapped": encode(NONCE + AESGCM(key).encrypt(NONCE, VAULT_KEY, context.encode()))}


def _blob(content: dict[str, Any]) -> str:
    plain = json.dumps(content, separators=(",", ":")).encode()
    padded = plain.ljust(-(-len(plain) // 1024) * 1024)
    context = f"klausur vault v1|{ACCOUNT}|{VERSION}"
    return encode(NONCE + AESGCM(VAULT_KEY).encrypt(NONCE, padded, context.encode()))


def _crockford(raw: bytes) -> str:
    bits = int.from_bytes(raw)
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(155, -1, -5))
    return " ".join(letters[at : at + 4] for at in range(0, 32, 4))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
