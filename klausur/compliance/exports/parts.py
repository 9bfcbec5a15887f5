"""The parts of a release, out of its lock files.

npm's is JSON. The others are read line by line, only as far as names, versions and digests go; a line that is none of
what their formats know is an error, never passed over: it might be a part.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from klausur.compliance.exports.locks import GO_MODULES, GO_SUMS, NODE, PYTHON, normalised
from klausur.compliance.exports.material import Locks

Ecosystem = Literal["pypi", "npm", "golang"]

COMPILED_IN: Final = frozenset({"svelte", "clsx"})
"""Packages that npm's lock counts among the tools of development, and whose code the built client holds all the same:
Svelte's own run-time library."""

_HASH_LENGTHS: Final = {"SHA-256": 32, "SHA-512": 64}
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[A-Za-z0-9,._-]+\])?==([^\s;\\]+)\s*(?:;\s*([^\\]*?))?\s*\\?$")
_HASH: Final = re.compile(r"^\s+--hash=sha256:([0-9a-f]{64})\s*\\?$")
_MODULE: Final = re.compile(r"^(?:require\s+)?(\S+)\s+(v\S+)(?:\s+//.*)?$")
_SUM: Final = re.compile(r"^(\S+)\s+(v\S+?)(/go\.mod)?\s+h1:(\S+)$")
_OTHER: Final = re.compile(r"^(module|go|toolchain|tool)\s+\S+$")


class Unreadable(ValueError):
    """A lock file that is not what its format says; ``str()`` of it names file and line."""


@dataclass(frozen=True, slots=True)
class Part:
    ecosystem: Ecosystem
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]
    """(algorithm, hexadecimal digits); several of one algorithm: each is of one of the files that the part comes in"""
    licence: str = ""
    condition: str = ""
    """where it is needed, when not everywhere"""


def parts(locks: Locks) -> list[Part]:
    """By ecosystem, name and version. Raises Unreadable, also where a file is missing."""
    found = [*_python(locks), *_node(locks), *_go(locks)]
    return sorted(set(found), key=lambda part: (part.ecosystem, part.name, part.version))


def _text(locks: Locks, name: str) -> str:
    try:
        return locks.files[name].decode("utf-8")
    except KeyError:
        raise Unreadable(f"{name} is missing") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is no text") from None


def _lines(locks: Locks, name: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_text(locks, name).splitlines(), 1):
        if line.strip() and not line.strip().startswith(("#", "//")):
            yield number, line


# -- Python


def _python(locks: Locks) -> Iterator[Part]:
    pinned: list[tuple[str, str, str, list[str]]] = []
    for number, line in _lines(locks, PYTHON):
        if found := _HASH.match(line):
            if not pinned:
                raise Unreadable(f"{PYTHON}:{number}: a hash of nothing")
            pinned[-1][3].append(found[1])
        elif found := _PINNED.match(line):
            pinned.append((normalised(found[1]), found[2], (found[3] or "").strip(), []))
        else:
            raise Unreadable(f"{PYTHON}:{number}: neither a part nor a hash")
    for name, version, condition, hashes in pinned:
        if not hashes:
            raise Unreadable(f"{PYTHON}: {name} has no hash")
        listed = tuple(("SHA-256", one) for one in sorted(hashes))
        yield Part("pypi", name, version, listed, locks.licences.get(name, ""), condition)


# -- npm


def _node(locks: Locks) -> Iterator[Part]:
    try:
        packages: Mapping[str, Any] = json.loads(_text(locks, NODE))["packages"]
        for place, said in packages.items():
            name = place.rpartition("node_modules/")[2]
            if place and (not said.get("dev") or name in COMPILED_IN):
                yield _package(name, said)
    except (AttributeError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise Unreadable(f"{NODE}: not what npm writes ({type(error).__name__})") from None


def _package(name: str, said: Mapping[str, Any]) -> Part:
    algorithm, _, digest = str(said["integrity"]).partition("-")
    if algorithm != "sha512":
        raise Unreadable(f"{NODE}: {name} has no SHA-512")
    condition = "optional" if said.get("optional") or said.get("devOptional") else ""
    return Part(
        "npm",
        name,
        str(said["version"]),
        (("SHA-512", _hexadecimal(digest, "SHA-512", f"{NODE}: {name}")),),
        str(said.get("license", "")),
        condition,
    )


# -- Go


def _go(locks: Locks) -> Iterator[Part]:
    """The sum of a module is SHA-256 over the names and SHA-256 of its files (``h1``), and stands as that."""
    sums = dict(_sums(locks))
    for number, line in _lines(locks, GO_MODULES):
        if found := _MODULE.match(line.strip()):
            name, version = found[1], found[2]
            if (name, version) not in sums:
                raise Unreadable(f"{GO_MODULES}:{number}: {name} {version} has no sum")
            yield Part("golang", name, version, (("SHA-256", sums[name, version]),))
        elif line.strip() not in {"require (", ")", "tool ("} and not _OTHER.match(line.strip()):
            raise Unreadable(f"{GO_MODULES}:{number}: not a module")


def _sums(locks: Locks) -> Iterator[tuple[tuple[str, str], str]]:
    for number, line in _lines(locks, GO_SUMS):
        found = _SUM.match(line)
        if found is None:
            raise Unreadable(f"{GO_SUMS}:{number}: not a sum")
        if not found[3]:
            yield (found[1], found[2]), _hexadecimal(found[4], "SHA-256", f"{GO_SUMS}:{number}")


def _hexadecimal(digest: str, algorithm: str, where: str) -> str:
    try:
        content = base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"{where}: no base64") from None
    if len(content) != _HASH_LENGTHS[algorithm]:
        raise Unreadable(f"{where}: not {algorithm}")
    return content.hex()
