"""The components that are really there, as opposed to those that are listed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution, distributions
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from klausur.compliance.exports.locks import BUILT_IN, normalised
from klausur.settings import Settings

_OURS: Final = "klausur"
_INSTALLERS: Final = frozenset({_OURS, "pip", "setuptools"})
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_BUNDLED: Final = re.compile(r"^## (@?[\w./-]+) - (\d[\w.+-]*) \(", re.MULTILINE)
"""As Vite lists in ``licences.txt`` what it took into the client."""
_VERSION: Final = re.compile(rb"\bversion v?(\d+\.\d+\.\d+[\w.-]*)")
_CHUNK: Final = 1024 * 1024
_ENGINE_ANSWERS_WITHIN_S: Final = 10.0


def installed() -> dict[str, str]:
    """Version by normalised name, of all Python packages of this environment."""
    return {normalised(one.metadata["Name"] or ""): one.version for one in distributions()}


def required(root: str = _OURS) -> list[str]:
    """Normalised names of the packages that ``root`` needs here, directly or through others, and that are there.
    One that is missing is missed by whoever compares with what is listed."""
    needed: dict[str, frozenset[str]] = {}
    ahead: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    while ahead:
        name, extras = ahead.pop()
        if extras <= needed.get(name, frozenset()) and name in needed:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        needed[name] = extras | needed.get(name, frozenset())
        ahead.extend(_needs(found, needed[name]))
    return sorted(set(needed) - {root})


def _needs(of: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in of.requires or ():
        try:
            its = Requirement(line)
        except InvalidRequirement:
            continue
        if its.marker is None or any(its.marker.evaluate({"extra": extra}) for extra in ("", *sorted(extras))):
            yield normalised(its.name), frozenset(map(normalised, its.extras))


def tools(release: Path) -> frozenset[str]:
    """Names of what else may lie in an environment: what installs, and what a checkout is developed with."""
    locks = sorted(release.glob("requirements*.lock"))
    named = {normalised(name) for lock in locks for name, _ in _PINNED.findall(lock.read_text(encoding="utf-8"))}
    return _INSTALLERS | named


def altered(name: str) -> Sequence[str]:
    """Files of the package that are not what its own list (RECORD) says, or not there; of all others it says nothing.
    Raises PackageNotFoundError."""
    found = distribution(name)
    return [str(each) for each in found.files or () if each.hash is not None and not _is_right(each)]


def _is_right(file: PackagePath) -> bool:
    if file.hash is None or file.hash.mode not in ("sha256", "sha384", "sha512"):
        return False
    weighed = hashlib.new(file.hash.mode)
    try:
        with Path(str(file.locate())).open("rb") as opened:
            while part := opened.read(_CHUNK):
                weighed.update(part)
    except OSError:
        return False
    return base64.urlsafe_b64encode(weighed.digest()).rstrip(b"=").decode() == file.hash.value


def bundled(licences: str) -> list[tuple[str, str]]:
    """Name and version of the packages that the client's own list says were built into it."""
    return sorted(set(_BUNDLED.findall(licences)))


def engine_program(settings: Mapping[str, object]) -> Path | None:
    """Where the embedded media engine lies; None where it runs elsewhere."""
    if settings.get("engine") != ["embedded"]:
        return None
    named = settings.get("engine_binary")
    return Settings.model_construct(engine_binary=Path(str(named)) if named else None).engine_program


async def engine_version(program: Path) -> str | None:
    """As it says itself; None where it does not."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, "--version", stdin=asyncio.subprocess.DEVNULL, stdout=-1, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_ENGINE_ANSWERS_WITHIN_S):
            told, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    found = _VERSION.search(told[:1024])
    return found[1].decode("ascii", "replace") if found else None


def lock_folder(release: Path) -> Path:
    """Of a release that is a checkout, or of one that was built from one."""
    return release if (release / "requirements.lock").is_file() else BUILT_IN
