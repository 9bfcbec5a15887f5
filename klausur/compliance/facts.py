"""What a fact is, and what holds of it: one truth that feeds applicability, probes and documents.

The closed list of them stands in ``fact_list.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from klausur.compliance.model import FactValue
from klausur.compliance.words import Text

Derivation: TypeAlias = Callable[[Mapping[str, object]], FactValue | None]
"""From the effective settings, by their names in small letters; None where they do not say."""


class FactInvalid(ValueError):
    """A value that the fact cannot have. ``str()`` of it is one English sentence, ``said`` both languages."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


class Origin(StrEnum):
    """Where a value is from, the strongest first: what was seen stands above what is set, that above what is said."""

    OBSERVED = "observed"
    CONFIG = "config"
    DECLARED = "declared"


class Kind(StrEnum):
    YES_NO = "yes-no"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class FactSpec:
    key: str
    kind: Kind
    question: Text
    help: Text
    choices: tuple[Choice, ...] = ()
    max_length: int = 0
    """characters of a text; line breaks count"""
    derive: Derivation | None = None

    @property
    def origin(self) -> Origin:
        """Where the value normally is from. A derived one is not asked for."""
        return Origin.DECLARED if self.derive is None else Origin.CONFIG

    def is_asked(self, settings: Mapping[str, object]) -> bool:
        """Whether only a person can say it, with these settings."""
        return self.derive is None or self.derive(settings) is None

    @property
    def values(self) -> frozenset[FactValue]:
        """All that it can have; empty for a text, on which nothing can be made conditional."""
        match self.kind:
            case Kind.YES_NO:
                return frozenset({True, False})
            case Kind.CHOICE:
                return frozenset(choice.value for choice in self.choices)
            case Kind.TEXT:
                return frozenset()

    def checked(self, value: object) -> FactValue:
        """``value`` as it is kept: a text in NFC, without blanks around it. Raises FactInvalid."""
        match self.kind:
            case Kind.YES_NO:
                if not isinstance(value, bool):
                    raise FactInvalid(Text(de=f"{self.key}: Ja oder nein?", en=f"{self.key}: yes or no?"))
                return value
            case Kind.CHOICE:
                if not isinstance(value, str) or value not in self.values:
                    listed = ", ".join(choice.value for choice in self.choices)
                    raise FactInvalid(Text(de=f"{self.key}: eines von {listed}", en=f"{self.key}: one of {listed}"))
                return value
            case Kind.TEXT:
                return self._text(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > 2 * self.max_length:
            raise FactInvalid(_too_long(self))
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if not text:
            raise FactInvalid(Text(de=f"{self.key}: Hier fehlt ein Text.", en=f"{self.key}: there is no text."))
        if len(text) > self.max_length:
            raise FactInvalid(_too_long(self))
        if any(unicodedata.category(one) in _UNPRINTABLE and one != "\n" for one in text):
            raise FactInvalid(
                Text(
                    de=f"{self.key}: Der Text enthält Zeichen, die niemand sieht.",
                    en=f"{self.key}: the text contains characters that nobody sees.",
                )
            )
        return text


_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _too_long(spec: FactSpec) -> Text:
    return Text(
        de=f"{spec.key}: ein Text von höchstens {spec.max_length} Zeichen",
        en=f"{spec.key}: a text of at most {spec.max_length} characters",
    )


@dataclass(frozen=True, slots=True)
class Stated:
    """A value from one origin."""

    value: FactValue
    origin: Origin
    at: datetime
    by: str = ""
    """who declared it, or the id of the observation"""


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds: the value of the strongest origin, and what is said against it."""

    key: str
    stands: Stated
    against: tuple[Stated, ...] = ()

    @property
    def contradicted(self) -> bool:
        return bool(self.against)


def derived(specs: Mapping[str, FactSpec], settings: Mapping[str, object], at: datetime) -> dict[str, Stated]:
    """What the effective settings say by themselves."""
    said: dict[str, Stated] = {}
    for key, spec in specs.items():
        value = None if spec.derive is None else spec.derive(settings)
        if value is not None and value != "":
            said[key] = Stated(spec.checked(value), Origin.CONFIG, at)
    return said


def resolve(*statements: Iterable[tuple[str, Stated]]) -> Mapping[str, Fact]:
    """Facts by key. Of one origin the newest statement counts; what other origins say otherwise
    contradicts it.
    """
    newest: dict[str, dict[Origin, Stated]] = {}
    for key, said in (pair for origin in statements for pair in origin):
        of_key = newest.setdefault(key, {})
        if said.origin not in of_key or _order(said) > _order(of_key[said.origin]):
            of_key[said.origin] = said
    return MappingProxyType({key: _fact(key, of_key) for key, of_key in sorted(newest.items())})


def _order(said: Stated) -> tuple[datetime, str, str]:
    return said.at, repr(said.value), said.by


def _fact(key: str, of_key: Mapping[Origin, Stated]) -> Fact:
    stands, *others = [of_key[origin] for origin in Origin if origin in of_key]
    return Fact(key, stands, tuple(other for other in others if other.value != stands.value))
