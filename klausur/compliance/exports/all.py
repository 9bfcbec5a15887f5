"""Every format that a run can be exported in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from klausur.compliance.exports import (
    checklist_csv,
    checklist_xlsx,
    junit,
    oscal_catalog,
    oscal_plan,
    oscal_poam,
    oscal_profile,
    oscal_results,
    sarif,
    sbom,
)
from klausur.compliance.exports.material import Format, Material

_ALL: Final = (
    checklist_csv.FORMAT,
    checklist_xlsx.FORMAT,
    oscal_catalog.FORMAT,
    oscal_profile.FORMAT,
    oscal_plan.FORMAT,
    oscal_results.FORMAT,
    oscal_poam.FORMAT,
    sarif.FORMAT,
    junit.FORMAT,
    sbom.FORMAT,
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({one.id: one for one in _ALL})


def everything(material: Material) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of each, as the folder ``exports`` of an evidence package holds them.

    Raises parts.Unreadable where ``material.locks`` is not whole.
    """
    for one in _ALL:
        yield one.file, one.make(material)
