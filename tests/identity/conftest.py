from __future__ import annotations

import pytest

from tests.house import ManualClock
from tests.identity.fake_provider import FakeProvider
from tests.identity.pair import Pair, pair


@pytest.fixture
def both() -> Pair:
    clock = ManualClock()
    return pair(clock, FakeProvider(clock))
