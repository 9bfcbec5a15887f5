from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from structlog.typing import EventDict, WrappedLogger

from tests.house import House, house


def _silence(_logger: WrappedLogger, _method: str, _event: EventDict) -> str:
    return ""


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """Unconfigured, structlog would print every exception with all its variables. What a test configures for the whole
    process ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.configure(processors=[_silence], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def the_house(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built:
        yield built
