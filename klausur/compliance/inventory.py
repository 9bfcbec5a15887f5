"""The data inventory: what each column of the database is for, of which class it is and how long it is kept.

``inventory.yaml`` is the one place where that is said; documents and probes take it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

from klausur.compliance.marked_yaml import parse
from klausur.compliance.words import Text

FILE: Final = Path(__file__).with_name("inventory.yaml")

Place: TypeAlias = tuple[str, str]
"""Table and column."""


@dataclass(frozen=True, slots=True)
class Entry:
    class_: str
    class_name: Text
    purpose: Text
    kept: Text
    """How long."""


@cache
def inventory() -> Mapping[Place, Entry]:
    """Raises ValueError where the file says less than it has to."""
    told = cast(dict[str, Any], parse(FILE.read_bytes()).value)
    classes = {name: _text(each) for name, each in told["classes"].items()}
    periods = {name: _text(each) for name, each in told["retention"].items()}
    entries: dict[Place, Entry] = {}
    for table, its in told["tables"].items():
        for column, (class_, en, de) in its["columns"].items():
            if class_ not in classes or its["kept"] not in periods:
                raise ValueError(f"{table}.{column}: a class or period that is not explained")
            entries[table, column] = Entry(class_, classes[class_], _said(de, en), periods[its["kept"]])
    return MappingProxyType(entries)


def _text(given: Mapping[str, str]) -> Text:
    return _said(given["de"], given["en"])


def _said(de: str, en: str) -> Text:
    if not (de and en):
        raise ValueError("a purpose or period that is said in one language only")
    return Text(de=de, en=en)
