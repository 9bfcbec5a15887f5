"""The commands. What a command needs is imported when it runs: ``klausur version`` should not load a web server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from klausur import cli_check, cli_facts, cli_proof, cli_user
from klausur.terminal import Data, Json, fail, read_settings, table

USAGE = 4

app = typer.Typer(
    name="klausur", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
app.add_typer(cli_user.app, name="user")
app.command()(cli_check.check)
app.command()(cli_facts.facts)
app.command()(cli_proof.verify)


def main(arguments: Sequence[str] | None = None) -> None:
    """Usage errors end with 4, which no other outcome has."""
    try:
        status = app(args=arguments, standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except typer.TyperException as error:
        typer.echo(error.format_message(), err=True)
        sys.exit(USAGE)
    sys.exit(status if isinstance(status, int) else 0)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address on which to listen (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port on which to listen (PORT).")] = None,
    public_url: Annotated[str | None, typer.Option(help="Where people reach it (PUBLIC_URL).")] = None,
    data: Data = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (TLS_CERT).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key (TLS_KEY).")] = None,
) -> None:
    """Runs everything."""
    from klausur.stopping import on_request  # noqa: PLC0415

    with on_request(sys.exit):  # the imports alone take half a second; once there is something to end, run hears it
        # structlog would load both: 6 MB and a tenth of a second of a server's life. What PostgreSQL needs comes later.
        with _without("rich"), _without("greenlet"):
            from klausur import run  # noqa: PLC0415

        loaded = read_settings(
            host=host, port=port, public_url=public_url, data=data, tls_cert=tls_cert, tls_key=tls_key
        )
        try:
            run.serve(loaded.settings, announce=typer.echo, origins=loaded.origins)
        except run.CannotStartError as error:
            fail(str(error))


@app.command()
def doctor(data: Data = None, as_json: Json = False) -> None:
    """Checks this machine and installation, and says what to do."""
    from klausur import build  # noqa: PLC0415

    findings = build.examine(read_settings(data=data).settings)
    if as_json:
        told = [{"check": each.check, "ok": each.ok, "says": each.says} for each in findings]
        typer.echo(json.dumps(told, indent=2))
    else:
        table(("", "check", "finding"), [("ok" if each.ok else "WRONG", each.check, each.says) for each in findings])
    raise typer.Exit(0 if all(each.ok for each in findings) else 1)


@app.command()
def settings(
    data: Data = None,
    as_json: Json = False,
    markdown: Annotated[bool, typer.Option(help="All settings there are, as docs/settings.md.")] = False,
) -> None:
    """Shows the settings in force and where each comes from."""
    from klausur.settings import show  # noqa: PLC0415
    from klausur.settings_page import reference  # noqa: PLC0415

    if markdown:
        typer.echo(reference(), nl=False)
        return
    shown = show(read_settings(data=data))
    if as_json:
        typer.echo(json.dumps({one.name: {"value": one.value, "origin": one.origin} for one in shown}, indent=2))
        return
    table(("setting", "value", "from"), [(one.name, one.value or "-", f"({one.origin})") for one in shown])


@app.command()
def migrate(data: Data = None) -> None:
    """Brings the database to the schema of this release. `serve` does so by itself."""
    from klausur import run  # noqa: PLC0415

    loaded = read_settings(data=data)
    try:
        run.migrate(loaded.settings)
    except run.CannotStartError as error:
        fail(str(error))
    typer.echo("The database is up to date.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="To be written; never overwritten.")], data: Data = None
) -> None:
    """Writes everything worth keeping into one encrypted file, also while it runs."""
    from klausur.backup.errors import BackupError  # noqa: PLC0415
    from klausur.backup.terminal import run_backup  # noqa: PLC0415

    loaded = read_settings(data=data)
    try:
        taken = run_backup(loaded.settings, file, release=installed_version("klausur"))
    except BackupError as error:
        fail(str(error))
    typer.echo(f"{file}: {taken.rows} rows, {taken.bytes} bytes, read back and found right.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `klausur backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Keep what is there aside, and take its place.")] = False,
    identity: Annotated[Path | None, typer.Option(help="File with the secret key of BACKUP_RECIPIENT.")] = None,
    data: Data = None,
) -> None:
    """Puts a backup back, whole or not at all. Klausur must not be running."""
    from klausur.actions.end_opening import new_opening  # noqa: PLC0415
    from klausur.backup.errors import BackupError  # noqa: PLC0415
    from klausur.backup.terminal import run_restore  # noqa: PLC0415

    loaded = read_settings(data=data)
    release = installed_version("klausur")
    try:
        done = run_restore(
            loaded.settings, file, identity=identity, replace=replace, release=release, new_opening=new_opening
        )
    except BackupError as error:
        fail(str(error))
    for note in done.notes:
        typer.echo(note)
    typer.echo(f"Restored {done.rows} rows as of {done.made_at:%Y-%m-%d %H:%M} UTC. Start it with `klausur serve`.")


@app.command()
def version(as_json: Json = False) -> None:
    """Shows the version."""
    number = installed_version("klausur")
    typer.echo(json.dumps({"version": number}) if as_json else number)


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Imports within this do without an optional ``module``."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment] # what the import system takes for "not there"
    try:
        yield
    finally:
        del sys.modules[module]
