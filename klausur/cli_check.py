"""``klausur check``: a run against the running installation of the same settings."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeVar

import typer

from klausur.terminal import Data, Json, fail, read_settings, table

if TYPE_CHECKING:
    from klausur.compliance.judging import Installation
    from klausur.compliance.model import Catalogue
    from klausur.compliance.probing import Seen
    from klausur.compliance.running import Outcome, Progress, Wanted
    from klausur.compliance.standing import Standing
    from klausur.compliance.verdicts import Assessment, RequirementVerdict
    from klausur.compliance.words import Language
    from klausur.settings import Settings

T = TypeVar("T")

INVALID = 3
USAGE = 4
_LAST: Final = 19
"""Behind everything else that this machine has to do."""


def check(
    profile: Annotated[str, typer.Option(help="Of the catalogue: dsk, bsi-mst, berlin.")] = "dsk",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="One row; may be given several times.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A new folder for all that can be exported of it; ends with 4 where it cannot."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Only judge anew what is known; look at nothing.")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="It was ahead before: no longer wait until what was recorded then.")
    ] = False,
    by_itself: Annotated[bool, typer.Option("--by-itself", hidden=True)] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Tests the running installation against the authorities' requirements, and says what is open.

    Ends with 0: every MUST that applies is met or attested. 1: one is not met. 2: something is open. 3: the run says
    nothing, or could not be signed. 4: called wrongly, or what was found could not be exported.
    """
    from klausur.compliance.judging import PROFILE  # noqa: PLC0415
    from klausur.compliance.running import Wanted  # noqa: PLC0415

    if again and (only or export or profile != PROFILE):
        raise typer.BadParameter("goes with none of --only, --export and --profile.", param_hint="--again")
    if export is not None:
        _require_new(export)
    settings = read_settings(status=INVALID, data=data).settings
    if by_itself:
        os.nice(_LAST)
    language: Language = "de" if settings.language == "de" else "en"
    wanted = Wanted(profile, frozenset(only) if only else None)
    asked = _Asked(settings, wanted, language, export, again=again, clock_is_right=clock_is_right)
    told = _done(asked, quiet=as_json or by_itself)
    if by_itself:
        typer.echo(json.dumps(_counted(told)))
    elif as_json:
        typer.echo(json.dumps(_plain(told), indent=2, ensure_ascii=False))
    else:
        _show(told.judged, language)
    if told.differing:
        typer.echo(f"Set otherwise than when the server was started: {', '.join(told.differing)}.", err=True)
    if told.unsigned:
        typer.echo(f"The ledger could not be signed: {told.unsigned}", err=True)
    if told.unexported:
        typer.echo(f"The export is not whole: {told.unexported}", err=True)
    raise typer.Exit(_status(told))


def _require_new(folder: Path) -> None:
    """Raises BadParameter."""
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise typer.BadParameter(f"{folder} cannot be used ({error.strerror}).", param_hint="--export") from None
    if taken:
        raise typer.BadParameter(f"{folder} is there already, and nothing is overwritten.", param_hint="--export")


def _status(told: _Told) -> int:
    status = INVALID if told.unsigned else int(told.judged.exit_code)
    return USAGE if told.unexported and status != INVALID else status


@dataclass(frozen=True, slots=True)
class _Asked:
    settings: Settings
    wanted: Wanted
    language: Language
    export: Path | None
    again: bool
    clock_is_right: bool


@dataclass(frozen=True, slots=True)
class _Told:
    judged: Assessment
    standing: Sequence[Standing]
    """Whatever the verdicts were made from, of whichever run."""
    outcome: Outcome | None = None
    """None where nothing was looked at."""
    unsigned: str = ""
    """Why the ledger has no new checkpoint."""
    unexported: str = ""
    """Why not everything is in the folder that it was to be exported into."""
    differing: Sequence[str] = ()
    """Names of what is set otherwise than the running server has it."""


