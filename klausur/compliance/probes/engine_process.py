"""The media engine as it runs: what it was started with, as the kernel tells it of processes of the same user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_PROCESSES: Final = Path("/proc")
_CONFIG: Final = "LIVEKIT_CONFIG"
_ENVIRONMENT_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Started:
    """Names alone: among the values are the engine's keys."""

    variables: tuple[str, ...]
    """of its environment"""
    options: tuple[str, ...]
    """the upper ones of its configuration"""
    told: tuple[str, ...]
    """hosts that it tells what happens in meetings"""

    def plain(self) -> dict[str, list[str]]:
        return {"variables": list(self.variables), "options": list(self.options), "told": list(self.told)}


def started(program: Path, udp_port: object) -> Started | None:
    """The engine of the installation with this port for media. None where it is not to be seen: another user's, or a
    system without /proc."""
    for environment in _of(program):
        try:
            config = json.loads(environment.get(_CONFIG, ""))
            if config["rtc"]["udp_port"] == udp_port:
                return _shown(environment, config)
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _of(program: Path) -> Iterator[Mapping[str, str]]:
    """Environments of the processes that run this program."""
    try:
        wanted = program.resolve(strict=True)
        folders = [folder for folder in _PROCESSES.iterdir() if folder.name.isdigit()]
    except OSError:
        return
    for folder in folders:
        try:
            if (folder / "exe").readlink() != wanted:
                continue
            with (folder / "environ").open("rb") as opened:
                told = opened.read(_ENVIRONMENT_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        yield dict(pair.split("=", 1) for pair in told.split("\0") if "=" in pair)


def _shown(environment: Mapping[str, str], config: Mapping[str, Any]) -> Started:
    urls = config.get("webhook", {}).get("urls", [])
    told = sorted({urlsplit(str(url)).hostname or "" for url in urls})
    return Started(tuple(sorted(environment)), tuple(sorted(map(str, config))), tuple(told))
