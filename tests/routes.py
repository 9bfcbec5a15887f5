"""All routes of the running app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def all_routes(routes: Iterable[Any]) -> Iterator[Any]:
    for route in routes:
        included = getattr(route, "original_router", None)
        yield from [route] if included is None else all_routes(included.routes)
