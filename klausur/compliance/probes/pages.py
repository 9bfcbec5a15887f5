"""What the probes of headers look at: one answer of each kind that a stranger can get."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from klausur.compliance.target import Target

_NOBODYS_MEETING: Final = "A" * 22
_PATHS: Final = (
    "/",
    "/api/openapi.json",
    "/healthz",
    f"/m/{_NOBODYS_MEETING}",
    f"/api/meetings/{_NOBODYS_MEETING}",
    "/there/is/nothing/here",
)
_SCRIPT: Final = re.compile(r"<script[^>]+src=\"(/[^\"]{1,200})\"")


async def answers(target: Target) -> Sequence[dict[str, Any]]:
    """Of each: path, status, and its headers as pairs of lower-case name and value."""
    first = await target.get("/")
    scripts = sorted(set(_SCRIPT.findall(first.text)))[:3]
    return [await _answer(target, path) for path in (*_PATHS, *scripts)]


async def _answer(target: Target, path: str) -> dict[str, Any]:
    answer = await target.get(path)
    headers = sorted([name.lower(), value] for name, value in answer.headers.multi_items() if name.lower() != "date")
    return {"path": path, "status": answer.status_code, "headers": headers}


def values(answer: dict[str, Any], name: str) -> Sequence[str]:
    return [value for given, value in answer["headers"] if given == name]


def is_page(answer: dict[str, Any]) -> bool:
    return any(value.startswith("text/html") for value in values(answer, "content-type"))


def listed(problems: Iterable[str], at_most: int = 5) -> str:
    """For a sentence."""
    each = list(problems)
    rest = len(each) - at_most
    return "; ".join(each[:at_most]) + (f"; +{rest}" if rest > 0 else "")
