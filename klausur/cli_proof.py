"""``klausur verify``: an exported evidence package, judged offline and without an installation."""

from __future__ import annotations

import json
import locale
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from klausur.terminal import Json, fail

if TYPE_CHECKING:
    from klausur.compliance.container import PackageRefused
    from klausur.compliance.inspection import Inspected, Known
    from klausur.compliance.words import Language, Text

_FileArgument = typer.Argument(
    metavar="FILE", help="What was exported.", exists=True, dir_okay=False, readable=True, show_default=False
)


def verify(
    file: Annotated[Path, _FileArgument],
    anchor: Annotated[
        list[str] | None, typer.Option(help="NUMBER:HASH of a state that you kept; may be given several times.")
    ] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="An earlier package of the same installation.", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[str | None, typer.Option(help="Fingerprint of the key, as the operator told it to you.")] = None,
    tsa_certificate: Annotated[
        Path | None,
        typer.Option(
            help="Certificates of the time-stamping authority, from itself (PEM).", exists=True, dir_okay=False
        ),
    ] = None,
    language: Annotated[
        Literal["de", "en"] | None, typer.Option(help="Otherwise German where the machine speaks it, else English.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Says whether an evidence package is intact, what that proves and what it does not. Needs no network."""
    from klausur.compliance.container import PackageRefused  # noqa: PLC0415
    from klausur.compliance.inspection import inspect  # noqa: PLC0415

    told: Language = language or _own_language()
    known = _known(anchor or [], earlier, key, tsa_certificate)
    try:
        its = inspect(file, known)
    except PackageRefused as refused:
        _tell_refused(refused, told, as_json=as_json)
        raise typer.Exit(1) from None
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror}).")
    if as_json:
        typer.echo(json.dumps(_plain(its), indent=2, ensure_ascii=False))
    else:
        _show(its, told)
    raise typer.Exit(0 if its.intact else 1)


def _own_language() -> Language:
    """Of the machine; a command of its own has no settings to ask."""
    try:
        locale.setlocale(locale.LC_MESSAGES, "")
        name, _ = locale.getlocale(locale.LC_MESSAGES)
    except (locale.Error, ValueError):
        name = None
    return "de" if (name or "").startswith("de") else "en"


def _known(anchors: Sequence[str], earlier: Path | None, key: str | None, tsa: Path | None) -> Known:
    """What cannot be read of it is a mistake of the command."""
    from klausur.compliance.inspection import Known  # noqa: PLC0415
    from klausur.compliance.timestamp import NotStamped, certificates_in, read_certificates  # noqa: PLC0415
    from klausur.compliance.verifying import anchor_of  # noqa: PLC0415

    try:
        kept = [anchor_of(text, "--anchor") for text in anchors]
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--anchor") from None
    try:
        certificates = [] if tsa is None else certificates_in(read_certificates(tsa))
    except NotStamped:
        raise typer.BadParameter("holds no certificates in PEM.", param_hint="--tsa-certificate") from None
    return Known(tuple(kept), earlier, key, tuple(certificates))


# -- for programs -----------------------------------------------------------------------------------------------------


def _plain(its: Inspected) -> dict[str, Any]:
    from klausur.compliance.proven import not_proven, proven  # noqa: PLC0415

    judged = its.judgement
    return {
        "intact": its.intact,
        "made_at": its.made_at,
        "release": its.release,
        "catalogue": dict(its.catalogue),
        "key": its.key,
        "anchor": judged.anchor,
        "entries": judged.entries,
        "runs": its.runs,
        "evidence": judged.evidence,
        "erased": judged.erased,
        "checkpoints": judged.checkpoints,
        "timestamps": [{"seq": each.seq, "at": each.at} for each in its.stamps],
        "findings": [finding.plain() for finding in judged.findings],
        "proven": [_both(text) for text in proven(its)],
        "not_proven": [_both(text) for text in not_proven(its)],
    }


def _both(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def _tell_refused(refused: PackageRefused, language: Language, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"intact": False, "refused": _both(refused.text)}, indent=2, ensure_ascii=False))
    else:
        typer.echo(refused.text.to(language), err=True)


# -- for people -------------------------------------------------------------------------------------------------------

_WORDS: Final = {
    "intact": ("Unversehrt", "Intact"),
    "broken": ("NICHT unversehrt", "NOT intact"),
    "made": ("Gemacht", "Made"),
    "release": ("Version", "Release"),
    "catalogue": ("Katalog", "Catalogue"),
    "key": ("Fingerabdruck des Schlüssels", "Fingerprint of the key"),
    "entries": ("Einträge", "Entries"),
    "runs": ("Läufe", "Runs"),
    "evidence": ("Nachweise (gelöscht)", "Evidence (erased)"),
    "checkpoints": ("Bestätigungen (mit Zeitstempel)", "Checkpoints (with time stamp)"),
    "wrong": ("Was nicht stimmt", "What is wrong"),
    "noted": ("Was Sie wissen sollten", "What you should know"),
    "proven": ("Was damit bewiesen ist", "What this proves"),
    "not_proven": ("Was damit nicht bewiesen ist", "What this does not prove"),
    "anchor": (
        "Zum Aufheben, an einem Ort, den der Betreiber nicht ändern kann",
        "To be kept, where the operator cannot change it",
    ),
}


def _show(its: Inspected, language: Language) -> None:
    from rich.console import Console  # noqa: PLC0415

    from klausur.compliance.proven import not_proven, proven  # noqa: PLC0415

    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)

    def word(name: str) -> str:
        return _WORDS[name][0 if language == "de" else 1]

    console.print(word("intact" if its.intact else "broken"), style="bold green" if its.intact else "bold red")
    for name, value in _facts(its):
        console.print(f"  {word(name)}: {_visible(value)}")
    findings = its.judgement.findings
    sections = (
        ("wrong", [finding.to(language) for finding in findings if not finding.noted]),
        ("noted", [finding.to(language) for finding in findings if finding.noted]),
        ("proven", [text.to(language) for text in proven(its)]),
        ("not_proven", [text.to(language) for text in not_proven(its)]),
        ("anchor", [its.judgement.anchor] if its.intact and its.judgement.anchor else []),
    )
    for name, sentences in sections:
        if sentences:
            console.print(f"\n{word(name)}", style="bold")
        for sentence in sentences:
            console.print(f"  - {_visible(sentence)}")


def _facts(its: Inspected) -> Sequence[tuple[str, str]]:
    judged = its.judgement
    catalogue = ", ".join(f"{name} {value}" for name, value in its.catalogue.items()) or "-"
    return [
        ("made", its.made_at),
        ("release", its.release),
        ("catalogue", catalogue),
        ("key", its.key),
        ("entries", str(judged.entries)),
        ("runs", str(its.runs)),
        ("evidence", f"{judged.evidence} ({judged.erased})"),
        ("checkpoints", f"{judged.checkpoints} ({len(its.stamps)})"),
    ]


def _visible(text: str) -> str:
    """What somebody else wrote is not to steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
