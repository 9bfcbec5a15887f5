"""The whole door: which path goes where, and the guards in front of all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from klausur.actions.people.sessions import who
from klausur.api import errors, health, meetings, operator, proof, seats
from klausur.api.asgi import App, Receive, Scope, Send
from klausur.api.attempts import Attempt
from klausur.api.guards import BodyLimit, Larger, OurSite, Site
from klausur.api.headers import StandingHeaders
from klausur.api.hub import TOO_MANY
from klausur.api.network import NETWORK, Network, WhoAsks
from klausur.api.parts import Parts
from klausur.api.people import account, admin, invitations, passkeys, provider, session, vault
from klausur.api.people.here import cookie_of
from klausur.api.powers import needs, needs_none
from klausur.api.sockets import EventsSocket
from klausur.domain.accounts import VAULT_MAX_CHARACTERS
from klausur.domain.errors import NoSuchMethod, NoSuchPlace, SigninNeeded, TooManyAttempts
from klausur.domain.policy import AccountOperation, Operation, require_account
from klausur.domain.ports import PLACE
from klausur.domain.proof_ports import FILES_BYTES

_EVENTS: Final = re.compile(r"/api/meetings/([^/]*)/events", re.ASCII)
_SIGNALLING: Final = "/rtc/v1"
_VALIDATE: Final = "/rtc/v1/validate"


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands behind the paths."""

    events: EventsSocket
    signalling: App
    pages: App


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before them."""

    site: Site
    trusted_proxies: Sequence[Network]
    tls: bool
    body_bytes: int


_VAULT_BODY_BYTES: Final = VAULT_MAX_CHARACTERS + 64 * 1024
"""A vault, and what stands around it."""
_ATTESTATION_BODY_BYTES: Final = FILES_BYTES * 4 // 3 + 64 * 1024
"""Its files in base 64, and what is said."""
_ATTESTATION_SECONDS: Final = 300.0
"""For all of that over an ordinary line, which sends a megabit or little more in a second."""


def _larger(parts: Parts) -> Mapping[tuple[str, str], Larger]:
    """Vaults: from whoever has signed in, or so often as a network may try links. Attestations with files: from whoever
    may make some."""

    async def signed_in(scope: Scope) -> None:
        if await who(parts.people, cookie_of(Request(scope), parts)) is None:
            raise SigninNeeded

    async def may_attest(scope: Scope) -> None:
        here = await who(parts.people, cookie_of(Request(scope), parts))
        role = here.account.role if here else None
        require_account(role, AccountOperation.ATTEST, strong=here is not None and here.session.strong)

    async def counted(scope: Scope) -> None:
        parts.attempts.count(Attempt.LARGE_BODY, scope[NETWORK])

    return {
        ("POST", "/api/proof/attestations"): Larger(_ATTESTATION_BODY_BYTES, may_attest, _ATTESTATION_SECONDS),
        ("PUT", "/api/vault"): Larger(_VAULT_BODY_BYTES, signed_in),
        ("POST", "/api/invitations/accept"): Larger(_VAULT_BODY_BYTES, counted),
    }


PATHS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "/api/meetings/{meeting}/events": needs(Operation.LISTEN),
        _SIGNALLING: needs(Operation.CONNECT),
        _VALIDATE: needs(Operation.CONNECT),
        "/": needs_none("pages are the same for everybody"),
    }
)
"""What stands beside the API's routes: sockets, the engine's check of tickets, pages."""


def build_app(api: FastAPI, parts: Parts, doors: Doors, front: Front) -> App:
    app: App = Switch(api, doors, parts)
    app = BodyLimit(app, front.body_bytes, _larger(parts))
    app = OurSite(app, front.site)
    app = errors.CatchAll(app)
    app = WhoAsks(app, front.trusted_proxies)
    return StandingHeaders(app, tls=front.tls)


def build_api(parts: Parts) -> FastAPI:
    app = FastAPI(
        title="Klausur",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.parts = parts
    errors.install(app)
    people = (session, passkeys, provider, invitations, account, vault, admin)
    for module in (meetings, seats, *people, proof, operator, health):
        app.include_router(module.router)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    return app


_FOREIGN: Final = "HTTPValidationError"


def _description(app: FastAPI) -> dict[str, Any]:
    """Refusals are problems of ours, not FastAPI's validation errors."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        kinds = schema.setdefault("components", {}).setdefault("schemas", {})
        kinds["Problem"] = errors.PROBLEM_SCHEMA
        for name in (_FOREIGN, "ValidationError"):
            kinds.pop(name, None)
        for operations in schema["paths"].values():
            for operation in operations.values():
                if _FOREIGN in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
        app.openapi_schema = schema
    return app.openapi_schema


def described() -> dict[str, Any]:
    """The description of the API, from which the client's types are generated, with no installation behind it."""
    return build_api(cast(Parts, None)).openapi()


class Switch:
    def __init__(self, api: FastAPI, doors: Doors, parts: Parts) -> None:
        self._api = cast(App, api)
        self._doors = doors
        self._attempts = parts.attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["type"] == "websocket":
            await self._socket(path, scope, receive, send)
        elif path == _VALIDATE:
            await self._validate(scope, receive, send)
        elif path.startswith("/api/") or path in ("/api", "/healthz", "/readyz"):
            await self._api(scope, receive, send)
        elif path == "/rtc" or path.startswith("/rtc/"):
            await errors.refuse(scope, send, NoSuchPlace())
        else:
            await self._doors.pages(scope, receive, send)

    async def _validate(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whatever the method: a 404 would send livekit-client to an old path."""
        if scope["method"] in ("GET", "HEAD"):
            await self._doors.signalling(scope, receive, send)
        else:
            await errors.refuse(scope, send, NoSuchMethod("GET", "HEAD"))

    async def _socket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        events = _EVENTS.fullmatch(path)
        if not events and path != _SIGNALLING:
            await errors.refuse(scope, send, NoSuchPlace())
            return
        try:
            with self._attempts.socket(scope[NETWORK]) as place:
                if events:
                    await self._doors.events.serve(events[1], receive, send, place)
                else:
                    scope[PLACE] = place
                    await self._doors.signalling(scope, receive, send)
        except TooManyAttempts as error:
            if events:  # a browser is not told the status of a handshake that failed
                await send({"type": "websocket.accept"})
                await send({"type": "websocket.close", "code": TOO_MANY.code})
            else:
                await errors.refuse(scope, send, error)
