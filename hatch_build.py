"""Puts the lock files into what is built, so that an installation can name its parts, and the catalogue, which it is
judged by. A checkout has them anyway."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCKS = ("requirements.lock", "package-lock.json", "engine/go.mod", "engine/go.sum")
CATALOGUE = "catalogue"


class LocksIncluded(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Not in an editable installation: a copy of the moment would soon say something else than the checkout."""
        if version != "editable":
            build_data["force_include"].update({name: f"klausur/locks/{name}" for name in LOCKS})
            build_data["force_include"][CATALOGUE] = f"klausur/{CATALOGUE}"
