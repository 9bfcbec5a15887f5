"""``/healthz``: the process answers. ``/readyz``: so do its parts, or the failing one is named."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from klausur.api.parts import TheParts
from klausur.api.powers import needs_none

router = APIRouter(include_in_schema=False)

_ABOUT_NOBODY = needs_none("says how the process is, and nothing of meetings")


@router.api_route("/healthz", methods=["GET", "HEAD"], openapi_extra=_ABOUT_NOBODY)
async def alive() -> Response:
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"], openapi_extra=_ABOUT_NOBODY)
async def ready(parts: TheParts) -> Response:
    failing = await parts.readiness.failing()
    return PlainTextResponse(f"{failing}\n", 503) if failing else PlainTextResponse("ok\n")
