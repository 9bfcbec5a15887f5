"""One way in which an installation is damaged, and what has to notice it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

NONE: Final[Mapping[str, str]] = MappingProxyType({})


class SourceMoved(Exception):
    """The text to be replaced is not there, or not once: the row has to follow the source."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Of one file of the release: ``old`` stands there exactly once."""

    file: str
    old: str
    new: str

    def make(self, root: Path) -> None:
        """Raises SourceMoved."""
        place = root / self.file
        text = place.read_text("utf-8")
        if (times := text.count(self.old)) != 1:
            raise SourceMoved(f"{self.file}: {times} times: {self.old!r}")
        place.write_text(text.replace(self.old, self.new), "utf-8")


@dataclass(frozen=True, slots=True)
class Damage:
    name: str
    probes: tuple[str, ...]
    """Each of them has to turn red, and every row that is bound to one with it."""
    edits: tuple[Edit, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Environment variables without their prefix."""
    sql: tuple[str, ...] = ()
    """Done to the database of an installation that was set up and stands still."""
    meddle: Callable[[Path, Path], None] | None = None
    """Anything else, with the folder of the release and that of the data."""
    tls: bool = False
    """Of an installation that ends TLS itself, with a certificate that this machine trusts."""
    browser: bool = False
    """It takes a meeting in a browser to notice."""
    quick: bool = False
    """One of the ten that every test run makes."""


def damage_database(file: Path, statements: tuple[str, ...]) -> None:
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
