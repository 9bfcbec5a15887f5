"""What of the engine's output may stand in our log.

At the level we run it, the engine still prints peers' addresses when something about a candidate fails, and identities
and room names with most errors. So nothing structured is kept: one level and one sentence, masked.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

MAX_LINE_CHARACTERS: Final = 300

_DROPPED: Final = re.compile(r"candidate|remoteaddr|a=ice|user-?agent", re.IGNORECASE)
_MASKS: Final = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), "<token>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"), "<address>"),
    # Two colons are enough: better a masked clock time than an address that is not.
    (re.compile(r"\[?(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}(?:%\w+)?\]?", re.IGNORECASE), "<address>"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"), "<mail>"),
    (re.compile(r"[A-Za-z0-9_-]{16,}"), "<id>"),
)
_LEVELS: Final = frozenset(("debug", "info", "warn", "error"))


@dataclass(frozen=True, slots=True)
class Line:
    level: str
    text: str


def redact(raw: str) -> Line | None:
    """One line of the engine's output as it may be logged; None if it must not be."""
    if not raw.strip() or _DROPPED.search(raw):
        return None
    try:
        told = json.loads(raw)
    except ValueError:
        return Line("error", mask(raw))  # not JSON: how it dies
    if not isinstance(told, dict):
        return Line("error", mask(raw))
    level = str(told.get("level"))
    error = f": {told['error']}" if "error" in told else ""
    return Line(level if level in _LEVELS else "error", mask(f"{told.get('msg', '')}{error}"))


def mask(text: str) -> str:
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.strip()[:MAX_LINE_CHARACTERS]
