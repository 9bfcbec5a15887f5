"""Facts as people are asked for them: question, value, where that is from, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from klausur.compliance.fact_list import FACTS, GROUPS
from klausur.compliance.facts import Fact, FactSpec, Kind, Origin, Stated
from klausur.compliance.model import FactValue
from klausur.compliance.words import LANGUAGES, Language, Text

Plain = dict[str, Any]

_KINDS: Final[Mapping[Kind, str]] = {Kind.YES_NO: "bool", Kind.CHOICE: "choice", Kind.TEXT: "text"}
_YES: Final = Text(de="ja", en="yes")
_NO: Final = Text(de="nein", en="no")
ORIGINS: Final[Mapping[Origin, Text]] = {
    Origin.OBSERVED: Text(de="beobachtet", en="observed"),
    Origin.CONFIG: Text(de="eingestellt", en="set"),
    Origin.DECLARED: Text(de="angegeben", en="declared"),
}


def page(facts: Mapping[str, Fact], settings: Mapping[str, object]) -> list[Plain]:
    """Every fact there is, in the order in which they are asked for."""
    return [plain(spec, group, facts.get(spec.key), settings) for group, specs in GROUPS for spec in specs]


def plain(spec: FactSpec, group: Text, fact: Fact | None, settings: Mapping[str, object]) -> Plain:
    stands = None if fact is None else fact.stands
    return {
        "key": spec.key,
        "group": _both(group),
        "question": _both(spec.question),
        "help": _both(spec.help),
        "kind": _KINDS[spec.kind],
        "choices": [{"value": one.value, "name": _both(one.label)} for one in spec.choices] or None,
        "max_length": spec.max_length or None,
        "value": None if stands is None else stands.value,
        "origin": None if stands is None else stands.origin.value,
        "editable": spec.is_asked(settings),
        "at": None if stands is None else stands.at.isoformat(),
        "by": stands.by or None if stands is not None and stands.origin is Origin.DECLARED else None,
        "contradiction": None if fact is None or not fact.contradicted else _both(contradiction(spec, fact)),
    }


def still_open(page_: Sequence[Plain]) -> int:
    """How many only a person can say, and nobody has."""
    return sum(1 for one in page_ if one["editable"] and one["value"] is None)


def contradictions(page_: Sequence[Plain]) -> list[Plain]:
    return [{"key": one["key"], "text": one["contradiction"]} for one in page_ if one["contradiction"] is not None]


def question(key: str) -> Text | None:
    return FACTS[key].question if key in FACTS else None


def contradiction(spec: FactSpec, fact: Fact) -> Text:
    said = {language: _said_otherwise(spec, fact, language) for language in LANGUAGES}
    return Text(said["de"], said["en"])


def _said_otherwise(spec: FactSpec, fact: Fact, language: Language) -> str:
    said = [_statement(spec, one, language) for one in (fact.stands, *fact.against)]
    return f"{spec.question.to(language)} {'; '.join(said)}."


def _statement(spec: FactSpec, stated: Stated, language: Language) -> str:
    return f"{ORIGINS[stated.origin].to(language)}: {value_words(spec, stated.value, language)}"


def value_words(spec: FactSpec, value: FactValue, language: Language) -> str:
    if isinstance(value, bool):
        return (_YES if value else _NO).to(language)
    return next((one.label.to(language) for one in spec.choices if one.value == value), value)


def _both(text: Text) -> Plain:
    return {"de": text.de, "en": text.en}
