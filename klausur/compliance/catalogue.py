"""Reads ``catalogue/`` and refuses what is wrong in it: every complaint names file and line.

The one module that opens those files. What they say is in ``model.py``; what they may look like, in
``catalogue/schema/``; what no schema can see, because one file names what stands in another, in ``checking.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import rfc8785

from klausur.compliance.building import build
from klausur.compliance.checking import Files, check
from klausur.compliance.marked_yaml import MAX_BYTES, Marked, Unreadable, parse
from klausur.compliance.model import Catalogue
from klausur.compliance.problems import CatalogueInvalid, Problem

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = (_CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() else _CHECKOUT / "klausur") / "catalogue"
"""Beside the code in a checkout, within the package in what was built from one (``hatch_build.py`` puts it there)."""
CATALOGUE_FILE: Final = "catalogue.yaml"
SOURCES_FILE: Final = "sources.yaml"
DIGEST_FILE: Final = "digest"
"""The digest of the catalogue that this release carries; ``digest.py`` writes it."""


def load(folder: Path = FOLDER) -> Catalogue:
    """Raises CatalogueInvalid, which names every problem that was found."""
    problems: list[Problem] = []
    catalogue = _read(folder, CATALOGUE_FILE, "catalogue", problems)
    sources = _read(folder, SOURCES_FILE, "sources", problems)
    listed = _listed(catalogue)
    chapters = {name: _read(folder, name, "chapter", problems) for name in listed}
    problems.extend(_unlisted(folder, set(listed)))
    read = {name: chapter for name, chapter in chapters.items() if chapter is not None}
    if catalogue is not None and sources is not None:
        files = Files(catalogue, sources, read)
        # A row that could not be read would make every mention of it look wrong, too.
        problems.extend(check(files, complete=len(read) == len(chapters) and not problems))
        if not problems:
            return build(files, _digest(files))
    raise CatalogueInvalid(sorted(problems, key=lambda problem: (_place(problem.file, listed), problem)))


def release_digest(folder: Path = FOLDER) -> str | None:
    """What the release says that its catalogue's digest is; None if it says nothing that could be one."""
    try:
        text = _content(folder / DIGEST_FILE, 100).decode("ascii").strip()
    except (OSError, ValueError):
        return None
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else None


def _read(folder: Path, name: str, kind: str, problems: list[Problem]) -> Marked | None:
    """None where the file is missing or not what its schema demands; ``problems`` then says why."""
    try:
        marked = parse(_content(folder / name, MAX_BYTES))
    except OSError as error:
        problems.append(Problem(name, 1, f"cannot be read: {error.strerror or 'not an ordinary file'}"))
        return None
    except Unreadable as error:
        problems.append(Problem(name, error.line, str(error)))
        return None
    if marked.value is None:
        problems.append(Problem(name, 1, "is empty"))
        return None
    found = list(_against_schema(marked, name, kind))
    problems.extend(found)
    return None if found else marked


def _content(path: Path, at_most: int) -> bytes:
    """Up to one byte more than ``at_most``, so that the reader sees what is too large. Never follows a link away."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not an ordinary file")
        return file.read(at_most + 1)


def _against_schema(marked: Marked, name: str, kind: str) -> Iterator[Problem]:
    schema: dict[str, Any] = json.loads((FOLDER / "schema" / f"{kind}.schema.json").read_bytes())
    for error in jsonschema.Draft202012Validator(schema).iter_errors(marked.value):
        path = tuple(error.absolute_path)
        where = ".".join(str(part) for part in path) or "the file"
        yield Problem(name, marked.line(path), f"{where}: {_sentence(error)}")


def _sentence(error: jsonschema.ValidationError) -> str:
    """The library's, but where that quotes the schema or all of the value."""
    match error.validator:
        case "not" if error.validator_value == {}:
            return "does not belong here"
        case "not":
            return "is to be one line without blanks around it (in YAML: `>-`)"
        case "maxLength":
            return f"is longer than {error.validator_value} characters"
        case "minItems" if error.validator_value == 1:
            return "is an empty list"
        case "anyOf":
            return f"may not be {str(error.instance)[:60]!r}"
        case _:
            return error.message if len(error.message) <= 200 else f"breaks the rule {error.validator!r}"


def _listed(catalogue: Marked | None) -> list[str]:
    """The chapter files in their order. The schema has looked at the names: none leads out of the folder."""
    value = None if catalogue is None else catalogue.value
    files = value.get("files") if isinstance(value, dict) else None
    return [str(name) for name in files] if isinstance(files, list) else []


def _unlisted(folder: Path, listed: set[str]) -> Iterator[Problem]:
    """A file that nobody lists holds rows that nobody would miss."""
    for path in sorted(folder.glob("*/*.yaml")):
        name = path.relative_to(folder).as_posix()
        if name not in listed:
            yield Problem(name, 1, f"is not listed in {CATALOGUE_FILE}")


def _place(file: str, listed: list[str]) -> int:
    order = [CATALOGUE_FILE, SOURCES_FILE, *listed]
    return order.index(file) if file in order else len(order)


def _digest(files: Files) -> str:
    """SHA-256 over RFC 8785: of what the files say, so that comments and line breaks do not matter to it."""
    content = {
        "catalogue": files.catalogue.value,
        "sources": files.sources.value,
        "chapters": [chapter.value for chapter in files.chapters.values()],
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
