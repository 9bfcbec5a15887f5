"""``klausur check``: a run against the running installation of the same settings."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from klausur.terminal import Data, Json, fail, read_settings, table

if TYPE_CHECKING:
    from klausur.compliance.probing import Seen
    from klausur.compliance.running import Outcome, Progress, Wanted
    from klausur.compliance.verdicts import RequirementVerdict
    from klausur.compliance.words import Language
    from klausur.settings import Settings

USAGE = 4


def check(
    profile: Annotated[str, typer.Option(help="Of the catalogue: dsk, bsi-mst, berlin.")] = "dsk",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="One row; may be given several times.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Tests the running installation against the authorities' requirements, and says what is open."""
    from klausur.compliance.problems import CatalogueInvalid  # noqa: PLC0415
    from klausur.compliance.running import UnknownRows, Wanted  # noqa: PLC0415
    from klausur.domain.errors import StorageUnavailable  # noqa: PLC0415
    from klausur.machine import CannotStartError  # noqa: PLC0415

    settings = read_settings(data=data).settings
    language: Language = "de" if settings.language == "de" else "en"
    wanted = Wanted(profile, frozenset(only) if only else None)
    try:
        outcome = asyncio.run(_run(settings, wanted, quiet=as_json, language=language))
    except UnknownRows as error:
        typer.echo(f"The catalogue has no {error}.", err=True)
        raise typer.Exit(USAGE) from None
    except CatalogueInvalid as error:
        typer.echo(f"The catalogue cannot be used:\n{error}", err=True)
        raise typer.Exit(3) from None
    except (CannotStartError, StorageUnavailable) as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(_plain(outcome), indent=2, ensure_ascii=False))
    else:
        _show(outcome, language)
    raise typer.Exit(int(outcome.assessment.exit_code))


async def _run(settings: Settings, wanted: Wanted, *, quiet: bool, language: Language) -> Outcome:
    from klausur import build  # noqa: PLC0415
    from klausur.compliance import running  # noqa: PLC0415
    from klausur.compliance.cast import peopled  # noqa: PLC0415
    from klausur.compliance.catalogue import load  # noqa: PLC0415
    from klausur.compliance.confirming import confirm  # noqa: PLC0415
    from klausur.compliance.probes import ALL  # noqa: PLC0415
    from klausur.settings import plain  # noqa: PLC0415

    url, catalogue = settings.site.geturl(), load()
    async with build.people_of(settings) as people:
        its = running.Installation(people.store, people.clock, plain(settings), installed_version("klausur"))
        with _progress(language, quiet=quiet) as progress:
            if not await running.is_running(url):
                outcome = await running.run(its, None, catalogue, ALL, wanted, progress)
            else:
                async with (
                    running.outside(url, its.settings) as stranger,
                    peopled(stranger, people.store, people.clock) as target,
                ):
                    outcome = await running.run(its, target, catalogue, ALL, wanted, progress)
        await confirm(settings, people.store, people.clock)
        return outcome


def _progress(language: Language, *, quiet: bool) -> AbstractContextManager[Progress]:
    from klausur.compliance.running import Progress  # noqa: PLC0415

    if quiet or not sys.stderr.isatty():
        return nullcontext(Progress())
    return _drawn(language)


@contextmanager
def _drawn(language: Language) -> Iterator[Progress]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    from klausur.compliance.evidence import STATUSES  # noqa: PLC0415
    from klausur.compliance.running import Progress  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        class Shown(Progress):
            def begins(self, probes: int) -> None:
                bar.update(task, total=probes)

            def has_looked(self, seen: Seen) -> None:
                bar.update(task, advance=1, description=f"{seen.probe.id}: {STATUSES[seen.status].to(language)}")

        yield Shown()


def _show(outcome: Outcome, language: Language) -> None:
    """Every row in the authority's order, then the counts: in words and numbers, never as a percentage."""
    from klausur.compliance.verdicts import INVALID, OUTCOMES  # noqa: PLC0415

    judged = outcome.assessment
    if judged.invalid is not None:
        typer.echo(INVALID[judged.invalid].to(language), err=True)
        return
    rows = [
        (
            row.requirement.id,
            OUTCOMES[row.verdict.outcome].to(language),
            row.requirement.verb.value,
            _title(row, language),
        )
        for row in judged.rows
    ]
    table(_HEAD[language], rows)
    counts = [f"{OUTCOMES[each].to(language)}: {count}" for each, count in judged.counts.items() if count]
    typer.echo(" · ".join(counts))


_HEAD: Final[Mapping[Language, Sequence[str]]] = {
    "de": ("Zeile", "Ergebnis", "Verb", "Anforderung"),
    "en": ("row", "verdict", "verb", "requirement"),
}


def _title(row: RequirementVerdict, language: Language) -> str:
    """With its label: what is ours, or not compared, is never printed without saying so."""
    label = row.requirement.label
    return row.requirement.title.to(language) + (f" ({label.to(language)})" if label else "")


def _plain(outcome: Outcome) -> dict[str, Any]:
    from klausur.compliance.running import plain_verdicts  # noqa: PLC0415

    judged = outcome.assessment
    return {
        "run": outcome.run,
        "exit": int(judged.exit_code),
        "counts": {each.value: count for each, count in judged.counts.items()},
        **plain_verdicts(judged),
        "probes": [
            {
                "id": seen.probe.id,
                "version": seen.probe.version,
                "status": seen.status.value,
                "says": {"de": seen.says.de, "en": seen.says.en},
                "evidence": seen.evidence,
            }
            for seen in outcome.seen
        ],
    }
