"""Where the files are that name every part of a release: beside the code in a checkout, within the package in what was
built from one (``hatch_build.py`` puts them there)."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from klausur.compliance.exports.material import Locks

PYTHON: Final = "requirements.lock"
NODE: Final = "package-lock.json"
GO_MODULES: Final = "engine/go.mod"
GO_SUMS: Final = "engine/go.sum"
FILES: Final = (PYTHON, NODE, GO_MODULES, GO_SUMS)

_PACKAGE: Final = Path(__file__).resolve().parents[2]
CHECKOUT: Final = _PACKAGE.parent
BUILT_IN: Final = _PACKAGE / "locks"
_LARGEST: Final = 8 * 1024 * 1024
_LICENCE_LONGEST: Final = 200


class NoLocks(Exception):
    """This installation does not know its parts; ``str()`` of it names what is missing."""


def read(checkout: Path = CHECKOUT, built_in: Path = BUILT_IN) -> Locks:
    """Raises NoLocks: a list with holes would look like one without."""
    folder = checkout if (checkout / "pyproject.toml").is_file() else built_in
    return Locks({name: _content(folder / name) for name in FILES}, licences())


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise NoLocks(f"{path} cannot be read ({error.strerror}).") from None
    if len(content) > _LARGEST:
        raise NoLocks(f"{path} is larger than {_LARGEST} bytes.")
    return content


def licences() -> dict[str, str]:
    """Of what is installed, by normalised name."""
    found = ((normalised(one.metadata["Name"] or ""), _licence(one)) for one in distributions())
    return {name: licence for name, licence in found if name and licence}


def _licence(distribution: Distribution) -> str:
    """The expression of PEP 639, or the free text of before where it is short, or what the classifiers say."""
    said = distribution.metadata
    for field in ("License-Expression", "License"):
        text = " ".join((said[field] or "").split()) if field in said else ""
        if text and text != "UNKNOWN" and len(text) <= _LICENCE_LONGEST:
            return text
    classifiers = said.get_all("Classifier") or []
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")]
    return ", ".join(named)


def normalised(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
