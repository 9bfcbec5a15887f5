"""What is said to people is said in German and in English, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["de", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Text:
    de: str
    en: str

    def to(self, language: Language) -> str:
        return self.de if language == "de" else self.en
