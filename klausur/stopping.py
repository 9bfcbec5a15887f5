"""SIGTERM and SIGINT ask us to stop: whenever they come, the end is an orderly one with status 0."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_request(act: Callable[[], object]) -> Iterator[None]:
    """Within, a request to stop calls ``act``, in the main thread and at any point of it, and does nothing else."""

    def hear(_signal: int, _frame: FrameType | None) -> None:
        act()

    before = {each: signal.signal(each, hear) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
