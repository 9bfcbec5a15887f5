"""Time-based one-time codes (RFC 6238), as authenticator apps make them."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

_SIX_DIGITS: Final = re.compile(r"[0-9]{6}", re.ASCII)
_DRIFT: Final = (-1, 0, 1)
"""Steps: a clock may be wrong by half a minute either way, and typing takes time."""


class TimeCodes:
    """people_ports.OneTimeCodes. ``issuer``: what an app shows above the code."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def address(self, secret: str, name: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=self._issuer)

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        totp = pyotp.TOTP(secret)
        given = code if _SIX_DIGITS.fullmatch(code) else "------"
        present, found = totp.timecode(now), None
        for drift in _DRIFT:
            # All three are made and compared, whichever it is.
            if hmac.compare_digest(totp.generate_otp(present + drift).encode(), given.encode()):
                found = present + drift
        return found
