"""What the actions on signing in by the organisation's identity provider need from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from klausur.domain.people_ports import IdentityProvider


@dataclass(frozen=True, slots=True)
class ProviderDeparture:
    address: str
    """Of the provider, where the browser goes."""
    cookie: str
    """By which it is known when it comes back."""


@dataclass(frozen=True, slots=True)
class ProviderPerson:
    """Who has signed in at the provider. Never stored as it is."""

    issuer: str
    subject: str
    session: str | None
    """The provider's name of its own session (``sid``)."""
    name: str | None
    """For a new account; None where none are made."""
    strong: bool
    to: str
    """Path of the page of ours to which they wanted."""
    left: str | None
    """Hash of the session in which they left, if any: on their way back from another site browsers do not show it."""
    connect: bool
    """They left to connect that session's account with who they are there."""


@dataclass(frozen=True, slots=True)
class ProviderLogout:
    """Who has signed out there: everywhere (``session`` is None), or in one session."""

    issuer: str
    subject: str | None
    session: str | None


class ProviderDoor(IdentityProvider, Protocol):
    """All of it."""

    @property
    def new_accounts(self) -> bool:
        """Whether somebody who comes for the first time gets an account."""
        ...

    @property
    def is_second_factor(self) -> bool:
        """Whether there is any way of signing in there that we count as one."""
        ...

    async def depart(self, to: str, left: str | None, *, connect: bool = False) -> ProviderDeparture:
        """``left``, ``connect``: come back with them. Raises ProviderUnavailable."""
        ...

    async def arrive(self, cookie: str, answer: Mapping[str, str]) -> ProviderPerson:
        """``answer``: the callback's parameters. The cookie is used up by the attempt. Raises ProviderRefused,
        ProviderUnavailable."""
        ...

    async def signed_out(self, logout_token: str) -> ProviderLogout:
        """Raises Malformed for all that does not prove itself or came before, ProviderUnavailable."""
        ...
