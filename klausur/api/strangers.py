"""The network that a check comes from, for the control door: what it tried there may be forgotten between two probes.

A check asks as any stranger does, from one network, and far more often than any. Who asks for it at the control door is
given a word; the network from which somebody shows that word is theirs, and what was counted of it is forgotten. So a
request of the check is treated like everybody's, and what others have tried stays counted.
"""

from __future__ import annotations

import asyncio
import secrets
from hmac import compare_digest

from klausur.api.attempts import Attempts
from klausur.api.people.patience import Patience

AWAITED_AT_MOST = 4
_WORD_BYTES = 16


class Strangers:
    def __init__(self, attempts: Attempts, patience: Patience) -> None:
        self._attempts = attempts
        self._patience = patience
        self._awaited: dict[str, asyncio.Event] = {}

    def await_one(self) -> tuple[str, asyncio.Event]:
        """A word, and what is set when it was shown; then, or when nobody comes, ``give_up``."""
        if len(self._awaited) >= AWAITED_AT_MOST:
            self._awaited.pop(next(iter(self._awaited)))
        word = secrets.token_urlsafe(_WORD_BYTES)
        event = self._awaited[word] = asyncio.Event()
        return word, event

    def give_up(self, word: str) -> None:
        self._awaited.pop(word, None)

    def came(self, word: str, network: str) -> None:
        """Good once. Any other word does nothing."""
        for awaited, event in list(self._awaited.items()):
            if compare_digest(awaited.encode(), word.encode("utf-8", "replace")):
                del self._awaited[awaited]
                self._attempts.forget(network)
                self._patience.forget(network)
                event.set()
