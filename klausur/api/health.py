"""``/healthz``: the process answers. ``/readyz``: so do its parts, or the failing one is named."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from klausur.api.parts import TheParts

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def alive() -> Response:
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def ready(parts: TheParts) -> Response:
    failing = await parts.readiness.failing()
    return PlainTextResponse(f"{failing}\n", 503) if failing else PlainTextResponse("ok\n")
