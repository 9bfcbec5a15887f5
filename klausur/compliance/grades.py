"""Two kinds of grades: how good a piece of evidence is, and how well we know what a source demands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from klausur.compliance.words import Text


class Grade(IntEnum):
    """Of evidence. A binding names the least it is content with."""

    NONE = 0
    DECLARED = 1
    """a questionnaire"""
    CONFIGURED = 2
    ATTESTED = 3
    """by a named person"""
    OBSERVED_INSIDE = 4
    OBSERVED_OUTSIDE = 5
    EFFECT = 6
    """canary in, effect out, with a control that must fail"""
    INDEPENDENT = 7


GRADES: Final[Mapping[Grade, Text]] = MappingProxyType(
    {
        Grade.NONE: Text(de="kein Nachweis", en="none"),
        Grade.DECLARED: Text(de="angegeben", en="declared"),
        Grade.CONFIGURED: Text(de="eingestellt", en="configured"),
        Grade.ATTESTED: Text(de="von einer benannten Person bestätigt", en="attested by a named person"),
        Grade.OBSERVED_INSIDE: Text(de="von innen beobachtet", en="observed inside"),
        Grade.OBSERVED_OUTSIDE: Text(de="von außen beobachtet", en="observed from outside"),
        Grade.EFFECT: Text(de="Wirkung beobachtet", en="effect observed"),
        Grade.INDEPENDENT: Text(de="unabhängig geprüft", en="independent"),
    }
)


class SourceGrade(StrEnum):
    """How well a row's demand is known to be the source's own."""

    READ = "S"
    READ_SECONDHAND = "S2"
    HEADING_ONLY = "H"
    FROM_MEMORY = "M"
    OURS = "D"


_NOT_COMPARED: Final = Text(
    de="noch nicht mit dem Originaltext verglichen", en="not yet compared with the original text"
)
_OURS: Final = Text(de="unsere technische Regel", en="our engineering rule")

LABELS: Final[Mapping[SourceGrade, Text | None]] = MappingProxyType(
    {
        SourceGrade.READ: None,
        SourceGrade.READ_SECONDHAND: None,
        SourceGrade.HEADING_ONLY: _NOT_COMPARED,
        SourceGrade.FROM_MEMORY: _NOT_COMPARED,
        SourceGrade.OURS: _OURS,
    }
)
"""What every place that shows a row must print beside it: never is a rule of ours printed as an authority's demand."""
