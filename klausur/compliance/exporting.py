"""A run in every format, as files of a new folder: what ``klausur check --export`` writes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from klausur.compliance.confirming import hand_out
from klausur.compliance.exports import locks
from klausur.compliance.exports.all import everything
from klausur.compliance.exports.material import Locks, Material
from klausur.compliance.judging import Installation, Known
from klausur.compliance.model import Catalogue
from klausur.compliance.running import Outcome
from klausur.compliance.verdicts import Assessment
from klausur.compliance.words import Language
from klausur.machine import write_new
from klausur.settings import Settings

PACKAGE: Final = "package.zip"


class CannotExport(OSError):
    """``strerror`` says what is missing."""


async def export(
    settings: Settings, its: Installation, outcome: Outcome, folder: Path, profile: str, language: Language
) -> None:
    """Each format, and the evidence package, which holds them too. Raises OSError, TooMuch, StorageUnavailable."""
    found = outcome.assessment
    files = made(its.release, outcome.catalogue, found, outcome.known, profile, language)
    await asyncio.to_thread(_write, folder, files)
    await hand_out(
        settings,
        its.store,
        its.clock,
        folder / PACKAGE,
        release=its.release,
        catalogue={"id": found.catalogue, "version": found.version, "digest": found.digest},
        more={f"exports/{name}": content for name, content in files.items()},
    )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        write_new(folder / name, content)


def made(
    release: str, catalogue: Catalogue, found: Assessment, known: Known, profile: str, language: Language
) -> Mapping[str, bytes]:
    """By name. Raises CannotExport."""
    return dict(everything(material_of(release, catalogue, found, known, profile, language)))


def material_of(
    release: str, catalogue: Catalogue, found: Assessment, known: Known, profile: str, language: Language
) -> Material:
    """Raises CannotExport."""
    situation = known.situation
    return Material(
        catalogue=catalogue,
        assessment=found,
        language=language,
        release=release,
        profile=profile,
        facts=situation.facts,
        observations=situation.observations,
        attestations=situation.attestations,
        waivers=situation.waivers,
        locks=_locks(),
    )


def _locks() -> Locks:
    try:
        return locks.read()
    except locks.NoLocks as error:
        raise CannotExport(0, str(error)) from None
