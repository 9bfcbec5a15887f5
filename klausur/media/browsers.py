"""What the engine is told about a browser: family, major version, and a system only where its codec rules want one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FAMILIES: Final = (
    # Order matters: Edge and Opera call themselves Chrome too, and everybody calls themselves Safari.
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"OPR/(\d{1,4})")),
    ("Chrome", re.compile(r"(?:Chrome|Chromium|CriOS|HeadlessChrome)/(\d{1,4})")),
    ("Safari", re.compile(r"Version/(\d{1,3}(?:\.\d{1,2})?)\S* .*Safari/")),
)
_LINUX_LIKE: Final = re.compile(r"Linux|Android")
_MAX_CHARACTERS: Final = 512


@dataclass(frozen=True, slots=True)
class Browser:
    family: str
    version: str
    system: str

    @property
    def user_agent(self) -> str:
        return f"{self.family}/{self.version}" if self.version else self.family


def coarse_browser(user_agent: str) -> Browser:
    """LiveKit 1.13's rules (``pkg/clientconfiguration/conf.go``) look at: Safari, and whether it is newer than 18.3;
    Firefox on Linux or Android, which are told apart from nothing else here. All other systems are ``other``."""
    told = user_agent[:_MAX_CHARACTERS]
    for family, pattern in _FAMILIES:
        found = pattern.search(told)
        if found is not None:
            system = "linux" if family == "Firefox" and _LINUX_LIKE.search(told) else "other"
            return Browser(family, found.group(1), system)
    return Browser("other", "", "other")
