"""One file per probe, all alike; docs/guide/writing-a-probe.md is the checklist. ALL is every one that this release
has; what the catalogue binds and is not in it has not been built, and is shown so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from klausur.compliance.probes import config_logging, config_openers, http_csp, http_headers
from klausur.compliance.probing import Probe

ALL: Final[Mapping[str, Probe]] = MappingProxyType(
    {module.PROBE.id: module.PROBE for module in (config_logging, config_openers, http_csp, http_headers)}
)
