"""Each of these starts an installation of its own, once whole and once damaged: too long for the unit tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Those of PostgreSQL have a part of their own already."""
    for item in items:
        if item.path.is_relative_to(_HERE) and item.get_closest_marker("postgres") is None:
            item.add_marker("probes")
