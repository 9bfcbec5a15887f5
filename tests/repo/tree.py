"""The checkout as a list of files. Git is not asked: a test run needs no more than the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_NOT_OURS = {
    ".git",
    ".venv",
    ".tools",
    "node_modules",
    "dist",
    "var",
    "out",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}
_WRITTEN_BY_OTHERS = {"LICENSE", "package-lock.json", "go.sum"}


def files(folder: str = ".", *suffixes: str) -> Iterator[Path]:
    """Our own files below ``folder`` whose names end with one of ``suffixes`` (all of them without any)."""
    for place, folders, names in os.walk(ROOT / folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS)
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and (not suffixes or name.endswith(suffixes)):
                yield path


def texts(folder: str = ".", *suffixes: str) -> Iterator[tuple[str, str]]:
    """Name (relative to the checkout) and text of every file people write; pictures, locks and the licence left out."""
    for path in files(folder, *suffixes):
        if path.name in _WRITTEN_BY_OTHERS or path.suffix == ".lock":
            continue
        try:
            yield relative(path), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
