"""One way in which an installation is damaged, and what has to notice it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

NONE: Final[Mapping[str, str]] = MappingProxyType({})


class SourceMoved(Exception):
    """The text to be replaced is not there, or not once: the row has to follow the source."""


class Kind(StrEnum):
    """Of installation. Each damaged one is compared with a healthy one of its kind."""

    PLAIN = "plain"
    TLS = "tls"
    """It ends TLS itself, with a certificate that this machine trusts."""
    PROVIDER = "provider"
    """Its people sign in with an identity provider."""
    BROWSER = "browser"
    """It takes a meeting in a browser to notice."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Of one file of the release: ``old`` stands there exactly once."""

    file: str
    old: str
    new: str

    @property
    def is_of_the_client(self) -> bool:
        """It is built anew then."""
        return self.file.startswith("web/")

    def make(self, root: Path) -> None:
        """Raises SourceMoved."""
        place = root / self.file
        if not place.resolve().is_relative_to(root.resolve()):
            raise SourceMoved(f"{self.file} is linked, not copied")
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
    """Done to the database of an installation that has been there for a while, and stands still."""
    meddle: Callable[[Path, Path], None] | None = None
    """Anything else, with the folder of the release and that of the data."""
    kind: Kind = Kind.PLAIN
    names: tuple[str, ...] = ()
    """Words that have to be in what its probes say, so that it is this that was noticed, and not something else."""
    company: str = ""
    """Rows with the same one are tried in one and the same installation, because a meeting in a browser is dear: none
    of them keeps another from being seen, and each is told from the others by ``names`` or by its probes."""
    asks: str = ""
    """Only the rows count that ask a probe for this."""
    quick: bool = False
    """One of the ten that every test run makes."""


def damage_database(file: Path, statements: tuple[str, ...]) -> None:
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
