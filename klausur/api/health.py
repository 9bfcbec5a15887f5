"""``/healthz``: the process answers. ``/readyz``: so do its parts, or the failing one is named. There a check also
shows where it comes from (strangers.py)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from klausur.api.parts import TheParts, network_of
from klausur.api.powers import needs_none

router = APIRouter(include_in_schema=False)

_ABOUT_NOBODY = needs_none("says how the process is, and nothing of meetings")


@router.api_route("/healthz", methods=["GET", "HEAD"], openapi_extra=_ABOUT_NOBODY)
async def alive() -> Response:
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"], openapi_extra=_ABOUT_NOBODY)
async def ready(request: Request, parts: TheParts) -> Response:
    if word := request.query_params.get("word"):
        parts.strangers.came(word, network_of(request))
    failing = await parts.readiness.failing()
    return PlainTextResponse(f"{failing}\n", 503) if failing else PlainTextResponse("ok\n")