def _done(asked: _Asked, *, quiet: bool) -> _Told:
    from klausur.check_lock import CheckLocked  # noqa: PLC0415
    from klausur.compliance.keeping import TooMuch  # noqa: PLC0415
    from klausur.compliance.problems import CatalogueInvalid  # noqa: PLC0415
    from klausur.compliance.running import UnknownRows  # noqa: PLC0415
    from klausur.domain.errors import StorageUnavailable  # noqa: PLC0415
    from klausur.machine import CannotStartError  # noqa: PLC0415

    try:
        return asyncio.run(_stoppable(_run(asked, quiet=quiet)))
    except UnknownRows as error:
        typer.echo(f"The catalogue has no {error}.", err=True)
        raise typer.Exit(USAGE) from None
    except CatalogueInvalid as error:
        _invalid(f"The catalogue cannot be used:\n{error}")
    except CheckLocked:
        _invalid("Another check of this installation is running; please wait for its end.")
    except asyncio.CancelledError:
        _invalid("The run was interrupted; it says nothing, and what it made for itself has been removed.")
    except OSError as error:
        _invalid(f"{error.filename or asked.settings.data} cannot be used ({error.strerror}).")
    except (CannotStartError, StorageUnavailable, TooMuch) as error:
        _invalid(str(error))
    except Exception:  # noqa: BLE001 - whatever it was, nothing is known of the installation
        _invalid(f"The run failed by a mistake of Klausur's own; it says nothing.\n{traceback.format_exc()}")


def _invalid(sentence: str) -> NoReturn:
    """1 would say that something is known to be wrong with the installation."""
    fail(sentence, INVALID)


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    """Asked to stop it clears up first, and is not disturbed at that. Raises CancelledError then."""
    from klausur.stopping import on_request  # noqa: PLC0415

    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    asked = False

    def stop() -> None:
        nonlocal asked
        if not asked:
            asked = True
            loop.call_soon_threadsafe(task.cancel)

    with on_request(stop):
        return await task


async def _run(asked: _Asked, *, quiet: bool) -> _Told:
    from klausur import build  # noqa: PLC0415
    from klausur.check_lock import only_check  # noqa: PLC0415
    from klausur.compliance import judging, running  # noqa: PLC0415
    from klausur.compliance.cast import Cast  # noqa: PLC0415
    from klausur.compliance.catalogue import load  # noqa: PLC0415
    from klausur.compliance.confirming import confirm  # noqa: PLC0415
    from klausur.compliance.retention import erase_old, erase_outlived  # noqa: PLC0415
    from klausur.compliance.verdicts import Invalid  # noqa: PLC0415
    from klausur.settings import plain  # noqa: PLC0415

    settings, catalogue = asked.settings, load()
    # Before anything is opened: what is not in the catalogue is a mistake wherever it is made.
    running.selected(catalogue, asked.wanted)
    async with build.people_of(settings) as people:
        store, clock = people.store, people.clock
        its = judging.Installation(store, clock, plain(settings), installed_version("klausur"))
        with only_check(settings.data):
            if asked.clock_is_right:
                await judging.clock_is_right(its)
            # What is set otherwise than the running server has it holds from its next start on.
            differing = await judging.differing(its)
            changed = not differing and await judging.note_configuration(its)
            outlived = await erase_outlived(store, clock, settings.evidence_days)
            if asked.again:
                # Of a run that was killed. Where nothing is tested by itself (CHECK_AT), no other would remove them.
                await Cast(store, clock).clear()
                judged = await _judged_again(its, catalogue, changed=changed)
                await store.scrub(deleted=outlived > 0)
                unsigned = await _unsigned(confirm(settings, store, clock))
                return _Told(judged, (await judging.known(its)).standing, unsigned=unsigned)
            outcome = await _looked(asked, its, catalogue, quiet=quiet)
            await erase_old(store, clock, settings.evidence_days)
            # The pages that named people have been put together anew.
            await store.scrub(deleted=outlived > 0)
            unsigned = await _unsigned(confirm(settings, store, clock))
            unexported = "" if asked.export is None else await _unexported(asked, its, outcome, asked.export)
            other = differing if outcome.assessment.invalid is Invalid.OTHER_SETTINGS else ()
            return _Told(outcome.assessment, outcome.known.standing, outcome, unsigned, unexported, other)


