from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import House, house


@pytest.fixture
async def the_house(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built:
        yield built
