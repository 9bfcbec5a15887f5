"""Who asks, by their session's cookie, and whether they may: what the routes on accounts are given.

A route says by ``needs_account`` which row of the table it is, and whoever it gives ``TheAccount`` has been held
against that row before it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request, Response

from klausur.actions.people.circle import Here
from klausur.actions.people.own_account import session_view
from klausur.actions.people.sessions import Begun, Entrance, who
from klausur.api.errors import responses
from klausur.api.parts import Parts, TheParts
from klausur.api.people import models
from klausur.api.people.browsers import in_few_words
from klausur.api.powers import ACCOUNT_POWER
from klausur.domain.accounts import SESSION_LIVES
from klausur.domain.encoding import characters
from klausur.domain.errors import SigninNeeded
from klausur.domain.policy import AccountOperation, require_account


@dataclass(frozen=True, slots=True)
class Cookie:
    """Its name binds it to this origin and path where there is TLS; browsers refuse ``__Host-`` without."""

    secure: bool

    @property
    def name(self) -> str:
        return "__Host-klausur" if self.secure else "klausur"


ACCOUNT_HEADER: Final = "klausur-account"
"""Whose account a page takes itself to be about; without it nothing of an account is changed, and nothing said in its
name."""
_IN_ONES_NAME: Final = frozenset(
    {
        AccountOperation.CHANGE_OWN_ACCOUNT,
        AccountOperation.ERASE_OWN_ACCOUNT,
        AccountOperation.CHECK,
        AccountOperation.STATE_FACTS,
        AccountOperation.ATTEST,
    }
)

_KEPT_SECONDS: Final = int(SESSION_LIVES.total_seconds())


def cookie_of(request: Request, parts: Parts) -> str | None:
    return request.cookies.get(Cookie(parts.secure).name)


def put_cookie(response: Response, parts: Parts, begun: Begun) -> None:
    its = Cookie(parts.secure)
    response.set_cookie(
        its.name, begun.token, max_age=_KEPT_SECONDS, path="/", secure=its.secure, httponly=True, samesite="strict"
    )


def clear_cookie(response: Response, parts: Parts) -> None:
    its = Cookie(parts.secure)
    response.delete_cookie(its.name, path="/", secure=its.secure, httponly=True, samesite="strict")


async def _perhaps(request: Request, parts: TheParts) -> Here | None:
    return await who(parts.people, cookie_of(request, parts))


PerhapsAccount = Annotated[Here | None, Depends(_perhaps)]
"""Whoever is signed in, if anybody: no route that needs an account may rely on it."""


async def _account(request: Request, here: PerhapsAccount) -> Here:
    """Raises SigninNeeded, NotAllowed, SecondFactorRequired."""
    # A route that has no row fails here, and lets nobody in.
    operation = AccountOperation(request.scope["route"].openapi_extra[ACCOUNT_POWER])
    strong = here is not None and here.session.strong
    require_account(here.account.role if here else None, operation, strong=strong)
    if here is None:
        raise RuntimeError("this route is for nobody, too: PerhapsAccount is what it needs")
    if operation in _IN_ONES_NAME:
        _require_meant(request, here)
    return here


def _require_meant(request: Request, here: Here) -> None:
    """All tabs of a browser have one session: a page may be of whoever was signed in before. Raises SigninNeeded."""
    if request.headers.get(ACCOUNT_HEADER) != here.account.id:
        raise SigninNeeded


TheAccount = Annotated[Here, Depends(_account)]


async def _entrance(request: Request, parts: TheParts) -> Entrance:
    return Entrance(in_few_words(request.headers.get("user-agent", "")), cookie_of(request, parts))


TheEntrance = Annotated[Entrance, Depends(_entrance)]


async def signed_in(response: Response, parts: Parts, begun: Begun) -> models.SessionAnswer:
    """For the route by which somebody has."""
    put_cookie(response, parts, begun)
    return await session_answer(parts, begun.here)


async def session_answer(parts: Parts, here: Here | None) -> models.SessionAnswer:
    view = await session_view(parts.people, here)
    return models.SessionAnswer.of(view)


RandomId = Annotated[str, Path(pattern=f"^[A-Za-z0-9_-]{{{characters(16)}}}$")]
"""In an address, of a session, a person, an invitation …: nothing else gets as far as the database."""
PasskeyInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]+$", max_length=characters(1023))]


def described(*codes: str) -> dict[int | str, dict[str, Any]]:
    """What each route for people who have signed in may refuse with, and ``codes``."""
    return responses(
        "malformed", "signin_needed", "not_allowed", "second_factor_required", "storage_unavailable", *codes
    )
