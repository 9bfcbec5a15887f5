"""``klausur user``: people, from the command line of the machine, also while the server runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from klausur.terminal import Data, Json, fail, read_settings, table

if TYPE_CHECKING:
    from klausur.actions.people.circle import People
    from klausur.actions.people.invitations import MadeInvitation
    from klausur.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Adds, lists, disables people; makes new links for them.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Sign-in name.")]
T = TypeVar("T")


@app.command()
def add(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Sign-in name that is proposed to them.")] = None,
    role: Annotated[
        Literal["organiser", "administrator", "auditor"], typer.Option(help="What they may do.")
    ] = "organiser",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Makes a link by which somebody makes their account, once and within a week."""
    from klausur.actions.people.administer import Console, invite  # noqa: PLC0415
    from klausur.domain.accounts import AccountRole  # noqa: PLC0415

    settings = read_settings(data=data).settings
    made = _with_people(settings, lambda people: invite(people, Console(), AccountRole(role), name))
    _tell(settings, made, as_json=as_json)


@app.command(name="list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """Shows who has an account, and links that nobody has used yet."""
    from klausur.actions.people.administer import list_people  # noqa: PLC0415

    people, invitations = _with_people(read_settings(data=data).settings, list_people)
    persons = [
        {
            "name": row.account.name,
            "role": row.account.role.value,
            "disabled": row.account.disabled,
            "password": row.account.has_password,
            "second_factor": row.account.has_totp,
            "passkeys": row.passkeys,
            "provider": row.account.provider_subject is not None,
            "created_day": row.account.created_day.isoformat(),
        }
        for row in people
    ]
    links = [
        {"kind": each.kind.value, "role": each.role.value, "name": each.name, "expires_at": each.expires_at.isoformat()}
        for each in invitations
    ]
    if as_json:
        typer.echo(json.dumps({"people": persons, "invitations": links}, indent=2, ensure_ascii=False))
        return
    table(
        ("name", "role", "state", "signs in by"),
        [
            (row.account.name, row.account.role, "disabled" if row.account.disabled else "active", _means(each))
            for row, each in zip(people, persons, strict=True)
        ],
    )
    for each in invitations:
        typer.echo(
            f"open {each.kind}: {each.name or '(no name)'}, {each.role}, until {each.expires_at:%Y-%m-%d %H:%M} UTC"
        )


@app.command()
def disable(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    data: Data = None,
) -> None:
    """Ends somebody's sessions and lets them in no more. Nothing of theirs is deleted."""
    from klausur.actions.people.administer import Console, change_person, find_person  # noqa: PLC0415

    async def change(people: People) -> None:
        await change_person(people, Console(), await find_person(people, name), role=None, disabled=not undo)

    _with_people(read_settings(data=data).settings, change)
    typer.echo(f"{name} can sign in again." if undo else f"{name} cannot sign in any more.")


@app.command()
def reset(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Makes a link by which somebody makes new means of signing in; the old ones are good until it is used."""
    from klausur.actions.people.administer import Console, find_person, offer_reset  # noqa: PLC0415

    async def offer(people: People) -> MadeInvitation:
        return await offer_reset(people, Console(), await find_person(people, name))

    settings = read_settings(data=data).settings
    _tell(settings, _with_people(settings, offer), as_json=as_json)


def _with_people(settings: Settings, act: Callable[[People], Awaitable[T]]) -> T:
    """Refusals end with 1 and a sentence."""
    from klausur import build, log  # noqa: PLC0415
    from klausur.domain import errors  # noqa: PLC0415
    from klausur.machine import CannotStartError  # noqa: PLC0415

    async def run() -> T:
        async with build.people_of(settings) as people:
            return await act(people)

    log.configure("error")
    try:
        return asyncio.run(run())
    except CannotStartError as error:
        fail(str(error))
    except errors.StorageUnavailable as error:
        fail(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.")
    except errors.NotThere:
        fail("There is nobody of this name who could be meant; see `klausur user list`.")
    except errors.NameTaken:
        fail("Somebody has this name already; see `klausur user list`.")
    except errors.LastAdministrator:
        fail("Nobody would be left who can administer; make another administrator first.")
    except errors.Malformed:
        fail("This cannot be a sign-in name: it has to be 2 to 64 characters, all of them visible.")


def _tell(settings: Settings, made: MadeInvitation, *, as_json: bool) -> None:
    link = f"{settings.site.geturl()}/invite#{made.token}"
    if as_json:
        typer.echo(json.dumps({"link": link, "id": made.id, "expires_at": made.expires_at.isoformat()}, indent=2))
        return
    typer.echo(link)
    typer.echo(f"It works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC. Whoever has it can use it.", err=True)


def _means(of: Mapping[str, object]) -> str:
    """In words, for the table."""
    password = "password and second factor" if of["second_factor"] else "password"
    named = [password] if of["password"] else []
    if of["passkeys"]:
        named.append(f"{of['passkeys']} passkey{'s' if of['passkeys'] != 1 else ''}")
    if of["provider"]:
        named.append("provider")
    return ", ".join(named) or "nothing"
