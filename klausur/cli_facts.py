"""``klausur facts``: what only people know of an installation, asked for, shown and changed."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from klausur.terminal import Data, Json, fail, read_settings, table

if TYPE_CHECKING:
    from klausur.compliance.facts import FactSpec
    from klausur.compliance.judging import Installation
    from klausur.compliance.words import Language, Text
    from klausur.settings import Settings

T = TypeVar("T")

_WHO: Final = "klausur facts"
"""Who declared it: somebody at the machine."""
_YES: Final = frozenset({"yes", "y", "ja", "j", "true"})
_NO: Final = frozenset({"no", "n", "nein", "false"})
_SHOWN_CHARACTERS: Final = 60


def facts(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="Which; all of them without.")] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="What to declare: yes or no, one of the choices, or a text.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Declare KEY no longer.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for all that is open, one after the other.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Shows and changes what only people know of this installation: the proof and the documents rest on it.

    On a terminal it asks for what is open.
    """
    if (withdraw and (key is None or value is not None)) or (ask and (key is not None or as_json)):
        raise typer.BadParameter("--withdraw takes a KEY alone, --ask takes none.")
    settings = read_settings(data=data).settings
    language: Language = "de" if settings.language == "de" else "en"
    if key is not None and (withdraw or value is not None):
        _change(settings, key, None if withdraw else value, language)
    told = _with_installation(settings, _page)
    chosen = [one for one in told if key in (None, one["key"])]
    if not chosen:
        fail(f"There is no fact {key}; `klausur facts` shows all.")
    if as_json:
        typer.echo(json.dumps({"facts": chosen}, indent=2, ensure_ascii=False))
    elif ask or (key is None and sys.stdin.isatty() and sys.stdout.isatty()):
        _ask(settings, told, language)
    else:
        _show(chosen, language)


def _with_installation(settings: Settings, work: Callable[[Installation], Awaitable[T]]) -> T:
    from klausur import build  # noqa: PLC0415
    from klausur.compliance.judging import Installation  # noqa: PLC0415
    from klausur.compliance.problems import CatalogueInvalid  # noqa: PLC0415
    from klausur.domain.errors import StorageUnavailable  # noqa: PLC0415
    from klausur.machine import CannotStartError  # noqa: PLC0415
    from klausur.settings import plain  # noqa: PLC0415

    async def run() -> T:
        async with build.people_of(settings) as people:
            return await work(Installation(people.store, people.clock, plain(settings), installed_version("klausur")))

    try:
        return asyncio.run(run())
    except (CannotStartError, StorageUnavailable, CatalogueInvalid) as error:
        fail(str(error))


async def _page(its: Installation) -> list[dict[str, Any]]:
    from klausur.compliance import report_facts  # noqa: PLC0415
    from klausur.compliance.judging import known  # noqa: PLC0415

    what = await known(its)
    return report_facts.page(what.facts, its.settings)


# -- changing ---------------------------------------------------------------------------------------------------------


def _change(settings: Settings, key: str, text: str | None, language: Language) -> None:
    refused = _declared(settings, key, text)
    if refused is not None:
        fail(refused.to(language))


def _declared(settings: Settings, key: str, text: str | None) -> Text | None:
    """Declares it, has looked again at what rests on it, and everything judged anew. Returns why it cannot be."""
    from klausur.compliance.catalogue import load  # noqa: PLC0415
    from klausur.compliance.fact_list import FACTS  # noqa: PLC0415
    from klausur.compliance.judging import judge_again  # noqa: PLC0415
    from klausur.compliance.probes import ALL  # noqa: PLC0415
    from klausur.compliance.running import look_again  # noqa: PLC0415
    from klausur.compliance.stating import Refused, Speaker, Statements  # noqa: PLC0415

    async def work(its: Installation) -> Text | None:
        catalogue = load()
        statements = Statements(its.store, its.clock, catalogue, its.settings)
        try:
            await statements.fact(Speaker("", _WHO), key, _value(FACTS.get(key), text))
        except Refused as refused:
            return refused.said
        await look_again(its, catalogue, ALL)
        await judge_again(its, catalogue=catalogue)
        return None

    return _with_installation(settings, work)


def _value(spec: FactSpec | None, text: str | None) -> object:
    """As the fact has it; what it cannot have is left for it to refuse."""
    from klausur.compliance.facts import Kind  # noqa: PLC0415

    if spec is None or text is None or spec.kind is not Kind.YES_NO:
        return text
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else text


# -- showing and asking -----------------------------------------------------------------------------------------------


def _show(told: Sequence[dict[str, Any]], language: Language) -> None:
    head = ("Tatsache", "Wert", "woher", "Frage") if language == "de" else ("fact", "value", "from", "question")
    table(
        head, [(one["key"], _shown(one, language), _origin(one, language), one["question"][language]) for one in told]
    )
    for one in told:
        if one["contradiction"] is not None:
            typer.echo(one["contradiction"][language], err=True)


def _shown(one: dict[str, Any], language: Language) -> str:
    from klausur.compliance.fact_list import FACTS  # noqa: PLC0415
    from klausur.compliance.report_facts import value_words  # noqa: PLC0415

    if one["value"] is None:
        return "-"
    words = " ".join(value_words(FACTS[one["key"]], one["value"], language).split())
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1]}…"


def _origin(one: dict[str, Any], language: Language) -> str:
    from klausur.compliance.facts import Origin  # noqa: PLC0415
    from klausur.compliance.report_facts import ORIGINS  # noqa: PLC0415

    return "-" if one["origin"] is None else ORIGINS[Origin(one["origin"])].to(language)


_INTRODUCTION: Final = {
    "de": "{count} Fragen sind offen. Ohne Antwort weiter mit der Eingabetaste.",
    "en": "{count} questions are open. Leave one unanswered with the enter key.",
}
_NOTHING_OPEN: Final = {"de": "Alle Fragen sind beantwortet.", "en": "All questions are answered."}
_OPTIONS: Final = {"de": "ja, nein", "en": "yes, no"}


def _ask(settings: Settings, told: Sequence[dict[str, Any]], language: Language) -> None:
    """One after the other; each answer is kept at once, so that nothing is lost by stopping in between."""
    still_open = [one for one in told if one["editable"] and one["value"] is None]
    if not still_open:
        typer.echo(_NOTHING_OPEN[language])
        return
    typer.echo(_INTRODUCTION[language].format(count=len(still_open)))
    group = None
    for one in still_open:
        if one["group"] != group:
            group = one["group"]
            typer.secho(f"\n{group[language]}", bold=True)
        _ask_for(settings, one, language)


def _ask_for(settings: Settings, one: dict[str, Any], language: Language) -> None:
    typer.echo(f"\n{one['question'][language]}\n  {one['help'][language]}")
    for choice in one["choices"] or ():
        typer.echo(f"  {choice['value']}: {choice['name'][language]}")
    prompt = f"{one['key']} ({_OPTIONS[language]})" if one["kind"] == "bool" else one["key"]
    while text := typer.prompt(prompt, default="", show_default=False):
        refused = _declared(settings, one["key"], text)
        if refused is None:
            return
        typer.echo(refused.to(language), err=True)
