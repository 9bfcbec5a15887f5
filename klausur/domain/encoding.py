"""base64url without padding, in its one canonical form: two spellings of one id would be two keys to one door."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import string

from klausur.domain.limits import SEALED_MAX_BYTES, SEALED_MIN_BYTES

_CHARACTERS = (string.ascii_letters + string.digits + "-_").encode("ascii")
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str, at_most: int) -> bytes | None:
    """The bytes, or None when ``text`` is malformed, not canonical or longer than ``at_most`` bytes."""
    if len(text) > characters(at_most) or not _ALPHABET.fullmatch(text):
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if encode(raw) == text else None


def is_base64url(text: str) -> bool:
    """By its characters alone: for what is large, kept and never decoded here."""
    return text.isascii() and not text.encode("ascii").translate(None, _CHARACTERS) and text != ""


def characters(size: int) -> int:
    """How many characters ``size`` bytes take."""
    return (size * 8 + 5) // 6


def is_sized(text: str, size: int) -> bool:
    """Whether ``text`` is the canonical form of exactly ``size`` bytes."""
    raw = decode(text, size)
    return raw is not None and len(raw) == size


def is_sealed(text: str) -> bool:
    raw = decode(text, SEALED_MAX_BYTES)
    return raw is not None and len(raw) >= SEALED_MIN_BYTES


def digest(secret: str) -> str:
    """What is held of a random secret of ours. A fast hash suffices: 256 random bits cannot be guessed."""
    return encode(hashlib.sha256(secret.encode("ascii", "replace")).digest())
