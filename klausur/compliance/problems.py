"""What is wrong with a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    """within ``catalogue/``"""
    line: int
    """from 1"""
    sentence: str

    def __str__(self) -> str:
        return f"catalogue/{self.file}:{self.line}: {self.sentence}"


class CatalogueInvalid(Exception):
    """Everything found wrong, in the order of the files: whoever mends it wants to see all of it at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
