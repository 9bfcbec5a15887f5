"""What commands have in common: options, tables, refusals in a sentence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from klausur.settings import Loaded

Json = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Data = Annotated[Path | None, typer.Option(help="Data folder (DATA).")]


def read_settings(*, status: int = 1, **options: Any) -> Loaded:
    """``status``: what it ends with where they make no sense."""
    from klausur.settings import SettingsError, read  # noqa: PLC0415

    try:
        return read(options)
    except SettingsError as error:
        fail(str(error), status)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """For people: a table on a terminal, otherwise lines that grep and columns can read."""
    if not sys.stdout.isatty():
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
        for row in rows:
            typer.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]))
        return
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    drawn = Table(*head, box=box.SIMPLE)
    for row in rows:
        wrong = row[0] == "WRONG"
        drawn.add_row(*row, style="bold red" if wrong else None)
    Console().print(drawn, markup=False)


def fail(sentence: str, status: int = 1) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(status)
