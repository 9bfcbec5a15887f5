"""The bad twin of whoever demands something: it demands, and goes on without."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx

from klausur.compliance.meetings import code_of
from klausur.compliance.target import Target, damaged


def granting(code: str, status: int = httpx.codes.OK) -> Callable[[Target], AbstractAsyncContextManager[Target]]:
    """What is refused with ``code`` is answered with ``status`` instead, and nothing in it."""

    def lenient(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(status, json={}) if code_of(answer) == code else answer

    return lambda target: damaged(target, lenient)
