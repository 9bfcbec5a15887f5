"""What no schema sees: names that point nowhere, that exist twice, or in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from klausur.compliance.fact_list import CONDITIONS, FACTS
from klausur.compliance.grades import Grade
from klausur.compliance.marked_yaml import Marked, Path
from klausur.compliance.problems import Problem
from klausur.compliance.vocabulary import DOCUMENTS, is_probe

_HEAD: Final = "catalogue.yaml"
_SOURCES: Final = "sources.yaml"


@dataclass(frozen=True, slots=True)
class Files:
    """What was read. Each has passed its schema, so their shapes are relied on."""

    catalogue: Marked
    sources: Marked
    chapters: Mapping[str, Marked]
    """by file name, in order"""


def check(files: Files, *, complete: bool) -> list[Problem]:
    """``complete``: all files could be read; otherwise names that point elsewhere are let be."""
    run = _Check(files)
    run.names()
    if complete:
        run.references()
    return run.problems


@dataclass(slots=True)
class _Check:
    files: Files
    problems: list[Problem] = field(default_factory=list)
    seen: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """(kind, name) -> where it stands"""

    def names(self) -> None:
        sources: Any = self.files.sources.value
        for number, source in enumerate(sources["sources"]):
            self._name("source", source["id"], _SOURCES, ("sources", number, "id"))
        for number, profile in enumerate(self._head.get("profiles", ())):
            self._name("profile", profile["id"], _HEAD, ("profiles", number, "id"))
        for file, chapter in self.files.chapters.items():
            said: Any = chapter.value
            self._name("chapter", said["id"], file, ("id",))
            for number, row in enumerate(said["requirements"]):
                self._row(file, row, ("requirements", number))

    def references(self) -> None:
        for file, chapter in self.files.chapters.items():
            said: Any = chapter.value
            self._known("source", said["source"], file, ("source",))
            for number, row in enumerate(said["requirements"]):
                self._row_references(file, row, ("requirements", number))
        self._profiles()
        self._circles("mappings", self._own_mappings())

    # -- names

    def _row(self, file: str, row: Any, path: Path) -> None:
        self._name("requirement", row["id"], file, (*path, "id"))
        for number, condition in enumerate(row.get("applies_if", ())):
            self._condition(file, condition, (*path, "applies_if", number))
        for number, objective in enumerate(row["objectives"]):
            here = (*path, "objectives", number)
            self._name("objective", f"{row['id']}.{objective['id']}", file, (*here, "id"))
            for place, binding in enumerate(objective["bindings"]):
                self._binding(file, binding, (*here, "bindings", place))

    def _condition(self, file: str, condition: Any, path: Path) -> None:
        key = condition["fact"]
        if key not in CONDITIONS:
            self._wrong(file, (*path, "fact"), f'there is no fact "{key}" that a row could depend on')
            return
        for value in condition.get("in", [condition.get("is")]):
            # In Python, True is 1; in a catalogue it is not.
            if not any(value is known or (isinstance(value, str) and value == known) for known in FACTS[key].values):
                self._wrong(file, path, f'the fact "{key}" is never {value!r}')

    def _binding(self, file: str, binding: Any, path: Path) -> None:
        probe = binding.get("probe")
        if probe is None:
            return
        params = binding.get("params", {})
        if not is_probe(probe):
            self._wrong(file, (*path, "probe"), f'there is no probe "{probe}"')
        elif probe.startswith("config.") and binding["min_grade"] > Grade.CONFIGURED:
            self._wrong(file, (*path, "min_grade"), f"{probe} reads settings and never gets beyond grade 2")
        elif probe == "documents.current" and params.get("document") not in DOCUMENTS:
            self._wrong(file, path, f'there is no document "{params.get("document")}"')
        elif probe == "facts.complete":
            self._fact_keys(file, params.get("keys"), path)

    def _fact_keys(self, file: str, keys: Any, path: Path) -> None:
        if not isinstance(keys, list):
            self._wrong(file, path, "facts.complete needs params.keys: a list of facts")
            return
        for key in keys:
            if key not in FACTS:
                self._wrong(file, path, f'there is no fact "{key}"')

    # -- references

    def _row_references(self, file: str, row: Any, path: Path) -> None:
        for number, source in enumerate(row["sources"]):
            self._known("source", source["ref"], file, (*path, "sources", number, "ref"))
        for number, other in enumerate(row.get("mappings", ())):
            if _is_ours(other):
                self._known("requirement", other, file, (*path, "mappings", number))

    def _profiles(self) -> None:
        references = {"includes": "profile", "chapters": "chapter", "requirements": "requirement"}
        for number, profile in enumerate(self._head.get("profiles", ())):
            for key, kind in references.items():
                for place, name in enumerate(profile.get(key, ())):
                    self._known(kind, name, _HEAD, ("profiles", number, key, place))
        self._circles(
            "includes",
            {
                one["id"]: (_HEAD, ("profiles", number), tuple(one.get("includes", ())))
                for number, one in enumerate(self._head.get("profiles", ()))
            },
        )

    def _own_mappings(self) -> dict[str, tuple[str, Path, tuple[str, ...]]]:
        return {
            row["id"]: (file, ("requirements", number), tuple(filter(_is_ours, row.get("mappings", ()))))
            for file, chapter in self.files.chapters.items()
            for number, row in enumerate(_requirements(chapter))
        }

    def _circles(self, key: str, graph: Mapping[str, tuple[str, Path, tuple[str, ...]]]) -> None:
        for name in in_a_circle({name: others for name, (_, _, others) in graph.items()}):
            file, path, _ = graph[name]
            self._wrong(file, (*path, key), f'"{name}" leads back to itself by {key}')

    # -- both

    @property
    def _head(self) -> Any:
        return self.files.catalogue.value

    def _name(self, kind: str, name: str, file: str, path: Path) -> None:
        first = self.seen.setdefault((kind, name), (file, self._line(file, path)))
        if first != (file, self._line(file, path)):
            self._wrong(file, path, f'the {kind} "{name}" a second time; first in {first[0]}:{first[1]}')

    def _known(self, kind: str, name: str, file: str, path: Path) -> None:
        if (kind, name) not in self.seen:
            self._wrong(file, path, f'there is no {kind} "{name}"')

    def _wrong(self, file: str, path: Path, sentence: str) -> None:
        self.problems.append(Problem(file, self._line(file, path), sentence))

    def _line(self, file: str, path: Path) -> int:
        marked = {_HEAD: self.files.catalogue, _SOURCES: self.files.sources}.get(file) or self.files.chapters[file]
        return marked.line(path)


def in_a_circle(graph: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names from which a way leads back to themselves."""
    return [name for name in graph if name in _reached(graph, name)]


def _reached(graph: Mapping[str, tuple[str, ...]], start: str) -> set[str]:
    reached: set[str] = set()
    ahead = list(graph.get(start, ()))
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(graph.get(name, ()))
    return reached


def _requirements(chapter: Marked) -> Iterator[Any]:
    said: Any = chapter.value
    yield from said["requirements"]


def _is_ours(mapping: str) -> bool:
    """Ids of other catalogues carry that catalogue's name and a colon: ``BSI:KONF.14.1``."""
    return ":" not in mapping
