from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house import House, house

# No test is timed, and one that passes here passes everywhere: the same examples on each run.
settings.register_profile("klausur", deadline=None, derandomize=True)
settings.load_profile("klausur")


@pytest.fixture
async def the_house(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built:
        yield built
