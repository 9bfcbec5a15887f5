"""``/api/operator``: what the privacy notice and the imprint say."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from klausur.api.models import OperatorAnswer, Retention, SigninWays
from klausur.api.parts import Parts, TheParts
from klausur.api.powers import needs_none
from klausur.domain.limits import AWAY_AT_MOST, EMPTY_AT_MOST, ENDED_IS_TOLD, INSTANT_MEETING_LIVES

router = APIRouter(prefix="/api/operator", tags=["operator"])

_MINUTE = timedelta(minutes=1)


@router.get("", openapi_extra=needs_none("the same for everybody, and about no meeting"))
async def who_runs_this(parts: TheParts) -> OperatorAnswer:
    facts = parts.operator
    return OperatorAnswer(
        name=facts.name,
        contact=facts.contact,
        language=facts.language,
        open_meetings=facts.open_meetings,
        max_participants=facts.max_participants,
        guests=facts.guests,
        signin=SigninWays(passkeys=parts.people.passkeys is not None, provider=_provider(parts)),
        retention=Retention(
            away_minutes=AWAY_AT_MOST // _MINUTE,
            empty_minutes=EMPTY_AT_MOST // _MINUTE,
            instant_hours=INSTANT_MEETING_LIVES // timedelta(hours=1),
            ended_minutes=ENDED_IS_TOLD // _MINUTE,
        ),
    )


def _provider(parts: Parts) -> str | None:
    return parts.people.provider.name if parts.people.provider else None
