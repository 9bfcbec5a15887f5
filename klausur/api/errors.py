"""Codes to statuses, once; and RFC 9457 bodies that say nothing of the inside."""

from __future__ import annotations

import json
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from klausur.api.asgi import App, Headers, Message, Receive, Scope, Send, answer
from klausur.domain import errors
from klausur.domain.errors import KlausurError, NoSuchMethod, ProofRefused, TooManyAttempts

_log = structlog.get_logger(__name__)

STATUS: Final[dict[str, int]] = {
    "malformed": 400,
    "not_your_seat": 401,
    "ticket_refused": 401,
    "signin_needed": 401,
    "signin_refused": 401,
    "code_needed": 401,
    "code_refused": 401,
    "not_host": 403,
    "not_allowed": 403,
    "not_admitted": 403,
    "declined": 403,
    "removed": 403,
    "meetings_not_open": 403,
    "ticket_in_use": 403,
    "second_factor_required": 403,
    "wrong_origin": 403,
    "no_meeting": 404,
    "no_invitation": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "session_changed": 409,
    "pseudonym_taken": 409,
    "card_outdated": 409,
    "rules_outdated": 409,
    "times_outdated": 409,
    "vault_outdated": 409,
    "name_taken": 409,
    "last_administrator": 409,
    "last_means": 409,
    "meeting_full": 409,
    "meeting_locked": 409,
    "meeting_not_started": 409,
    "admission_changed": 409,
    "check_running": 409,
    "meeting_ended": 410,
    "too_large": 413,
    "wrong_host": 421,
    "proof_refused": 422,
    "too_many_attempts": 429,
    "internal": 500,
    "engine_unavailable": 503,
    "storage_unavailable": 503,
    "proof_busy": 503,
    "proof_failed": 503,
}

TITLE: Final[dict[str, str]] = {
    "malformed": "The request is malformed",
    "not_your_seat": "This is not your seat",
    "ticket_refused": "The ticket is not valid",
    "signin_needed": "This is for people who have signed in",
    "signin_refused": "Signing in did not work",
    "code_needed": "The second factor is needed",
    "code_refused": "The code is not valid",
    "not_host": "Only the host may do this",
    "not_allowed": "This role may not do this",
    "not_admitted": "Nobody has let you in",
    "declined": "You were not let in",
    "removed": "You were removed from this meeting",
    "meetings_not_open": "Meetings cannot be opened here",
    "ticket_in_use": "The ticket is in use",
    "second_factor_required": "This needs a second factor",
    "wrong_origin": "The request comes from another site",
    "no_meeting": "There is no meeting here",
    "no_invitation": "There is no such invitation",
    "not_found": "There is nothing here",
    "method_not_allowed": "This cannot be done here",
    "session_changed": "The meeting has begun anew",
    "pseudonym_taken": "The pseudonym is taken",
    "card_outdated": "The card has changed meanwhile",
    "rules_outdated": "The rules have changed meanwhile",
    "times_outdated": "The times have changed meanwhile",
    "vault_outdated": "The vault has changed meanwhile",
    "name_taken": "The name is taken",
    "last_administrator": "Nobody would be left to administer",
    "last_means": "Nothing would be left to sign in with",
    "meeting_full": "The meeting is full",
    "meeting_locked": "The meeting is locked",
    "meeting_not_started": "The meeting has not started yet",
    "admission_changed": "The way in has changed meanwhile",
    "check_running": "A check is running already",
    "meeting_ended": "The meeting has ended",
    "too_large": "The request is too large",
    "wrong_host": "This is not the host asked for",
    "proof_refused": "This cannot be taken into the proof",
    "too_many_attempts": "Too many attempts",
    "internal": "The server made a mistake",
    "engine_unavailable": "The media engine does not answer",
    "storage_unavailable": "The storage does not answer",
    "proof_busy": "The proof is being worked on",
    "proof_failed": "The proof could not be worked on",
}

PROBLEM_JSON: Final = "application/problem+json"


def problem(error: KlausurError) -> tuple[int, Headers, bytes]:
    status = STATUS[error.code]
    body: dict[str, Any] = {"type": "about:blank", "title": TITLE[error.code], "status": status, "code": error.code}
    if isinstance(error, ProofRefused):
        body |= {"message": error.message, "field": error.field}
    headers = [(b"content-type", PROBLEM_JSON.encode())]
    if isinstance(error, TooManyAttempts):
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if isinstance(error, NoSuchMethod):
        headers.append((b"allow", ", ".join(error.allowed).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return status, headers, json.dumps(body, separators=(",", ":")).encode()


async def refuse(scope: Scope, send: Send, error: KlausurError) -> None:
    status, headers, body = problem(error)
    note(error)
    await answer(scope, send, status, headers, body)


def note(error: KlausurError) -> None:
    if STATUS[error.code] >= 500:
        _log.error("request_failed", code=error.code, reason=str(error) if error.code != "internal" else None)
    else:
        _log.debug("request_refused", code=error.code)


def install(app: FastAPI) -> None:
    app.add_exception_handler(KlausurError, _of_the_domain)
    app.add_exception_handler(RequestValidationError, _of_the_schema)
    app.add_exception_handler(HTTPException, _of_the_router)
    # Starlette answers with this and raises again, so that CatchAll can log it.
    app.add_exception_handler(Exception, _unforeseen)


def _response(error: KlausurError) -> Response:
    note(error)
    status, headers, body = problem(error)
    return Response(body, status, {name.decode(): value.decode() for name, value in headers})


async def _of_the_domain(_request: Request, error: Exception) -> Response:
    return _response(error if isinstance(error, KlausurError) else KlausurError())


async def _unforeseen(_request: Request, _error: Exception) -> Response:
    status, headers, body = problem(KlausurError())
    return Response(body, status, {name.decode(): value.decode() for name, value in headers})


async def _of_the_schema(_request: Request, _error: Exception) -> Response:
    """What was wrong with it is not told: the answer would echo what was sent."""
    return _response(errors.Malformed())


async def _of_the_router(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _response(KlausurError())
    if error.status_code == 405:
        # The router writes a set's elements in any order.
        return _response(NoSuchMethod(*sorted((error.headers or {}).get("Allow", "").split(", "))))
    kinds: dict[int, type[KlausurError]] = {
        400: errors.Malformed,
        404: errors.NoSuchPlace,
        413: errors.TooLarge,
    }
    return _response(kinds.get(error.status_code, KlausurError)())


class CatchAll:
    """The last resort: whatever was not foreseen becomes ``internal``, and its place in the code a line in the log."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except KlausurError as error:
            if begun:
                note(error)
            else:
                await refuse(scope, send, error)
        except Exception as error:  # noqa: BLE001 - the one place where everything is caught
            if type(error).__name__ == "ClientDisconnected":
                return  # uvicorn's, of which there is no public name
            _log.exception("request_crashed")
            if not begun:
                await refuse(scope, send, KlausurError())


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI description: what a route may refuse with."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = by_status.setdefault(
            STATUS[code], {"description": "", "content": {PROBLEM_JSON: {"schema": {"$ref": _PROBLEM_REF}}}}
        )
        entry["description"] = ", ".join(filter(None, [entry["description"], f"`{code}`"]))
    return by_status


_PROBLEM_REF: Final = "#/components/schemas/Problem"
PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(STATUS)},
        # With `proof_refused` only.
        "message": {"type": "object", "properties": {"de": {"type": "string"}, "en": {"type": "string"}}},
        "field": {"type": "string"},
    },
}
