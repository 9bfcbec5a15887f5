"""Whether an encrypted frame opens under a key: the way of livekit-client, which the engine's makers publish.

A frame is header, ciphertext with its tag, nonce, the nonce's length, and the key's place in the ring; the header is in
clear and authenticated. The key is derived from material by HKDF (livekit-client, src/e2ee/constants.ts and utils.ts).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SALT: Final = b"LKFrameEncryptionKey"
_INFO: Final = bytes(128)
_NONCE: Final = 12
_HEADERS: Final = {"audio": (1,), "video": (3, 10)}
"""Bytes left in clear: of sound, of pictures, of pictures that stand for themselves."""
_SIZES: Final = (32, 16)


def opens(frame: bytes, kind: str, materials: Iterable[bytes]) -> bool:
    """Whether any of them opens it. ``kind``: audio or video."""
    if len(frame) < _NONCE + 32 or frame[-2] != _NONCE:
        return False
    nonce, sealed = frame[-2 - _NONCE : -2], frame[: -2 - _NONCE]
    return any(
        _opens(AESGCM(_key(material, size)), nonce, sealed, header)
        for material in materials
        for size in _SIZES
        for header in _HEADERS[kind]
    )


def _opens(key: AESGCM, nonce: bytes, sealed: bytes, header: int) -> bool:
    try:
        key.decrypt(nonce, sealed[header:], sealed[:header])
    except InvalidTag:
        return False
    return True


def _key(material: bytes, size: int) -> bytes:
    return HKDF(SHA256(), size, _SALT, _INFO).derive(material)
