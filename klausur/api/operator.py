"""``/api/operator``: what the privacy notice and the imprint say."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, Request

from klausur.api.models import OperatorAnswer, Retention, SigninWays
from klausur.api.parts import Parts, TheParts
from klausur.api.powers import needs_none
from klausur.domain.limits import AWAY_AT_MOST, EMPTY_AT_MOST, ENDED_IS_TOLD, INSTANT_MEETING_LIVES

router = APIRouter(prefix="/api/operator", tags=["operator"])

_MINUTE = timedelta(minutes=1)


@router.get("", openapi_extra=needs_none("the same for everybody who comes by the same name, and about no meeting"))
async def who_runs_this(request: Request, parts: TheParts) -> OperatorAnswer:
    facts = parts.operator
    return OperatorAnswer(
        name=facts.name,
        contact=facts.contact,
        language=facts.language,
        open_meetings=facts.open_meetings,
        max_participants=facts.max_participants,
        guests=facts.guests,
        signin=SigninWays(passkeys=_has_passkeys(request, parts), provider=_provider(parts)),
        retention=Retention(
            away_minutes=AWAY_AT_MOST // _MINUTE,
            empty_minutes=EMPTY_AT_MOST // _MINUTE,
            instant_hours=INSTANT_MEETING_LIVES // timedelta(hours=1),
            ended_minutes=ENDED_IS_TOLD // _MINUTE,
        ),
    )


def _has_passkeys(request: Request, parts: Parts) -> bool:
    """Not on 127.0.0.1, though the same pages are there: browsers bind passkeys to names."""
    return parts.people.passkeys is not None and not _is_address(request.headers.get("host", ""))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True


def _provider(parts: Parts) -> str | None:
    return parts.people.provider.name if parts.people.provider else None