async def _unexported(asked: _Asked, its: Installation, outcome: Outcome, folder: Path) -> str:
    """Why it could not be exported; empty where it was. What was found stands all the same, and is to be shown."""
    from klausur.compliance.exporting import CannotExport, export  # noqa: PLC0415
    from klausur.compliance.keeping import TooMuch  # noqa: PLC0415
    from klausur.domain.errors import StorageUnavailable  # noqa: PLC0415
    from klausur.machine import CannotStartError  # noqa: PLC0415

    try:
        await export(asked.settings, its, outcome, folder, asked.wanted.profile, asked.language)
    except CannotExport as error:
        return f"{str(error.strerror).removesuffix('.')}; please install this release anew."
    except OSError as error:
        why = f"{error.filename or folder} cannot be written ({error.strerror})"
        return f"{why}; please check again with --export and another new folder."
    except TooMuch as error:
        return f"{error}; what lies in {folder} can be used without it."
    except (CannotStartError, StorageUnavailable) as error:
        return str(error)
    return ""


async def _judged_again(its: Installation, catalogue: Catalogue, *, changed: bool) -> Assessment:
    """``changed``: something is set otherwise than it was."""
    from klausur.compliance.judging import judge_again  # noqa: PLC0415
    from klausur.compliance.probes import ALL  # noqa: PLC0415
    from klausur.compliance.running import look_again  # noqa: PLC0415

    if changed:
        await look_again(its, catalogue, ALL)
    return await judge_again(its, catalogue=catalogue)


async def _looked(asked: _Asked, its: Installation, catalogue: Catalogue, *, quiet: bool) -> Outcome:
    import httpx  # noqa: PLC0415

    from klausur.compliance import running  # noqa: PLC0415
    from klausur.compliance.cast import peopled  # noqa: PLC0415
    from klausur.compliance.probes import ALL  # noqa: PLC0415

    # Without a scheme's own port, as browsers write it.
    url, wanted = str(httpx.URL(asked.settings.site.geturl())), asked.wanted
    with _progress(asked.language, quiet=quiet) as progress:
        if not await running.is_running(url):
            return await running.run(its, None, catalogue, ALL, wanted, progress)
        async with (
            running.outside(url, its.settings) as stranger,
            peopled(stranger, its.store, its.clock) as target,
        ):
            return await running.run(its, target, catalogue, ALL, wanted, progress)


async def _unsigned(signing: Awaitable[object]) -> str:
    """Why it could not be signed; empty where it was."""
    from klausur.machine import CannotStartError  # noqa: PLC0415

    try:
        await signing
    except OSError as error:
        return f"{error.filename or 'the data folder'} cannot be written ({error.strerror})."
    except CannotStartError as error:
        return str(error)
    return ""


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


def _show(judged: Assessment, language: Language) -> None:
    """Every row in the authority's order, then the counts: in words and numbers, never as a percentage."""
    from klausur.compliance.verdicts import INVALID, OUTCOMES  # noqa: PLC0415

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
    from klausur.compliance.exports.material import label_words  # noqa: PLC0415

    label = label_words(row.requirement, language)
    return row.requirement.title.to(language) + (f" ({label})" if label else "")


def _counted(told: _Told) -> dict[str, Any]:
    judged = told.judged
    counts = {each.value: count for each, count in judged.counts.items()}
    return {"exit": int(judged.exit_code), "invalid": judged.invalid, "counts": counts}


def _plain(told: _Told) -> dict[str, Any]:
    from klausur.compliance import standing  # noqa: PLC0415
    from klausur.compliance.running import told_verdicts  # noqa: PLC0415

    outcome = told.outcome
    return {
        "run": None if outcome is None else outcome.run,
        **_counted(told),
        **told_verdicts(told.judged),
        "unsigned": told.unsigned or None,
        "unexported": told.unexported or None,
        "observations": [standing.plain(one) for one in told.standing],
        "probes": [
            {
                "id": seen.probe.id,
                "version": seen.probe.version,
                "status": seen.status.value,
                "says": {"de": seen.says.de, "en": seen.says.en},
                "evidence": seen.evidence,
            }
            for seen in (outcome.seen if outcome else ())
        ],
    }
