"""YAML as plain values, with the line of each: for files that people write and that must not surprise.

The library's parser reads; values are built here from its events, because its constructors know aliases, tags and
guesses that a catalogue has no use for. What is neither quoted nor ``true``, ``false``, ``null`` or a whole number is
text: ``4.1``, ``2020-10-23`` and ``no`` stay what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

Plain: TypeAlias = bool | int | str | list["Plain"] | dict[str, "Plain"] | None
Path: TypeAlias = tuple[str | int, ...]

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 20
MAX_VALUES: Final = 50_000

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_WORDS: Final[Mapping[str, Plain]] = {"true": True, "false": False, "null": None, "": None}


class Unreadable(ValueError):
    """``line`` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Marked:
    value: Plain
    lines: Mapping[Path, int]
    """of every value, from 1"""

    def line(self, path: Path) -> int:
        """Where ``path`` begins, or as much of it as there is."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun."""

    into: list[Plain] | dict[str, Plain]
    path: Path
    key: str | None = None
    """of a mapping: whose value comes next"""


@dataclass(slots=True)
class _Building:
    top: list[Plain] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)

    def add(self, value: Plain, line: int) -> Path:
        """Returns where it went. A mapping's key goes nowhere: it waits for its value."""
        if len(self.lines) >= MAX_VALUES:
            raise Unreadable(line, f"more than {MAX_VALUES} values")
        if not self.open:
            self.top.append(value)
            return self._marked((), line)
        inner = self.open[-1]
        if isinstance(inner.into, list):
            inner.into.append(value)
            return self._marked((*inner.path, len(inner.into) - 1), line)
        if inner.key is None:
            inner.key = _key(value, inner.into, line)
            return inner.path
        key, inner.key = inner.key, None
        inner.into[key] = value
        return self._marked((*inner.path, key), line)

    def begin(self, into: list[Plain] | dict[str, Plain], line: int) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise Unreadable(line, f"nested more than {MAX_DEPTH} deep")
        self.open.append(_Open(into, self.add(into, line)))

    def _marked(self, path: Path, line: int) -> Path:
        self.lines[path] = line
        return path


def parse(raw: bytes) -> Marked:
    """One document. Raises Unreadable."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(1, f"larger than {MAX_BYTES} bytes")
    building = _Building()
    try:
        for event in _events(raw.decode("utf-8")):
            _take(event, building)
    except UnicodeDecodeError as error:
        raise Unreadable(raw[: error.start].count(b"\n") + 1, "not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(line, f"no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise Unreadable(1, "no YAML: it holds characters that are not allowed in it") from error
    return Marked(building.top[0] if building.top else None, building.lines)


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_LOADER)


def _take(event: yaml.Event, building: _Building) -> None:
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise Unreadable(line, "anchors and aliases are not used here")
    if getattr(event, "tag", None) is not None:
        raise Unreadable(line, "tags are not used here")
    match event:
        case yaml.DocumentStartEvent() if building.top:
            raise Unreadable(line, "a second document")
        case yaml.ScalarEvent():
            building.add(_plain(event.value) if event.implicit[0] else event.value, line)
        case yaml.SequenceStartEvent():
            building.begin([], line)
        case yaml.MappingStartEvent():
            building.begin({}, line)
        case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
            building.open.pop()


def _plain(text: str) -> Plain:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _key(value: Plain, mapping: dict[str, Plain], line: int) -> str:
    if not isinstance(value, str):
        raise Unreadable(line, "a key that is no text")
    if value in mapping:
        raise Unreadable(line, f'the key "{value[:40]}" a second time')
    return value
