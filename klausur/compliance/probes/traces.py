"""Looks for marks wherever an installation keeps anything: in every table that its database has, whoever made it, and
in every byte of its data folder, free pages and write-ahead log included."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, select

from klausur.compliance.marked import spellings
from klausur.compliance.probes.schema import inside_of, read_schema
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text


@dataclass(frozen=True, slots=True)
class Searched:
    found: dict[str, list[str]]
    """By mark, where it is: tables, and files of the data folder."""
    files: int
    """How many were read."""


ALL_OF_IT_SECONDS: Final = 180.0
"""For a probe that searches twice. After a year of daily checks, whose evidence is kept for 400 days, there are 200 MB:
half a minute on two cores."""
_ROWS: Final = 500
"""At once."""
_CELLS_BYTES: Final = 512 * 1024 * 1024
_FILES_BYTES: Final = 1024 * 1024 * 1024
_CHUNK_BYTES: Final = 4 * 1024 * 1024
_OVERLAP_BYTES: Final = 1024
"""More than the longest spelling of a mark."""

_TOO_MUCH: Final = Text(
    de="Datenbank oder Datenordner sind zu groß, um ganz durchsucht zu werden.",
    en="The database or the data folder is too large to be searched as a whole.",
)
_NO_FOLDER: Final = Text(
    de="Der Datenordner ist von hier nicht zu lesen.", en="The data folder cannot be read from here."
)
_LINKED: Final = Text(
    de="Im Datenordner liegt ein symbolischer Link; was hinter ihm liegt, bliebe undurchsucht.",
    en="There is a symbolic link in the data folder; what is behind it would not be searched.",
)


async def traces(target: Target, marks: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Raises CannotLook where not everything could be searched: what was not searched is not free of traces."""
    return (await search(target, marks)).found


async def search(target: Target, marks: Mapping[str, bytes]) -> Searched:
    """As ``traces``, for whoever has to show that there was something to search."""
    spelt = {name: spellings(mark) for name, mark in marks.items()}
    rows = await inside_of(target).look(lambda connection: _in_tables(connection, spelt))
    files, count = await asyncio.to_thread(_in_files, folder_of(target), spelt)
    return Searched({name: sorted(rows[name] | files[name]) for name in marks}, count)


async def in_tables(target: Target, marks: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Only there: what was deleted may still be on a page that is free, until it is overwritten."""
    spelt = {name: spellings(mark) for name, mark in marks.items()}
    found = await inside_of(target).look(lambda connection: _in_tables(connection, spelt))
    return {name: sorted(where) for name, where in found.items()}


def folder_of(target: Target) -> Path:
    return Path(str(target.settings["data"])).absolute()


def _in_tables(connection: Connection, spelt: Mapping[str, tuple[bytes, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in spelt}
    total = 0
    for name, columns in read_schema(connection).items():
        for row in rows_of(connection, name, columns):
            cells = b"\n".join(_bytes(cell) for cell in row)
            total += len(cells)
            if total > _CELLS_BYTES:
                raise CannotLook(_TOO_MUCH)
            _note(found, spelt, cells, name)
    return found


def rows_of(connection: Connection, name: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Of one table or view as the database itself names it."""
    schema, _, bare = name.rpartition(".")
    its: list[Column[object]] = [Column(column) for column in columns]
    table = Table(bare, MetaData(), *its, schema=schema or None)
    for rows in connection.execute(select(table)).partitions(_ROWS):
        yield from map(tuple, rows)


def _bytes(cell: object) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else str(cell).encode()


def _in_files(folder: Path, spelt: Mapping[str, tuple[bytes, ...]]) -> tuple[dict[str, set[str]], int]:
    """And how many there were."""
    found: dict[str, set[str]] = {name: set() for name in spelt}
    total = count = 0
    try:
        for path in _files(folder):
            count += 1
            for chunk in _chunks(path):
                total += len(chunk)
                if total > _FILES_BYTES:
                    raise CannotLook(_TOO_MUCH)
                _note(found, spelt, chunk, f"data/{path.relative_to(folder)}")
    except OSError as error:
        raise CannotLook(_NO_FOLDER) from error
    return found, count


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise CannotLook(_NO_FOLDER)
    for root, folders, names in os.walk(folder, onerror=_fail):
        # Which this does not go into.
        if any((Path(root) / name).is_symlink() for name in folders):
            raise CannotLook(_LINKED)
        for name in sorted(names):
            path = Path(root) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise CannotLook(_LINKED)
            # Sockets and the like keep nothing.
            if stat.S_ISREG(mode):
                yield path


def _fail(error: OSError) -> None:
    raise error


def _chunks(path: Path) -> Iterator[bytes]:
    """Each begins with the end of the one before, so that nothing is cut in two."""
    kept = b""
    try:
        with path.open("rb") as file:
            while read := file.read(_CHUNK_BYTES):
                yield kept + read
                kept = read[-_OVERLAP_BYTES:]
    except FileNotFoundError:
        return  # gone meanwhile, such as SQLite's own


def _note(found: dict[str, set[str]], spelt: Mapping[str, tuple[bytes, ...]], text: bytes, where: str) -> None:
    for name, ways in spelt.items():
        if where not in found[name] and any(way in text for way in ways):
            found[name].add(where)
