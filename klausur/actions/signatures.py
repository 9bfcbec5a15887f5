"""The one place where signatures are checked. What was to be signed says domain/admission.py."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from klausur.domain import encoding
from klausur.domain.errors import NotHost
from klausur.domain.limits import HOST_KEY_BYTES, SIGNATURE_BYTES
from klausur.domain.meeting import Meeting


def is_signed(public_key: str, statement: str, signature: str) -> bool:
    """Ed25519, both in base64url. Fails closed: what is no key and no signature has signed nothing."""
    key, mark = encoding.decode(public_key, HOST_KEY_BYTES), encoding.decode(signature, SIGNATURE_BYTES)
    if key is None or mark is None or len(mark) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(mark, statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def require_host(known: Meeting, statement: str, signature: str) -> None:
    """Raises NotHost."""
    if not is_signed(known.host_public_key, statement, signature):
        raise NotHost
